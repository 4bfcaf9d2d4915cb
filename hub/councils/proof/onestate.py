"""Promises about one state: every leaf is looked at, so the answer is exact."""

from __future__ import annotations

from collections.abc import Iterable

from hub.councils.proof.model import goes, grounded
from hub.councils.proof.verdict import Breach
from hub.policy.walk import Leaf


def look(
    leaves: Iterable[Leaf], data: int, given: tuple[int, int], grounds: tuple[str, ...], rests_on: tuple[str, ...]
) -> Breach | None:
    """Return a state in which data goes on none of the grounds, the one with the least on record; None if there is none.

    given: bits that are on record, and bits that are not. rests_on: only releases on one of these are looked at, () for all.
    """
    found = []
    for leaf in leaves:
        narrow = narrowed(leaf, *given)
        if narrow is not None:
            mask = goes(narrow) & data & ~grounded(narrow, grounds)
            mask &= grounded(narrow, rests_on) if rests_on else mask
            if mask:
                found.append(Breach(narrow.set, narrow, mask))
    return min(found, key=lambda breach: (breach.state.bit_count(), breach.state), default=None)


def narrowed(leaf: Leaf, on: int, off: int) -> Leaf | None:
    """Return the part of a leaf whose states have some bits set and others clear, or None where it has no such state."""
    if leaf.set & off or leaf.clear & on:
        return None
    return Leaf(leaf.set | on, leaf.clear | off, leaf.outcome)
