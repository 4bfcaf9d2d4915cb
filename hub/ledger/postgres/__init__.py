"""The store in a PostgreSQL database: for one machine with several workers, and for many machines."""

from __future__ import annotations

from hub.ledger.postgres.stores import open_postgres

__all__ = ["open_postgres"]
