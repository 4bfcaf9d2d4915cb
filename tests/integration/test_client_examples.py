"""The examples do what they say, on a real broker: they are the first thing that a partner's developer copies."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from examples import consume_records, publish_referral
from hub.connectors.broker.process import EmbeddedBroker
from hub.schemas.codec import decode
from hub.schemas.topics import inbox
from tests.support.client import Body, acknowledge, deliver, person, record, register, word

ROOT = Path(__file__).parents[2]
SERVICE = [sys.executable, "-m", "examples.family_hubs.service"]


@pytest.fixture
async def agency(bootstrap: str, unique: str) -> str:
    """A registered agency that no other test uses."""
    await register(bootstrap, unique)
    return unique


async def published(broker: EmbeddedBroker, agency: str, count: int) -> list[Body]:
    """The bodies of the first messages that the agency published."""
    found: list[Body] = []
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(inbox(agency), 0)])
        while len(found) < count:
            found.append(decode((await consumer.getone()).value).body)
    return found


async def run(*arguments: str) -> tuple[int, str]:
    """Run the Family Hubs service to its end; its exit code and what it printed."""
    service = await asyncio.create_subprocess_exec(
        *SERVICE, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await service.communicate()
    assert service.returncode is not None
    return service.returncode, out.decode()


def child(agency: str, case: str, part: int, name: str) -> Body:
    """A record as the Family Hubs service gets it: who the child is and who works with the family."""
    shown = person(f"p{part}", "Pilkington", name)
    shown["address"] = {"district": "E07000123"}
    shown["education"] = {"school_name": "Example Primary School"}
    shown["early_help"] = {"agencies_involved": [{"agency": "example-voluntary-body"}]}
    return record(agency, case_id=case * 32, part=part, parts=3, person=shown)


async def test_publishing_a_referral(broker: EmbeddedBroker, agency: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The example publishes its referral and prints the hub's first word on it."""
    running = asyncio.create_task(publish_referral.main(broker.bootstrap, agency))
    (referral,) = await published(broker, agency, 1)
    await acknowledge(broker.bootstrap, agency, [word(agency, referral["message_id"], "accepted")])
    await running

    assert f"{referral['message_id']} accepted\n" == capsys.readouterr().out
    assert ("early_notification", "Haworth") == (referral["form"], referral["persons"][0]["identity"]["family_name"])


async def test_consuming_records(
    broker: EmbeddedBroker, agency: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The example prints each record once, over runs, and sends a receipt for it."""
    one, two = record(agency), record(agency)
    await deliver(broker.bootstrap, agency, [one, one, two])

    for _ in range(2):
        await consume_records.main(broker.bootstrap, agency, str(tmp_path / "seen.sqlite"))

    printed = capsys.readouterr().out.splitlines()
    receipts = await published(broker, agency, 2)
    assert [one["record_id"], two["record_id"]] == [line.split()[0] for line in printed]
    assert [one["record_id"], two["record_id"]] == [each["receipt"]["record_id"] for each in receipts]


async def test_the_family_hubs_service_keeps_each_record_once(
    broker: EmbeddedBroker, agency: str, tmp_path: Path
) -> None:
    """Its table holds each record once, whatever comes twice and however often it runs; a newer record of a part counts."""
    arguments = ("--agency", agency, "--bootstrap", broker.bootstrap, "--view", str(tmp_path / "view.sqlite"))
    first, third = child(agency, "a", 1, "Freya"), child(agency, "a", 3, "Callum")
    await deliver(broker.bootstrap, agency, [third, first, third])

    code, before = await run(*arguments)
    await deliver(broker.bootstrap, agency, [first, child(agency, "a", 3, "Calum"), record(agency, person=None)])
    again, after = await run(*arguments)

    assert (0, 0) == (code, again)
    assert "2 new" in before.splitlines()
    assert "2 new" in after.splitlines()
    rows = [line for line in before.splitlines() if "Pilkington" in line]
    assert ["Freya", "Callum"] == [line.split()[0] for line in rows]
    assert rows[0].split() == [
        *["Freya", "Pilkington", "2023-05-02", "E07000123", "Example", "Primary", "School"],
        *["example-voluntary-body", "example-trust", "aaaaaaaa", "1", "of", "3"],
    ]
    assert ["Freya", "Calum"] == [line.split()[0] for line in after.splitlines() if "Pilkington" in line]


async def test_the_family_hubs_service_follows_until_it_is_stopped(
    broker: EmbeddedBroker, agency: str, tmp_path: Path
) -> None:
    """Following, it takes up what comes later; Ctrl-C ends it in order, with its table, and loses nothing."""
    arguments = (
        "--agency",
        agency,
        "--bootstrap",
        broker.bootstrap,
        "--view",
        str(tmp_path / "view.sqlite"),
        "--follow",
    )
    service = await asyncio.create_subprocess_exec(*SERVICE, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    await deliver(broker.bootstrap, agency, [child(agency, "a", 1, "Freya")])
    assert service.stdout is not None
    first = await service.stdout.readline()
    await published(broker, agency, 1)
    service.send_signal(signal.SIGINT)
    rest, _ = await service.communicate()

    assert b"new: case aaaaaaaa, part 1 of 3\n" == first
    assert (0, b"stopped") == (service.returncode, rest.splitlines()[0])
    assert b"Freya Pilkington" in rest


async def test_the_family_hubs_service_says_what_is_wrong(broker: EmbeddedBroker, unique: str, tmp_path: Path) -> None:
    """An agency that is not registered gets one line and an exit code, no traceback."""
    view = str(tmp_path / "view.sqlite")

    code, said = await run("--agency", unique, "--bootstrap", broker.bootstrap, "--view", view)

    assert 1 == code
    assert "ask the council to register the agency" in said
    assert "Traceback" not in said
