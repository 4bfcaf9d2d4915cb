"""A pool of connections to one PostgreSQL database, with time limits, so that nothing waits for ever on a lost peer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from hub.ledger.postgres.faults import closed, lost, translated, wrong_address

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

_WAIT_SECONDS: Final = 10.0
_COMMAND_SECONDS: Final = 60.0
_SESSION: Final = {
    "application_name": "hub",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
    "synchronous_commit": "on",
}


class Database:
    """Lends connections; every fault of the server leaves it as an error of the hub."""

    def __init__(self, dsn: str, connections: int) -> None:
        self._dsn = dsn
        self._connections = connections
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Connect. Raises StoreUnavailable, or ConfigurationFault when address, login or database are wrong."""
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._connections,
                timeout=_WAIT_SECONDS,
                command_timeout=_COMMAND_SECONDS,
                server_settings=_SESSION,
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
            fault = wrong_address() if isinstance(error, ValueError) else translated(error)
            if fault is None:
                raise
            # The cause may quote the address, and with it the password.
            raise fault from None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection; each statement is its own transaction."""
        if self._pool is None:
            raise closed()
        try:
            async with self._pool.acquire(timeout=_WAIT_SECONDS) as connection, _watched(connection):
                yield connection
        except asyncpg.InternalClientError as error:
            # As in `_watched`, met when the connection is given back: the pool resets it, and it is ending just then.
            raise lost() from error
        except (asyncpg.PostgresError, OSError) as error:
            fault = translated(error)
            if fault is None:
                raise
            raise fault from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction; an error undoes all that was done in it."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()


def first_of_each(rows: Sequence[tuple[Any, ...]], width: int = 1) -> list[tuple[Any, ...]]:
    """Return the first row of each key, ordered by key. width: how many columns from the left are the key.

    Written in that order, two workers that write the same keys never wait for each other in a ring.
    """
    first = {row[:width]: row for row in reversed(rows)}
    return [first[key] for key in sorted(first)]


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Return rows turned into one list per column, as `unnest` takes them. There is at least one row."""
    return [list(column) for column in zip(*rows, strict=True)]


# Private functions


@asynccontextmanager
async def _watched(connection: Connection) -> AsyncIterator[None]:
    """Tell a lost connection from a wrong use of one; only known while the connection is still lent."""
    try:
        yield
    except asyncpg.InternalClientError as error:
        # Seen with asyncpg 0.32: a server that ends an idle connection leaves it in a state that fits no call.
        connection.terminate()
        raise lost() from error
    except asyncpg.OperatorInterventionError:
        # The server is ending this connection: it must not be lent again.
        connection.terminate()
        raise
    except asyncpg.InterfaceError as error:
        fault = translated(error, connection_lost=_is_lost(connection))
        if fault is None:
            raise
        raise fault from error


def _is_lost(connection: Connection) -> bool:
    """Say whether a lent connection has gone; one that the pool took back under its borrower has gone, too."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
