"""Promises about two states: what goes in the one and not in the other. The leaves are the engine's; z3 only searches them.

A state is a Boolean for each bit, and the other state another. Categories that no leaf tells apart are searched as one. The scope of a
consent is one Boolean for each category: whatever a consent covers, it covers the same after a change that does not touch it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import z3

from hub.councils.proof.model import Change, goes, grounded
from hub.councils.proof.verdict import Breach, Undecided
from hub.policy import state as s
from hub.policy.unknown import BITS, Cube, merged
from hub.policy.vocabulary import CATEGORIES
from hub.policy.walk import Leaf

_MILLISECONDS: Final = 60_000
_OPEN, _SCOPED = 1, 2


class Table:
    """The leaves of a route as formulas over Booleans of its own, one for each bit; `prefix` tells tables apart."""

    def __init__(self, leaves: tuple[Leaf, ...], prefix: str) -> None:
        self.leaves = tuple(leaf for leaf in leaves if goes(leaf))
        self.bits = {bit: z3.Bool(f"{prefix}{bit:x}") for bit in _single(BITS)}
        self.scope = {name: z3.Bool(f"{prefix}scope.{name}") for name in CATEGORIES}
        self._not = {bit: z3.Not(name) for bit, name in self.bits.items()}
        self._cubes: dict[Cube, Any] = {}
        self._formulas: dict[tuple[Cube, ...], Any] = {}
        self._grounded: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._kinds: dict[int, tuple[int, ...]] = {}

    def looks_at(self, mask: int) -> bool:
        """Whether it makes a difference to anything that goes which of these bits are set."""
        return any((leaf.set | leaf.clear) & mask for leaf in self.leaves)

    def kinds(self, category: int) -> tuple[int, ...]:
        """Return for each leaf whether a category goes by itself, as far as the consent covers it, or not."""
        if category not in self._kinds:
            self._kinds[category] = tuple(_kind(leaf, category) for leaf in self.leaves)
        return self._kinds[category]

    def goes(self, category: int, name: str, words: tuple[str, ...] = (), *, on: bool = True) -> Any:
        """Return the formula of the states in which a category goes on any of the grounds in `words`, or, with `on` false, on none.

        name: the category by name. Without words, of all states in which it goes.
        """
        fitting = [
            leaf
            for leaf, mask in zip(self.leaves, self._masks(words), strict=True)
            if not words or bool(mask & category) == on
        ]
        freely = self._any([leaf for leaf in fitting if _kind(leaf, category) == _OPEN])
        scoped = self._any([leaf for leaf in fitting if _kind(leaf, category) == _SCOPED])
        return z3.Or(freely, z3.And(scoped, self.scope[name]))

    def state(self, model: Any) -> int:
        """Return the state that a model of the solver stands for."""
        return sum(bit for bit, name in self.bits.items() if z3.is_true(model[name]))

    def _masks(self, words: tuple[str, ...]) -> tuple[int, ...]:
        if words not in self._grounded:
            self._grounded[words] = tuple(grounded(leaf, words) for leaf in self.leaves)
        return self._grounded[words]

    def _any(self, some: list[Leaf]) -> Any:
        key = tuple((leaf.set, leaf.clear) for leaf in some)
        if key not in self._formulas:
            self._formulas[key] = z3.Or([self._cube(cube) for cube in merged(key)])
        return self._formulas[key]

    def _cube(self, cube: Cube) -> Any:
        if cube not in self._cubes:
            yes = [self.bits[bit] for bit in _single(cube[0])]
            self._cubes[cube] = z3.And(yes + [self._not[bit] for bit in _single(cube[1])])
        return self._cubes[cube]


def search(
    less: Table, more: Table, link: Iterable[Any], data: int, grounds: tuple[str, ...], rests_on: tuple[str, ...]
) -> Breach | None:
    """Return a state of `more` in which something goes that does not go in the linked state of `less`; None if there is none.

    grounds: where it goes on one of these, that is no breach. rests_on: only what goes on one of these is looked at. Raises Undecided.
    """
    found = {}
    for members in _groups(less, more, data):
        category = members & -members
        name = next(n for n, c in CATEGORIES.items() if c.mask == category)
        here = more.goes(category, name, grounds, on=False)
        if rests_on:
            here = z3.And(here, more.goes(category, name, rests_on))
        found[members] = z3.And(here, z3.Not(less.goes(category, name)))
    if not found:
        return None
    solver = z3.SolverFor("QF_FD")
    solver.set("timeout", _MILLISECONDS)
    solver.add(*link, z3.Or(list(found.values())))
    if not _satisfiable(solver):
        return None
    model = _least(solver, more)
    mask = sum(m for m, formula in found.items() if z3.is_true(model.eval(formula, model_completion=True)))
    state = more.state(model)
    return Breach(state, next(leaf for leaf in more.leaves if leaf.holds(state)), mask, other=less.state(model))


def linked(before: Table, after: Table, change: Change, given: tuple[int, int]) -> list[Any]:
    """Return what ties the state after a change to the one before it; `given` holds before it."""
    link = []
    for bit, was in before.bits.items():
        now = after.bits[bit]
        if bit & change.recorded:
            link.append(now)
        elif bit & change.ended:
            link.append(z3.Not(now))
        else:
            link.append(z3.Implies(was, now) if bit & change.any_of else was == now)
    touched = bool((change.recorded | change.ended) & s.CONSENT)
    return link + _given(before, given) + _same_scope(before, after, touched=touched)


def agreed(duty: Table, asked: Table, given: tuple[int, int]) -> list[Any]:
    """Return what ties a state under the duty to the one in which the person agreed to all, and all that is asked for is there."""
    link = []
    for bit, here in duty.bits.items():
        if bit & _AGREED:
            link.append(asked.bits[bit])
        elif bit & _FORBIDDEN:
            link.append(z3.Not(asked.bits[bit]))
        else:
            link.append(here == asked.bits[bit])
    scoped = z3.Implies(z3.Or(list(duty.scope.values())), duty.bits[s.CONSENT])
    return [*link, *_given(duty, given), scoped, *asked.scope.values()]


# Private functions
# -----------------

_AGREED: Final = (
    s.CONSENT | s.CONTACT | s.SERVICE | s.INFORMED | s.STATED_REASON | s.GRANTED | s.IN_NEED | s.PROTECTED | s.LOOKED_AFTER
)  # fmt: skip
_FORBIDDEN: Final = (
    s.CONSENT_BARRED | s.CONTACT_BARRED | s.SERVICE_DECLINED | s.INSTRUCTED | s.OBJECTED | s.RESTRICTED | s.GRANT_ENDED
    | s.RETURNED
)  # fmt: skip


def _single(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _kind(leaf: Leaf, category: int) -> int:
    return _OPEN if leaf.outcome.open & category else _SCOPED if leaf.outcome.by_consent & category else 0


def _given(table: Table, given: tuple[int, int]) -> list[Any]:
    return [table.bits[bit] for bit in _single(given[0])] + [z3.Not(table.bits[bit]) for bit in _single(given[1])]


def _same_scope(before: Table, after: Table, *, touched: bool) -> list[Any]:
    """A consent covers what it covered, unless the consent itself was what changed; without one nothing is covered."""
    one, other = list(before.scope.values()), list(after.scope.values())
    link = [z3.Implies(z3.Or(one), before.bits[s.CONSENT]), z3.Implies(z3.Or(other), after.bits[s.CONSENT])]
    return link if touched else link + [was == now for was, now in zip(one, other, strict=True)]


def _groups(less: Table, more: Table, data: int) -> list[int]:
    """Return the categories that can go at all, those that no leaf tells apart in one mask."""
    alike: dict[tuple[tuple[int, ...], ...], int] = {}
    for category in CATEGORIES.values():
        here = more.kinds(category.mask) if category.mask & data else ()
        if any(here):
            both = (less.kinds(category.mask), here)
            alike[both] = alike.get(both, 0) | category.mask
    return list(alike.values())


def _satisfiable(solver: Any, *assumed: Any) -> bool:
    answer = solver.check(*assumed)
    if answer == z3.unknown:
        raise Undecided(solver.reason_unknown())
    return bool(answer == z3.sat)


def _least(solver: Any, more: Table) -> Any:
    """Return a model with as little on record as there can be, so that a person reads no more than matters."""
    bits = list(more.bits.values())
    for most in range(len(bits) + 1):
        solver.push()
        solver.add(z3.AtMost(*bits, most))
        model = solver.model() if _satisfiable(solver) else None
        solver.pop()
        if model is not None:
            return model
    raise Undecided("a state was found, and none with any number of bits")
