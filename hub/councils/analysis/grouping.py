"""Differences put together, so that they can be read: what is the same for many forms, recipients and purposes is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from hub.councils.analysis.bits import OVERRIDES
from hub.councils.analysis.days import Pair
from hub.councils.analysis.profile import Term, Terms

GAINED: Final = "gained"
LOST: Final = "lost"
CHANGED: Final = "changed"
_KINDS: Final = (GAINED, LOST, CHANGED)

Recipient = tuple[str, str]
"""Class, and agency where the class does not agree with itself (else "")."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The smallest difference: a recipient, a form, a purpose, and the categories whose terms differ alike."""

    recipient: Recipient
    form: str
    purpose: str
    mask: int
    before: Terms
    after: Terms


@dataclass(frozen=True, slots=True)
class Change:
    """A difference as it is told. spans: (first day, last day) where it does not hold on all days that were compared.

    before, after: the terms that are there no more, and those that are new. aspects: of a change, what changed: `basis`, `needs`,
    `override`, `condition`, `obligations`, `senders`, `stops`. forms: () for every form by which the recipient gets anything for the
    purpose; mask: `EVERYTHING` for all that it gets so.
    """

    kind: str
    recipients: tuple[Recipient, ...]
    purposes: tuple[str, ...]
    forms: tuple[str, ...]
    mask: int
    before: Terms
    after: Terms
    aspects: tuple[str, ...]
    spans: tuple[tuple[str, str], ...]


EVERYTHING: Final = -1
Goes = Mapping[tuple[Recipient, str], Mapping[str, int]]
"""By recipient and purpose, and then by form, what goes under either policy."""


def detailed(cells: Mapping[Cell, Iterable[Pair]], days: int) -> tuple[Change, ...]:
    """Return the differences with every form named, gained before lost before changed. days: how many pairs were compared."""
    return _sorted(_joined([_change(cell, tuple(pairs), days) for cell, pairs in cells.items()], "forms"))


def brief(changes: Iterable[Change], goes: Goes) -> tuple[Change, ...]:
    """Return the differences put together as far as they go: `every form` and `all that it gets` stand for lists."""
    found = _joined([_whole_mask(change, goes) for change in changes], "forms")
    found = [_whole_forms(change, goes) for change in _joined(found, "mask")]
    for name in ("recipients", "purposes"):
        found = _joined(found, name)
    return _sorted(found)


def summed(changes: Iterable[Change]) -> list[Change]:
    """Return the changes with all that one recipient gains or loses for one purpose as one, whatever the terms of each category."""
    found: dict[Change, Change] = {}
    for change in changes:
        key = change if change.kind == CHANGED else replace(change, mask=0, before=frozenset(), after=frozenset())
        other = found.get(key)
        both = (
            change
            if other is None or other == change
            else replace(
                other,
                mask=other.mask | change.mask,
                before=other.before | change.before,
                after=other.after | change.after,
            )
        )
        found[key] = both
    return list(found.values())


# Private functions
# -----------------


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda c: (_KINDS.index(c.kind), c.recipients, c.purposes, c.forms, c.mask)))


def _whole_mask(change: Change, goes: Goes) -> Change:
    """Say of a change that it is about all that goes, where that is so; what is gained or lost is always named."""
    if change.kind != CHANGED:
        return change
    by_form = goes[change.recipients[0], change.purposes[0]]
    return replace(change, mask=EVERYTHING) if all(by_form[form] == change.mask for form in change.forms) else change


def _whole_forms(change: Change, goes: Goes) -> Change:
    return (
        replace(change, forms=())
        if set(change.forms) == set(goes[change.recipients[0], change.purposes[0]])
        else change
    )


def _change(cell: Cell, pairs: tuple[Pair, ...], days: int) -> Change:
    kind = GAINED if not cell.before else LOST if not cell.after else CHANGED
    spans = () if len(pairs) == days else _runs(pairs)
    aspects = _aspects(cell.before, cell.after) if kind == CHANGED else ()
    # A term that stays is no news: only those that come or go are told.
    before, after = cell.before - cell.after, cell.after - cell.before
    return Change(kind, (cell.recipient,), (cell.purpose,), (cell.form,), cell.mask, before, after, aspects, spans)


def _runs(pairs: tuple[Pair, ...]) -> tuple[tuple[str, str], ...]:
    """Return the spans of days, those that follow each other as one."""
    runs: list[tuple[str, str]] = []
    for pair in pairs:
        if runs and runs[-1][1] and _follows(runs[-1][1], pair.start):
            runs[-1] = (runs[-1][0], pair.end)
        else:
            runs.append((pair.start, pair.end))
    return tuple(runs)


def _follows(end: str, start: str) -> bool:
    return date.fromisoformat(end) + timedelta(days=1) == date.fromisoformat(start)


_ASPECTS: Final[Mapping[str, Callable[[Term], object]]] = {
    "basis": lambda term: term.basis,
    "needs": lambda term: (term.needs & ~OVERRIDES, term.narrowed),
    "override": lambda term: (term.needs & OVERRIDES, term.limb),
    "condition": lambda term: term.condition,
    "obligations": lambda term: term.obligations,
    "senders": lambda term: term.sender,
    "stops": lambda term: term.stops,
}


def _aspects(before: Terms, after: Terms) -> tuple[str, ...]:
    """Return in what the terms differ; where each aspect by itself has the same values, it is how they go together: the needs."""
    found = (name for name, of in _ASPECTS.items() if {of(t) for t in before} != {of(t) for t in after})
    return tuple(found) or ("needs",)


def _joined(changes: Iterable[Change], name: str) -> list[Change]:
    """Join the changes that differ in one field alone."""
    found: dict[Change, Change] = {}
    for change in changes:
        without: dict[str, Any] = {name: 0 if name == "mask" else ()}
        key = replace(change, **without)
        other = found.get(key)
        found[key] = change if other is None else _both(other, change, name)
    return list(found.values())


def _both(one: Change, other: Change, name: str) -> Change:
    if name == "mask":
        whole = EVERYTHING in (one.mask, other.mask)
        return replace(one, mask=EVERYTHING if whole else one.mask | other.mask)
    joined: dict[str, Any] = {name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name))))}
    return replace(one, **joined)
