"""A sharing policy written out in Cedar: for each sharing rule what it releases, what it holds for a person, what it keeps.

Three questions are asked of Cedar. `release`: may it go (PERMIT)? `hold`: does a person decide (REVIEW)? `keep`: does this
category go, once something is released? What none of the permits allows is refused. Days are numbers (20261122), since Cedar does
not order text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.policy.model import Override, Policy, Sharing
from tests.oracles.cedar_words import (
    ADMITTED,
    ADVERSE,
    CONSENT,
    DECLINED,
    DOUBTFUL,
    DUTY,
    HERE,
    IN_SCOPE,
    INSTRUCTED,
    MET,
    NO_THRESHOLD,
    OBJECTED,
    QUESTIONABLE,
    REFUSED,
    RETURNED,
    RULED,
    TOLD,
    WITHHELD,
    claimed,
    every,
    number,
    one_of,
    some,
)

_ON_CONSENT = ("consent", "consent_instead")
_PERMISSIONS = (*_ON_CONSENT, "contact_permission")
_BY_LAW = ("duty_16la", "legal_obligation", "public_task", "none")
_ASKED_BY_TASK = ("public_task", "consent_instead")


@dataclass(frozen=True)
class Bar:
    """Something that may stand in the way. stands: when it does. review: when a person may then decide; else the answer is no."""

    stands: str
    review: str = "false"


@dataclass(frozen=True)
class Limbs:
    """What a policy's override is worth under one rule, as Cedar tests."""

    enough: str
    harm: str
    law_alone: str


def policy_text(policy: Policy) -> str:
    """The whole policy in Cedar. A rule that is switched off permits nothing, but stands before a wider one all the same."""
    on = (rule for rule in policy.sharing if rule.switched)
    return "\n".join([*_forbids(), *(text for rule in on for text in _permits(policy, rule))])


def _forbids() -> list[str]:
    refused = f'context.flags.contains("RULED_REFUSE") || {REFUSED}'
    return [
        *(f'forbid (principal, action == Action::"keep", resource) when {{ {rule} }};' for rule in WITHHELD),
        f'forbid (principal, action == Action::"release", resource) when {{ {refused} || {DOUBTFUL} }};',
        'forbid (principal, action == Action::"hold", resource) when { context.flags.contains("RULED_REFUSE") };',
        'permit (principal, action == Action::"hold", resource) when { !context.in_force };',
    ]


def _permits(policy: Policy, rule: Sharing) -> list[str]:
    basis, limbs = _bases(rule), _limbs(policy.override, rule)
    match = _match(policy, rule)
    fine = f"!({REFUSED}) && !({DECLINED} && !({basis.get('duty_16la', 'false')}))"
    bars = {name: _bars(rule, name, limbs, policy.override) for name in basis}
    releases = some(f"({test} && {every(f'!({bar.stands})' for bar in bars[name])})" for name, test in basis.items())
    holds = some(f"({test} && {_first(bars[name])})" for name, test in basis.items())
    keep = [_listed(rule), _scoped(rule, basis, limbs), _special(rule, basis, limbs), _sensitive(limbs)]
    return [
        _permit("release", f"{match} && {ADMITTED} && {fine} && {releases}"),
        _permit("hold", f"{match} && {ADMITTED} && (({DOUBTFUL}) || ({fine} && {holds}))"),
        _permit("keep", f"{match} && {every(keep)}"),
    ]


def _permit(action: str, test: str) -> str:
    return f'permit (principal, action == Action::"{action}", resource) when {{ {test} }};'


def _first(bars: Sequence[Bar]) -> str:
    """The first bar that stands is one that a person may lift."""
    found = "false"
    for bar in reversed(bars):
        found = f"(if {bar.stands} then {bar.review} else {found})"
    return found


def _bases(rule: Sharing) -> dict[str, str]:
    """For each basis of the rule, and for `none`, the condition under which it is the one relied on."""
    available = {
        "duty_16la": DUTY,
        "legal_obligation": "true",
        "public_task": "true",
        "consent": CONSENT,
        "contact_permission": 'context.contact == "given"',
    }
    found, earlier = {}, "true"
    for name in rule.bases:
        found[name] = f"({earlier} && {available[name]})"
        earlier = f"{earlier} && !({available[name]})"
    if "public_task" in found and "consent" in found:
        instead = f"({found['public_task']} && {NO_THRESHOLD} && {CONSENT})"
        found["consent_instead"] = instead
        found["public_task"] = f"({found['public_task']} && !{instead})"
    return found | {"none": f"({earlier})"}


def _bars(rule: Sharing, name: str, limbs: Limbs, override: Override) -> list[Bar]:
    """What may stand in the way under one basis (`none`: an override's, if there is one), in the order of the tests."""
    free = f"!{limbs.enough}"
    found = [Bar(free, QUESTIONABLE)] if name == "none" else []
    found.append(Bar(f"({ADVERSE} && !{RULED})", "true"))
    if name != "duty_16la":
        found += _asked_for(rule, free)
        found.append(_instructed(name, limbs, override))
    compelled = "true" if name in ("duty_16la", "legal_obligation") else limbs.enough
    found.append(Bar(f"(context.restricted && !({compelled} && {RULED}))", compelled))
    if name in _ASKED_BY_TASK:
        found.append(Bar(f"({OBJECTED} && {free} && !{RULED})", "true"))
    if name == "public_task":
        found.append(Bar(f"({NO_THRESHOLD} && {free})", "true"))
    return found


def _asked_for(rule: Sharing, free: str) -> list[Bar]:
    """A care status, and what the rule needs besides a basis: an override stands in for all but access, which ends by itself."""
    found = [Bar(f"(!{IN_SCOPE} && {free})", QUESTIONABLE)]
    for need in rule.needs:
        lacking = f"!({MET[need]})"
        found.append(Bar(lacking) if need == "grant" else Bar(f"({lacking} && {free})", QUESTIONABLE))
    return [*found, Bar(RETURNED)] if rule.every == "month" else found


def _instructed(name: str, limbs: Limbs, override: Override) -> Bar:
    lifted = some([limbs.enough, limbs.law_alone]) if name == "legal_obligation" else limbs.enough
    if override.instructions == "weigh":
        return Bar(f"({INSTRUCTED} && !{lifted} && ({QUESTIONABLE} || !{RULED}))", "true")
    return Bar(f"({INSTRUCTED} && !{lifted})", QUESTIONABLE)


def _match(policy: Policy, rule: Sharing) -> str:
    narrower = [r for r in policy.sharing if r.forms and not rule.forms]
    before = [f"!({_fits(r)})" for r in narrower if set(r.to) & set(rule.to) and set(r.purposes) & set(rule.purposes)]
    return " && ".join([_fits(rule), *before])


def _fits(rule: Sharing) -> str:
    parts = [f"{one_of(rule.to)}.contains(principal.class)", f"{one_of(rule.purposes)}.contains(context.purpose.id)"]
    if rule.forms:
        parts.append(f"{one_of(rule.forms)}.contains(context.form.id)")
    if rule.valid_from:
        parts.append(f"context.day >= {number(rule.valid_from)}")
    if rule.valid_to:
        parts.append(f"context.day <= {number(rule.valid_to)}")
    return " && ".join(parts)


def _listed(rule: Sharing) -> str:
    criminal = "true" if "criminal_offence" in rule.conditions else 'resource.special != "art10"'
    groups = ", ".join(f'Group::"{group}"' for group in rule.groups)
    return (
        f"{one_of(rule.only)}.contains(resource.name) && {criminal}"
        if rule.only
        else f"resource in [{groups}] && {criminal}"
    )


def _scoped(rule: Sharing, basis: dict[str, str], limbs: Limbs) -> str:
    """Where a consent opens the road, as the basis or for a need, nothing goes beyond it."""
    opens = [basis[name] for name in _ON_CONSENT if name in basis]
    needed = {"consent": "true", "informed_or_consent": f"!{TOLD}"}
    by_need = [needed[need] for need in rule.needs if need in needed]
    if by_need:
        opens.append(f"(!{basis.get('duty_16la', 'false')} && !{limbs.enough} && {some(by_need)})")
    return f"(!{some(opens)} || {HERE})" if opens else "true"


def _special(rule: Sharing, basis: dict[str, str], limbs: Limbs) -> str:
    meets = ['resource.special != "art9"']
    for condition in rule.conditions:
        if condition == "health_or_social_care":
            meets.append("(principal.confidential && principal.kind.confidential)")
        if condition == "safeguarding":
            meets.append('(context.purpose.safeguarding && (context.s47 || context.flags.contains("PARA18")))')
            meets.append(limbs.enough)
        if condition == "substantial_public_interest":
            law = some(basis[name] for name in _BY_LAW if name in basis)
            meets.append(f"({law} && !context.purpose.contact_only)")
        if condition == "explicit_consent":
            meets.append(f"(!{INSTRUCTED} && {some([HERE, *(basis[name] for name in _PERMISSIONS if name in basis)])})")
    return some(meets)


def _sensitive(limbs: Limbs) -> str:
    """A sensitive service; no consent to it rides where the person said not to share."""
    return f"(!resource.sensitive || context.s47 || {limbs.harm} || ({HERE} && !{INSTRUCTED}))"


def _limbs(override: Override, rule: Sharing) -> Limbs:
    """The policy's limbs, or no less than the law's where the rule says so."""
    limbs = [limb for limb in override.limbs if rule.override == "any" or limb == "LAW_REQUIRES"]
    if not limbs:
        return Limbs("false", "false", "false")
    claims = [claimed(limb) for limb in limbs]
    if override.connective == "either" or len(limbs) == 1:
        harm = claimed("RISK_OF_HARM") if "RISK_OF_HARM" in limbs else "false"
        return Limbs(some(claims), harm, "true" if "LAW_REQUIRES" in limbs else "false")
    return Limbs(every(claims), every(claims) if "RISK_OF_HARM" in limbs else "false", "false")
