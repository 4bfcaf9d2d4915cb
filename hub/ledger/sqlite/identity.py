"""The identity index and the kept resolutions in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from hub.ledger.matching import KINDS, Index, Kept, MessageKey, hides, settle, wanted_keys, wanted_refs, wary_refs
from hub.ledger.ports import Key, Origin, ResolveAsk, Resolved
from hub.ledger.rows import dump_persons, load_persons, pack, plain, unpack
from hub.ledger.sqlite.database import Database

_KEPT: Final = """
    SELECT content, origin_topic, origin_partition, origin_offset, persons
    FROM resolutions WHERE agency = ? AND message_id = ?
"""
_KEEP: Final = "INSERT INTO resolutions VALUES (?, ?, ?, ?, ?, ?, ?)"
_REFS: Final = "SELECT subject_ref FROM identity_keys WHERE kind = ? AND digest = ?"
_HELD: Final = "SELECT kind, digest FROM identity_keys WHERE subject_ref = ? AND kind <= 1"
_FACTS: Final = """
    SELECT facts_after FROM subject_events WHERE subject_ref = ?
    ORDER BY log_seq DESC, log_partition DESC, log_offset DESC LIMIT 1
"""
_LEARN: Final = "INSERT INTO identity_keys VALUES (?, ?, ?)"


class SqliteIdentity:
    """Meets IdentityStore: one write transaction per batch, so two processes never resolve at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, asks: Sequence[ResolveAsk]) -> list[Resolved]:
        """Resolve a batch in order."""
        return await self._database.write(lambda connection: _resolve(connection, asks)) if asks else []


# Private functions


def _resolve(connection: sqlite3.Connection, asks: Sequence[ResolveAsk]) -> list[Resolved]:
    known = _known(connection, asks)
    rows = _found(connection, wanted_keys(asks, known))
    rows += _held(connection, wanted_refs(rows, asks))
    hidden = _hidden(connection, wary_refs(asks, known, rows))
    settled = settle(asks, known, Index(rows), hidden)
    connection.executemany(
        _LEARN, [(KINDS.index(key.kind), pack(key.digest), pack(ref)) for key, ref in settled.learnt]
    )
    connection.executemany(_KEEP, [_kept_values(place, kept) for place, kept in settled.kept.items()])
    return list(settled.resolved)


def _known(connection: sqlite3.Connection, asks: Sequence[ResolveAsk]) -> dict[MessageKey, Kept]:
    known = {}
    for place in {(ask.agency, ask.message_id) for ask in asks}:
        row = connection.execute(_KEPT, (plain(place[0]), pack(place[1]))).fetchone()
        if row is not None:
            content, topic, partition, offset, persons = row
            known[place] = Kept(unpack(content), Origin(topic, partition, offset), load_persons(persons))
    return known


def _found(connection: sqlite3.Connection, keys: Iterable[Key]) -> list[tuple[Key, str]]:
    return [
        (key, unpack(ref))
        for key in keys
        for (ref,) in connection.execute(_REFS, (KINDS.index(key.kind), pack(key.digest)))
    ]


def _held(connection: sqlite3.Connection, refs: Iterable[str]) -> list[tuple[Key, str]]:
    return [
        (Key(KINDS[kind], unpack(digest)), ref)
        for ref in refs
        for kind, digest in connection.execute(_HELD, (pack(ref),))
    ]


def _hidden(connection: sqlite3.Connection, refs: Iterable[str]) -> set[str]:
    facts = ((ref, connection.execute(_FACTS, (pack(ref),)).fetchone()) for ref in refs)
    return {ref for ref, row in facts if row is not None and hides(row[0])}


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
