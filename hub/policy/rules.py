"""The order of test (design section 6), one small rule each. The first failure decides; every reason is kept.

A rule reads the route and the state and writes to the trail. None of them knows a council.
"""

from __future__ import annotations

from typing import Final

from hub.policy import state as s
from hub.policy.model import Basis
from hub.policy.overrides import Rule, Trail, bar, law_alone, questionable_override, take_override
from hub.policy.route import Route

NEVER_RULED: Final = frozenset(
    {
        *("IDENTITY_UNSURE", "FACTS_UNSURE", "NO_POLICY", "RULE_ERROR"),
        *("OVERRIDE_INCOMPLETE", "OVERRIDE_LIMB", "THRESHOLD_FIRST", "REQUEST_UNKNOWN"),
    }
)
"""Reviews that a ruling to permit does not lift by itself: they need their own answer first. An override's is a limb, a reason
and two people (S-12); a missing threshold's is the threshold decision, consent, or an override (D-11)."""

_UNSURE: Final = (
    (s.STALE_POLICY, "STALE_POLICY"),
    (s.IDENTITY_UNSURE, "IDENTITY_UNSURE"),
    (s.FACTS_UNSURE, "FACTS_UNSURE"),
    (s.CLOCK_SKEW, "CLOCK_SKEW"),
    (s.REQUEST_UNKNOWN, "REQUEST_UNKNOWN"),
    (s.DISTRICT_UNKNOWN, "DISTRICT_UNKNOWN"),
    (s.SCHOOL_UNKNOWN, "SCHOOL_UNKNOWN"),
)


_NEEDED: Final = {
    "consent": s.CONSENT,
    "informed": s.INFORMED,
    "informed_or_consent": s.INFORMED | s.CONSENT,
    "service_agreement": s.SERVICE,
    "stated_reason": s.STATED_REASON,
    "grant": s.GRANTED,
}
"""What shows that a rule's need is met (`vocabulary.NEEDS`); that support was not declined, nothing has to show."""


_REASONS: Final = {
    "service_agreement": "NO_SERVICE_AGREEMENT",
    "service_not_declined": "SERVICE_DECLINED",
    "stated_reason": "NO_STATED_REASON",
}
"""Why a need is not met, where there is one reason only."""


def refused(_route: Route, state: int, trail: Trail) -> None:
    """A person's refusal comes first: it closes a review whatever the review was about."""
    if state & s.RULED_REFUSE:
        trail.deny("RULED_REFUSE")


def standing(route: Route, _state: int, trail: Trail) -> None:
    """Sender, recipient, purpose and rule: what the register and the policy say before any fact is looked at."""
    for reason, facts in route.blocked:
        if reason in NEVER_RULED:
            trail.review(reason, facts)
        else:
            trail.deny(reason, facts)


def certainty(_route: Route, state: int, trail: Trail) -> None:
    """Unknown is its own value (invariant 1): whatever is unsure goes to a person."""
    for bit, reason in _UNSURE:
        if state & bit:
            trail.review(reason)


def place(route: Route, state: int, trail: Trail) -> None:
    """The recipient serves the district (S-03), the child goes to the school (S-04), the body works with the family."""
    facts = route.recipient_class.facts if route.recipient_class else ()
    if state & s.WRONG_DISTRICT:
        trail.deny("WRONG_DISTRICT", facts)
    if state & s.WRONG_SCHOOL:
        trail.deny("WRONG_SCHOOL", facts)
    if state & s.NOT_INVOLVED:
        trail.deny("NOT_INVOLVED", facts)


def refusals(route: Route, state: int, trail: Trail) -> None:
    """Support declined before consent (S-09: it closes no duty), and the duty's negative test (D-03)."""
    by_duty = any(_available(b.id, route, state) for b in route.bases if b.id == "duty_16la")
    if state & s.SERVICE_DECLINED and route.form is not None and route.form.before_consent and not by_duty:
        trail.deny("SERVICE_DECLINED", route.form.facts)
    if state & s.DETRIMENT:
        trail.deny("MORE_DETRIMENTAL")


def basis(route: Route, state: int, trail: Trail) -> None:
    """The first lawful basis of the rule that is available; failing all, an override; failing that, say what is missing."""
    if route.rule is None:
        return
    trail.basis = _first_basis(route, state)
    if trail.basis is not None:
        return
    if take_override(route, state, trail):
        return
    if not questionable_override(route, state, trail):
        trail.deny(_missing(route, state), tuple(fact for b in route.bases for fact in b.facts))


def _first_basis(route: Route, state: int) -> Basis | None:
    found = [b for b in route.bases if _available(b.id, route, state)]
    if found and found[0].id == "public_task" and _threshold_missing(route, state):
        # Consent opens what a public task may not open yet (D-11), and then only as far as it reaches.
        return next((b for b in found if b.id == "consent"), found[0])
    return found[0] if found else None


def _threshold_missing(route: Route, state: int) -> bool:
    return route.form is not None and route.form.threshold_first and not state & s.S47


def _available(basis_id: str, route: Route, state: int) -> bool:
    if basis_id == "duty_16la":
        return route.duty
    if basis_id == "consent":
        return bool(state & s.CONSENT)
    if basis_id == "contact_permission":
        return bool(state & s.CONTACT) and not state & s.CONTACT_BARRED
    return basis_id in ("legal_obligation", "public_task")


def _missing(route: Route, state: int) -> str:
    named = {b.id for b in route.bases}
    if "consent" in named:
        return "CONSENT_ENDED" if state & s.CONSENT_BARRED else "CONSENT_MISSING"
    return "CONTACT_MISSING" if "contact_permission" in named else "NO_BASIS"


def person_decides(route: Route, _state: int, trail: Trail) -> None:
    """A body that may turn the data against the person gets nothing unless somebody rules so (UK GDPR Articles 22A to 22D)."""
    if route.adverse and trail.basis is not None:
        trail.review("ADVERSE_USE", route.recipient_class.facts if route.recipient_class else ())


def scope(route: Route, state: int, trail: Trail) -> None:
    """A form for children with a care status is about nobody else; the duty and an override know no such limit."""
    wanted = route.form.about_only if route.form is not None else ()
    if not wanted or trail.basis is None or trail.basis.id == "duty_16la":
        return
    if not any(state & s.STATUS_BITS[status] for status in wanted):
        bar(route, state, trail, "OUT_OF_SCOPE", route.form.facts if route.form else ())


def needs(route: Route, state: int, trail: Trail) -> None:
    """What the rule asks for besides a basis. Missing consent never blocks the duty (invariant 9); an override stands in."""
    if route.rule is None or trail.basis is None:
        return
    trail.obligations.extend(o for o in route.rule.obliges if o != "ASK_CONSENT" or not state & s.CONSENT)
    if trail.basis.id == "duty_16la":
        return
    for need in route.rule.needs:
        reason = "" if _met(need, route, state, trail) else _lacking(need, state)
        if reason and need == "grant":
            trail.deny(reason, route.rule.facts)
        elif reason:
            bar(route, state, trail, reason, route.rule.facts)
    if route.rule.every and state & s.RETURNED:
        trail.deny("ALREADY_RETURNED", route.rule.facts)


def _met(need: str, route: Route, state: int, trail: Trail) -> bool:
    if need == "service_not_declined":
        return not state & s.SERVICE_DECLINED
    met = bool(state & _NEEDED[need])
    if need == "service_agreement":
        return met and not state & s.SERVICE_DECLINED
    by_consent = need == "consent" or (need == "informed_or_consent" and not state & s.INFORMED)
    # Where an override suffices it is relied on, so that a consent given never opens less than one withheld.
    if met and by_consent and not take_override(route, state, trail):
        trail.scoped = True
    return met


def _lacking(need: str, state: int) -> str:
    if need == "consent":
        return "CONSENT_ENDED" if state & s.CONSENT_BARRED else "CONSENT_MISSING"
    if need == "grant":
        return "GRANT_ENDED" if state & s.GRANT_ENDED else "NO_GRANT"
    return _REASONS.get(need, "NOT_INFORMED")


def instruction(route: Route, state: int, trail: Trail) -> None:
    """Instruct-not-to bars the recipient (S-11), but not a legal duty (D-04), nor an override (S-12).

    Where the notice gives no such right, what the person said is put before somebody all the same.
    """
    if not state & s.INSTRUCTED or trail.basis is None or trail.limb:
        return
    if trail.basis.id == "duty_16la":
        trail.obligations.extend(("CONFLICT_NOTE", "INFORM_SUBJECT"))
        trail.facts.append("D-04")
        return
    if take_override(route, state, trail):
        return
    if trail.basis.id == "legal_obligation" and law_alone(route):
        trail.limb = "LAW_REQUIRES"
        trail.facts.extend(route.override.facts)
        trail.obligations.extend(("RECORD_LIMB", "INFORM_SUBJECT"))
    elif not questionable_override(route, state, trail):
        weighed = route.override.instructions == "weigh"
        (trail.review if weighed else trail.deny)("INSTRUCTED", route.override.facts)


def rights(route: Route, state: int, trail: Trail) -> None:
    """Restriction (Article 18) bars, save that what is compelled goes to a person; objection (Article 21) is weighed."""
    objected = bool(state & s.OBJECTED) and _for_public_task(route, trail)
    if not objected and not state & s.RESTRICTED:
        return
    compelled = _compelled(route, state, trail)
    if state & s.RESTRICTED:
        (trail.review if compelled else trail.deny)("RESTRICTED", ())
    if objected and not compelled:
        trail.review("OBJECTED")


def _for_public_task(route: Route, trail: Trail) -> bool:
    """Whether a public task is relied on, or would be if consent did not stand in for a missing threshold."""
    if trail.basis is None or trail.basis.id != "consent":
        return trail.basis is not None and trail.basis.id == "public_task"
    named = [b.id for b in route.bases]
    return "public_task" in named[: named.index("consent")]


def _compelled(route: Route, state: int, trail: Trail) -> bool:
    if trail.basis is None:
        return False
    return trail.basis.id in ("duty_16la", "legal_obligation") or take_override(route, state, trail)


def threshold(route: Route, state: int, trail: Trail) -> None:
    """No outbound check without consent before a recorded threshold decision (R (AB) v Haringey [2013] EWHC 416)."""
    if trail.basis is None or trail.basis.id != "public_task" or not _threshold_missing(route, state):
        return
    if not take_override(route, state, trail):
        trail.review("THRESHOLD_FIRST", ("D-11",))


RULES: Final[tuple[Rule, ...]] = (
    refused,
    standing,
    certainty,
    place,
    refusals,
    basis,
    person_decides,
    scope,
    needs,
    instruction,
    rights,
    threshold,
)
"""The order of test. Shielding is applied to the fields of every outcome, before any of these can matter (D-18)."""
