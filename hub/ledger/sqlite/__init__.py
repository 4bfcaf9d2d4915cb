"""The store in one SQLite file: for the embedded size, durable, shared by the processes of one machine."""

from __future__ import annotations

from hub.ledger.sqlite.stores import open_sqlite

__all__ = ["open_sqlite"]
