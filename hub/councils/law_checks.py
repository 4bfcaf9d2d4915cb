"""What no council's file may do: have more than the law above it leaves (`hub.policy.law`)."""

from __future__ import annotations

from typing import Final

from hub.councils.marks import Marks
from hub.councils.rule_checks import mask, reach
from hub.policy import law
from hub.policy.model import Policy
from hub.policy.vocabulary import CRIMINAL

_CODE: Final = "WIDENS_LAW"


def check_law(policy: Policy, marks: Marks) -> None:
    """Note everything in a policy that is wider than the law."""
    _kinds(policy, marks)
    _agencies(policy, marks)
    _duty(policy, marks)
    _request(policy, marks)
    _criminal(policy, marks)
    _adverse(policy, marks)


def _kinds(policy: Policy, marks: Marks) -> None:
    for row in policy.classes:
        for field, text in law.widenings(row) if row.kind in law.KINDS else []:
            fault = f"recipient class `{row.id}` claims `{field}` beyond the law: {text}"
            marks.at("recipient class", row.id, _CODE, fault, f"drop it from `{field}`, or correct `kind`")


def _agencies(policy: Policy, marks: Marks) -> None:
    classes = {row.id: row for row in policy.classes}
    for row in policy.agencies:
        klass = classes.get(row.recipient_class)
        if klass is not None and row.in_duty == "yes" and not law.bound(row, klass):
            text = f"agency `{row.id}` cannot be within the duty: section 16LA does not bind its kind `{klass.kind}` (rule D-26)"
            marks.at(
                "agency row", f"{row.id} {row.valid_from}", _CODE, text, "drop `in_duty`, or give it another class"
            )


def _duty(policy: Policy, marks: Marks) -> None:
    start = policy.settings.duty_16la_from
    if start and start < law.DUTY_FROM:
        text = f"the duty of section 16LA cannot begin on {start}"
        marks.at("setting", "duty_16la_from", _CODE, text, f"write `{law.DUTY_FROM}` or later, or `open` for never")


def _request(policy: Policy, marks: Marks) -> None:
    for form in policy.forms:
        if form.id == law.REQUEST_FORM and not form.threshold_first:
            text = f"form `{form.id}` asks other agencies without a threshold decision first (R (AB) v Haringey, rule D-11)"
            marks.at("form", form.id, _CODE, text, "add `threshold_first: yes`")


def _criminal(policy: Policy, marks: Marks) -> None:
    forms = {form.id for form in policy.forms if form.criminal}
    classes = {row.id for row in policy.classes if row.criminal}
    for rule in policy.sharing:
        if not mask(policy, rule) & CRIMINAL:
            continue
        if "criminal_offence" not in rule.conditions:
            text = f"sharing rule `{rule.id}` shares offence or victim data without a condition of Article 10"
            marks.at("sharing rule", rule.id, _CODE, text, "add `criminal_offence` to its conditions")
        if not reach(policy, rule)[0] <= forms or not set(rule.to) <= classes:
            text = f"sharing rule `{rule.id}` puts offence or victim data into an ordinary form, or to a class without a route for it"
            marks.at(
                "sharing rule", rule.id, _CODE, text, "keep it to forms and classes with `criminal: yes` (rule S-27)"
            )


def _adverse(policy: Policy, marks: Marks) -> None:
    adverse = {row.id for row in policy.classes if law.kind_of(row).adverse}
    for rule in policy.sharing:
        if adverse & set(rule.to) and "NO_ADVERSE_DECISION" not in rule.obliges:
            text = (
                f"sharing rule `{rule.id}` serves a body that may turn data against the person, and forbids it nothing"
            )
            marks.at("sharing rule", rule.id, _CODE, text, "add `obliges: [NO_ADVERSE_DECISION]` (UK GDPR Article 22A)")
