"""Which categories a permitted decision lets through, and why the others stay behind."""

from __future__ import annotations

from functools import partial
from typing import Final

from hub.policy import state as s
from hub.policy.overrides import Trail, override_limbs, take_override
from hub.policy.route import Route, Why
from hub.policy.vocabulary import CRIMINAL, SENSITIVE, SHIELDED, SPECIAL, names_of

_BY_CONSENT = ("consent",)
LIMB_CONDITIONS: Final = {
    "RISK_OF_HARM": "safeguarding",
    "RISK_TO_WELLBEING": "safeguarding",
    "LAW_REQUIRES": "statutory_purposes",
    "CRIME_DISORDER": "unlawful_acts",
}
"""What an override's limb rests on for special category data (Data Protection Act 2018 Schedule 1 Part 2, paragraphs 18, 6 and 10)."""

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
    """Special category data needs an Article 9 condition of its own (DPA 2018 Schedule 1).

    Who was told not to receive gets nothing on a consent, even where a duty or an override opens the road for the rest.
    """
    special = (open_ | by_consent) & SPECIAL
    conditions = route.rule.conditions if route.rule else ()
    explicit = "explicit_consent" in conditions and not state & s.INSTRUCTED
    by_permission = trail.basis is not None and trail.basis.id in ("consent", "contact_permission")
    if by_permission and explicit:
        return open_, by_consent, "explicit_consent"
    # Asking takes an override, so nobody asks where nothing special could go.
    other = next(filter(None, map(partial(_met, route, state, trail), conditions)), "") if special else ""
    if other:
        return open_, by_consent, other
    if explicit and state & s.CONSENT:
        return open_ & ~special, by_consent | special, "explicit_consent"
    _withhold(why, special, ("NO_CONDITION", ("D-10",)))
    return open_ & ~special, by_consent & ~special, ""


def _met(route: Route, state: int, trail: Trail, condition: str) -> str:
    """Return the condition that a release may rest on where the rule names this one, or ""."""
    purpose = route.purpose
    match condition:
        case "health_or_social_care":
            holds = route.recipient_class is not None and route.recipient_class.confidential
        case "substantial_public_interest":
            contact = purpose is None or purpose.contact_only
            holds = trail.basis is not None and trail.basis.id in _BY_LAW and not contact
        case "safeguarding":
            if not (state & (s.PARA18 | s.S47) and purpose is not None and purpose.safeguarding):
                return _by_override(route, state, trail)
            holds = True
        case _:
            holds = False
    return condition if holds else ""


def _by_override(route: Route, state: int, trail: Trail) -> str:
    """An accepted override carries special category data under the paragraph of Schedule 1 that its limb stands for."""
    limbs = override_limbs(route, state)
    if not limbs or not take_override(route, state, trail):
        return ""
    return next(LIMB_CONDITIONS[limb] for limb in LIMB_CONDITIONS if limb in limbs)


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
    named = both if state & s.CONSENT and not state & s.INSTRUCTED else 0
    return open_ & ~SENSITIVE, by_consent & ~SENSITIVE | named


def _withhold(why: dict[str, Why], mask: int, reason: Why) -> None:
    for name in names_of(mask):
        why[name] = reason
