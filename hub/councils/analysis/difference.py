"""How two policies differ in meaning: what becomes possible, what stops, and what goes on other terms than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.councils.analysis.days import Pair
from hub.councils.analysis.exact import Rare, Shapes, rare, shapes
from hub.councils.analysis.grouping import Cell, Change, Recipient, brief, detailed, summed
from hub.councils.analysis.profile import (
    NOTHING,
    Place,
    Profile,
    Terms,
    by_purpose,
    core,
    folded,
    profiles,
    terms_of,
    together,
)
from hub.councils.analysis.reach import Reach
from hub.councils.analysis.register import RegisterChange, compare_registers
from hub.councils.analysis.structure import Plain, compare_structure
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES

Spots = dict[Place, Profile]
"""What reaches one recipient, by form and purpose."""

_NOWHERE: Final[Spots] = {}


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs, at three lengths.

    changes: with every form named; full: the same put together. short: by whatever form, and on which bases only, for those who
    want to know what reaches whom; finer: the changes about recipients and purposes of which `short` says nothing. rare: what
    differs only where several things come together, of whatever has no other change. new_classes: recipients of B that got nothing under A. must_tell: people must be told of these first.
    """

    pairs: tuple[Pair, ...]
    changes: tuple[Change, ...]
    full: tuple[Change, ...]
    short: tuple[Change, ...]
    finer: tuple[Change, ...]
    rare: tuple[Rare, ...]
    register: tuple[RegisterChange, ...]
    plain: tuple[Plain, ...]
    new_classes: tuple[str, ...]
    must_tell: bool

    @property
    def none(self) -> bool:
        """Whether nothing differs in meaning."""
        return not (self.changes or self.rare or self.register or self.plain)


def compare(a: Policy, b: Policy, pairs: tuple[Pair, ...]) -> Difference:
    """Return how B differs from A on the given days. Pure; the same policies give the same difference."""
    before, after = Reach(a), Reach(b)
    forms, purposes = _Gathered(), _Gathered()
    shaped: list[tuple[Shapes, Shapes]] = []
    reached: tuple[set[str], set[str]] = (set(), set())
    for pair in pairs:
        days = before.snapshot(pair.a), after.snapshot(pair.b)
        was, now = profiles(before, days[0]), profiles(after, days[1])
        reached[0].update(was)
        reached[1].update(now)
        shaped.append((shapes(before, days[0]), shapes(after, days[1])))
        for recipient, theirs, ours in _recipients(was, now):
            forms.add(pair, recipient, theirs, ours)
            purposes.add(pair, recipient, _anyhow(theirs), _anyhow(ours))
    changes, short = detailed(forms.cells, len(pairs)), detailed(purposes.cells, len(pairs))
    seen = {(klass, c.purposes[0], form) for c in changes for klass, _ in c.recipients for form in c.forms}
    told = {(change.recipients[0], change.purposes[0]) for change in short}
    finer = [change for change in changes if (change.recipients[0], change.purposes[0]) not in told]
    new = tuple(sorted(reached[1] - reached[0]))
    return Difference(
        pairs,
        changes,
        brief(changes, forms.goes),
        brief(summed(short), purposes.goes),
        brief(finer, forms.goes),
        tuple(sorted({one for theirs, ours in shaped for one in rare(theirs, ours, seen)})),
        compare_registers(a, b),
        compare_structure(a, b),
        new,
        bool(new) and b.settings.notify_new_recipients,
    )


# Private functions
# -----------------

Reached = Mapping[str, Mapping[str, Spots]]


@dataclass(slots=True)
class _Gathered:
    """The smallest differences with the days on which they hold, and what goes at all."""

    cells: dict[Cell, list[Pair]] = field(default_factory=dict)
    goes: dict[tuple[Recipient, str], dict[str, int]] = field(default_factory=dict)

    def add(self, pair: Pair, recipient: Recipient, before: Spots, after: Spots) -> None:
        """Add what differs for a recipient on a pair of days."""
        for form, purpose in sorted({*before, *after}):
            was, now = before.get((form, purpose), NOTHING), after.get((form, purpose), NOTHING)
            by_form = self.goes.setdefault((recipient, purpose), {})
            by_form[form] = by_form.get(form, 0) | together(was) | together(now)
            for mask, theirs, ours in _compared(was, now):
                self.cells.setdefault(Cell(recipient, form, purpose, mask, theirs, ours), []).append(pair)


def _anyhow(spots: Spots) -> Spots:
    return {("", purpose): profile for purpose, profile in by_purpose(spots).items()}


def _recipients(was: Reached, now: Reached) -> Iterator[tuple[Recipient, Spots, Spots]]:
    """Yield (recipient, before, after): a class as a whole where all its agencies agree, else agency by agency.

    An agency that only one of the policies has is held against what is usual in its class: that it is new says the register.
    """
    for klass in sorted({*was, *now}):
        before, after = was.get(klass, {}), now.get(klass, {})
        if _agree(before) and _agree(after):
            yield (klass, ""), next(iter(before.values()), _NOWHERE), next(iter(after.values()), _NOWHERE)
            continue
        usual = _usual(before), _usual(after)
        for agency in sorted({*before, *after}):
            yield (klass, agency), before.get(agency, usual[0]), after.get(agency, usual[1])


def _agree(agencies: Mapping[str, Spots]) -> bool:
    spots = list(agencies.values())
    return all(each == spots[0] for each in spots)


def _usual(agencies: Mapping[str, Spots]) -> Spots:
    """Return what most agencies of a class get; none where there is no agency."""
    counted = Counter(tuple(sorted(spots.items(), key=lambda item: item[0])) for spots in agencies.values())
    return dict(counted.most_common(1)[0][0]) if counted else _NOWHERE


def _compared(before: Profile, after: Profile) -> Iterator[tuple[int, Terms, Terms]]:
    """Yield (categories, terms before, terms after) for what differs; what stops a way, only where nothing else differs."""
    if before == after:
        return
    either = together(before) | together(after)
    by_category: dict[int, tuple[Terms, ...]] = {}
    for category in CATEGORIES.values():
        if either & category.mask:
            both = terms_of(before, category.mask), terms_of(after, category.mask)
            if core(both[0]) != core(both[1]):
                by_category[category.mask] = core(both[0]), core(both[1])
            elif both[0] != both[1]:
                by_category[category.mask] = both
    for (was, now), mask in folded(by_category).items():
        yield mask, was, now
