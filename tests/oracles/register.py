"""The naive reading of a council's register and rules on a day: plain loops over the policy's rows."""

from __future__ import annotations

from hub.policy.law import KINDS, Kind
from hub.policy.model import AgencyRow, Form, Policy, Purpose, RecipientClass, Sharing
from tests.oracles.question import Question


def recipients(policy: Policy, question: Question) -> list[str]:
    """Those of the form, chosen by district and school, and those that the sender named."""
    found = []
    form = next((f for f in policy.forms if f.id == question.form), None)
    if form is not None and not question.ask_only:
        for klass in policy.classes:
            for row in policy.agencies:
                here = klass.id in form.recipients and row.recipient_class == klass.id and on_day(row, question.day)
                if here and row.id != question.sender and serves(row, question) and chosen(row, klass, question):
                    found.append(row.id)
    return list(dict.fromkeys([*found, *question.requested]))


def standing(policy: Policy, question: Question, agency: str) -> str:
    """What the register and the notice say, whoever the subject is: the reason of a refusal, or ""."""
    form = next((f for f in policy.forms if f.id == question.form), None)
    if form is None:
        return "FORM_UNKNOWN"
    return source(policy, question, form) or target(policy, question, agency) or aim(policy, question, agency, form)


def source(policy: Policy, question: Question, form: Form) -> str:
    """S-01: a registered source for the form."""
    sender = row_of(policy, question.sender, question.day)
    if sender is None:
        return "SENDER_UNKNOWN"
    return "" if set(sender.roles) & set(form.sources) else "SENDER_NOT_SOURCE"


def target(policy: Policy, question: Question, agency: str) -> str:
    """S-02, S-05, S-18: on the register that day, with an agreement, in the country."""
    row = row_of(policy, agency, question.day)
    if row is None:
        return "RECIPIENT_INACTIVE" if any(r.id == agency for r in policy.agencies) else "RECIPIENT_UNKNOWN"
    if not row.recipient_class:
        return "RECIPIENT_NEVER_RECEIVES"
    if agency == question.sender:
        return "OWN_SENDER"
    internal = any(c.internal for c in policy.classes if c.id == row.recipient_class)
    if not internal and not has_agreement(row, question.day):
        return "NO_AGREEMENT"
    return "NOT_UK" if policy.settings.uk_only and not row.uk else ""


def aim(policy: Policy, question: Question, agency: str, form: Form) -> str:
    """D-10, S-14: a purpose that the notice names for the form, and a rule that lets it."""
    purpose = next((p for p in policy.purposes if p.id == question.purpose), None)
    if purpose is None or purpose.id not in form.purposes:
        return "PURPOSE_UNKNOWN"
    if purpose.anonymised_only:
        return "ANONYMISED_ONLY"
    row = row_of(policy, agency, question.day)
    klass = next(c for c in policy.classes if row and c.id == row.recipient_class)
    rule = rule_of(policy, form, purpose, klass, question.day)
    if rule is None:
        return "NO_RULE"
    return "" if rule.switched else "SWITCHED_OFF"


def row_of(policy: Policy, agency: str, day: str) -> AgencyRow | None:
    """The agency's row in the register on that day."""
    return next((row for row in policy.agencies if row.id == agency and on_day(row, day)), None)


def on_day(row: AgencyRow | Sharing, day: str) -> bool:
    """Whether a row is in force: from its first day to its last, both included."""
    return (not row.valid_from or row.valid_from <= day) and (not row.valid_to or day <= row.valid_to)


def has_agreement(row: AgencyRow, day: str) -> bool:
    """S-05: an agreement is on file and covers the day."""
    started = not row.agreement_from or row.agreement_from <= day
    return bool(row.agreement_id) and started and (not row.agreement_to or day <= row.agreement_to)


def in_duty(policy: Policy, row: AgencyRow) -> bool:
    """Whether an agency is a relevant person of s.16LA: its row says so, or else its class; never beyond what the law lets its kind."""
    klass = next((c for c in policy.classes if c.id == row.recipient_class), None)
    duty = kind(klass).duty if klass else "contract"
    if row.in_duty:
        return row.in_duty == "yes" and duty != "no"
    return klass is not None and klass.in_duty and duty == "yes"


def kind(klass: RecipientClass) -> Kind:
    """The law's kind of body; a made-up one has nothing that the law reserves."""
    return KINDS.get(klass.kind, Kind("", ""))


def rule_of(policy: Policy, form: Form, purpose: Purpose, klass: RecipientClass, day: str) -> Sharing | None:
    """The sharing rule; one that names the form goes before one for every form."""
    fitting = [r for r in policy.sharing if on_day(r, day) and purpose.id in r.purposes and klass.id in r.to]
    named = [r for r in fitting if form.id in r.forms]
    every = [r for r in fitting if not r.forms]
    return next(iter([*named, *every]), None)


def serves(row: AgencyRow, question: Question) -> bool:
    """S-03: an agency of certain districts serves no other; an unknown district excludes nobody by itself."""
    return not row.districts or not question.district or question.district in row.districts


def teaches(row: AgencyRow, klass: RecipientClass, question: Question) -> bool:
    """S-04: whether a school is one that the child attends or is intending to attend."""
    return klass.select != "school" or bool({row.id, *(code for _, code in row.codes)} & set(question.schools))


def chosen(row: AgencyRow, klass: RecipientClass, question: Question) -> bool:
    """Whether the message leads to this one of its class: a school that the child goes to, a body that works with the family."""
    return teaches(row, klass, question) and (klass.select != "involved" or row.id in question.involved)
