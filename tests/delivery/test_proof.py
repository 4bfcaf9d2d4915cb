"""The reconciliation finds what it is there to find: each kind of damage to a sound log and store is a difference."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode, encode
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, REVIEWS, SUBJECTS, acks, inbox, outbox
from tests.support.answers import Answers
from tests.support.load import Load
from tests.support.log_reader import Row
from tests.support.paper_hub import PaperHub
from tests.support.reconcile import Findings, Reconciliation, State

MESSAGES = 150
CFW = "lancashire-cfw"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub that has handled a load, with answers to it."""
    stores = await open_sqlite(tmp_path / "hub.sqlite")
    await stores.migrate()
    hub, load = PaperHub(stores), Load(5, households=6)
    for one in itertools.islice(load.messages(), MESSAGES):
        hub.publish(one)
    await hub.run()
    for one in Answers(load, 6).to(hub.log):
        hub.publish(one)
    await hub.run()
    yield hub
    await stores.close()


async def differences(hub: PaperHub, damage: Callable[[State], State]) -> list[str]:
    """Return what the reconciliation says of a damaged state."""
    return compare(hub, damage(await hub.state())).differences


def compare(hub: PaperHub, state: State) -> Findings:
    """Reconcile a state."""
    return Reconciliation(state, hub.policies, hub.keyring).findings()


async def test_a_sound_log_and_store_show_no_difference(hub: PaperHub) -> None:
    """What the use cases do is what the replay expects; every kind of message takes part in the proof."""
    found = compare(hub, await hub.state())

    assert [] == found.differences
    wanted = ("releases", "records DENY", "records REVIEW", "reviews", "inputs buried", "inputs refused", "register")
    assert all(found.numbers[what] for what in wanted)


def without(topic: str, number: int = 0) -> Callable[[State], State]:
    """Lose one message of a topic, as if it had never been written."""
    return lambda state: with_rows(state, topic, lambda rows: rows[:number] + rows[number + 1 :])


def with_rows(state: State, topic: str, change: Callable[[list[Row]], list[Row]]) -> State:
    """Change one topic."""
    assert state.log[topic]
    return replace(state, log={**state.log, topic: change(state.log[topic])})


def changed(row: Row, **fields: Any) -> Row:
    """Return a row with other values in its body."""
    found = decode(row.value)
    return replace(row, value=encode(found.name, {**found.body, **fields}))


def other_copy(rows: list[Row]) -> list[Row]:
    """Add a second copy of the last message that says something else."""
    last = rows[-1]
    return [*rows, replace(changed(last, issued_at="2026-01-01T00:00:00.000Z"), offset=last.offset + 1)]


def late_record(rows: list[Row]) -> list[Row]:
    """Let the broker have taken every record an hour later."""
    return [replace(row, timestamp_ms=row.timestamp_ms + 3_600_000) for row in rows]


def overtaken(rows: list[Row]) -> list[Row]:
    """Let a subject's last message overtake its first."""
    by_key: dict[tuple[bytes, str], list[Row]] = {}
    for row in rows:
        by_key.setdefault((row.key, decode(row.value).body["agency"]), []).append(row)
    first, *_, last = max(by_key.values(), key=len)
    places = {first.offset: last, last.offset: first}
    return [
        replace(places[row.offset], offset=row.offset)
        if row.partition == first.partition and row.offset in places
        else row
        for row in rows
    ]


def backwards(rows: list[Row]) -> list[Row]:
    """Let each partition have been read from its end."""
    turned = [replace(row, offset=-row.offset) for row in rows]
    return sorted(turned, key=lambda row: (row.partition, row.offset))


def wider(rows: list[Row]) -> list[Row]:
    """Let a record say that one more was permitted, with no release for it."""
    for number, row in enumerate(rows):
        records = decode(row.value).body["records"]
        denied = [r for r in records if r["decision"] == "DENY"]
        if denied:
            denied[0] |= {"decision": "PERMIT", "record_id": "0" * 32, "commitment": "0" * 64}
            return [*rows[:number], changed(row, records=records), *rows[number + 1 :]]
    raise AssertionError("nothing was denied")


def uncommitted(rows: list[Row]) -> list[Row]:
    """Let a record vouch for other bytes than went out."""
    for number, row in enumerate(rows):
        records = decode(row.value).body["records"]
        permitted = [r for r in records if r["decision"] == "PERMIT"]
        if permitted:
            permitted[0] |= {"commitment": "0" * 64}
            return [*rows[:number], changed(row, records=records), *rows[number + 1 :]]
    raise AssertionError("nothing was permitted")


def misdirected(state: State) -> State:
    """Let a release have gone to another agency."""
    rows = state.log[outbox(CFW)]
    strayed = replace(rows[0], topic=outbox("dwp"))
    return replace(state, log={**state.log, outbox(CFW): rows[1:], outbox("dwp"): [strayed]})


def other_status(state: State) -> State:
    """Let a review have been closed by nobody."""
    first, *rest = state.reviews
    closed = replace(first, status="refused" if first.status != "refused" else "permitted")
    return replace(state, reviews=[closed, *rest])


DAMAGES: dict[str, tuple[str, Callable[[State], State]]] = {
    "an input is lost": ("inputs arrived", without(inbox(CFW))),
    "an input gets no answer": ("inputs answered: missing", without(acks(CFW))),
    "an input is buried and forgotten": ("burials: missing", without(DEAD_LETTERS)),
    "a person is lost": ("parts: missing", without(SUBJECTS)),
    "a decision is not recorded": ("decided: missing", without(DISCLOSURES)),
    "a release has no record": ("releases: not expected", lambda s: with_rows(s, DISCLOSURES, lambda _: [])),
    "a record has no release": ("releases: missing", without(outbox(CFW))),
    "a record permits what was denied": ("releases: missing", lambda s: with_rows(s, DISCLOSURES, wider)),
    "a release goes astray": ("releases: not expected", misdirected),
    "a release comes twice, different": ("copies are byte-equal", lambda s: with_rows(s, outbox(CFW), other_copy)),
    "a release goes before its record": ("record before", lambda s: with_rows(s, DISCLOSURES, late_record)),
    "a record vouches for other bytes": ("commitments fit", lambda s: with_rows(s, DISCLOSURES, uncommitted)),
    "a message overtakes another": ("order is kept", lambda s: with_rows(s, SUBJECTS, overtaken)),
    "decisions see another order": ("decisions are those", lambda s: with_rows(s, SUBJECTS, backwards)),
    "a review is lost": ("followed: missing", without(REVIEWS)),
    "the register lacks a record": ("register: missing", lambda s: replace(s, register=s.register[1:])),
    "the register has one too many": ("register: not expected", lambda s: with_rows(s, DISCLOSURES, lambda r: r[1:])),
    "the store lacks a review": ("reviews: missing", lambda s: replace(s, reviews=s.reviews[1:])),
    "a review is closed by nobody": ("reviews are as ruled", other_status),
}
"""What may go wrong, what the proof must say of it, and how to do it."""


async def test_every_kind_of_damage_is_found(hub: PaperHub) -> None:
    """A proof that cannot fail proves nothing: each damage shows up as the difference it is."""
    for what, (said, damage) in DAMAGES.items():
        found = await differences(hub, damage)

        assert any(one.startswith(said) for one in found), f"{what}: {found}"
