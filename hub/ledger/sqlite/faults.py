"""Faults of SQLite as errors of the hub: what passes, what must stop the process, and what is our own mistake."""

from __future__ import annotations

import sqlite3
from typing import Final

from hub.errors import ConfigurationFault, HubError, StoreUnavailable

_PASSING: Final = {
    sqlite3.SQLITE_BUSY: "the store is locked by another process",
    sqlite3.SQLITE_LOCKED: "the store is locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk does not answer",
    sqlite3.SQLITE_CANTOPEN: "the store's file cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "the store's locks are contended",
    sqlite3.SQLITE_NOMEM: "memory is short",
    sqlite3.SQLITE_INTERRUPT: "the store was interrupted",
}
_STOPPING: Final = {
    sqlite3.SQLITE_READONLY: (
        "STORE_READ_ONLY",
        "the store's file may not be written",
        "check its rights and its disk",
    ),
    sqlite3.SQLITE_PERM: ("STORE_READ_ONLY", "the store's file may not be used", "check its rights"),
    sqlite3.SQLITE_AUTH: ("STORE_READ_ONLY", "the store's file may not be used", "check its rights"),
    sqlite3.SQLITE_NOTADB: ("STORE_NOT_ONE", "the file is not a store", "check the path"),
    sqlite3.SQLITE_CORRUPT: ("STORE_CORRUPT", "the store's file is damaged", "restore it from its backup"),
}


def translated(error: sqlite3.Error, place: str) -> HubError | None:
    """Return the hub's error for SQLite's, or None where it is a mistake of the program. place: the file's name.

    Locked, full, unreadable: StoreUnavailable, tried again. Not writable, damaged, not migrated: ConfigurationFault.
    """
    # The low byte is the primary code; the rest tells variants of it apart.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _PASSING:
        return StoreUnavailable.of("STORE_UNAVAILABLE", _PASSING[code], place)
    if code in _STOPPING:
        name, text, remedy = _STOPPING[code]
        return ConfigurationFault.of(name, text, place, remedy)
    if code == sqlite3.SQLITE_ERROR and str(error).startswith("no such table"):
        return ConfigurationFault.of("STORE_NOT_MIGRATED", "the store has no tables yet", place, "migrate it first")
    return None


def closed() -> StoreUnavailable:
    """Return the error of a call that comes after close."""
    return StoreUnavailable.of("STORE_CLOSED", "the store is closed")
