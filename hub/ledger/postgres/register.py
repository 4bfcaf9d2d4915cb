"""The register of disclosures in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.ledger.ports import RegisterQuery, RegisterRow
from hub.ledger.postgres.database import Database, columns, first_of_each
from hub.ledger.rows import REGISTER_COLUMNS, pack, register_filters, register_row, register_values

_COLUMNS: Final = ", ".join(REGISTER_COLUMNS)
_PUT: Final = f"""
    INSERT INTO register ({_COLUMNS})
    SELECT * FROM unnest(
        $1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::text[]
    ) ON CONFLICT DO NOTHING
"""
_GET: Final = f"SELECT {_COLUMNS} FROM register WHERE disclosure_id = $1"
_COUNTS: Final = "SELECT recipient, decision, count(*) FROM register GROUP BY 1, 2 ORDER BY 1, 2"


class PostgresRegister:
    """Meets RegisterStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, rows: Sequence[RegisterRow]) -> None:
        """Add rows; the first write of a disclosure id stays."""
        if not rows:
            return
        values = first_of_each([register_values(row) for row in rows])
        async with self._database.connection() as connection:
            await connection.execute(_PUT, *columns(values))

    async def query(self, query: RegisterQuery) -> list[RegisterRow]:
        """Return the matching rows, newest received first, then by disclosure id."""
        filters = register_filters(query)
        conditions = " AND ".join(f"{condition} ${number}" for number, (condition, _) in enumerate(filters, 2))
        where = f"WHERE {conditions}" if filters else ""
        sql = f"SELECT {_COLUMNS} FROM register {where} ORDER BY received_at DESC, disclosure_id LIMIT $1"
        async with self._database.connection() as connection:
            records = await connection.fetch(sql, max(query.limit, 0), *(value for _, value in filters))
        return [register_row(record) for record in records]

    async def get(self, disclosure_id: str) -> RegisterRow | None:
        """Return one row, or None."""
        async with self._database.connection() as connection:
            record = await connection.fetchrow(_GET, pack(disclosure_id))
        return None if record is None else register_row(record)

    async def counts(self) -> list[tuple[str, str, int]]:
        """Return (recipient, decision, number of records), ordered; reads the whole register."""
        async with self._database.connection() as connection:
            return [(recipient, decision, count) for recipient, decision, count in await connection.fetch(_COUNTS)]
