"""A sharing policy written out in Cedar: for each sharing rule what it releases, what it holds for a person, what it keeps.

Three questions are asked of Cedar. `release`: may it go (PERMIT)? `hold`: does a person decide (REVIEW)? `keep`: does this
category go? What none of the permits allows is refused. Days are numbers (20261122), since Cedar does not order text.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.policy.model import Policy, Sharing

DUTY = (
    "context.duty_from > 0 && context.day >= context.duty_from && context.purpose.safeguarding"
    " && context.sender.bound && principal.bound"
)
ADMITTED = (
    "context.in_force && context.sender.from <= context.day && context.day <= context.sender.until"
    " && context.sender.roles.containsAny(context.form.sources)"
    " && principal.from <= context.day && context.day <= principal.until"
    " && principal.id != context.sender.id"
    " && (principal.internal || (principal.agreement"
    " && principal.agreed_from <= context.day && context.day <= principal.agreed_until))"
    " && (principal.uk || !context.uk_only)"
    " && context.form.purposes.contains(context.purpose.id) && !context.purpose.anonymised_only"
)
DOUBTFUL = (
    'context.flags.contains("IDENTITY_UNSURE") || context.pending || (!context.flags.contains("RULED_PERMIT")'
    ' && ((context.review_by > 0 && context.day > context.review_by) || context.flags.contains("CLOCK_SKEW")'
    ' || ((principal.select == "district" || !principal.districts.isEmpty()) && context.district == "")'
    ' || (principal.select == "school" && context.schools.isEmpty())))'
)
REFUSED = (
    '(!principal.districts.isEmpty() && context.district != "" && !principal.districts.contains(context.district))'
    ' || (principal.select == "school" && !context.schools.isEmpty() && !principal.names.containsAny(context.schools))'
    ' || context.flags.contains("DETRIMENT")'
)
DECLINED = '((context.service == "declined" || context.service == "withdrawn") && context.form.before_consent)'
INSTRUCTED = "context.barred.containsAny([principal.id, principal.class, context.everybody])"
OBJECTED = "context.objections.containsAny([context.purpose.id, context.everybody])"
NO_THRESHOLD = "context.form.threshold_first && !context.s47"
QUESTIONABLE = 'context.flags.containsAny(["OVERRIDE_INCOMPLETE", "OVERRIDE_LAW", "OVERRIDE_HARM", "OVERRIDE_CRIME"])'
RULED = 'context.flags.contains("RULED_PERMIT")'
CONSENT = "!context.consented.isEmpty()"
HERE = "context.consented.contains(resource.name)"
_PERMISSIONS = ("consent", "consent_instead", "contact_permission")
FLAG = {"LAW_REQUIRES": "OVERRIDE_LAW", "RISK_OF_HARM": "OVERRIDE_HARM", "CRIME_DISORDER": "OVERRIDE_CRIME"}


def policy_text(policy: Policy) -> str:
    """The whole policy in Cedar."""
    return "\n".join([*_forbids(policy), *(text for rule in policy.sharing for text in _permits(policy, rule))])


def _forbids(policy: Policy) -> list[str]:
    both = policy.override.connective != "either"
    harm = _all(_claimed(limb) for limb in policy.override.limbs) if both else _claimed("RISK_OF_HARM")
    harm = harm if "RISK_OF_HARM" in policy.override.limbs else "false"
    rules = (
        'resource.identifier != "" && !principal.identifiers.contains(resource.name)',
        'resource.special == "art10" && !principal.criminal',
        'resource.name == "worker_risk" && !principal.visits',
        "resource.shielded && context.shielded",
        f"resource.sensitive && !(context.s47 || {harm} || {HERE})",
    )
    refused = f'context.flags.contains("RULED_REFUSE") || {REFUSED}'
    return [
        *(f'forbid (principal, action == Action::"keep", resource) when {{ {rule} }};' for rule in rules),
        f'forbid (principal, action == Action::"release", resource) when {{ {refused} || {DOUBTFUL} }};',
        'forbid (principal, action == Action::"hold", resource) when { context.flags.contains("RULED_REFUSE") };',
        'permit (principal, action == Action::"hold", resource) when { !context.in_force };',
    ]


def _permits(policy: Policy, rule: Sharing) -> list[str]:
    basis = _bases(rule)
    match = f"{ADMITTED} && {_match(policy, rule)}"
    fine = f"!({REFUSED}) && !({DECLINED} && !({_by_duty(rule)}))"
    overridden = _overridden(policy)
    law = _law_alone(policy)
    releases = [_release(name, test, overridden, law) for name, test in basis.items()]
    holds = [_hold(name, test, overridden, law) for name, test in basis.items()]
    asked = f"({DOUBTFUL}) || ({fine} && {_any(holds)})"
    keep = f"{_listed(policy, rule)} && {_special(rule, basis, overridden)} && {_by_consent(basis)}"
    return [
        f'permit (principal, action == Action::"release", resource) when {{ {match} && {fine} && {_any(releases)} }};',
        f'permit (principal, action == Action::"hold", resource) when {{ {match} && ({asked}) }};',
        f'permit (principal, action == Action::"keep", resource) when {{ {match} && {keep} }};',
    ]


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


def _by_duty(rule: Sharing) -> str:
    return DUTY if "duty_16la" in rule.bases else "false"


def _release(name: str, test: str, overridden: str, law: str) -> str:
    """Under one basis: no bar stands, or what lifts it is there."""
    if name == "none":
        return f"({test} && {overridden} && (!context.restricted || {RULED}))"
    bars = [f"(!context.restricted || ({_compelled(name, overridden)} && {RULED}))"]
    if name != "duty_16la":
        bars.append(f"(!{INSTRUCTED} || {overridden}" + (f" || {law})" if name == "legal_obligation" else ")"))
    if name in ("public_task", "consent_instead"):
        bars.append(f"(!{OBJECTED} || {overridden} || {RULED})")
    if name == "public_task":
        bars.append(f"(!({NO_THRESHOLD}) || {overridden})")
    return f"({test} && {' && '.join(bars)})"


def _hold(name: str, test: str, overridden: str, law: str) -> str:
    """Under one basis: the first bar that stands is one that a person may lift."""
    if name == "none":
        limited = f"context.restricted && !{RULED}"
        return f"({test} && ((!{overridden} && {QUESTIONABLE}) || ({overridden} && {limited})))"
    lifted = "true" if name == "duty_16la" else overridden
    lifted = f"({lifted} || {law})" if name == "legal_obligation" else lifted
    barred = f"({INSTRUCTED} && !{lifted})"
    compelled = _compelled(name, overridden)
    asks = [f"({barred} && {QUESTIONABLE})", f"(!{barred} && context.restricted && {compelled} && !{RULED})"]
    if name in ("public_task", "consent_instead"):
        free = f"!{barred} && (!context.restricted || {compelled}) && !{overridden}"
        early = NO_THRESHOLD if name == "public_task" else "false"
        asks.append(f"({free} && (({OBJECTED} && !{RULED}) || ({early})))")
    return f"({test} && {_any(asks)})"


def _compelled(name: str, overridden: str) -> str:
    return "true" if name in ("duty_16la", "legal_obligation") else overridden


def _match(policy: Policy, rule: Sharing) -> str:
    narrower = [r for r in policy.sharing if r.forms and not rule.forms]
    before = [f"!({_fits(r)})" for r in narrower if set(r.to) & set(rule.to) and set(r.purposes) & set(rule.purposes)]
    return " && ".join([_fits(rule), *before])


def _fits(rule: Sharing) -> str:
    parts = [f"{_set(rule.to)}.contains(principal.class)", f"{_set(rule.purposes)}.contains(context.purpose.id)"]
    if rule.forms:
        parts.append(f"{_set(rule.forms)}.contains(context.form.id)")
    if rule.valid_from:
        parts.append(f"context.day >= {number(rule.valid_from)}")
    if rule.valid_to:
        parts.append(f"context.day <= {number(rule.valid_to)}")
    return " && ".join(parts)


def _listed(policy: Policy, rule: Sharing) -> str:
    groups = {g.id: g.categories for g in policy.groups}
    names = rule.only or sorted({c for g in rule.groups for c in groups[g]})
    return f"{_set(names)}.contains(resource.name)"


def _by_consent(basis: dict[str, str]) -> str:
    on_consent = [basis[name] for name in ("consent", "consent_instead") if name in basis]
    return f"(!{_any(on_consent)} || {HERE})" if on_consent else "true"


def _special(rule: Sharing, basis: dict[str, str], overridden: str) -> str:
    meets = ['resource.special != "art9"']
    for condition in rule.conditions:
        if condition == "health_or_social_care":
            meets.append("principal.confidential")
        if condition == "safeguarding":
            meets.append('(context.purpose.safeguarding && (context.s47 || context.flags.contains("PARA18")))')
            meets.append(overridden)
        if condition == "explicit_consent":
            meets += [HERE, *(basis[name] for name in _PERMISSIONS if name in basis)]
    return _any(meets)


def _overridden(policy: Policy) -> str:
    claims = [_claimed(limb) for limb in policy.override.limbs]
    if not claims:
        return "false"
    return _any(claims) if policy.override.connective == "either" else _all(claims)


def _law_alone(policy: Policy) -> str:
    limbs = policy.override.limbs
    enough = "LAW_REQUIRES" in limbs and (policy.override.connective == "either" or len(limbs) == 1)
    return "true" if enough else "false"


def _claimed(limb: str) -> str:
    return f'context.flags.contains("{FLAG[limb]}")'


def _set(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _any(tests: Iterable[str]) -> str:
    return "(" + " || ".join(tests) + ")"


def _all(tests: Iterable[str]) -> str:
    return "(" + " && ".join(tests) + ")"


def number(day: str) -> int:
    """An ISO day as a number that orders as the days do."""
    return int(day.replace("-", ""))
