"""`make bench`: measure, print tables, and write JSON where asked. Medians of several runs; nothing is proved here.

`--quick` takes fewer runs of less work: it shows that the benchmarks work, its figures are worth little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import deciding, growth, inside, job, latency, machine
from tests.bench.rig import Rig, rig

RATE = 50
"""Referrals a second of the steady load: a large council's busiest hour, many times over."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    runs: int
    cases: int
    referrals: int
    steady_seconds: int
    subjects_in_step: int
    steps: int


FULL = Size(runs=5, cases=2000, referrals=1000, steady_seconds=30, subjects_in_step=10_000, steps=10)
QUICK = Size(runs=1, cases=200, referrals=150, steady_seconds=4, subjects_in_step=1_000, steps=2)

Figures = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """What is aimed at; `met` says it of the measured value."""

    what: str
    aim: str
    value: Callable[[Figures], float]
    met: Callable[[float], bool]
    unit: str


TARGETS = (
    Target(
        "a decision from compiled facts",
        "< 1 us",
        lambda f: f["decision"]["from compiled facts"],
        lambda v: v < 1,
        "us",
    ),
    Target(
        "all packaged policies read, checked and compiled",
        "< 1,000 ms",
        lambda f: f["decision"]["all packaged policies read, checked and compiled, ms"],
        lambda v: v < 1000,
        "ms",
    ),
    Target(
        "the whole job beside the bare loop",
        ">= 40 %",
        lambda f: f["job"]["beside the bare loop, %"],
        lambda v: v >= 40,
        "%",
    ),
    Target(
        "what a second worker adds", ">= 60 %", lambda f: f["job"]["a second worker adds, %"], lambda v: v >= 60, "%"
    ),
    Target("publish to release, p99", "< 250 ms", lambda f: f["latency"]["p99, ms"], lambda v: v < 250, "ms"),
    Target(
        "memory for each 10,000 more subjects",
        "< 1 MB",
        lambda f: f["growth"]["memory, last half, MB for 10,000"],
        lambda v: v < 1,
        "MB",
    ),
)


async def measure(size: Size) -> Figures:
    """Return every figure."""
    say("decisions, beside regorus and cedarpy")
    figures: Figures = {"decision": deciding.measure(size.cases, size.runs)}
    say("the use cases in one process")
    figures["inside"] = await inside.measure(size.referrals // 2, size.runs)
    say("a broker and a worker")
    async with rig() as parts:
        numbers = job.Numbers()
        await parts.start_worker()
        await job.by_workers(parts, numbers.take(size.referrals // 2))
        say("the whole job, beside the bare loop")
        one, figures["job"] = await one_worker(parts, numbers, size)
        say(f"publish to release at {RATE} referrals a second")
        figures["latency"] = await steady(parts, numbers, size)
        say("growth")
        figures["growth"] = await growing(parts, numbers, size)
        say("the whole job with a second worker")
        figures["job"] |= await two_workers(parts, numbers, size, one)
    return figures


async def one_worker(parts: Rig, numbers: job.Numbers, size: Size) -> tuple[float, Figures]:
    """Return the rate of one worker, and the figures of it and of the bare loop on the same messages."""
    hub, bare, short = [], [], []
    stored, rows = parts.store(), parts.rows()
    messages: Figures = {}
    for _ in range(size.runs):
        handled = await job.by_workers(parts, numbers.take(size.referrals))
        messages = job.outputs_of(handled)
        hub.append(handled.run)
        bare.append(await job.by_bare_loop(parts, handled, hops=True))
        short.append(await job.by_bare_loop(parts, handled, hops=False))
    rate = job.median(hub)
    return rate, {
        "one worker, referrals/s": rate,
        "bare loop, referrals/s": job.median(bare),
        "bare loop in one hop, referrals/s": job.median(short),
        "beside the bare loop, %": 100 * statistics.median(h.rate / b.rate for h, b in zip(hub, bare, strict=True)),
        "beside the bare loop in one hop, %": 100
        * statistics.median(h.rate / b.rate for h, b in zip(hub, short, strict=True)),
        "one worker, CPU us a referral": job.median(hub, "cpu_us"),
        "bare loop, CPU us a referral": job.median(bare, "cpu_us"),
        "bare loop in one hop, CPU us a referral": job.median(short, "cpu_us"),
        "bytes of the store for a disclosure record": (parts.store() - stored) / (parts.rows() - rows),
        "messages": messages,
    }


async def two_workers(parts: Rig, numbers: job.Numbers, size: Size, one: float) -> Figures:
    """Return what a second worker adds; one: the rate of one worker."""
    await parts.start_worker()
    await job.by_workers(parts, numbers.take(size.referrals // 2))
    runs = [(await job.by_workers(parts, numbers.take(size.referrals))).run for _ in range(size.runs)]
    return {
        "two workers, referrals/s": job.median(runs),
        "a second worker adds, %": 100 * (job.median(runs) / one - 1),
        "two workers, CPU us a referral": job.median(runs, "cpu_us"),
    }


async def steady(parts: Rig, numbers: job.Numbers, size: Size) -> Figures:
    """Return publish-to-release times at a steady rate."""
    cpu = parts.cpu()
    times = await latency.at_steady_rate(parts, numbers, RATE, size.steady_seconds)
    return {
        "p50, ms": times.percentile(50),
        "p90, ms": times.percentile(90),
        "p99, ms": times.percentile(99),
        "most, ms": max(times.releases),
        "releases": float(len(times.releases)),
        "worker's CPU, %": 100 * (parts.cpu() - cpu) / size.steady_seconds,
    }


async def growing(parts: Rig, numbers: job.Numbers, size: Size) -> Figures:
    """Return memory and store with the number of subjects."""
    steps = await growth.grow(parts, numbers, size.subjects_in_step, size.steps)
    half, last = steps[len(steps) // 2], steps[-1]
    return {
        "subjects": float(last.subjects),
        "memory before, MB": steps[0].memory,
        "memory after, MB": last.memory,
        "memory, last half, MB for 10,000": (last.memory - half.memory) / (last.subjects - half.subjects) * 10_000,
        "store for a subject, bytes": (last.store - steps[0].store) * 1e6 / last.subjects,
        "consents/s": statistics.median(step.rate for step in steps[1:]),
        "steps": [[step.subjects, round(step.memory, 1), round(step.store, 1)] for step in steps],
    }


def judged(figures: Figures) -> list[dict[str, object]]:
    """Return each target with what was measured."""
    return [
        {
            "what": t.what,
            "target": t.aim,
            "measured": round(t.value(figures), 2),
            "unit": t.unit,
            "met": t.met(t.value(figures)),
        }
        for t in TARGETS
    ]


def show(found: Figures) -> None:
    """Print everything as tables."""
    print("\n" + ", ".join(f"{name} {value}" for name, value in found["machine"].items()))
    for part, figures in found["figures"].items():
        print(f"\n{part}")
        for name, value in figures.items():
            print(f"  {name:42} {value:12,.2f}" if isinstance(value, float) else f"  {name:42} {json.dumps(value)}")
    print("\ntargets")
    for row in found["targets"]:
        word = "met" if row["met"] else "MISSED"
        print(f"  {row['what']:42} {row['measured']:10,.2f} {row['unit']:3} (target {row['target']}) {word}")
    print(f"\n{found['seconds']:.0f} seconds")


def say(what: str) -> None:
    """Tell what comes next."""
    print(f"bench: {what}", flush=True)


def main() -> None:
    """Measure, show, and keep what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    # The client tells at length of leaders that are a moment late on a broker that has just made a hundred topics.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    described, began = machine.described(), time.monotonic()
    figures = asyncio.run(measure(QUICK if chosen.quick else FULL))
    described["load after"] = machine.load()
    found = {"machine": described, "figures": figures, "targets": judged(figures), "seconds": time.monotonic() - began}
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    show(found)


if __name__ == "__main__":
    main()
