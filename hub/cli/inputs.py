"""Files that people name: JSON messages, alone, in a list or one a line, each fault with its place."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub.errors import Fault, InputFault

STDIN: Final = Path("-")
MOST_BYTES: Final = 256 * 1024 * 1024
"""A file beyond this is no list of messages that a person wrote; it is refused before it fills the memory."""

_SPACE: Final = " \t\r\n"
_SHOW: Final = "`hub template` prints examples"


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON object of a file. place: the file's name, and which of its objects it is where there are several."""

    place: str
    data: dict[str, Any]


def documents(path: Path) -> list[Document]:
    """Return the JSON objects of a file (`-`: stdin): one, a list of them, or one after the other, as in JSON lines.

    Raises InputFault: NO_FILE, NOT_READABLE, TOO_LARGE, EMPTY, NOT_JSON with line and column, DUPLICATE_KEY.
    """
    name = "stdin" if path == STDIN else str(path)
    text = _text(path, name)
    found = _objects(text, name)
    if not found:
        raise InputFault.of("EMPTY", "there is no message in it", name, _SHOW)
    strange = [n for n, each in enumerate(found) if not isinstance(each, dict)]
    if strange:
        faults = [
            Fault("NOT_JSON", _place(name, n, len(found)), "not a JSON object", "put each message in { }")
            for n in strange
        ]
        raise InputFault(*faults)
    return [Document(_place(name, n, len(found)), each) for n, each in enumerate(found)]


def message(document: Document) -> tuple[str, dict[str, Any]]:
    """Return the name and body of the partner's message in a document. Raises InputFault with every fault, by place."""
    from hub.connectors.messages import parse_json

    try:
        return parse_json(json.dumps(document.data))
    except InputFault as error:
        raise placed(document.place, error.faults) from None


def messages(documents_: Iterable[Document]) -> list[tuple[str, dict[str, Any]]]:
    """Return names and bodies of all documents. Raises InputFault with the faults of all of them."""
    found, faults = [], list[Fault]()
    for document in documents_:
        try:
            found.append(message(document))
        except InputFault as error:
            faults += error.faults
    if faults:
        raise InputFault(*faults)
    return found


def placed(place: str, faults: Sequence[Fault]) -> InputFault:
    """Return an InputFault whose faults say which message they are in."""
    return InputFault(*(Fault(f.code, f"{place}: {f.place}".rstrip(": "), f.text, f.remedy) for f in faults))


# Private functions
# -----------------


def _text(path: Path, name: str) -> str:
    try:
        raw = _read(path)
    except FileNotFoundError:
        raise InputFault.of("NO_FILE", "there is no such file", name, "check the name, or use `-` for stdin") from None
    except OSError as error:
        text = f"the file cannot be read ({(error.strerror or type(error).__name__).lower()})"
        raise InputFault.of("NOT_READABLE", text, name) from None
    if len(raw) > MOST_BYTES:
        text = f"more than {MOST_BYTES // 2**20} MiB"
        raise InputFault.of("TOO_LARGE", text, name, "send it in parts")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = f"not UTF-8 text (byte {error.start})"
        raise InputFault.of("NOT_READABLE", text, name, "save it as UTF-8") from None


def _read(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _objects(text: str, name: str) -> list[Any]:
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    found, at = [], _skip(text, 0)
    try:
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            found += value if isinstance(value, list) else [value]
            at = _skip(text, end)
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}"
        raise InputFault.of("NOT_JSON", "not valid JSON", place, error.msg.lower()) from None
    except RecursionError:
        raise InputFault.of("NOT_JSON", "nested too deeply", name) from None
    except InputFault as error:
        raise placed(name, error.faults) from None
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that comes twice, of which JSON readers silently drop one."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputFault(
            *(Fault("DUPLICATE_KEY", name, f"`{name}` comes twice in one object", "remove one") for name in twice)
        )
    return data


def _place(name: str, number: int, of: int) -> str:
    return name if of == 1 else f"{name}[{number}]"
