"""The cases of the fail-closed matrix that need no transport: the real use cases on a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import PassingFault, StopFault
from hub.ledger.ports import RegisterQuery
from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, REVIEWS, SUBJECTS, acks, outbox
from tests.failclosed.flow_cases import CASES, SECRET
from tests.failclosed.matrix import MATRIX, Case, Ending
from tests.failclosed.room import Room
from tests.support.load import MASH, SCHOOL, Load
from tests.support.log_reader import Row
from tests.support.paper_hub import PaperHub


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """An empty store."""
    path = tmp_path / "hub.sqlite"
    stores = await open_sqlite(path)
    await stores.migrate()
    yield Room(stores, path, Load(1))
    await stores.close()


async def test_without_a_fault_there_is_a_release(room: Room) -> None:
    """What the cases begin with is released: that it is not, in a case, is the fault's doing."""
    hub = await room.handled(room.referral())

    assert [b"Cross"] == [found for row in releases(hub) for found in [b"Cross"] if found in row.value]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in MATRIX if case.id in CASES])
async def test_a_fault_ends_closed_and_on_record(room: Room, case: Case) -> None:
    """Whatever is wrong, nothing is released, and the place that the matrix names says why (INV-1, INV-10)."""
    hub = await CASES[case.id](room)

    if case.ending is not Ending.WITHHELD:
        assert [] == releases(hub)
    ENDINGS[case.ending](case, room, hub)
    if room.ended is None:
        await registered(hub)


def refused(case: Case, room: Room, hub: PaperHub) -> None:
    """The sender is told the code, and nothing else is made of the message."""
    assert room.ended is None
    words = [word for topic in (SCHOOL, *hub.sent) for word in bodies(hub.log[acks(topic)])]
    assert words
    assert {"refused"} == {word["status"] for word in words}
    assert case.code in {fault["code"] for word in words for fault in word["faults"]}
    assert [] == hub.log[SUBJECTS]


def buried(case: Case, room: Room, hub: PaperHub) -> None:
    """The dead letter gives the code as its reason."""
    assert room.ended is None
    assert [case.code] == [letter["reason"] for letter in bodies(hub.log[DEAD_LETTERS])]


def denied(case: Case, room: Room, hub: PaperHub) -> None:
    """The record says DENY, and the code first."""
    assert room.ended is None
    assert {("DENY", case.code)} == {(record["decision"], record["reasons"][0]) for record in records(hub)}


def reviewed(case: Case, room: Room, hub: PaperHub) -> None:
    """The record of the last message says REVIEW with the code, and a person is asked about the same."""
    assert room.ended is None
    last = records(hub)[-1]
    assert "REVIEW" == last["decision"]
    assert case.code in last["reasons"]
    [asked] = [review for review in bodies(hub.log[REVIEWS]) if review["review_id"] == last["review_id"]]
    assert case.code in asked["reasons"]


def withheld(case: Case, room: Room, hub: PaperHub) -> None:
    """The message goes without the field, and the record names the field and the code."""
    assert room.ended is None
    [row] = hub.log[outbox(MASH)]
    assert [row] == releases(hub)
    assert SECRET.encode() not in row.value
    [record] = [record for record in records(hub) if record["recipient"] == MASH]
    assert case.code in {one["reason"] for one in record["withheld"] if one["field"].startswith("persons[].identity.")}


def stopped(case: Case, room: Room, hub: PaperHub) -> None:
    """The worker would stop here; nothing was written."""
    assert isinstance(room.ended, StopFault)
    assert case.code == room.ended.faults[0].code
    assert_nothing_written(hub)


def waits(case: Case, room: Room, hub: PaperHub) -> None:
    """The worker would try again here; nothing was written."""
    assert isinstance(room.ended, PassingFault)
    assert case.code == room.ended.faults[0].code
    assert_nothing_written(hub)


ENDINGS: dict[Ending, Callable[[Case, Room, PaperHub], None]] = {
    Ending.REFUSED: refused,
    Ending.BURIED: buried,
    Ending.DENIED: denied,
    Ending.REVIEW: reviewed,
    Ending.WITHHELD: withheld,
    Ending.STOPPED: stopped,
    Ending.WAITS: waits,
}


def releases(hub: PaperHub) -> list[Row]:
    """Return everything that any agency received."""
    return [row for agency in hub.policies.agencies() for row in hub.log[outbox(agency)]]


def records(hub: PaperHub) -> list[dict[str, Any]]:
    """Return every disclosure record, in the order in which they were written."""
    rows = sorted(hub.log[DISCLOSURES], key=lambda row: row.timestamp_ms)
    return [record for body in bodies(rows) for record in body.get("records", ())]


def bodies(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the bodies of messages."""
    return [decode(row.value).body for row in rows]


def assert_nothing_written(hub: PaperHub) -> None:
    """Nothing stands in any topic but what partners published."""
    assert {"in"} == {topic.split(".")[-2] for topic, rows in hub.log.items() if rows}


async def registered(hub: PaperHub) -> None:
    """Every record is in the register too."""
    rows = await hub.stores.register.query(RegisterQuery(limit=1_000))
    assert {record["disclosure_id"] for record in records(hub)} <= {row.disclosure_id for row in rows}
