"""Reviews in PostgreSQL. A ruling and its review may arrive in either order: each fills its half of one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hub.ledger.ports import ReviewRow
from hub.ledger.postgres.database import Database, columns, first_of_each
from hub.ledger.rows import REVIEW_COLUMNS, pack, plain, review_filters, review_row, review_values

_COLUMNS: Final = ", ".join(REVIEW_COLUMNS)
_FILLED: Final = ", ".join(
    f"{name} = excluded.{name}" for name in REVIEW_COLUMNS if name not in ("review_id", "status")
)
_OPEN: Final = f"""
    INSERT INTO reviews ({_COLUMNS})
    SELECT * FROM unnest(
        $1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::text[],
        $9::integer[], $10::bigint[], $11::bytea[], $12::text[]
    )
    ON CONFLICT (review_id) DO UPDATE SET {_FILLED} WHERE reviews.body IS NULL
"""
_CLOSE: Final = """
    INSERT INTO reviews (review_id, status, ruled_at)
    SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[])
    ON CONFLICT (review_id) DO UPDATE SET status = excluded.status, ruled_at = excluded.ruled_at
    WHERE reviews.status = 'open'
"""
_GET: Final = f"SELECT {_COLUMNS} FROM reviews WHERE review_id = $1 AND body IS NOT NULL"
_LIST: Final = f"""
    SELECT {_COLUMNS} FROM reviews WHERE body IS NOT NULL {{}} ORDER BY due_at, review_id LIMIT $1
"""
_WAITING: Final = "SELECT count(*), coalesce(min(opened_at), '') FROM reviews WHERE status = 'open'"


class PostgresReviews:
    """Meets ReviewStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, rows: Sequence[ReviewRow]) -> None:
        """Add reviews; a known id keeps what it has, and one that was ruled already keeps its ruling."""
        if rows:
            await self._write(_OPEN, [review_values(row) for row in rows])

    async def close(self, rulings: Sequence[tuple[str, str, str]]) -> None:
        """Set (review id, status, ruled at); the first ruling stays."""
        if rulings:
            await self._write(_CLOSE, [(pack(review), status, plain(ruled_at)) for review, status, ruled_at in rulings])

    async def query(self, status: str = "open", limit: int = 100, council: str = "") -> list[ReviewRow]:
        """Return reviews of a status and a council (empty: all), those due first first."""
        filters = review_filters(status, council)
        sql = _LIST.format("".join(f"AND {condition} ${number} " for number, (condition, _) in enumerate(filters, 2)))
        async with self._database.connection() as connection:
            records = await connection.fetch(sql, max(limit, 0), *(value for _, value in filters))
        return [review_row(record) for record in records]

    async def get(self, review_id: str) -> ReviewRow | None:
        """Return one review, or None."""
        async with self._database.connection() as connection:
            record = await connection.fetchrow(_GET, pack(review_id))
        return None if record is None else review_row(record)

    async def waiting(self) -> tuple[int, str]:
        """Return how many are open and when the oldest was opened."""
        async with self._database.connection() as connection:
            record = await connection.fetchrow(_WAITING)
        count, oldest = record if record is not None else (0, "")
        return count, oldest

    async def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        async with self._database.connection() as connection:
            await connection.execute(sql, *columns(first_of_each(rows)))
