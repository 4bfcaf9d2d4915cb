"""The morning as a list of steps, each a list of messages with what each is there to show.

The story is data (`morning/*.yaml`): who publishes what, and what is to come of it for each recipient. Nothing here knows
a broker; `playing` publishes, `verdict` compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any, Final

from hub.cli.demo.cast import Cast, Json, merged, read, read_cast

COUNCIL: Final = "lancashire"

MESSAGE, BYTES, REPEAT, ANSWER, RULING, RECEIPT = "message", "bytes", "repeat", "answer", "ruling", "receipt"
"""What an entry does: publish a message; publish bytes; publish a message again under its old id; answer a question,
rule on a review, or acknowledge a record that has come by then."""

TAKEN, DUPLICATE, REFUSED, BURIED = "taken", "duplicate", "refused", "buried"
"""What the front door may make of a message."""

_ENTRY: Final = frozenset(
    {
        *("name", "agency", "family", "title", "shows", "message", "again", "repeats", "with", "bytes", "unchecked"),
        *("answers", "rules_on", "ruling", "receipt", "expect", "goes", "stays", "owes"),
    }
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to come of a message.

    door: TAKEN, DUPLICATE, REFUSED or BURIED; codes: the faults that must be told. decisions: by person label and
    recipient, `PERMIT <basis>`, `DENY <reason>` or `REVIEW <reason>`. goes, stays, owes: by recipient, for the first person,
    categories that must go, that must stay, and obligations that must be on the copy.
    """

    door: str = TAKEN
    codes: tuple[str, ...] = ()
    decisions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    goes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    owes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that one agency does.

    number: its place in the morning, from 1. body: the message as JSON writes it, `type` first; {} where it is made
    when its turn comes. refers_to: the name of an earlier entry: the question answered, the message ruled on or repeated, or the
    one that this is the same as (`kind` tells which). unchecked: not sent through the partner client.
    """

    number: int
    step: int
    name: str
    kind: str
    agency: str
    family: str
    title: str
    shows: str
    expected: Expected
    body: Json = field(default_factory=dict)
    refers_to: str = ""
    receipt: str = ""
    data: bytes = b""
    unchecked: bool = False

    @property
    def message_id(self) -> str:
        """The id that the message goes under; opaque, as every message id must be."""
        return str(self.body.get("message_id") or f"morning-{self.number:03}")

    @property
    def persons(self) -> tuple[Json, ...]:
        """The people of the message."""
        return tuple(self.body.get("persons") or ())

    @property
    def parts(self) -> int:
        """Into how many subject messages it is cut that are decided: none for control messages."""
        if self.expected.door != TAKEN or self.kind == RECEIPT or self.body.get("type") == "Control":
            return 0
        return max(1, len(self.persons))


@dataclass(frozen=True, slots=True)
class Step:
    """One scene of the morning."""

    number: int
    title: str
    text: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """The whole story. families: each with what happens to it, in a few words."""

    steps: tuple[Step, ...]
    families: Mapping[str, str]

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in order."""
        for step in self.steps:
            yield from step.entries

    def named(self, name: str) -> Entry:
        """Return the entry with this name. Raises KeyError."""
        found = next((entry for entry in self.entries() if entry.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def read_morning(now: datetime) -> Morning:
    """Return the morning of a day; the same day gives the same messages. Raises ValueError when the story is not sound."""
    folder = resources.files(__package__).joinpath("morning")
    names = sorted(file.name for file in folder.iterdir() if file.name[:2].isdigit())
    cast = read_cast(now)
    reader = _Reader(cast, now)
    steps = tuple(reader.step(number, read(name, now)) for number, name in enumerate(names, 1))
    return Morning(steps, cast.families)


# Private functions
# -----------------


class _Reader:
    """Reads steps in order, remembering the entries that later ones refer to."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        self._cast = cast
        self._sent_at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._known: dict[str, Entry] = {}
        self._count = 0

    def step(self, number: int, raw: Json) -> Step:
        return Step(number, raw["title"], raw["text"], tuple(self._entry(number, one) for one in raw["play"]))

    def _entry(self, step: int, raw: Json) -> Entry:
        strange = raw.keys() - _ENTRY
        if strange:
            raise ValueError(f"`{min(strange)}` means nothing in a scene")
        self._count += 1
        kind, refers_to = _kind(raw)
        entry = Entry(
            number=self._count,
            step=step,
            name=raw.get("name") or f"entry-{self._count}",
            kind=kind,
            agency=raw["agency"],
            family=raw.get("family", ""),
            title=raw["title"],
            shows=raw["shows"],
            expected=_expected(raw),
            body=self._body(kind, raw, f"morning-{self._count:03}"),
            refers_to=refers_to,
            receipt=raw.get("receipt", ""),
            data=raw.get("bytes", "").encode("latin-1"),
            unchecked=raw.get("unchecked") == "yes" or kind == BYTES,
        )
        self._known[entry.name] = entry
        return entry

    def _body(self, kind: str, raw: Json, message_id: str) -> Json:
        if "again" in raw:
            return {**self._known[raw["again"]].body, "message_id": message_id}
        if kind == REPEAT:
            return merged(self._known[raw["repeats"]].body, raw.get("with", {}))
        if kind == RULING:
            return self._filled({"kind": "ruling", "ruling": raw["ruling"]}, message_id)
        return self._filled(raw["message"], message_id) if "message" in raw else {}

    def _filled(self, said: Json, message_id: str) -> Json:
        """Return a message with its names replaced by what they stand for."""
        body = {**said}
        for name, known in (("awareness", self._cast.awareness), ("details", self._cast.details)):
            if isinstance(said.get(name), str):
                body[name] = known[said[name]]
        if "about" in said:
            body["query" if "ask" in said else "subject"] = self._cast.query(body.pop("about"))
        if "persons" in said:
            body["persons"] = [self._cast.person(one, f"p{n}") for n, one in enumerate(said["persons"], 1)]
        envelope = {"type": _type(said), "message_id": message_id, "council": COUNCIL, "sent_at": self._sent_at}
        return {**envelope, **body}


def _kind(raw: Json) -> tuple[str, str]:
    """Return what an entry does, and the name of the entry that it refers to."""
    for word, kind in (("repeats", REPEAT), ("answers", ANSWER), ("rules_on", RULING)):
        if word in raw:
            return kind, raw[word]
    if "bytes" in raw:
        return BYTES, ""
    return (RECEIPT, "") if "receipt" in raw else (MESSAGE, raw.get("again", ""))


def _type(said: Json) -> str:
    for name, kind in (("form", "Referral"), ("ask", "ShareRequest"), ("outcome", "ShareResponse")):
        if name in said:
            return kind
    return "Control"


def _expected(raw: Json) -> Expected:
    expect: dict[str, Any] = raw["expect"]
    more = {name: raw.get(name, {}) for name in ("goes", "stays", "owes")}
    if "refused" in expect:
        return Expected(REFUSED, tuple(expect["refused"]), **more)
    if "buried" in expect:
        return Expected(BURIED, (expect["buried"],), **more)
    if "duplicate" in expect:
        return Expected(DUPLICATE, **more)
    people = {label: answers for label, answers in expect.items() if label != "taken"}
    return Expected(TAKEN, decisions=people, **more)
