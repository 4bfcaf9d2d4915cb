"""What the readers of a policy file ask for, found out by letting them ask.

A `Probe` stands in for a row of a file. The very functions that read policies are run on it; it notes every field that they ask for,
of which type, with which allowed words, and whether it must be there. So the schema for editors cannot fall behind the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from hub.councils.marks import Marks
from hub.councils.reader import Row

Json = dict[str, Any]

TEXT: Final = "text"
YES: Final = "yes"
NUMBER: Final = "number"
DAY: Final = "day"
SPAN: Final = "span"
CHOICE: Final = "choice"
WORDS: Final = "words"
NAMES: Final = "names"
ALL_OR_NAMES: Final = "all_or_names"
PAIRS: Final = "pairs"
CHILD: Final = "child"
ROWS: Final = "rows"
DATED: Final = "dated"


@dataclass(slots=True)
class Asked:
    """One field that was asked for: its type, whether it must be there, its allowed words, and what lies below it.

    of: what kind of names a list holds. below: the row or rows below, by name, "" for rows whose names are the author's own.
    unknown: `unknown` may stand here, with a `_default` beside it.
    """

    type: str
    required: bool
    allowed: tuple[str, ...] = ()
    of: str = ""
    below: dict[str, Probe] = field(default_factory=dict)
    unknown: bool = False


class Probe(Row):
    """A row that holds nothing and notes what it is asked for. closed: kind of row -> the only names that its rows may have."""

    def __init__(self, marks: Marks, kind: str, name: str, closed: Mapping[str, tuple[str, ...]]) -> None:
        mark = yaml.Mark("", 0, 0, 0, None, 0)
        super().__init__(marks, yaml.MappingNode("tag:yaml.org,2002:map", [], mark, mark), kind, name)
        self.asked: dict[str, Asked] = {}
        self._closed = closed
        self._unknown: set[str] = set()

    def text(self, key: str, *, required: bool = True, default: str = "") -> str:
        """Note a line of text."""
        self._note(key, Asked(TEXT, required))
        return default

    def stated(self, key: str) -> str:
        """Note that `unknown` may stand here."""
        self._unknown.add(key)
        return key

    def choice(self, key: str, allowed: tuple[str, ...], *, required: bool = True, default: str = "") -> str:
        """Note one of a few words."""
        self._note(key, Asked(CHOICE, required, allowed))
        return default or allowed[0]

    def yes(self, key: str, *, default: bool = False, required: bool = False) -> bool:
        """Note a yes or no."""
        self._note(key, Asked(YES, required=required, allowed=("yes", "no")))
        return default

    def number(self, key: str, *, default: int) -> int:
        """Note a whole number."""
        self._note(key, Asked(NUMBER, required=False))
        return default

    def day(self, key: str, *, required: bool = False) -> str:
        """Note a day."""
        self._note(key, Asked(DAY, required))
        return ""

    def span(self, key: str) -> str:
        """Note a length of time."""
        self._note(key, Asked(SPAN, required=True))
        return ""

    def names(self, key: str, kind: str, *, required: bool = True) -> tuple[str, ...]:
        """Note a list of names."""
        self._note(key, Asked(NAMES, required, self._closed_names(kind), of=kind))
        return ()

    def all_or_names(self, key: str, kind: str) -> tuple[str, ...]:
        """Note a list of names, or the word `all`."""
        self._note(key, Asked(ALL_OR_NAMES, required=True, of=kind))
        return ()

    def words(self, key: str, allowed: tuple[str, ...], *, required: bool = True) -> tuple[str, ...]:
        """Note a list of words of a closed set."""
        self._note(key, Asked(WORDS, required, allowed))
        return ()

    def because(self) -> tuple[str, ...]:
        """Note the citations."""
        self._note("because", Asked(NAMES, required=True, of="citation"))
        return ()

    def pairs(self, key: str, *, required: bool = True) -> list[tuple[str, str, int]]:
        """Note a mapping of plain texts."""
        self._note(key, Asked(PAIRS, required))
        return []

    def child(self, key: str, *, required: bool = True) -> Row | None:
        """Note a mapping, and hand out a probe for it."""
        below = self._below(key, key)
        self._note(key, Asked(CHILD, required, below={"": below}))
        return below

    def rows(self, key: str, kind: str, *, required: bool = True) -> Iterator[Row]:
        """Note a section, and hand out a probe for each row that it may have: one, where names are the author's own."""
        below = {name: self._below(kind, name) for name in self._closed_names(kind) or ("",)}
        self._note(key, Asked(ROWS, required, below=below))
        yield from below.values()

    def dated_rows(self, key: str, kind: str) -> Iterator[Row]:
        """Note a section of dated rows, and hand out a probe for one."""
        below = self._below(kind, "")
        self._note(key, Asked(DATED, required=True, below={"": below}))
        yield below

    def _below(self, kind: str, name: str) -> Probe:
        return Probe(self.marks, kind, name, self._closed)

    def _closed_names(self, kind: str) -> tuple[str, ...]:
        return self._closed.get(kind, ())

    def _note(self, key: str, asked: Asked) -> None:
        # A reader may ask twice: once whether it is there at all, then for what it is. The second says more.
        before = self.asked.get(key)
        asked.required |= before is not None and before.required
        asked.unknown = key in self._unknown
        self.asked[key] = asked
