"""All ports on one PostgreSQL database."""

from __future__ import annotations

from typing import Final

from hub.ledger.migrations import Applied, missing, packaged
from hub.ledger.opened import Opened
from hub.ledger.ports import Stores
from hub.ledger.postgres.database import Connection, Database
from hub.ledger.postgres.evaluation import PostgresEvaluation
from hub.ledger.postgres.events import PostgresEvents
from hub.ledger.postgres.identity import PostgresIdentity
from hub.ledger.postgres.register import PostgresRegister
from hub.ledger.postgres.reviews import PostgresReviews

CONNECTIONS: Final = 4

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('hub migrations'), 0)"
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS migrations (
        version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
_RECORD: Final = "INSERT INTO migrations (version, name, checksum) VALUES ($1, $2, $3)"


async def open_postgres(dsn: str, connections: int = CONNECTIONS) -> Stores:
    """Open the store in the database at `dsn` (`postgresql://user@host/name`); `migrate` gives it its tables.

    connections: the most that this process uses at once. Raises StoreUnavailable when the server does not answer,
    ConfigurationFault when address, login or database are wrong.
    """
    database = Database(dsn, connections)
    await database.open()
    return PostgresStores(database)


class PostgresStores(Opened):
    """Meets Stores."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            PostgresIdentity(database),
            PostgresEvents(database),
            PostgresRegister(database),
            PostgresReviews(database),
            PostgresEvaluation(database),
        )
        self._database = database

    async def migrate(self) -> list[str]:
        """Apply the missing migrations, all or none; return their names. Raises ConfigurationFault (`migrations.missing`)."""
        async with self._database.transaction() as connection:
            return await _migrate(connection)

    async def ping(self) -> None:
        """Return when the server answers; raise StoreUnavailable when it does not, ConfigurationFault without tables."""
        async with self._database.connection() as connection:
            await connection.execute("SELECT max(version) FROM migrations")

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._database.close()


# Private functions


async def _migrate(connection: Connection) -> list[str]:
    await connection.execute(_LOCK)
    await connection.execute(_TABLE)
    records = await connection.fetch("SELECT version, name, checksum FROM migrations")
    due = missing(packaged("postgres"), [Applied(*record) for record in records])
    for migration in due:
        await connection.execute(migration.sql)
        await connection.execute(_RECORD, migration.version, migration.name, migration.checksum)
    return [migration.name for migration in due]
