"""One SQLite connection on one thread of its own, so that the event loop never waits for the disk.

Jobs run one after the other, each in one transaction. A writing job takes the write lock at once (`BEGIN IMMEDIATE`), so
that it never starts on what another process is about to change.

INVARIANT: a job returns no cursor and keeps none in a local name. Freed on another thread (as a result, or in a traceback),
a cursor resets its statement while this thread may be running it again.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from hub.errors import ConfigurationFault, StoreUnavailable
from hub.ledger.sqlite.faults import closed, translated

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

# Farther apart, a checkpoint holds one commit up for 0.2 s; nearer, there are many: 5 % slower at most (docs/store.md).
_WAL_PAGES: Final = 4_000
_CACHE_KIB: Final = 32_768
_RETRY_SECONDS: Final = 0.02


class Database:
    """Runs jobs against one SQLite file; every fault of the file leaves it as an error of the hub."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub-sqlite")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def open(self) -> None:
        """Connect, making an empty file (rights 0600) where there is none. Raises ConfigurationFault, StoreUnavailable."""
        try:
            self._connection = await self._on_thread(self._connect)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    async def read(self, job: Job[T]) -> T:
        """Return what the job returns; it sees one state of the store throughout."""
        return await self._transact("BEGIN", job)

    async def write(self, job: Job[T]) -> T:
        """Return what the job returns, when all it wrote is on the disk; if it raises, nothing is."""
        return await self._transact("BEGIN IMMEDIATE", job)

    async def write_rows(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run one statement for each row, in one transaction."""
        await self.write(lambda connection: connection.executemany(sql, rows).close())

    async def close(self) -> None:
        """Close after the jobs that were asked for before; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self._connection is not None:
            await self._on_thread(self._connection.close)
        self._thread.shutdown(wait=False)

    async def _transact(self, begin: str, job: Job[T]) -> T:
        if self._closed or self._connection is None:
            raise closed()
        connection = self._connection
        return await self._on_thread(lambda: _transaction(connection, begin, job))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            fault = translated(error, self._path.name)
            if fault is None:
                raise
            raise fault from error

    def _connect(self) -> sqlite3.Connection:
        _make_file(self._path)
        connection = sqlite3.connect(self._path, timeout=self._busy_seconds, isolation_level=None)
        try:
            _tune(connection, self._path.name, self._busy_seconds)
        except BaseException:
            connection.close()
            raise
        return connection


# Private functions


def _transaction(connection: sqlite3.Connection, begin: str, job: Job[T]) -> T:
    connection.execute(begin)
    try:
        result = job(connection)
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some faults (disk full, for one).
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _make_file(path: Path) -> None:
    """Make the file with tight rights if it is absent. An existing one is not touched: closing it would drop locks."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.is_dir():
            raise _no_place(path) from None
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise _no_place(path) from error
    except OSError as error:
        raise StoreUnavailable.of("STORE_PATH", "the store's file cannot be made now", path.name) from error


def _no_place(path: Path) -> ConfigurationFault:
    return ConfigurationFault.of(
        "STORE_PATH", "no store can be there", path.name, "check the data folder and its rights"
    )


def _tune(connection: sqlite3.Connection, place: str, busy_seconds: float) -> None:
    """Set what was measured to pay (stack section 5): write-ahead log, few checkpoints; durable at each commit."""
    if _write_ahead(connection, time.monotonic() + busy_seconds) != "wal":
        raise ConfigurationFault.of(
            "STORE_NO_WAL", "the store's folder cannot hold a write-ahead log", place, "use a folder on a local disk"
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _write_ahead(connection: sqlite3.Connection, deadline: float) -> str:
    """Switch to the write-ahead log and return the mode that holds now.

    Processes that open a new file together may all try; SQLite lets one do it and does not make the others wait.
    """
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_RETRY_SECONDS)
