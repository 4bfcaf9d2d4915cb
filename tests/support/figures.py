"""A register of invented decisions for tests of what evaluation gets: many people, and rows that are known to the digit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from hub.ledger.ports import RegisterRow, Tally
from hub.ledger.sqlite import open_sqlite

COUNCIL = "lancashire"
MONTH = "2024-05"
CANARY = "Canaryname"
"""Stands in every text of a row that a sender or the hub's ids may fill; it must never come out."""

# form, purpose, recipient, decision, first reason, day, how many people
_PLAN = (
    ("request_for_support", "early_help", "barnardos", "PERMIT", "", "03", 61),
    ("request_for_support", "early_help", "barnardos", "DENY", "CONSENT_MISSING", "04", 24),
    ("request_for_support", "early_help", "example-primary-school", "REVIEW", "SCHOOL_UNKNOWN", "05", 22),
    ("early_help_assessment", "early_help", "example-primary-school", "PERMIT", "", "06", 33),
    ("early_help_assessment", "early_help", "barnardos", "DENY", "CONSENT_ENDED", "07", 17),
    ("early_help_assessment", "early_help", "barnardos", "REVIEW", "OBJECTED", "08", 13),
    ("registration", "contact", "barnardos", "PERMIT", "", "31", 34),
    ("registration", "contact", "barnardos", "DENY", "CONTACT_MISSING", "31", 3),
    (f"{CANARY} form", f"{CANARY} purpose", f"{CANARY}-agency", "DENY", f"{CANARY}_REASON", "12", 2),
)


def register(month: str = MONTH, council: str = COUNCIL, first: int = 0) -> list[RegisterRow]:
    """Return the rows of one month and council. first: the number of the first person; nobody is in two rows of the plan."""
    rows, person = [], first
    for form, purpose, recipient, decision, reason, day, people in _PLAN:
        for _ in range(people):
            person += 1
            # Every third person is decided about twice in the same way.
            for turn in range(1 + (person % 3 == 0)):
                at = f"{month}-{day}T0{turn}:00:00.000Z"
                rows.append(_row(council, person, turn, at, (form, purpose, recipient, decision, reason)))
    return rows


def tallies(rows: list[RegisterRow]) -> Iterator[list[Tally]]:
    """Yield the tallies of each person, counted in the plainest way."""

    def key(row: RegisterRow) -> tuple[str, Tally]:
        reasons = json.loads(row.body)["reasons"]
        tally = Tally(
            row.received_at[:10], row.form, row.purpose, row.recipient, row.decision, reasons[0] if reasons else "", 1
        )
        return row.subject_ref, tally

    for _, keys in groupby(sorted(map(key, rows), key=repr), lambda found: found[0]):
        yield [tally for _, tally in keys]


def put(folder: Path, rows: list[RegisterRow]) -> None:
    """Put rows into the SQLite register of a data folder, which is made where there is none."""

    async def work() -> None:
        stores = await open_sqlite(folder / "hub.sqlite")
        await stores.migrate()
        await stores.register.put(rows)
        await stores.close()

    folder.mkdir(exist_ok=True)
    asyncio.run(work())


def _row(council: str, person: int, turn: int, at: str, what: tuple[str, str, str, str, str]) -> RegisterRow:
    form, purpose, recipient, decision, reason = what
    number = f"{council}{at}{person}".encode().hex().zfill(32)[-32:]
    return RegisterRow(
        disclosure_id=f"{turn}{number[1:]}{len(council):04}",
        disclosures_id=number,
        subject_ref=f"{council[:2]}{person:030}",
        message_id=f"{CANARY} message {person}",
        council=council,
        agency=f"{CANARY}-sender",
        recipient=recipient,
        decision=decision,
        form=form,
        purpose=purpose,
        received_at=at,
        record_id="",
        review_id="",
        body=json.dumps({"reasons": [reason] if reason else [], "ruled_by": CANARY}).encode(),
    )
