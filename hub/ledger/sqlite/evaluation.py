"""What evaluation may see and what it got, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from hub.ledger.ports import Extract, Tally
from hub.ledger.rows import plain
from hub.ledger.sqlite.database import Database
from hub.ledger.tallies import EXTRACT_COLUMNS, Persons, extract_of, extract_values

_COLUMNS: Final = ", ".join(EXTRACT_COLUMNS)
# SQLite sorts on disk what is too much for its cache, so a year of a large register takes no more memory than a day.
_PERSONS: Final = """
    SELECT subject_ref, substr(received_at, 1, 10), form, purpose, recipient, decision,
        coalesce(json_extract(CAST(body AS TEXT), '$.reasons[0]'), ''), count(*)
    FROM register WHERE council = ? AND received_at >= ? AND received_at < ?
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
_KEEP: Final = f"INSERT INTO evaluation_extracts ({_COLUMNS}) VALUES ({', '.join('?' * len(EXTRACT_COLUMNS))})"


class SqliteEvaluation:
    """Meets EvaluationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def persons(self, council: str, since: str, until: str, take: Callable[[Sequence[Tally]], None]) -> None:
        """Call `take` once for each person; on the store's own thread, one call after the other."""
        await self._database.read(lambda connection: _persons(connection, (plain(council), since, until), take))

    async def keep(self, extract: Extract) -> Extract:
        """Keep an extract unless one of its months is covered; return the one that is kept then."""
        return await self._database.write(lambda connection: _keep(connection, extract))

    async def kept(self, council: str, months: Sequence[str]) -> Extract | None:
        """Return the extract that covers the first of these months that is covered, or None."""
        return await self._database.read(lambda connection: _kept(connection, council, months))


# Private functions


def _persons(
    connection: sqlite3.Connection, asked: tuple[str, str, str], take: Callable[[Sequence[Tally]], None]
) -> None:
    persons = Persons(take)
    for row in connection.execute(_PERSONS, asked):
        persons.add(row)
    persons.end()


def _keep(connection: sqlite3.Connection, extract: Extract) -> Extract:
    found = _kept(connection, extract.council, extract.months)
    if found is None:
        connection.executemany(_KEEP, extract_values(extract)).close()
    return found or extract


def _kept(connection: sqlite3.Connection, council: str, months: Sequence[str]) -> Extract | None:
    places = ", ".join("?" * len(months))
    sql = f"SELECT {_COLUMNS} FROM evaluation_extracts WHERE council = ? AND month IN ({places}) ORDER BY month LIMIT 1"
    row = connection.execute(sql, (plain(council), *months)).fetchone()
    return None if row is None else extract_of(row)
