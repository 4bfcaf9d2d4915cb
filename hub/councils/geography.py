"""What must hold for the districts: where a class is chosen by district, each has exactly one agency on every day."""

from __future__ import annotations

from collections.abc import Sequence

from hub.councils.dates import turning_days
from hub.councils.marks import Marks
from hub.policy.model import AgencyRow, Policy, RecipientClass
from hub.policy.snapshot import in_force


def check_geography(policy: Policy, marks: Marks) -> None:
    """Note every district that a class chosen by district serves twice, or not at all, with the first day of it."""
    for row in policy.classes:
        if row.select == "district" and not policy.districts:
            text = f"recipient class `{row.id}` is chosen by district, but the file names no districts"
            marks.at("recipient class", row.id, "MISSING", text, "add the section `districts`")
        elif row.select == "district":
            _one_agency_each(policy, row, marks)


def _one_agency_each(policy: Policy, row: RecipientClass, marks: Marks) -> None:
    rows = [agency for agency in policy.agencies if agency.recipient_class == row.id]
    told: set[tuple[str, bool]] = set()
    for day in turning_days(policy, rows):
        for code, name in policy.districts:
            here = [a for a in rows if code in a.districts or not a.districts]
            serving = [a for a in here if in_force(a.valid_from, a.valid_to, day)]
            if len(serving) == 1 or (code, bool(serving)) in told:
                continue
            told.add((code, bool(serving)))
            _tell(row, f"`{code}` ({name})", day, serving, marks)


def _tell(row: RecipientClass, district: str, day: str, serving: Sequence[AgencyRow], marks: Marks) -> None:
    if not serving:
        text = f"district {district} has no agency of recipient class `{row.id}` on {day}"
        marks.at("recipient class", row.id, "DISTRICT_NONE", text, "give it one")
        return
    names = " and ".join(f"`{agency.id}`" for agency in serving)
    lines = [marks.line_of("agency row", f"{agency.id} {agency.valid_from}") for agency in serving]
    text = f"district {district} is served twice by recipient class `{row.id}` on {day}, by {names}"
    marks.fault("DISTRICT_TWICE", max(lines), text, "take it from one of them")
