"""All ports on one SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hub.ledger.migrations import Applied, Migration, missing, packaged
from hub.ledger.opened import Opened
from hub.ledger.ports import Stores
from hub.ledger.sqlite.database import Database
from hub.ledger.sqlite.evaluation import SqliteEvaluation
from hub.ledger.sqlite.events import SqliteEvents
from hub.ledger.sqlite.identity import SqliteIdentity
from hub.ledger.sqlite.register import SqliteRegister
from hub.ledger.sqlite.reviews import SqliteReviews

BUSY_SECONDS = 10.0


async def open_sqlite(path: Path | str, busy_seconds: float = BUSY_SECONDS) -> Stores:
    """Open the store in a file, which is made (rights 0600) where there is none; `migrate` gives it its tables.

    busy_seconds: how long a write waits for another process's before it raises StoreUnavailable. Raises
    ConfigurationFault when the path cannot be a store, StoreUnavailable when the disk does not answer.
    """
    database = Database(Path(path), busy_seconds)
    await database.open()
    return SqliteStores(database)


class SqliteStores(Opened):
    """Meets Stores."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            SqliteIdentity(database),
            SqliteEvents(database),
            SqliteRegister(database),
            SqliteReviews(database),
            SqliteEvaluation(database),
        )
        self._database = database

    async def migrate(self) -> list[str]:
        """Apply the missing migrations, all or none; return their names. Raises ConfigurationFault (`migrations.missing`)."""
        return await self._database.write(_migrate)

    async def ping(self) -> None:
        """Return when the file answers; raise StoreUnavailable when it does not, ConfigurationFault without tables."""
        await self._database.read(
            lambda connection: connection.execute("SELECT max(version) FROM migrations").fetchone()
        )

    async def close(self) -> None:
        """Close the connection; safe to call twice."""
        await self._database.close()


# Private functions


def _migrate(connection: sqlite3.Connection) -> list[str]:
    connection.execute("""
        CREATE TABLE IF NOT EXISTS migrations (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL
        )
    """)
    rows = connection.execute("SELECT version, name, checksum FROM migrations").fetchall()
    due = missing(packaged("sqlite"), [Applied(*row) for row in rows])
    for migration in due:
        _apply(connection, migration)
    return [migration.name for migration in due]


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in _statements(migration.sql):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO migrations VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
        (migration.version, migration.name, migration.checksum),
    )


def _statements(sql: str) -> list[str]:
    """Return the statements one by one: running them as one script would end the transaction they belong to."""
    statements, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
