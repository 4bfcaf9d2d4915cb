"""Publish-to-release time at a steady rate, measured from outside: the publisher's clock before, the recipient's clock after.

Referrals go out one by one, each at its moment whatever happened to those before; all recipients' topics are read by one
consumer. The time of a release ends when the consumer has it in hand, before it is decoded.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from hub.flow import ids
from hub.schemas.codec import decode
from hub.schemas.topics import DISCLOSURES, agency_of
from tests.bench.job import Numbers, people
from tests.bench.rig import Offsets, Rig
from tests.bench.traffic import Sent, referrals

QUIET_SECONDS = 1.0
STUCK_SECONDS = 60.0


@dataclass(frozen=True)
class Times:
    """Publish-to-release times in milliseconds: of every release, and of the last release of each referral."""

    releases: list[float]
    last: list[float]

    def percentile(self, hundredth: int) -> float:
        """Return a percentile of the times of all releases."""
        return statistics.quantiles(self.releases, n=100, method="inclusive")[hundredth - 1]


async def at_steady_rate(rig: Rig, numbers: Numbers, rate: int, seconds: int) -> Times:
    """Publish at so many referrals a second for so long and return the times of their releases."""
    sent = list(referrals(numbers.take(rate * seconds)))
    before, subjects = await rig.ends([DISCLOSURES]), people(sent)
    moments: dict[bytes, float] = {}
    seen: list[tuple[float, bytes]] = []
    async with AIOKafkaConsumer(bootstrap_servers=rig.settings.bootstrap) as consumer:
        await _from_now_on(rig, consumer)
        receiving = asyncio.create_task(_receive(consumer, seen))
        await _publish(rig, sent, rate, moments)
        await _until_done(rig, before, subjects)
        receiving.cancel()
        await asyncio.wait([receiving])
    return _times(rig, sent, moments, seen)


async def _from_now_on(rig: Rig, consumer: AIOKafkaConsumer) -> None:
    ends = await rig.ends([topic.name for topic in rig.catalogue if topic.name.endswith(".out.v1")])
    consumer.assign(list(ends))
    for place, offset in ends.items():
        consumer.seek(place, offset)
        await consumer.position(place)


async def _receive(consumer: AIOKafkaConsumer, seen: list[tuple[float, bytes]]) -> None:
    while True:
        batch = await consumer.getmany(timeout_ms=1000)
        at = time.time()
        seen += [(at, record.value) for records in batch.values() for record in records]


async def _publish(rig: Rig, sent: list[Sent], rate: int, moments: dict[bytes, float]) -> None:
    start = time.perf_counter()
    waiting = []
    for place, message in enumerate(sent):
        await asyncio.sleep(max(0.0, start + place / rate - time.perf_counter()))
        moments[message.key] = time.time()
        waiting.append(await rig.producer.send(message.topic, message.value, key=message.key))
    await asyncio.gather(*waiting)


async def _until_done(rig: Rig, before: Offsets, subjects: int) -> None:
    deadline = time.monotonic() + STUCK_SECONDS
    while sum((await rig.ends([DISCLOSURES])).values()) - sum(before.values()) < subjects:
        if time.monotonic() > deadline:
            raise RuntimeError("the worker does not get on; see its log")
        await asyncio.sleep(0.1)
    await asyncio.sleep(QUIET_SECONDS)


def _times(rig: Rig, sent: list[Sent], moments: dict[bytes, float], seen: list[tuple[float, bytes]]) -> Times:
    """A release names its case by an id of the recipient's own, which only who has the hub's keys can tell beforehand."""
    agencies = [topic.name.split(".")[1] for topic in rig.catalogue if topic.name.endswith(".out.v1")]
    key_of = {
        ids.case_id(rig.keyring, agency, str(agency_of(message.topic)), message.key.decode()): message.key
        for message in sent
        for agency in agencies
    }
    releases: list[float] = []
    last: dict[bytes, float] = {}
    for at, value in seen:
        key = key_of[decode(value).body["case_id"]]
        releases.append((at - moments[key]) * 1000)
        last[key] = max(last.get(key, 0.0), releases[-1])
    return Times(releases, list(last.values()))
