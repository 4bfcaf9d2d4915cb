"""Taking up records through the partner client, on a real broker: each once, in order, and given up only when handled."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from hub.connectors import kafka_admin
from hub.connectors.partner import Household, PartnerClient, SeenFile, SeenInMemory, households
from hub.errors import BrokerUnavailable, StoreUnavailable, UnreadableMessage
from hub.schemas.codec import encode
from hub.schemas.registry import packaged
from hub.schemas.topics import outbox
from tests.support.client import Body, deliver, person, put, record, register

CRASH = """
import asyncio, os, signal, sys
from hub.connectors.partner import PartnerClient

async def main():
    async with PartnerClient(sys.argv[1], sys.argv[2]) as client:
        async for record in client.records():
            print(record.case_id, flush=True)
            if record.case_id == "c2":
                os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
async def agency(bootstrap: str, unique: str) -> str:
    """A registered agency that no other test uses."""
    await register(bootstrap, unique)
    return unique


def cases(agency: str, *names: str) -> list[Body]:
    """One record for each case."""
    return [record(agency, case_id=name) for name in names]


async def taken(client: PartnerClient, *, group: str | None = None, most: int | None = None) -> list[str]:
    """The cases of the records that are there; with `most`, those handed out before the loop is left."""
    found: list[str] = []
    records = client.records(follow=False, group=group)
    async for each in records:
        found.append(each.case_id)
        if len(found) == most:
            break
    await records.close()
    return found


def run_until_killed(agency: str, bootstrap: str) -> list[str]:
    """What a process took up before it was killed in the middle of handling a record."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH, agency, bootstrap], stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode < 0
    return done.stdout.split()


async def test_records_come_typed_in_order_and_once(bootstrap: str, agency: str) -> None:
    """Records come in the hub's order, as typed records; what was handled is not handed out again, what is new is."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2", "c3"))

    async with PartnerClient(agency, bootstrap) as client:
        first = [each async for each in client.records(follow=False)]
        await deliver(bootstrap, agency, cases(agency, "c4"))
        second = await taken(client)

    assert ["c1", "c2", "c3"] == [each.case_id for each in first]
    assert first[0].person is not None and first[0].person.identity is not None
    assert "Haworth" == first[0].person.identity.family_name
    assert ["c4"] == second


async def test_a_record_in_hand_comes_again(bootstrap: str, agency: str) -> None:
    """Leaving the loop says nothing about the record in hand: it comes again. `done` says that it was handled."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2", "c3"))

    async with PartnerClient(agency, bootstrap) as client:
        left = await taken(client, most=2)
    async with PartnerClient(agency, bootstrap) as client:
        records = client.records()
        again = await anext(records)
        await records.done()
    async with PartnerClient(agency, bootstrap) as client:
        rest = await taken(client)

    assert (["c1", "c2"], "c2", ["c3"]) == (left, again.case_id, rest)


async def test_a_crash_while_handling_delivers_again(bootstrap: str, agency: str) -> None:
    """A process killed between taking a record up and being done with it gets that record again, and none before it."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2", "c3"))

    before = await asyncio.to_thread(run_until_killed, agency, bootstrap)
    async with PartnerClient(agency, bootstrap) as client:
        after = await taken(client)

    assert (["c1", "c2"], ["c2", "c3"]) == (before, after)


async def test_repeats_are_dropped_while_it_runs(bootstrap: str, agency: str) -> None:
    """The hub delivers at least once; a record with an id that was handled is not handed out again."""
    one, two = cases(agency, "c1", "c2")
    await deliver(bootstrap, agency, [one, one, two, one, two])

    async with PartnerClient(agency, bootstrap) as client:
        first = await taken(client)
        await deliver(bootstrap, agency, [two, *cases(agency, "c3")])
        second = await taken(client)

    assert (["c1", "c2"], ["c3"]) == (first, second)


async def test_repeats_are_dropped_over_restarts(bootstrap: str, agency: str, tmp_path: Path) -> None:
    """With a file of what was handled, a repeat is dropped after a restart too; for another group it is new."""
    one, two = cases(agency, "c1", "c2")
    file = tmp_path / "seen.sqlite"
    await deliver(bootstrap, agency, [one])
    async with PartnerClient(agency, bootstrap, seen=SeenFile(file)) as client:
        first = await taken(client)
    await deliver(bootstrap, agency, [one, two, one])

    async with PartnerClient(agency, bootstrap, seen=SeenFile(file)) as client:
        second = await taken(client)
        other = await taken(client, group=f"{agency}.audit")

    assert (["c1"], ["c2"], ["c1", "c2"]) == (first, second, other)


async def test_a_record_that_cannot_be_read_is_never_skipped(bootstrap: str, agency: str) -> None:
    """A schema id that this package does not know is an error that names it and its place, each time; nothing is passed over."""
    newer = packaged().plus(9001, packaged().by_name("FilteredRecord").raw)
    await deliver(bootstrap, agency, cases(agency, "c1"))
    await put(bootstrap, outbox(agency), [("k", encode("FilteredRecord", record(agency), newer))])
    await deliver(bootstrap, agency, cases(agency, "c3"))

    async with PartnerClient(agency, bootstrap) as client:
        records = client.records(follow=False)
        first = await anext(records)
        with pytest.raises(UnreadableMessage) as stopped:
            await anext(records)
        with pytest.raises(UnreadableMessage, match="9001"):
            await anext(records)
    async with PartnerClient(agency, bootstrap, registry=newer) as client:
        rest = [each async for each in client.records(follow=False)]

    fault = stopped.value.faults[0]
    assert ("c1", "WRONG_SCHEMA", f"{outbox(agency)}/0/1") == (first.case_id, fault.code, fault.place)
    assert "`9001`" in fault.text
    assert [2, "c3"] == [len(rest), rest[-1].case_id]


@pytest.mark.parametrize(
    ("code", "name", "changes"),
    [
        ("NOT_ADDRESSED", "FilteredRecord", {"recipient": "another-agency"}),
        ("BAD_CODE", "FilteredRecord", {"kind": "surprise"}),
        ("UNEXPECTED_MESSAGE", "Notice", {}),
    ],
)
async def test_what_is_no_record_for_this_agency_is_not_handed_out(
    bootstrap: str, agency: str, code: str, name: str, changes: Body
) -> None:
    """A record for somebody else, or something that is no record, stops the reader instead of reaching its developer."""
    notice: Body = {"notice_id": "n", "subject_ref": "s", "reason": "S-13", "opened_at": "2026-11-22T09:00:00Z"}
    notice |= {"due_on": "2026-12-22", "message_id": "m", "may_delay": True}
    body = notice if name == "Notice" else record(agency, **changes)
    await put(bootstrap, outbox(agency), [("k", encode(name, body))])

    async with PartnerClient(agency, bootstrap) as client:
        with pytest.raises(UnreadableMessage) as stopped:
            await anext(client.records())

    assert [code] == [fault.code for fault in stopped.value.faults]


class Forgetful(SeenInMemory):
    """A memory that is not to be reached on its first question."""

    failed = False

    async def has(self, group: str, record_id: str) -> bool:
        """Fail once."""
        if not self.failed:
            self.failed = True
            raise StoreUnavailable.of("SEEN_UNAVAILABLE", "not now")
        return await super().has(group, record_id)


async def test_a_memory_that_fails_loses_nothing(bootstrap: str, agency: str) -> None:
    """When it cannot be told whether a record is a repeat, it is kept for the next time it is asked for."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2"))

    async with PartnerClient(agency, bootstrap, seen=Forgetful()) as client:
        records = client.records()
        with pytest.raises(StoreUnavailable):
            await anext(records)
        first = await anext(records)

    assert "c1" == first.case_id


async def test_the_oldest_consumer_of_a_group_reads(bootstrap: str, agency: str) -> None:
    """A second consumer of a group gets nothing, and says why, or stands by to take over when the first one leaves."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2"))

    async with PartnerClient(agency, bootstrap) as first, PartnerClient(agency, bootstrap, patience=6) as second:
        reading = first.records()
        await anext(reading)
        with pytest.raises(BrokerUnavailable, match="another consumer"):
            await anext(second.records(follow=False))
        standing_by = asyncio.create_task(anext(second.records()))
        await reading.done()
        await reading.close()
        taken_over = await standing_by

    assert "c2" == taken_over.case_id


async def test_following_waits_for_what_comes_later(bootstrap: str, agency: str) -> None:
    """A follower that has reached the end gets what is delivered after that."""
    async with PartnerClient(agency, bootstrap) as client:
        waiting = asyncio.create_task(anext(client.records()))
        await deliver(bootstrap, agency, cases(agency, "c1"))
        found = await waiting

    assert "c1" == found.case_id


async def test_handled_records_are_committed(bootstrap: str, agency: str) -> None:
    """The group's position, which anyone with Kafka tools can see, is behind the last record that was handled."""
    await deliver(bootstrap, agency, cases(agency, "c1", "c2", "c3"))

    async with PartnerClient(agency, bootstrap) as client:
        await taken(client, most=3)
        left = await kafka_admin.lag(bootstrap, f"{agency}.records", [outbox(agency)])
        await taken(client)
        done = await kafka_admin.lag(bootstrap, f"{agency}.records", [outbox(agency)])

    assert (1, 0) == (left[outbox(agency)], done[outbox(agency)])


async def test_a_household_comes_together_in_any_order(bootstrap: str, agency: str) -> None:
    """Whatever the order and the repeats, the household grows to the same whole, and says what is not there yet."""
    parts = {
        number: record(agency, case_id="c1", part=number, parts=3, person=person(f"p{number}")) for number in (1, 2, 3)
    }
    ends: list[Household] = []
    for one, two, three in itertools.permutations((1, 2, 3)):
        await deliver(bootstrap, agency, [parts[number] for number in (one, two, one, three)])
        async with PartnerClient(agency, bootstrap) as client:
            grown = [each async for each in households(client.records(follow=False))]
        assert [2, 1, 0] == [len(each.missing) for each in grown]
        ends.append(grown[-1])

    assert ["p1", "p2", "p3"] == [each.person_id for each in ends[0].persons]
    assert all(end == ends[0] for end in ends)
