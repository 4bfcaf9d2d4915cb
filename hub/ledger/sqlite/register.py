"""The register of disclosures in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from hub.ledger.ports import RegisterQuery, RegisterRow
from hub.ledger.rows import REGISTER_COLUMNS, pack, register_filters, register_row, register_values
from hub.ledger.sqlite.database import Database

_COLUMNS: Final = ", ".join(REGISTER_COLUMNS)
_PUT: Final = (
    f"INSERT INTO register ({_COLUMNS}) VALUES ({', '.join('?' * len(REGISTER_COLUMNS))}) ON CONFLICT DO NOTHING"
)
_GET: Final = f"SELECT {_COLUMNS} FROM register WHERE disclosure_id = ?"
_COUNTS: Final = "SELECT recipient, decision, count(*) FROM register GROUP BY 1, 2 ORDER BY 1, 2"


class SqliteRegister:
    """Meets RegisterStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, rows: Sequence[RegisterRow]) -> None:
        """Add rows; the first write of a disclosure id stays."""
        if rows:
            values = [register_values(row) for row in rows]
            await self._database.write_rows(_PUT, values)

    async def query(self, query: RegisterQuery) -> list[RegisterRow]:
        """Return the matching rows, newest received first, then by disclosure id."""
        return await self._database.read(lambda connection: _query(connection, query))

    async def get(self, disclosure_id: str) -> RegisterRow | None:
        """Return one row, or None."""
        row = await self._database.read(lambda connection: connection.execute(_GET, (pack(disclosure_id),)).fetchone())
        return None if row is None else register_row(row)

    async def counts(self) -> list[tuple[str, str, int]]:
        """Return (recipient, decision, number of records), ordered; reads the whole register."""
        return await self._database.read(lambda connection: connection.execute(_COUNTS).fetchall())


# Private functions


def _query(connection: sqlite3.Connection, query: RegisterQuery) -> list[RegisterRow]:
    filters = register_filters(query)
    where = f"WHERE {' AND '.join(f'{condition} ?' for condition, _ in filters)}" if filters else ""
    sql = f"SELECT {_COLUMNS} FROM register {where} ORDER BY received_at DESC, disclosure_id LIMIT ?"
    return [
        register_row(row) for row in connection.execute(sql, (*(value for _, value in filters), max(query.limit, 0)))
    ]
