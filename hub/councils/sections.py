"""From the sections of a policy file to the frozen types of the model: one small function a section."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hub.councils.reader import Row
from hub.policy.model import (
    AgencyRow,
    Basis,
    Choice,
    Condition,
    Contact,
    Form,
    Group,
    Legislation,
    Override,
    Purpose,
    RecipientClass,
    Retention,
    Right,
    Role,
    Settings,
    Sharing,
)
from hub.policy.vocabulary import CATEGORIES, CONTROL_KINDS, IDENTIFIERS, LIMBS, names_of

BASES: Final = ("duty_16la", "legal_obligation", "public_task", "consent", "contact_permission")
"""The lawful bases that the engine knows how to test."""
CONDITIONS: Final = ("explicit_consent", "health_or_social_care", "safeguarding")
"""The Article 9 conditions that the engine knows how to test."""
_AGREEMENTS: Final = ("none", "contact_permission", "consent")
_NATURES: Final = ("duty", "power", "regard", "guidance")

RowFacts = dict[str, tuple[str, ...]]


def read_settings(top: Row, row_facts: RowFacts) -> tuple[Settings, dict[str, str]]:
    """Return the settings and the reason of each; a setting that is not given keeps the model's default."""
    settings, reasons = Settings(), {}
    for row in top.rows("settings", "setting"):
        match row.name:
            case "duty_16la_from":
                settings = replace(settings, duty_16la_from=row.day("value", required=True))
            case "review_by":
                settings = replace(settings, review_by=row.day("value", required=True))
            case "max_skew_seconds":
                settings = replace(settings, max_skew_seconds=row.number("value", default=settings.max_skew_seconds))
            case "review_hours":
                settings = replace(settings, review_hours=row.number("value", default=settings.review_hours))
            case "uk_only":
                settings = replace(settings, uk_only=row.yes("value", default=True))
            case _:
                row.text("value")
                row.marks.want("setting name", row.name, row.line)
        reasons[row.name] = row.text("reason")
        row_facts[f"settings.{row.name}"] = row.because()
    return settings, reasons


def read_legislation(top: Row) -> tuple[Legislation, ...]:
    """Return the provisions, as printed and as they should be cited; each may itself be cited by its id."""
    found = []
    for row in top.rows("legislation", "Act"):
        row.marks.define("citation", row.name, row.line)
        found.append(
            Legislation(
                id=row.name,
                printed=row.text("printed", required=False),
                corrected=row.text("corrected"),
                nature=row.choice("nature", _NATURES),
                used=row.yes("used"),
                reason=row.text("reason"),
                facts=row.because(),
            )
        )
    return tuple(found)


def read_bases(top: Row, legislation: tuple[Legislation, ...]) -> tuple[Basis, ...]:
    """Return the lawful bases; their gateways are named by the ids of `legislation` and spelt out here."""
    cited = {act.id: act.corrected for act in legislation}
    found = []
    for row in top.rows("bases", "basis"):
        row.marks.want("basis that the hub can test", row.name, row.line)
        gateway = tuple(cited.get(act, act) for act in row.names("gateway", "Act", required=False))
        found.append(Basis(row.name, row.text("article"), gateway, row.because(), row.text("title")))
    return tuple(found)


def read_conditions(top: Row) -> tuple[Condition, ...]:
    """Return the Article 9 conditions."""
    found = []
    for row in top.rows("conditions", "condition"):
        row.marks.want("condition that the hub can test", row.name, row.line)
        found.append(Condition(row.name, row.text("article"), row.text("title"), row.because()))
    return tuple(found)


def read_roles(top: Row) -> tuple[Role, ...]:
    """Return what agencies may send as."""
    return tuple(Role(row.name, row.text("title"), row.because()) for row in top.rows("roles", "role"))


def read_groups(top: Row) -> tuple[Group, ...]:
    """Return the groups of data categories; `shared: no` marks what is collected and not on the shared list."""
    return tuple(
        Group(
            row.name,
            row.text("title"),
            row.words("categories", tuple(CATEGORIES)),
            row.because(),
            shared=row.yes("shared", default=True),
        )
        for row in top.rows("groups", "group")
    )


def read_purposes(top: Row) -> tuple[Purpose, ...]:
    """Return the purposes."""
    return tuple(
        Purpose(
            row.name,
            row.text("title"),
            row.because(),
            safeguarding=row.yes("safeguarding"),
            contact_only=row.yes("contact_only"),
            anonymised_only=row.yes("anonymised_only"),
        )
        for row in top.rows("purposes", "purpose")
    )


def read_forms(top: Row) -> tuple[Form, ...]:
    """Return the forms; `signature_gives: none` is the model's empty agreement."""
    found = []
    for row in top.rows("forms", "form"):
        agreement = row.choice("signature_gives", _AGREEMENTS)
        found.append(
            Form(
                id=row.name,
                title=row.text("title"),
                sources=row.names("sent_by", "role"),
                purposes=row.names("purposes", "purpose"),
                recipients=row.names("goes_to", "recipient class"),
                facts=row.because(),
                agreement="" if agreement == "none" else agreement,
                before_consent=row.yes("before_consent"),
                threshold_first=row.yes("threshold_first"),
            )
        )
    return tuple(found)


def read_classes(top: Row) -> tuple[RecipientClass, ...]:
    """Return the classes of recipients."""
    return tuple(
        RecipientClass(
            id=row.name,
            title=row.text("title"),
            facts=row.because(),
            internal=row.yes("internal"),
            in_duty=row.yes("in_duty"),
            visits_family=row.yes("visits_family"),
            confidential=row.yes("confidential"),
            criminal=row.yes("criminal"),
            identifiers=row.words("identifiers", names_of(IDENTIFIERS), required=False),
            select=row.choice("chosen_by", ("all", "district", "school"), required=False, default="all"),
            vacant=row.yes("vacant"),
        )
        for row in top.rows("recipient_classes", "recipient class")
    )


def read_agencies(top: Row) -> tuple[AgencyRow, ...]:
    """Return the register, every dated row."""
    return tuple(_agency(row) for row in top.dated_rows("agencies", "agency"))


def _agency(row: Row) -> AgencyRow:
    recipient_class = row.text("class", required=False)
    if recipient_class:
        row.marks.want("recipient class", recipient_class, row.line_at("class"))
    successor = row.text("successor", required=False)
    if successor:
        row.marks.want("agency", successor, row.line_at("successor"))
    start, end = row.days()
    agreement_id, agreement_from, agreement_to = _agreement(row)
    return AgencyRow(
        id=row.name,
        name=row.text("name"),
        recipient_class=recipient_class,
        roles=row.names("sends_as", "role", required=not recipient_class),
        valid_from=start,
        valid_to=end,
        facts=row.because(),
        districts=row.names("districts", "district", required=False),
        uk=row.yes("in_uk", default=True),
        agreement_id=agreement_id,
        agreement_from=agreement_from,
        agreement_to=agreement_to,
        in_duty=row.choice("in_duty", ("yes", "no"), required=False),
        successor=successor,
        codes=tuple((name, value) for name, value, _ in row.pairs("codes", required=False)),
    )


def _agreement(row: Row) -> tuple[str, str, str]:
    inner = row.child("agreement", required=False)
    if inner is None:
        return "", "", ""
    start, end = inner.days()
    found = inner.text("id"), start, end
    inner.done()
    return found


def read_sharing(top: Row) -> tuple[Sharing, ...]:
    """Return the sharing rules; `forms: all` is the model's empty list."""
    found = []
    for row in top.rows("sharing", "sharing rule"):
        start, end = row.days(required=False)
        found.append(
            Sharing(
                id=row.name,
                title=row.text("title"),
                purposes=row.names("purposes", "purpose"),
                to=row.names("to", "recipient class"),
                bases=row.names("bases", "basis"),
                groups=row.names("groups", "group", required=False),
                facts=row.because(),
                forms=row.all_or_names("forms", "form"),
                conditions=row.names("conditions", "condition", required=False),
                only=row.words("only", tuple(CATEGORIES), required=False),
                valid_from=start,
                valid_to=end,
            )
        )
    return tuple(found)


def read_controls(top: Row, row_facts: RowFacts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (kind of control message, roles that may send it) for every kind; a kind left out is a fault."""
    found: dict[str, tuple[str, ...]] = {}
    for row in top.rows("controls", "control"):
        row.marks.want("control kind", row.name, row.line)
        found[row.name] = row.names("sent_by", "role")
        row_facts[f"controls.{row.name}"] = row.because()
    if "controls" in top:
        for kind in CONTROL_KINDS:
            if kind not in found:
                top.fault(
                    "MISSING",
                    "controls",
                    f"nothing says who may send the control `{kind}`",
                    f"add `{kind}:` with `sent_by: []`",
                )
    return tuple(found.items())


def read_override(top: Row) -> Override:
    """Return how a bar may be overridden; a file without the section has no override."""
    row = top.child("override")
    if row is None:
        return Override((), "either", (), ())
    override = Override(
        limbs=row.words("limbs", LIMBS),
        connective=row.choice("connective", ("either", "both"), default="both"),
        roles=row.names("asserted_by", "role"),
        facts=row.because(),
        inform=row.yes("inform", default=True),
        inform_days=row.number("inform_days", default=10),
        reason=row.text("reason"),
    )
    row.done()
    return override


def read_retention(top: Row) -> tuple[Retention, ...]:
    """Return how long records are kept; `unknown` is kept as unknown, never as zero."""
    return tuple(
        Retention(
            row.text("what"), row.text("starts"), row.span("minimum"), row.span("maximum"), row.because(), id=row.name
        )
        for row in top.rows("retention", "retention rule")
    )


def read_rights(top: Row) -> tuple[Right, ...]:
    """Return the subject's rights and their clocks."""
    return tuple(
        Right(row.name, row.text("title"), row.span("within"), row.span("extension"), row.because())
        for row in top.rows("rights", "right")
    )


def read_contacts(top: Row) -> tuple[Contact, ...]:
    """Return whom to write to, by role."""
    return tuple(
        Contact(
            row.name,
            row.text("title"),
            row.text("email", required=False),
            row.text("post", required=False),
            row.because(),
        )
        for row in top.rows("contacts", "contact")
    )


def read_choices(top: Row) -> tuple[Choice, ...]:
    """Return how the file settles what the notice leaves open."""
    return tuple(
        Choice(row.name, row.text("question"), row.text("answer"), row.text("reason"), row.because())
        for row in top.rows("choices", "choice", required=False)
    )
