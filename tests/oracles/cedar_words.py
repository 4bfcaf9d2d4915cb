"""The words of the Cedar text: tests of one question, one recipient and one message, that no single sharing rule changes.

`principal` is the recipient's row of the register, `context` the message with what is known of its subject, `resource` a category.
"""

from __future__ import annotations

from collections.abc import Iterable


def _bound(row: str) -> str:
    """Within the duty of section 16LA: by its own row, or else by its class; and the law's kind of body allows for it."""
    by_row = f'{row}.says_of_duty == "yes" && {row}.kind.duty != "no"'
    return f'(({by_row}) || ({row}.says_of_duty == "" && {row}.class_in_duty && {row}.kind.duty == "yes"))'


DUTY = (
    "context.duty_from > 0 && context.day >= context.duty_from && context.day >= 20260930 && context.purpose.safeguarding"
    f" && {_bound('context.sender')} && {_bound('principal')}"
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
    ' || (principal.select == "involved" && !context.involved.contains(principal.id))'
    ' || context.flags.contains("DETRIMENT")'
)
DECLINED = '((context.service == "declined" || context.service == "withdrawn") && context.form.before_consent)'
INSTRUCTED = "context.barred.containsAny([principal.id, principal.class, context.everybody])"
OBJECTED = "context.objections.containsAny([context.purpose.id, context.everybody])"
NO_THRESHOLD = '(context.form.threshold_first || context.form == Form::"share_request") && !context.s47'
QUESTIONABLE = (
    'context.flags.containsAny(["OVERRIDE_INCOMPLETE", "OVERRIDE_LAW", "OVERRIDE_HARM", "OVERRIDE_CRIME",'
    ' "OVERRIDE_WELLBEING"])'
)
RULED = 'context.flags.contains("RULED_PERMIT")'
CONSENT = "!context.consented.isEmpty()"
HERE = "context.consented.contains(resource.name)"
TOLD = "context.told.containsAny([context.purpose.id, context.everybody])"
IN_SCOPE = (
    "(context.form.about_only.isEmpty() || context.form.about_only.containsAny(context.statuses)"
    ' || (context.s17 && context.form.about_only.contains("child_in_need"))'
    ' || (context.s47 && context.form.about_only.contains("child_protection")))'
)
MET = {
    "consent": CONSENT,
    "informed": TOLD,
    "informed_or_consent": f"({TOLD} || {CONSENT})",
    "service_agreement": 'context.service == "given"',
    "service_not_declined": 'context.service != "declined" && context.service != "withdrawn"',
    "stated_reason": 'context.flags.contains("STATED_REASON")',
    "grant": "(context has access && context.access.from <= context.day && context.day <= context.access.until)",
}
"""What shows that a need of a rule is met."""
ADVERSE = "principal.kind.adverse"
RETURNED = "context.returned.contains(context.month)"
WITHHELD = (
    'resource.identifier != "" && !principal.identifiers.contains(resource.name)',
    'resource.identifier != "" && !principal.kind.identifiers.contains(resource.name)',
    'resource.special == "art10" && !(principal.criminal && principal.kind.criminal && context.form.criminal)',
    'resource.name == "worker_risk" && !principal.visits',
    "!context.form.collects.isEmpty() && !(resource in context.form.collects)",
    "resource.shielded && context.shielded",
)
"""Categories that go to nobody of this class, in no such form, or for no such person, whatever the rule."""
FLAG = {
    "LAW_REQUIRES": "OVERRIDE_LAW",
    "RISK_OF_HARM": "OVERRIDE_HARM",
    "CRIME_DISORDER": "OVERRIDE_CRIME",
    "RISK_TO_WELLBEING": "OVERRIDE_WELLBEING",
}


def claimed(limb: str) -> str:
    """A limb of an override is claimed."""
    return f'context.flags.contains("{FLAG[limb]}")'


def one_of(names: Iterable[str]) -> str:
    """A set of names."""
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def some(tests: Iterable[str]) -> str:
    """At least one of the tests holds."""
    return "(" + " || ".join(tests) + ")"


def every(tests: Iterable[str]) -> str:
    """All of the tests hold."""
    return "(" + " && ".join(tests) + ")"


def number(day: str) -> int:
    """An ISO day as a number that orders as the days do."""
    return int(day.replace("-", ""))
