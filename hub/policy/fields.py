"""Which categories a permitted decision lets through, and why the others stay behind."""

from __future__ import annotations

from hub.policy import state as s
from hub.policy.overrides import Trail, override_limbs, take_override
from hub.policy.route import Route, Why
from hub.policy.vocabulary import CRIMINAL, SENSITIVE, SHIELDED, SPECIAL, names_of

_BY_CONSENT = ("consent",)
_BY_LAW = ("duty_16la", "legal_obligation", "public_task")


def allowed(route: Route, state: int, trail: Trail) -> tuple[int, int, str, tuple[tuple[str, Why], ...]]:
    """Return (open mask, by-consent mask, Article 9 condition, reason per withheld category).

    Only ever takes away from the route's `allow` (invariant 9: a duty never adds fields).
    """
    why: dict[str, Why] = dict(route.why)
    open_, by_consent = route.allow, 0
    if trail.basis is not None and (trail.basis.id in _BY_CONSENT or trail.scoped):
        open_, by_consent = 0, route.allow
    open_, by_consent, condition = _special(route, state, trail, open_, by_consent, why)
    open_, by_consent = _sensitive(route, state, trail, open_, by_consent, why)
    if state & s.SHIELDED:
        _withhold(why, SHIELDED, ("SHIELDED", ("D-18",)))
        open_, by_consent = open_ & ~SHIELDED, by_consent & ~SHIELDED
    if (open_ | by_consent) & CRIMINAL:
        condition = "+".join(filter(None, (condition, "criminal_offence")))
    return open_, by_consent, condition, tuple(sorted(why.items()))


def _special(
    route: Route, state: int, trail: Trail, open_: int, by_consent: int, why: dict[str, Why]
) -> tuple[int, int, str]:
    """Special category data needs an Article 9 condition of its own (DPA 2018 Schedule 1)."""
    special = (open_ | by_consent) & SPECIAL
    conditions = route.rule.conditions if route.rule else ()
    by_permission = trail.basis is not None and trail.basis.id in ("consent", "contact_permission")
    if by_permission and "explicit_consent" in conditions:
        return open_, by_consent, "explicit_consent"
    other = next((c for c in conditions if special and _met(c, route, state, trail)), "")
    if other:
        return open_, by_consent, other
    if "explicit_consent" in conditions and state & s.CONSENT:
        return open_ & ~special, by_consent | special, "explicit_consent"
    _withhold(why, special, ("NO_CONDITION", ("D-10",)))
    return open_ & ~special, by_consent & ~special, ""


def _met(condition: str, route: Route, state: int, trail: Trail) -> bool:
    if condition == "health_or_social_care":
        return route.recipient_class is not None and route.recipient_class.confidential
    if condition == "safeguarding":
        if state & (s.PARA18 | s.S47) and route.purpose is not None and route.purpose.safeguarding:
            return True
        return take_override(route, state, trail)
    if condition == "substantial_public_interest":
        contact = route.purpose is None or route.purpose.contact_only
        return trail.basis is not None and trail.basis.id in _BY_LAW and not contact
    return False


def _sensitive(
    route: Route, state: int, trail: Trail, open_: int, by_consent: int, why: dict[str, Why]
) -> tuple[int, int]:
    """A sensitive service needs its own consent, or a recorded cause to suspect significant harm (D-19)."""
    both = (open_ | by_consent) & SENSITIVE
    if not both or state & s.S47:
        return open_, by_consent
    if "RISK_OF_HARM" in override_limbs(route, state):
        if open_ & both:
            take_override(route, state, trail)
        return open_, by_consent
    _withhold(why, both, ("SENSITIVE_SERVICE", ("D-19",)))
    return open_ & ~SENSITIVE, by_consent | (both if state & s.CONSENT else 0)


def _withhold(why: dict[str, Why], mask: int, reason: Why) -> None:
    for name in names_of(mask):
        why[name] = reason
