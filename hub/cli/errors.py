"""How a command ends: one exit code for each kind of ending, one form for each error, never a traceback.

`EXITS` is the whole list; `docs/cli.md` is made from it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.errors import Fault, HubError, InputFault, MessageFault, PassingFault, RefusedMessage, StopFault

OK: Final = 0
SAID_NO: Final = 1
WRONG_INPUT: Final = 2
REFUSED: Final = 3
ANY_DENY: Final = 10
ANY_REVIEW: Final = 11
UNREADABLE: Final = 65
UNAVAILABLE: Final = 69
UNFORESEEN: Final = 70
STOPPED: Final = 78
INTERRUPTED: Final = 130
OUTPUT_CLOSED: Final = 141

EXITS: Final[dict[int, str]] = {
    OK: "done",
    SAID_NO: "the answer is no: you said it and nothing was changed, or what was checked does not hold",
    WRONG_INPUT: "wrong input: an option, a file, a message, a policy file; each fault with its place and its remedy",
    REFUSED: "the hub refuses the message at its front door",
    ANY_DENY: "`hub decide --exit-code` only: something was denied, and nothing waits for a person",
    ANY_REVIEW: "`hub decide --exit-code` only: something waits for a person",
    UNREADABLE: "a message in the log cannot be read, or a seal does not open; or, of a worker: too many dead letters",
    UNAVAILABLE: "the broker or the store does not answer, or the hub has not said its word in time: try again",
    UNFORESEEN: "a fault in the hub itself; the line says where, please report it",
    STOPPED: "settings, keys or rights are wrong: going on would be unsafe",
    INTERRUPTED: "Ctrl-C",
    OUTPUT_CLOSED: "whoever read the output stopped reading",
}
"""Every exit code and what it means. They do not change between versions."""

_KINDS: Final[tuple[tuple[type[HubError], int], ...]] = (
    (RefusedMessage, REFUSED),
    (MessageFault, UNREADABLE),
    (PassingFault, UNAVAILABLE),
    (StopFault, STOPPED),
    (InputFault, WRONG_INPUT),
)
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_RED: Final = "\x1b[1;31m"
_PLAIN: Final = "\x1b[0m"


class OutputClosed(Exception):
    """Whoever read the output has stopped: there is nobody to write for."""


def code_of(error: HubError) -> int:
    """Return the exit code of a command that ends with this error."""
    return next((code for kind, code in _KINDS if isinstance(error, kind)), UNFORESEEN)


def report(faults: Iterable[Fault]) -> None:
    """Write each fault to stderr: what is wrong and where on one line, what to do about it on the next."""
    for fault in faults:
        place = f"{fault.place}: " if fault.place else ""
        say(f"{place}{fault.text}", fault.remedy)


def say(text: str, remedy: str = "") -> None:
    """Write one error line to stderr, with its remedy below it."""
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    head = f"{_RED}error:{_PLAIN}" if coloured else "error:"
    lines = [f"{head} {text}", *([f"  {remedy}"] if remedy else [])]
    sys.stderr.write("\n".join(lines) + "\n")


def unforeseen(error: BaseException) -> str:
    """Return the type of an error and the hub's own places it went through: never its text, which may quote a message."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if str(_PACKAGE) in frame.filename]
    places = [f"{Path(frame.filename).relative_to(_PACKAGE.parent).as_posix()}:{frame.lineno}" for frame in frames]
    return f"{type(error).__name__} at {' > '.join(places[-4:]) or 'an unknown place'}"
