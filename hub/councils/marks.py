"""What reading a policy file leaves behind: every fault, and where each name is defined and used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from hub.errors import Fault


@dataclass(slots=True)
class Marks:
    """What reading a file leaves behind: faults, the line of every definition and of every name that must be defined.

    defined: kind -> id -> line. wanted: (kind, id, line). broken: (kind, id) of rows that had a fault, so that later checks
    leave them alone and one mistake is told once. silent: where the notice says nothing and the file takes a default.
    """

    name: str
    faults: list[Fault] = field(default_factory=list)
    defined: dict[str, dict[str, int]] = field(default_factory=dict)
    wanted: list[tuple[str, str, int]] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    silent: list[str] = field(default_factory=list)

    def fault(self, code: str, line: int, text: str, remedy: str = "") -> None:
        """Note one fault at a line of the file."""
        self.faults.append(Fault(code, f"{self.name}:{line}", text, remedy))

    def at(self, kind: str, name: str, code: str, text: str, remedy: str = "") -> None:
        """Note one fault at the line on which a name is defined."""
        self.fault(code, self.line_of(kind, name), text, remedy)

    def define(self, kind: str, name: str, line: int) -> None:
        """Note that a name of a kind is defined here."""
        self.defined.setdefault(kind, {}).setdefault(name, line)

    def want(self, kind: str, name: str, line: int) -> None:
        """Note that a name of a kind is used here; `check_wanted` tells whether it exists."""
        self.wanted.append((kind, name, line))

    def line_of(self, kind: str, name: str) -> int:
        """Return the line on which a name is defined, or 1."""
        return self.defined.get(kind, {}).get(name, 1)

    def check_wanted(self) -> None:
        """Note a fault for every name that is used and not defined, with the nearest name that is."""
        for kind, name, line in self.wanted:
            known = self.defined.get(kind, {})
            if name not in known:
                self.fault("UNKNOWN_NAME", line, f"{kind} `{name}` is not defined in this file", nearest(name, known))


_FEW: Final = 12
"""How many known names a remedy may list."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a remedy: the nearest known name, else the known names when they are few, else ""."""
    names = sorted(known)
    close = get_close_matches(name, names, 1, 0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(f'`{n}`' for n in names)}" if 0 < len(names) <= _FEW else ""
