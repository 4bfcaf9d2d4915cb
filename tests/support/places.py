"""Where a store can live, so that one suite runs on every kind of store."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from hub.ledger.ports import Stores
from hub.ledger.postgres import open_postgres
from hub.ledger.sqlite import open_sqlite


class Place(Protocol):
    """One empty database of some kind. kind: the folder of its migrations."""

    @property
    def kind(self) -> str:
        """The name of the database's migrations."""

    async def open(self) -> Stores:
        """Open the store once more, as another process would."""

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement past the store, and return its rows."""


@dataclass(frozen=True)
class SqlitePlace:
    """A SQLite file."""

    path: Path
    kind: str = "sqlite"

    async def open(self) -> Stores:
        """Open the file."""
        return await open_sqlite(self.path)

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


@dataclass(frozen=True)
class PostgresPlace:
    """A PostgreSQL database."""

    dsn: str
    kind: str = "postgres"

    async def open(self) -> Stores:
        """Connect to the database."""
        return await open_postgres(self.dsn)

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return [tuple(record) for record in await connection.fetch(sql)]
        finally:
            await connection.close()
