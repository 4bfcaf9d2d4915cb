"""What a consumer has handled already, so that a record that comes twice is handed out once.

The hub delivers each record at least once. `SeenInMemory` drops repeats while the process runs, `SeenFile` over restarts
too. Neither can close the gap between what the developer's own code did with a record and the note that it is done: a crash
in that gap hands the record out again, so the place where it ends up must be idempotent by `record_id`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from hub.errors import StoreUnavailable

T = TypeVar("T")

REMEMBERED: Final = 100_000
"""Ids that `SeenInMemory` keeps; about 15 MB."""

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS seen (grp TEXT, id TEXT, PRIMARY KEY (grp, id)) WITHOUT ROWID"
_WAIT_SECONDS: Final = 5.0


class Seen(Protocol):
    """Ids of what a consumer group has handled."""

    async def has(self, group: str, record_id: str) -> bool:
        """Return whether the group has handled it. Raises StoreUnavailable."""

    async def add(self, group: str, record_id: str) -> None:
        """Note that the group has handled it; noting it twice changes nothing. Raises StoreUnavailable."""

    async def close(self) -> None:
        """Give up files and connections; the client calls it when it ends. A later call opens them again."""


class SeenInMemory:
    """Remembers the newest ids, as long as the process runs."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._ids: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def has(self, group: str, record_id: str) -> bool:
        """Return whether it is among the newest ids."""
        return (group, record_id) in self._ids

    async def add(self, group: str, record_id: str) -> None:
        """Note it, and forget the oldest beyond the limit."""
        self._ids[group, record_id] = None
        self._ids.move_to_end((group, record_id))
        if len(self._ids) > self._limit:
            self._ids.popitem(last=False)

    async def close(self) -> None:
        """Nothing to give up."""


class SeenFile:
    """Remembers every id in a SQLite file, over restarts; about 80 bytes each. The ids say nothing about a person.

    Several processes may use one file. After a power cut the last few ids may be missing, which hands those records out again.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._connection: sqlite3.Connection | None = None
        self._turn = asyncio.Lock()

    async def has(self, group: str, record_id: str) -> bool:
        """Return whether it is in the file. Raises StoreUnavailable."""
        query = "SELECT 1 FROM seen WHERE grp = ? AND id = ?"
        return await self._do(lambda rows: rows.execute(query, (group, record_id)).fetchone() is not None)

    async def add(self, group: str, record_id: str) -> None:
        """Write it to the file. Raises StoreUnavailable."""
        statement = "INSERT OR IGNORE INTO seen (grp, id) VALUES (?, ?)"
        await self._do(lambda rows: rows.execute(statement, (group, record_id)))

    async def close(self) -> None:
        """Close the file."""
        async with self._turn:
            connection, self._connection = self._connection, None
            if connection is not None:
                await asyncio.to_thread(connection.close)

    # Private functions
    # -----------------

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run in a thread, one at a time, so that a slow disk never holds up the event loop."""
        async with self._turn:
            return await asyncio.to_thread(self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = _open(self._path)
            return work(self._connection)
        except sqlite3.Error as error:
            text = f"the file of handled records cannot be used ({type(error).__name__})"
            raise StoreUnavailable.of(
                "SEEN_UNAVAILABLE", text, str(self._path), "check the folder and its rights"
            ) from error


# Private functions
# -----------------


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
