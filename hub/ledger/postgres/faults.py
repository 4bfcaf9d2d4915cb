"""Faults of PostgreSQL as errors of the hub: what passes, what must stop the process, and what is our own mistake.

Texts hold the SQLSTATE at most: the server's own words may quote values of a row.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from hub.errors import ConfigurationFault, HubError, StoreUnavailable

_PASSING: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresSystemError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)
_STOPPING: Final[dict[type[Exception], tuple[str, str, str]]] = {
    asyncpg.InvalidAuthorizationSpecificationError: (
        "STORE_LOGIN",
        "the database refuses the login",
        "check user and password",
    ),
    asyncpg.InvalidCatalogNameError: (
        "STORE_NO_DATABASE",
        "the database does not exist",
        "create it, or check the name",
    ),
    asyncpg.InsufficientPrivilegeError: ("STORE_RIGHTS", "the login lacks a right on the database", "grant it"),
    asyncpg.UndefinedTableError: ("STORE_NOT_MIGRATED", "the store has no tables yet", "migrate it first"),
}


def translated(error: Exception, *, connection_lost: bool = False) -> HubError | None:
    """Return the hub's error for asyncpg's, or None where it is a mistake of the program.

    connection_lost: the connection is closed, which asyncpg reports like a wrong use of it.
    """
    for kind, (code, text, remedy) in _STOPPING.items():
        if isinstance(error, kind):
            return ConfigurationFault.of(code, text, _place(error), remedy)
    if isinstance(error, _PASSING) or (connection_lost and isinstance(error, asyncpg.InterfaceError)):
        return StoreUnavailable.of("STORE_UNAVAILABLE", "the database does not answer", _place(error))
    return None


def lost() -> StoreUnavailable:
    """Return the error of a call whose connection turned out to be of no more use."""
    return StoreUnavailable.of("STORE_UNAVAILABLE", "the connection to the database was lost", "postgresql")


def wrong_address() -> ConfigurationFault:
    """Return the error of an address that is none."""
    return ConfigurationFault.of("STORE_DSN", "the database address cannot be read", "postgresql", "check the setting")


def closed() -> StoreUnavailable:
    """Return the error of a call that comes after close."""
    return StoreUnavailable.of("STORE_CLOSED", "the store is closed")


# Private functions


def _place(error: Exception) -> str:
    state = getattr(error, "sqlstate", None)
    return f"postgresql {state}" if state else "postgresql"
