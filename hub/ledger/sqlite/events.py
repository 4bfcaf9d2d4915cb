"""Facts as of an offset in SQLite: where each subject message was first seen, and what the facts became at each event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from hub.ledger.ports import Position, SubjectEvent
from hub.ledger.rows import pack, plain
from hub.ledger.sqlite.database import Database

_LOG: Final = "SELECT log_seq FROM logs WHERE log_id = ?"
_SEE: Final = "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_SEEN: Final = """
    SELECT log_id, log_partition, log_offset FROM seen JOIN logs USING (log_seq) WHERE subject_message_id = ?
"""
_BEFORE: Final = """
    SELECT facts_after FROM subject_events
    WHERE subject_ref = ? AND (log_seq, log_partition, log_offset) < (?, ?, ?)
    ORDER BY log_seq DESC, log_partition DESC, log_offset DESC LIMIT 1
"""
_APPEND: Final = "INSERT INTO subject_events VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_UNSEEN_LOG: Final = 2**31 - 1


class SqliteEvents:
    """Meets SubjectEventStore; one index seek for each ask, however long the subject's history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first_seen(self, ids: Sequence[tuple[str, Position]]) -> list[Position]:
        """Record each id unless it is known; return where each was first seen."""
        return await self._database.write(lambda connection: _first_seen(connection, ids)) if ids else []

    async def facts_before(self, asks: Sequence[tuple[str, Position]]) -> list[bytes | None]:
        """Return the facts before each position; a log never seen before comes after all that were."""
        return await self._database.read(lambda connection: _facts_before(connection, asks)) if asks else []

    async def append(self, events: Sequence[SubjectEvent]) -> None:
        """Add events, except where there is one at the same subject and position."""
        if events:
            await self._database.write(lambda connection: _append(connection, events))


# Private functions


def _first_seen(connection: sqlite3.Connection, ids: Sequence[tuple[str, Position]]) -> list[Position]:
    logs = _number_logs(connection, (position.log_id for _, position in ids))
    connection.executemany(
        _SEE, [(pack(name), logs[place.log_id], place.partition, place.offset) for name, place in ids]
    )
    return [Position(*connection.execute(_SEEN, (pack(name),)).fetchone()) for name, _ in ids]


def _facts_before(connection: sqlite3.Connection, asks: Sequence[tuple[str, Position]]) -> list[bytes | None]:
    logs = _log_numbers(connection, {position.log_id for _, position in asks})
    facts: list[bytes | None] = []
    for ref, place in asks:
        at = (pack(ref), logs.get(place.log_id, _UNSEEN_LOG), place.partition, place.offset)
        row = connection.execute(_BEFORE, at).fetchone()
        facts.append(row[0] if row else None)
    return facts


def _append(connection: sqlite3.Connection, events: Sequence[SubjectEvent]) -> None:
    logs = _number_logs(connection, (event.position.log_id for event in events))
    connection.executemany(
        _APPEND,
        [
            (
                pack(event.subject_ref),
                logs[event.position.log_id],
                event.position.partition,
                event.position.offset,
                pack(event.event_id),
                plain(event.kind),
                event.facts_after,
            )
            for event in events
        ],
    )


def _number_logs(connection: sqlite3.Connection, log_ids: Iterable[str]) -> dict[str, int]:
    """Return the number of each log, giving the next ones to logs that were never seen, in the order they come."""
    in_order = list(dict.fromkeys(log_ids))
    numbers = _log_numbers(connection, in_order)
    for log_id in in_order:
        if log_id not in numbers:
            connection.execute("INSERT INTO logs (log_id) VALUES (?)", (log_id,))
    return _log_numbers(connection, in_order)


def _log_numbers(connection: sqlite3.Connection, log_ids: Iterable[str]) -> dict[str, int]:
    found = ((log_id, connection.execute(_LOG, (log_id,)).fetchone()) for log_id in log_ids)
    return {log_id: row[0] for log_id, row in found if row is not None}
