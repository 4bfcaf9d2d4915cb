"""Facts as of an offset in PostgreSQL: where each subject message was first seen, and what the facts became at each event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub.ledger.ports import Position, SubjectEvent
from hub.ledger.postgres.database import Connection, Database, columns, first_of_each
from hub.ledger.rows import pack, plain

_LOGS: Final = "SELECT log_id, log_seq FROM logs WHERE log_id = ANY ($1::text[])"
_NEW_LOG: Final = "INSERT INTO logs (log_id) VALUES ($1) ON CONFLICT DO NOTHING"
_SEE: Final = """
    INSERT INTO seen SELECT * FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::bigint[]) ON CONFLICT DO NOTHING
"""
# As in identity.py: `OFFSET 0` makes each row asked for one index seek.
_SEEN: Final = """
    SELECT log_id, log_partition, log_offset
    FROM unnest($1::bytea[]) WITH ORDINALITY AS ask (id, place)
    CROSS JOIN LATERAL (
        SELECT log_seq, log_partition, log_offset FROM seen WHERE subject_message_id = id OFFSET 0
    ) AS first JOIN logs USING (log_seq) ORDER BY place
"""
_BEFORE: Final = """
    SELECT facts_after
    FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::bigint[]) WITH ORDINALITY AS ask (ref, l, p, o, place)
    LEFT JOIN LATERAL (
        SELECT facts_after FROM subject_events
        WHERE subject_ref = ref AND (log_seq, log_partition, log_offset) < (l, p, o)
        ORDER BY log_seq DESC, log_partition DESC, log_offset DESC LIMIT 1
    ) AS before ON true ORDER BY place
"""
_APPEND: Final = """
    INSERT INTO subject_events
    SELECT * FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::bigint[], $5::bytea[], $6::text[], $7::bytea[])
    ON CONFLICT DO NOTHING
"""
_UNSEEN_LOG: Final = 2**31 - 1
_PLACE_WIDTH: Final = 4


class PostgresEvents:
    """Meets SubjectEventStore; one index seek for each ask, however long the subject's history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first_seen(self, ids: Sequence[tuple[str, Position]]) -> list[Position]:
        """Record each id unless it is known; return where each was first seen."""
        if not ids:
            return []
        async with self._database.connection() as connection:
            logs = await _number_logs(connection, (position.log_id for _, position in ids))
            rows = [(pack(name), logs[place.log_id], place.partition, place.offset) for name, place in ids]
            await connection.execute(_SEE, *columns(first_of_each(rows)))
            records = await connection.fetch(_SEEN, [name for name, *_ in rows])
        return [Position(*record) for record in records]

    async def facts_before(self, asks: Sequence[tuple[str, Position]]) -> list[bytes | None]:
        """Return the facts before each position; a log never seen before comes after all that were."""
        if not asks:
            return []
        async with self._database.connection() as connection:
            logs = await _log_numbers(connection, {position.log_id for _, position in asks})
            rows = [
                (pack(ref), logs.get(place.log_id, _UNSEEN_LOG), place.partition, place.offset) for ref, place in asks
            ]
            records = await connection.fetch(_BEFORE, *columns(rows))
        return [record[0] for record in records]

    async def append(self, events: Sequence[SubjectEvent]) -> None:
        """Add events, except where there is one at the same subject and position."""
        if not events:
            return
        async with self._database.connection() as connection:
            logs = await _number_logs(connection, (event.position.log_id for event in events))
            rows = [_values(event, logs) for event in events]
            await connection.execute(_APPEND, *columns(first_of_each(rows, _PLACE_WIDTH)))


# Private functions


def _values(event: SubjectEvent, logs: dict[str, int]) -> tuple[bytes, int, int, int, bytes, str, bytes]:
    place = event.position
    return (
        pack(event.subject_ref),
        logs[place.log_id],
        place.partition,
        place.offset,
        pack(event.event_id),
        plain(event.kind),
        event.facts_after,
    )


async def _number_logs(connection: Connection, log_ids: Iterable[str]) -> dict[str, int]:
    """Return the number of each log, giving the next ones to logs that were never seen, in the order they come."""
    in_order = list(dict.fromkeys(log_ids))
    numbers = await _log_numbers(connection, in_order)
    unseen = [log_id for log_id in in_order if log_id not in numbers]
    if not unseen:
        return numbers
    for log_id in unseen:
        await connection.execute(_NEW_LOG, log_id)
    return await _log_numbers(connection, in_order)


async def _log_numbers(connection: Connection, log_ids: Iterable[str]) -> dict[str, int]:
    return {record[0]: record[1] for record in await connection.fetch(_LOGS, list(log_ids))}
