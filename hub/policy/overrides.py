"""What a decision gathers on its way, and how a bar gives way to an override (S-12, S-13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hub.policy import state as s
from hub.policy.model import Basis
from hub.policy.route import Route, Why


@dataclass(slots=True)
class Trail:
    """What the rules found so far: failures as (decision, reason, facts), the basis, the override limb, obligations.

    scoped: a consent is what opens the road, so that nothing goes beyond what it covers.
    """

    failures: list[tuple[str, Why]] = field(default_factory=list)
    basis: Basis | None = None
    limb: str = ""
    scoped: bool = False
    obligations: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def deny(self, reason: str, facts: tuple[str, ...] = ()) -> None:
        """Note a failure that denies."""
        self.failures.append(("DENY", (reason, facts)))

    def review(self, reason: str, facts: tuple[str, ...] = ()) -> None:
        """Note a failure that only a person may lift."""
        self.failures.append(("REVIEW", (reason, facts)))


Rule = Callable[[Route, int, Trail], None]


def override_limbs(route: Route, state: int) -> tuple[str, ...]:
    """The limbs that are claimed and that the policy accepts, if they suffice under its connective (LN-70), else ()."""
    claimed = tuple(limb for limb in route.override.limbs if state & s.LIMB_BITS[limb])
    return claimed if route.override.connective == "either" or claimed == route.override.limbs else ()


def take_override(route: Route, state: int, trail: Trail) -> bool:
    """Rely on the override that is claimed, if it suffices; False if it does not. From then on it is recorded (S-12, S-13).

    Every bar asks for it by itself, so that one bar more can never open what one bar less keeps shut.
    """
    limbs = override_limbs(route, state)
    if not limbs or trail.limb:
        return bool(limbs)
    trail.limb = "+".join(limbs)
    trail.facts.extend(route.override.facts)
    trail.obligations.append("RECORD_LIMB")
    if route.override.inform:
        trail.obligations.append("INFORM_SUBJECT")
    if trail.basis is None:
        trail.basis = dict(route.limb_bases)[limbs[0]]
    return True


def questionable_override(route: Route, state: int, trail: Trail) -> bool:
    """Put an override that is claimed and does not suffice before a person; False if none is claimed."""
    claimed = [limb for limb, bit in s.LIMB_BITS.items() if state & bit]
    if state & s.OVERRIDE_INCOMPLETE:
        trail.review("OVERRIDE_INCOMPLETE", route.override.facts)
    elif claimed:
        trail.review("OVERRIDE_LIMB", route.override.facts)
    else:
        return False
    return True


def bar(route: Route, state: int, trail: Trail, reason: str, facts: tuple[str, ...]) -> None:
    """Deny, unless an override that suffices is claimed; one that does not suffice goes to a person."""
    if take_override(route, state, trail):
        return
    if not questionable_override(route, state, trail):
        trail.deny(reason, facts)


def law_alone(route: Route) -> bool:
    """Whether the law's word is limb enough under the policy."""
    limbs = route.override.limbs
    return "LAW_REQUIRES" in limbs and (route.override.connective == "either" or limbs == ("LAW_REQUIRES",))
