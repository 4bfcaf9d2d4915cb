"""The register and its rules: classes of recipients, agencies with their dated rows, and who may get what."""

from __future__ import annotations

from hub.councils.reader import Row
from hub.policy.law import KINDS
from hub.policy.model import AgencyRow, RecipientClass, Sharing
from hub.policy.vocabulary import CATEGORIES, IDENTIFIERS, NEEDS, OBLIGATIONS, names_of


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
            select=row.choice("chosen_by", ("all", "district", "school", "involved"), required=False, default="all"),
            vacant=row.yes("vacant"),
            kind=row.choice("kind", tuple(KINDS)),
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
    row.marks.define("agency row", f"{row.name} {start}", row.line)
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
        codes=tuple(sorted((name, value) for name, value, _ in row.pairs("codes", required=False))),
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
                needs=row.words("needs", NEEDS, required=False),
                every=row.choice("every", ("month",), required=False),
                switched=row.choice("switched", ("on", "off"), required=False, default="on") == "on",
                obliges=row.words("obliges", OBLIGATIONS, required=False),
                override=row.choice("override", ("any", "law"), required=False, default="any"),
            )
        )
    return tuple(found)
