"""MAIS sharing policies: one JSON object for each sharing rule, as the draft standard's `SharingPolicy` has it (version 0.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hub.councils.paper import parts
from hub.councils.paper.words import categories, classes_of, data_of, groups_of, plain
from hub.policy.model import AgencyRow, Policy, Sharing

_NAMES: Final = "urn:x-information-sharing-hub"
"""Under which names the hub's own identifiers stand; a council that publishes the files puts its own address in."""

_OPEN: Final = "9999-12-31"
"""The standard wants an end date; this one says that there is none."""

_CODES: Final = {
    "gss": "https://statistics.data.gov.uk/id/statistical-geography/",
    "ods": "https://fhir.nhs.uk/Id/ods-organization-code",
}


def sharing_policies(policy: Policy, on: str) -> dict[str, dict[str, Any]]:
    """Return a sharing policy by the id of its rule, with the parties that the register has on a day."""
    return {rule.id: _one(policy, rule, on) for rule in policy.sharing}


# Private functions
# -----------------


def _one(policy: Policy, rule: Sharing, on: str) -> dict[str, Any]:
    start, end = _days(policy, rule)
    name = f"{policy.id}-{policy.version}"
    return {
        "URI": f"{_NAMES}:policy:{name}:sharing:{rule.id}",
        "Identifier": {"value": f"{name}/sharing.{rule.id}", "System": f"{_NAMES}:policies"},
        "Name": rule.title,
        "Contact": _contact(policy),
        "Party": [_party(policy, row) for row in _parties(policy, rule, on)],
        "Data": _data(policy, rule),
        "Purpose": [f"{row.id}: {row.title}" for row in policy.purposes if row.id in rule.purposes],
        "StartDate": start,
        "EndDate": end,
        "PermittedUse": ["odrl:read"],
        "Restrictions": list(_restrictions(policy, rule)),
        "DataRecipientResponsibilities": [*rule.obliges, "ACT_ON_CORRECTION [D-21]", *_kept(policy, rule)],
        "SecurityMeasure": ["ENCRYPTED_IN_TRANSIT [S-19]", "AUTHORISED_ACCESS [S-20]", "DISCLOSURE_RECORD [D-24]"],
        "LegalCompliance": list(_legal(policy, rule)),
    }


def _days(policy: Policy, rule: Sharing) -> tuple[str, str]:
    """Return from when until when a rule may act alone: within the policy, and until the day by which it must be reviewed."""
    start = max(policy.valid_from, rule.valid_from)
    ends = [day for day in (policy.valid_to, rule.valid_to, policy.settings.review_by) if day]
    return start, min(ends, default=_OPEN)


def _contact(policy: Policy) -> str:
    found = next((row for row in policy.contacts if row.id == "data_protection_officer"), None)
    if found is None:
        return policy.controller
    return ", ".join(text for text in (found.title, found.email, found.post) if text)


def _parties(policy: Policy, rule: Sharing, on: str) -> Iterator[AgencyRow]:
    """The agencies that may send a form of the rule, and those that may receive by it."""
    roles = {role for form in policy.forms if not rule.forms or form.id in rule.forms for role in form.sources}
    for row in parts.in_register(policy, on):
        if row.recipient_class in rule.to or roles & set(row.roles):
            yield row


def _party(policy: Policy, row: AgencyRow) -> dict[str, Any]:
    own = {"value": row.id, "system": f"{_NAMES}:register:{policy.council}"}
    codes = [{"value": code, "system": _CODES.get(scheme, f"{_NAMES}:code:{scheme}")} for scheme, code in row.codes]
    return {"Name": row.name, "CatalogueID": [own, *codes]}


def _data(policy: Policy, rule: Sharing) -> list[str]:
    if rule.only:
        return [f"{title} [sharing.{rule.id}]" for title in categories(data_of(policy, rule))]
    return [
        f"{group.title}: {', '.join(categories(group.categories))} [groups.{group.id}]"
        for group in groups_of(policy, rule.groups)
    ]


def _restrictions(policy: Policy, rule: Sharing) -> Iterator[str]:
    yield "odrl:distribute, beyond a limited amount to agencies of the register [S-25]"
    if policy.settings.uk_only:
        yield "TRANSFER_OUTSIDE_UK [settings.uk_only]"
    if not rule.switched:
        yield f"SWITCHED_OFF [sharing.{rule.id}]"
    yield from (f"NEEDS_{need.upper()} [sharing.{rule.id}]" for need in rule.needs)
    if rule.every:
        yield f"ONCE_A_{rule.every.upper()} [sharing.{rule.id}]"
    yield f"RECIPIENTS: {'; '.join(plain(row.title) for row in classes_of(policy, rule.to))} [sharing.{rule.id}]"


def _kept(policy: Policy, rule: Sharing) -> Iterator[str]:
    for row in policy.retention:
        about = (not row.forms or not rule.forms or set(row.forms) & set(rule.forms)) and (
            not row.categories or set(row.categories) & set(data_of(policy, rule))
        )
        if (row.forms or row.categories) and about and row.maximum:
            yield f"KEEP_AT_MOST {row.maximum} [retention.{row.id}]"


def _legal(policy: Policy, rule: Sharing) -> Iterator[str]:
    for basis in (row for row in policy.bases if row.id in rule.bases):
        yield f"UK GDPR Article {basis.article} [bases.{basis.id}]"
        yield from (f"{act} [bases.{basis.id}]" for act in basis.gateway)
    yield from (f"{row.article} [conditions.{row.id}]" for row in policy.conditions if row.id in rule.conditions)
