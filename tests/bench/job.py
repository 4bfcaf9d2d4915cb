"""The whole job in referrals a second: one worker, two workers, and beside them the bare loop on the same messages.

A burst of referrals is published to the topics of several agencies at once. The clock runs from the broker's time of the first
referral to the last of: disclosures, releases, reviews and acknowledgements at the broker, and the rows in the register. The
bare loop gets the same burst on topics of its own.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass

from hub.schemas.codec import decode
from hub.schemas.topics import DISCLOSURES, agency_of
from tests.bench.rig import BARE, LOOK_SECONDS, Message, Offsets, Rig
from tests.bench.traffic import Sent, referrals

STUCK_SECONDS = 180.0


@dataclass(frozen=True)
class Run:
    """One burst handled. cpu: processor seconds of the workers, or of the bare loop."""

    referrals: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Referrals a second."""
        return self.referrals / self.seconds

    @property
    def cpu_us(self) -> float:
        """Processor time for one referral, in microseconds."""
        return self.cpu / self.referrals * 1e6


@dataclass(frozen=True)
class Handled:
    """A burst that the workers handled, with all that they wrote."""

    run: Run
    sent: list[Sent]
    made: list[Message]


class Numbers:
    """Gives out numbers of referrals, none twice."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> range:
        """Return the next numbers."""
        self._next += count
        return range(self._next - count, self._next)


async def by_workers(rig: Rig, numbers: range) -> Handled:
    """Have the running workers handle a burst."""
    sent = list(referrals(numbers))
    subjects = people(sent)
    outputs = [topic.name for topic in rig.catalogue if not topic.name.endswith(".in.v1")]
    inputs = [topic.name for topic in rig.catalogue if topic.name.endswith(".in.v1")]
    before, in_before, rows, cpu = await rig.ends(outputs), await rig.ends(inputs), rig.rows(), rig.cpu()
    await rig.publish(sent)
    await _until_decided(rig, before, subjects)
    recorded = await _until_recorded(rig, rows, before)
    await asyncio.sleep(0.2)
    cpu = rig.cpu() - cpu
    made = await rig.read(before, await rig.ends(outputs))
    began = min(message.at for message in await rig.read(in_before, await rig.ends(inputs)))
    ended = max(recorded, *(message.at for message in made))
    return Handled(Run(len(numbers), ended - began, cpu), sent, made)


async def by_bare_loop(rig: Rig, handled: Handled, *, hops: bool) -> Run:
    """Have the bare loop make the same messages of the same referrals."""
    inboxes = [topic.name for topic in rig.catalogue if topic.name.endswith(".in.v1")]
    capture = rig.settings.data_folder / "capture.pickle"
    capture.write_bytes(pickle.dumps((handled.made, inboxes)))
    options = ["--hops"] if hops else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.bare", rig.settings.bootstrap, str(capture), *options),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    before = await rig.ends(inboxes, BARE)
    await rig.publish(handled.sent, BARE)
    said = json.loads(await asyncio.wait_for(process.stdout.readline(), STUCK_SECONDS))
    await process.wait()
    began = min(message.at for message in await rig.read(before, await rig.ends(inboxes, BARE)))
    return Run(len(handled.sent), said["ended"] - began, said["cpu"])


def people(sent: list[Sent]) -> int:
    """Return how many people these referrals are about: each becomes a subject message."""
    return sum(len(decode(message.value).body["persons"]) for message in sent)


def outputs_of(handled: Handled) -> dict[str, dict[str, float]]:
    """Return how many messages of each sort one referral made, and their mean bytes."""
    number: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for message in handled.made:
        sort = message.topic.split(".")[2] if agency_of(message.topic) else message.topic.split(".")[0]
        number[sort] += 1
        size[sort] += len(message.value)
    return {
        sort: {"a referral": number[sort] / len(handled.sent), "bytes": size[sort] / number[sort]}
        for sort in sorted(number)
    }


def median(runs: list[Run], what: str = "rate") -> float:
    """Return the median of one figure of several runs."""
    return float(statistics.median(getattr(run, what) for run in runs))


async def _until_decided(rig: Rig, before: Offsets, subjects: int) -> None:
    deadline = time.monotonic() + STUCK_SECONDS
    while _between(before, await rig.ends([DISCLOSURES])) < subjects:
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not get on; see their logs")
        await asyncio.sleep(2 * LOOK_SECONDS)


async def _until_recorded(rig: Rig, rows: int, before: Offsets) -> float:
    """Return the moment at which the register held every record of the disclosures."""
    seen, at = rig.rows(), time.time()
    found = await rig.read(before, await rig.ends([DISCLOSURES]))
    records = sum(len(decode(message.value).body["records"]) for message in found)
    while seen < rows + records:
        await asyncio.sleep(LOOK_SECONDS)
        seen, at = rig.rows(), time.time()
    return at


def _between(start: Offsets, end: Offsets) -> int:
    return sum(offset - start.get(place, 0) for place, offset in end.items())
