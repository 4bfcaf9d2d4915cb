"""The three use cases in one process, without Kafka: processor time of each for one referral, and a profile of them.

`python -m tests.bench.inside [--profile FUNCTIONS]`. The same referrals, batches, policy and SQLite as in the whole job; what the
whole job costs beyond this is Faust, the Kafka client and the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka.partitioner import murmur2

from hub.flow.decide import Decide
from hub.flow.intake import Intake
from hub.flow.outcome import Emit, Handler, Incoming
from hub.flow.record import Record
from hub.flow.records import Writer
from hub.ledger.ports import Stores
from hub.ledger.sqlite import open_sqlite
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS
from tests.bench.traffic import referrals
from tests.support.partner import KEYRING, REGISTRY, policies

PARTITIONS = 4
NAMES = ("intake", "decide", "record")

Figures = dict[str, float]


class Inside:
    """The three handlers on one store, fed by hand, each timed by the processor time that it takes."""

    def __init__(self, store: Stores) -> None:
        self._handlers: dict[str, Handler] = {
            "intake": Intake(policies(), store.identity, KEYRING, REGISTRY),
            "decide": Decide(policies(), store.events, Writer(REGISTRY, KEYRING), "log", 100_000),
            "record": Record(store.register, store.reviews, REGISTRY),
        }
        self._offsets: Counter[tuple[str, int]] = Counter()
        self.profiles = {name: cProfile.Profile() for name in NAMES}
        self.own: defaultdict[str, float] = defaultdict(float)
        self.store: defaultdict[str, float] = defaultdict(float)

    async def day(self, numbers: range, *, profile: bool = False) -> None:
        """Handle these referrals as one burst: every agency's, then every subject's, then every record."""
        at = int(time.time() * 1000)
        sent = [Emit(message.topic, message.key, message.value) for message in referrals(numbers)]
        made = await self._step("intake", sent, at, profile=profile)
        made = await self._step("decide", [emit for emit in made if emit.topic == SUBJECTS], at, profile=profile)
        kept = [emit for emit in made if emit.topic in (DISCLOSURES, REVIEWS)]
        await self._step("record", kept, at, profile=profile)

    async def _step(self, name: str, emits: Iterable[Emit], at: int, *, profile: bool) -> list[Emit]:
        made: list[Emit] = []
        for batch in self._batches(emits, at):
            if profile:
                self.profiles[name].enable()
            before, both_before = time.thread_time(), time.process_time()
            result = await self._handlers[name](batch)
            own, both = time.thread_time() - before, time.process_time() - both_before
            self.profiles[name].disable()
            self.own[name] += own
            self.store[name] += both - own
            if result.buried:
                raise RuntimeError("a referral of the benchmark is buried")
            made += [emit for stage in result.stages for emit in stage]
        return made

    def _batches(self, emits: Iterable[Emit], at: int) -> list[list[Incoming]]:
        batches: dict[tuple[str, int], list[Incoming]] = {}
        for emit in emits:
            number = 0 if emit.topic.startswith("partner.") else (murmur2(emit.key) & 0x7FFFFFFF) % PARTITIONS
            place = emit.topic, number
            offset, self._offsets[place] = self._offsets[place], self._offsets[place] + 1
            message = Incoming(emit.topic, number, offset, at, emit.key, emit.value, emit.headers)
            batches.setdefault(place, []).append(message)
        return list(batches.values())


async def measure(count: int, runs: int) -> Figures:
    """Return microseconds of processor time a referral: each use case, and the store's thread under it."""
    async with _opened() as inside:
        await inside.day(range(count))
        found: dict[str, list[float]] = {}
        for run in range(1, runs + 1):
            inside.own.clear()
            inside.store.clear()
            await inside.day(range(run * count, (run + 1) * count))
            for name in NAMES:
                found.setdefault(name, []).append(inside.own[name] / count * 1e6)
                found.setdefault(f"{name}, store", []).append(inside.store[name] / count * 1e6)
        return {name: statistics.median(values) for name, values in found.items()}


async def profiled(count: int) -> dict[str, pstats.Stats]:
    """Return a profile of each use case over that many referrals."""
    async with _opened() as inside:
        await inside.day(range(count))
        await inside.day(range(count, 2 * count), profile=True)
        return {name: pstats.Stats(profile) for name, profile in inside.profiles.items()}


@asynccontextmanager
async def _opened() -> AsyncIterator[Inside]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        store = await open_sqlite(Path(folder) / "store.db")
        try:
            await store.migrate()
            yield Inside(store)
        finally:
            await store.close()


def main() -> None:
    """Measure or profile, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--profile", type=int, default=0, metavar="FUNCTIONS")
    chosen = parser.parse_args()
    if chosen.profile:
        for stats in asyncio.run(profiled(chosen.referrals)).values():
            stats.sort_stats("tottime").print_stats(chosen.profile)
        return
    figures = asyncio.run(measure(chosen.referrals, chosen.runs))
    for name, value in figures.items():
        print(f"{name:20} {value:8,.0f} us a referral")
    print(f"{'together':20} {sum(figures.values()):8,.0f} us a referral")


if __name__ == "__main__":
    main()
