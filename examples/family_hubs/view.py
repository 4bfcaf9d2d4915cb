"""What the Family Hubs service keeps: one row for each record, in a SQLite file, idempotent by record id."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Self

from hub.connectors.messages import FilteredRecord, Person

COLUMNS = ("person", "born", "district", "school", "works_with_the_family", "told_by", "case_id", "part")
"""What the table shows, in order."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    record_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL,
    told_by TEXT NOT NULL, issued_at TEXT NOT NULL,
    person TEXT NOT NULL, born TEXT NOT NULL, district TEXT NOT NULL, school TEXT NOT NULL,
    works_with_the_family TEXT NOT NULL
)
"""
_ADD = """
INSERT INTO records VALUES (
    :record_id, :case_id, :part, :parts, :told_by, :issued_at, :person, :born, :district, :school, :works_with_the_family
) ON CONFLICT (record_id) DO NOTHING
"""
# The newest record of a part counts: a ruling or a replay may have brought another one.
_SHOW = """
SELECT person, born, district, school, works_with_the_family, told_by, substr(case_id, 1, 8), part || ' of ' || parts
FROM records WHERE rowid IN (SELECT max(rowid) FROM records GROUP BY case_id, part) ORDER BY case_id, part
"""


class View:
    """The table, in its file; a context manager."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add(self, record: FilteredRecord) -> bool:
        """Store a record and return True; return False when it is there already. Durable when it returns."""
        with self._connection:
            return self._connection.execute(_ADD, _row(record)).rowcount == 1

    def rows(self) -> list[tuple[str, ...]]:
        """Return the newest record of each part as text, in the order of `COLUMNS`."""
        return self._connection.execute(_SHOW).fetchall()


def _row(record: FilteredRecord) -> dict[str, str | int]:
    envelope = record.model_dump(include={"record_id", "case_id", "part", "parts", "issued_at"})
    return {**envelope, "told_by": record.sender, **_person(record.person or Person(person_id=""))}


def _person(person: Person) -> dict[str, str]:
    """Return what the record shows of the person; what it does not show is an empty text."""
    identity, address, education, help_ = person.identity, person.address, person.education, person.early_help
    names = [*identity.given_names, identity.family_name or ""] if identity else []
    involved = help_.agencies_involved if help_ else ()
    return {
        "person": " ".join(names),
        "born": (identity.date_of_birth if identity else None) or "",
        "district": (address.district if address else None) or "",
        "school": (education.school_name or education.school_id if education else None) or "",
        "works_with_the_family": ", ".join(each.agency for each in involved if each.agency),
    }
