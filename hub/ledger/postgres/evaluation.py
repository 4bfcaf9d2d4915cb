"""What evaluation may see and what it got, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hub.ledger.ports import Extract, Tally
from hub.ledger.postgres.database import Connection, Database, columns
from hub.ledger.rows import plain
from hub.ledger.tallies import EXTRACT_COLUMNS, Persons, extract_of, extract_values

_COLUMNS: Final = ", ".join(EXTRACT_COLUMNS)
_PERSONS: Final = """
    SELECT subject_ref, substr(received_at, 1, 10), form, purpose, recipient, decision,
        coalesce(convert_from(body, 'UTF8')::jsonb -> 'reasons' ->> 0, ''), count(*)
    FROM register WHERE council = $1 AND received_at >= $2 AND received_at < $3
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
_KEEP: Final = f"""
    INSERT INTO evaluation_extracts ({_COLUMNS}) SELECT * FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[]
    )
"""
_KEPT: Final = f"""
    SELECT {_COLUMNS} FROM evaluation_extracts WHERE council = $1 AND month = ANY($2::text[]) ORDER BY month LIMIT 1
"""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('hub evaluation'), hashtext($1))"
_BATCH: Final = 5_000
"""Rows that are fetched at once."""


class PostgresEvaluation:
    """Meets EvaluationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def persons(self, council: str, since: str, until: str, take: Callable[[Sequence[Tally]], None]) -> None:
        """Call `take` once for each person; one statement, so all of it is one state of the register."""
        persons = Persons(take)
        async with self._database.transaction() as connection:
            async for row in connection.cursor(_PERSONS, plain(council), since, until, prefetch=_BATCH):
                persons.add(row)
        persons.end()

    async def keep(self, extract: Extract) -> Extract:
        """Keep an extract unless one of its months is covered; return the one that is kept then."""
        async with self._database.transaction() as connection:
            # Two at once would both find nothing; the lock ends with the transaction.
            await connection.execute(_LOCK, plain(extract.council))
            found = await _kept(connection, extract.council, extract.months)
            if found is None:
                await connection.execute(_KEEP, *columns(extract_values(extract)))
        return found or extract

    async def kept(self, council: str, months: Sequence[str]) -> Extract | None:
        """Return the extract that covers the first of these months that is covered, or None."""
        async with self._database.connection() as connection:
            return await _kept(connection, council, months)


# Private functions


async def _kept(connection: Connection, council: str, months: Sequence[str]) -> Extract | None:
    record = await connection.fetchrow(_KEPT, plain(council), list(months))
    return None if record is None else extract_of(record)
