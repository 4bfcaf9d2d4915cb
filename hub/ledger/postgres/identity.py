"""The identity index and the kept resolutions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from zlib import crc32

from hub.ledger.matching import KINDS, Index, Kept, MessageKey, hides, settle, wanted_keys, wanted_refs, wary_refs
from hub.ledger.ports import Key, Origin, ResolveAsk, Resolved
from hub.ledger.postgres.database import Connection, Database, columns
from hub.ledger.rows import dump_persons, load_persons, pack, plain, unpack

# Each row asked for is one index seek, whatever the planner believes of the table: `OFFSET 0` keeps it from a scan.
_KEPT: Final = """
    SELECT kept.* FROM unnest($1::text[], $2::bytea[]) AS ask (sender, id) CROSS JOIN LATERAL (
        SELECT agency, message_id, content, origin_topic, origin_partition, origin_offset, persons
        FROM resolutions WHERE agency = sender AND message_id = id OFFSET 0
    ) AS kept
"""
_KEEP: Final = """
    INSERT INTO resolutions
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::integer[], $6::bigint[], $7::bytea[])
"""
_FOUND: Final = """
    SELECT found.* FROM unnest($1::smallint[], $2::bytea[]) AS ask (k, d) CROSS JOIN LATERAL (
        SELECT kind, digest, subject_ref FROM identity_keys WHERE kind = k AND digest = d OFFSET 0
    ) AS found
"""
_HELD: Final = """
    SELECT held.* FROM unnest($1::bytea[]) AS ask (ref) CROSS JOIN LATERAL (
        SELECT kind, digest, subject_ref FROM identity_keys WHERE subject_ref = ref AND kind <= 1 OFFSET 0
    ) AS held
"""
_FACTS: Final = """
    SELECT ref, latest.facts_after FROM unnest($1::bytea[]) AS ask (ref) CROSS JOIN LATERAL (
        SELECT facts_after FROM subject_events WHERE subject_ref = ref
        ORDER BY log_seq DESC, log_partition DESC, log_offset DESC LIMIT 1
    ) AS latest
"""
# INVARIANT: whoever resolves a key holds its stripe, and then those of the subjects it leads to, until it has committed: what
# two workers learn at once could otherwise give one key to two subjects, or one subject two numbers. Always taken in rising
# order, keys and messages below subjects, so that nobody waits in a circle.
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('hub identity'), stripe) FROM unnest($1::integer[]) AS stripe"
_STRIPES: Final = 256
_LEARN: Final = "INSERT INTO identity_keys SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::bytea[])"


class PostgresIdentity:
    """Meets IdentityStore: one transaction per batch, which waits only for others about the same keys, subjects or messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, asks: Sequence[ResolveAsk]) -> list[Resolved]:
        """Resolve a batch in order."""
        if not asks:
            return []
        async with self._database.transaction() as connection:
            await _lock(connection, (stripe for ask in asks for stripe in _stripes(ask)))
            return await _resolve(connection, asks)


# Private functions


async def _resolve(connection: Connection, asks: Sequence[ResolveAsk]) -> list[Resolved]:
    known = await _known(connection, asks)
    rows = await _found(connection, wanted_keys(asks, known))
    refs = list(wanted_refs(rows, asks))
    await _lock(connection, (_STRIPES + crc32(ref.encode()) % _STRIPES for ref in refs))
    rows += await _held(connection, refs)
    hidden = await _hidden(connection, wary_refs(asks, known, rows))
    settled = settle(asks, known, Index(rows), hidden)
    learnt = [(KINDS.index(key.kind), pack(key.digest), pack(ref)) for key, ref in settled.learnt]
    if learnt:
        await connection.execute(_LEARN, *columns(learnt))
    if settled.kept:
        await connection.execute(_KEEP, *columns([_kept_values(*item) for item in settled.kept.items()]))
    return list(settled.resolved)


async def _lock(connection: Connection, stripes: Iterable[int]) -> None:
    await connection.execute(_LOCK, sorted(set(stripes)))


def _stripes(ask: ResolveAsk) -> Iterable[int]:
    """Return the stripes of a message's id and of every key of its people."""
    yield crc32(f"{ask.agency}/{ask.message_id}".encode()) % _STRIPES
    yield from (crc32(f"{key.kind}/{key.digest}".encode()) % _STRIPES for keys in ask.persons for key in keys)


async def _known(connection: Connection, asks: Sequence[ResolveAsk]) -> dict[MessageKey, Kept]:
    places = {(plain(ask.agency), pack(ask.message_id)): (ask.agency, ask.message_id) for ask in asks}
    known = {}
    for agency, message_id, content, topic, partition, offset, persons in await connection.fetch(
        _KEPT, *columns(list(places))
    ):
        origin = Origin(topic, partition, offset)
        known[places[agency, message_id]] = Kept(unpack(content), origin, load_persons(persons))
    return known


async def _found(connection: Connection, keys: Iterable[Key]) -> list[tuple[Key, str]]:
    asked = [(KINDS.index(key.kind), pack(key.digest)) for key in keys]
    return _rows(await connection.fetch(_FOUND, *columns(asked))) if asked else []


async def _held(connection: Connection, refs: Iterable[str]) -> list[tuple[Key, str]]:
    asked = [pack(ref) for ref in refs]
    return _rows(await connection.fetch(_HELD, asked)) if asked else []


async def _hidden(connection: Connection, refs: Sequence[str]) -> set[str]:
    if not refs:
        return set()
    records = await connection.fetch(_FACTS, [pack(ref) for ref in refs])
    return {unpack(ref) for ref, facts in records if hides(facts)}


def _rows(records: Iterable[Iterable[Any]]) -> list[tuple[Key, str]]:
    return [(Key(KINDS[kind], unpack(digest)), unpack(ref)) for kind, digest, ref in records]


def _kept_values(place: MessageKey, kept: Kept) -> tuple[str, bytes, bytes, str, int, int, bytes]:
    agency, message_id = place
    first = kept.first
    return (
        plain(agency),
        pack(message_id),
        pack(kept.content),
        plain(first.topic),
        first.partition,
        first.offset,
        dump_persons(kept.persons),
    )
