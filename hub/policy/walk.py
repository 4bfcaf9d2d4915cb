"""Every state of a route at once: a walk of the real rules that fixes only the bits that they look at.

A route has too many states to try one by one. The walk takes sets of states through one rule after the other: where a rule looks at a
bit that is not fixed yet, the set is cut in two; where two sets come out with the same trail, they go on together. What it returns
is exact: every state is in one leaf, and the leaf says what the engine decides for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

from hub.policy.outcomes import evaluate
from hub.policy.route import Outcome, Route, Why
from hub.policy.rules import RULES
from hub.policy.unknown import BITS, Cube, Lost, State, forks, merged, refusing

Rule = Callable[[Route, Any, Any], None]
_Trail = tuple[tuple[str, Any], ...]


class NotFollowed(Exception):
    """A rule failed, or did something that the walk cannot follow: nothing is known of the route's outcomes."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """All states that have the bits of `set` set and those of `clear` clear, and the essence of what each of them decides."""

    set: int
    clear: int
    outcome: Outcome

    def holds(self, state: int) -> bool:
        """Whether a state is one of the leaf's."""
        return state & (self.set | self.clear) == self.set

    @property
    def states(self) -> int:
        """How many states it stands for."""
        return 1 << (BITS & ~(self.set | self.clear)).bit_count()


def essence(outcome: Outcome) -> Outcome:
    """Return what a leaf says of an outcome: of a PERMIT all but the reviews that a ruling lifted, else what decides and why.

    The further reasons would take every bit to tell; `evaluate` tells them for any one state.
    """
    if outcome.decision == "PERMIT":
        return replace(outcome, reasons=(), facts=())
    return Outcome(outcome.decision, outcome.reasons[:1])


def leaves(route: Route, rules: tuple[Rule, ...] = RULES) -> tuple[Leaf, ...]:
    """Return the leaves of a route: no two share a state, and together they hold every state. Raises NotFollowed."""
    found: dict[Outcome, list[Cube]] = {}
    try:
        # Cut first by what a ruling lifts: reviews that it lifts then leave nothing behind that would keep sets apart.
        paths: dict[_Trail, list[Cube]] = {
            (): [cube for cube, _ in forks([(0, 0)], lambda state: _lifts(route, state))]
        }
        for rule in rules:
            paths = _step(route, rule, paths, found)
        for trail, cubes in paths.items():
            for cube, outcome in forks(cubes, lambda state, kept=trail: _conclude(route, state, kept)):  # type: ignore[misc]
                found.setdefault(outcome, []).append(cube)
    except Lost as lost:
        raise NotFollowed(lost.text) from None
    made = tuple(Leaf(*cube, outcome) for outcome, cubes in found.items() for cube in merged(cubes))
    _confirm(route, rules, made)
    return made


def shape(route: Route) -> Route:
    """Return the route without what only names and explains it: routes of one shape have the same leaves, but for facts in `why`."""
    return replace(
        route,
        recipient="",
        agreement="",
        form=_bare(route.form),
        purpose=_bare(route.purpose),
        recipient_class=_bare(route.recipient_class),
        rule=_bare(route.rule),
        override=_bare(route.override),
        bases=tuple(replace(basis, facts=(), title="") for basis in route.bases),
        blocked=tuple((reason, ()) for reason, _ in route.blocked),
        why=tuple((name, (reason, ())) for name, (reason, _) in route.why),
        outcomes={},
    )


# Private functions
# -----------------

_RowT = TypeVar("_RowT")

_TELLING: Final = frozenset(
    {
        *("id", "title", "facts", "reason", "sources", "purposes", "recipients", "collects", "identifiers", "select", "vacant"),
        *("kind", "to", "forms", "groups", "only", "valid_from", "valid_to", "roles"),
    }
)  # fmt: skip
"""Fields of a policy's rows that name, explain, or have done their work when the route was made."""


class _Decided(BaseException):
    """A failure that no ruling lifts: whatever the rules after it find, it decides."""

    def __init__(self, failure: tuple[str, Why]) -> None:
        self.failure = failure


class _Passed(BaseException):
    """A rule is over, and this is the trail as it left it."""

    def __init__(self, trail: _Trail) -> None:
        self.trail = trail


@refusing(
    "__iter__", "__len__", "__bool__", "__contains__", "__getitem__", "extend", "insert", "pop", "clear", "remove"
)
class _Failures(list[tuple[str, Why]]):
    """The failures of a trail on its walk: one that a ruling lifts is passed over, any other decides."""

    def __init__(self, route: Route, state: State) -> None:
        super().__init__()
        self._route, self._state = route, state

    def append(self, failure: tuple[str, Why]) -> None:
        """Take a failure."""
        if not _lifts(self._route, self._state, failure):
            raise _Decided(failure)


def _evaluate(route: Route, state: State, *rules: Rule) -> Outcome:
    outcome = evaluate(route, state, rules)  # type: ignore[arg-type]
    if "RULE_ERROR" in outcome.reasons:
        raise Lost("a rule failed")
    return outcome


def _lifts(route: Route, state: State, failure: tuple[str, Why] = ("REVIEW", ("", ()))) -> bool:
    """Whether a ruling lifts a failure in this state: the engine is asked, with nothing else on the trail."""

    def alone(_route: Route, _state: object, trail: Any) -> None:
        trail.failures.append(failure)

    return _evaluate(route, state, alone).reasons[:1] != (failure[1][0],)


def _step(
    route: Route, rule: Rule, paths: dict[_Trail, list[Cube]], found: dict[Outcome, list[Cube]]
) -> dict[_Trail, list[Cube]]:
    """Take every path through one rule: what it decides goes to `found`, the rest goes on."""
    after: dict[_Trail, list[Cube]] = {}
    for trail, cubes in paths.items():
        for cube, left in forks(cubes, lambda state, kept=trail: _through(route, rule, state, kept)):  # type: ignore[misc]
            if isinstance(left, Outcome):
                found.setdefault(left, []).append(cube)
            else:
                after.setdefault(left, []).append(cube)
    return {trail: merged(cubes) for trail, cubes in after.items()}


def _through(route: Route, rule: Rule, state: State, trail: _Trail) -> _Trail | Outcome:
    def watch(_route: Route, _state: object, fresh: Any) -> None:
        fresh.failures = _Failures(route, state)

    try:
        _evaluate(route, state, _resume(trail), watch, rule, _leave)
    except _Decided as decided:
        decision, (reason, _) = decided.failure
        return Outcome(decision, (reason,))
    except _Passed as passed:
        return passed.trail
    raise Lost("a rule ended the test")


def _conclude(route: Route, state: State, trail: _Trail) -> Outcome:
    return essence(_evaluate(route, state, _resume(trail)))


def _resume(trail: _Trail) -> Rule:
    def resume(_route: Route, _state: object, fresh: Any) -> None:
        for name, value in trail:
            setattr(fresh, name, list(value) if isinstance(value, tuple) else value)

    return resume


def _leave(_route: Route, _state: object, trail: Any) -> None:
    kept = ((field.name, getattr(trail, field.name)) for field in fields(trail) if field.name != "failures")
    raise _Passed(tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in kept))


def _confirm(route: Route, rules: tuple[Rule, ...], made: tuple[Leaf, ...]) -> None:
    """Ask the engine about the smallest and the largest state of each leaf."""
    for leaf in made:
        for state in (leaf.set, BITS & ~leaf.clear):
            if essence(evaluate(route, state, rules)) != leaf.outcome:
                raise NotFollowed(f"the engine decides state {state:#x} in another way than the walk")


def _bare(row: _RowT) -> _RowT:
    if row is None:
        return row
    known: tuple[Any, ...] = fields(row)  # type: ignore[arg-type]
    return replace(row, **{f.name: type(getattr(row, f.name))() for f in known if f.name in _TELLING})  # type: ignore[type-var]
