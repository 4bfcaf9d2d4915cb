"""Reviews in SQLite. A ruling and its review may arrive in either order: each fills its half of one row."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from hub.ledger.ports import ReviewRow
from hub.ledger.rows import REVIEW_COLUMNS, pack, plain, review_filters, review_row, review_values
from hub.ledger.sqlite.database import Database

_COLUMNS: Final = ", ".join(REVIEW_COLUMNS)
_FILLED: Final = ", ".join(
    f"{name} = excluded.{name}" for name in REVIEW_COLUMNS if name not in ("review_id", "status")
)
_OPEN: Final = f"""
    INSERT INTO reviews ({_COLUMNS}) VALUES ({", ".join("?" * len(REVIEW_COLUMNS))})
    ON CONFLICT (review_id) DO UPDATE SET {_FILLED} WHERE reviews.body IS NULL
"""
_CLOSE: Final = """
    INSERT INTO reviews (review_id, status, ruled_at) VALUES (?, ?, ?)
    ON CONFLICT (review_id) DO UPDATE SET status = excluded.status, ruled_at = excluded.ruled_at
    WHERE reviews.status = 'open'
"""
_GET: Final = f"SELECT {_COLUMNS} FROM reviews WHERE review_id = ? AND body IS NOT NULL"
_LIST: Final = f"""
    SELECT {_COLUMNS} FROM reviews WHERE body IS NOT NULL {{}} ORDER BY due_at, review_id LIMIT ?
"""
_WAITING: Final = "SELECT count(*), coalesce(min(opened_at), '') FROM reviews WHERE status = 'open'"


class SqliteReviews:
    """Meets ReviewStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, rows: Sequence[ReviewRow]) -> None:
        """Add reviews; a known id keeps what it has, and one that was ruled already keeps its ruling."""
        if rows:
            values = [review_values(row) for row in rows]
            await self._database.write_rows(_OPEN, values)

    async def close(self, rulings: Sequence[tuple[str, str, str]]) -> None:
        """Set (review id, status, ruled at); the first ruling stays."""
        if rulings:
            values = [(pack(review), status, plain(ruled_at)) for review, status, ruled_at in rulings]
            await self._database.write_rows(_CLOSE, values)

    async def query(self, status: str = "open", limit: int = 100, council: str = "") -> list[ReviewRow]:
        """Return reviews of a status and a council (empty: all), those due first first."""
        filters = review_filters(status, council)
        return await self._database.read(lambda connection: _query(connection, filters, max(limit, 0)))

    async def get(self, review_id: str) -> ReviewRow | None:
        """Return one review, or None."""
        row = await self._database.read(lambda connection: connection.execute(_GET, (pack(review_id),)).fetchone())
        return None if row is None else review_row(row)

    async def waiting(self) -> tuple[int, str]:
        """Return how many are open and when the oldest was opened."""
        count, oldest = await self._database.read(lambda connection: connection.execute(_WAITING).fetchone())
        return count, oldest


# Private functions


def _query(connection: sqlite3.Connection, filters: Sequence[tuple[str, str]], limit: int) -> list[ReviewRow]:
    sql = _LIST.format("".join(f"AND {condition} ? " for condition, _ in filters))
    return [review_row(row) for row in connection.execute(sql, (*(value for _, value in filters), limit))]
