"""The terms of a sharing rule as an agreement states them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from hub.councils.paper import grounds
from hub.councils.paper.model import Because, Table, TableRow
from hub.councils.paper.words import CARE, categories, classes_of, data_of, day, groups_of, listed, plain, source
from hub.policy.model import Policy, Sharing
from hub.policy.snapshot import in_force

_NEEDS: Final = {
    "consent": "the person's recorded consent",
    "informed": "that the person was told of sharing with this recipient for this purpose",
    "informed_or_consent": "that the person was told of it, or has consented",
    "service_agreement": "that the family agreed to take part",
    "service_not_declined": "that the family has neither declined the service nor withdrawn from it",
    "stated_reason": "a reason, stated in the message, why the recipient needs it",
    "grant": "an access grant to this recipient that is in force",
}
DUTY_TERMS: Final = {
    "ASK_CONSENT": "ask for consent as soon as possible",
    "INFORM_SUBJECT": "inform the person",
    "NO_DETRIMENT": "let no support, service or benefit suffer by it",
    "NO_ADVERSE_DECISION": "take no decision against the person on this alone",
}
"""What a rule lays on those who share and receive, as an agreement says it."""


def terms(policy: Policy, rule: Sharing, on: str) -> Table:
    """Return the terms of a rule as they stand on a day, each with the rows of the policy that it comes from."""
    own = source("sharing", rule.id, rule.facts)
    rows = [
        (
            "To",
            "\n".join(plain(row.title) for row in classes_of(policy, rule.to)),
            _rows_of("recipient_classes", policy.classes, rule.to),
        ),
        (
            "For",
            "\n".join(row.title for row in policy.purposes if row.id in rule.purposes),
            _rows_of("purposes", policy.purposes, rule.purposes),
        ),
        ("From", _forms(policy, rule), _rows_of("forms", policy.forms, rule.forms)),
        ("Data", _data(policy, rule), _rows_of("groups", policy.groups, () if rule.only else rule.groups)),
        ("Basis", "\n".join(grounds.gateways(policy, rule)), _rows_of("bases", policy.bases, rule.bases)),
        ("Condition", _conditions(policy, rule), _rows_of("conditions", policy.conditions, rule.conditions)),
        ("Needs", "\n".join(_NEEDS[name] for name in rule.needs), ()),
        ("Duties", "\n".join(DUTY_TERMS[name] for name in rule.obliges), ()),
        ("Limits", "\n".join(_limits(policy, rule, on)), ()),
    ]
    found = tuple(TableRow((name, text), (own, *because)) for name, text, because in rows if text)
    return Table(f"Rule sharing.{rule.id}", ("What", "Terms"), found)


# Private functions
# -----------------


class _Row(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def facts(self) -> tuple[str, ...]: ...


def _rows_of(section: str, rows: Sequence[_Row], names: tuple[str, ...]) -> tuple[Because, ...]:
    return tuple(source(section, row.id, row.facts) for row in rows if row.id in names)


def _forms(policy: Policy, rule: Sharing) -> str:
    return (
        "\n".join(row.title for row in policy.forms if row.id in rule.forms)
        if rule.forms
        else "every form that states the purpose"
    )


def _data(policy: Policy, rule: Sharing) -> str:
    if rule.only:
        return f"only: {', '.join(categories(data_of(policy, rule)))}"
    return "\n".join(group.title for group in groups_of(policy, rule.groups))


def _conditions(policy: Policy, rule: Sharing) -> str:
    return (
        "\n".join(f"{row.title}, {row.article}" for row in policy.conditions if row.id in rule.conditions)
        or "none: no such data goes"
    )


def _limits(policy: Policy, rule: Sharing, on: str) -> Iterator[str]:
    if not rule.switched:
        yield "switched off: the notice states it, and the council has not switched it on"
    if rule.valid_from or rule.valid_to:
        live = "" if in_force(rule.valid_from, rule.valid_to, on) else "; not in force on the day of this page"
        yield f"from {day(rule.valid_from, 'the start')} to {day(rule.valid_to)}{live}"
    if rule.every:
        yield "at most once in a calendar month for a person, recipient and purpose"
    if rule.override == "law":
        yield "of the grounds for an override, the law's word alone"
    forms = [row for row in policy.forms if row.id in rule.forms]
    if forms and all(row.about_only for row in forms):
        yield f"only for {listed((CARE[status] for row in forms for status in row.about_only), 'or')}"
    if any(row.threshold_first for row in forms):
        yield "a question to another agency waits for a threshold decision, unless there is consent or a duty"
    if any(row.before_consent for row in forms):
        yield "what comes before consent goes no further than this"
