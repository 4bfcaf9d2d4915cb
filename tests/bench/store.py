"""Measure both stores: `python -m tests.bench.store [--subjects N] [--json]`. Medians of several runs; proves nothing.

Every subject has three keys, one message, one event with facts of 500 bytes, and five disclosure records of 600 bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import asyncpg

from hub.ledger.ports import Key, Origin, Position, RegisterQuery, RegisterRow, ResolveAsk, Stores, SubjectEvent
from hub.ledger.postgres import open_postgres
from hub.ledger.sqlite import open_sqlite
from tests.support.postgres import PostgresServer

FACTS = 500
BODY = 600
RECORDS = 5
RUNS = 9
BATCH = 500

RATED = 20_000

Figures = dict[str, float]
T = TypeVar("T")


def name(*parts: object) -> str:
    """Return a made-up 32-digit id."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def keys(subject: object) -> tuple[Key, ...]:
    """Return the keys of one subject."""
    kinds = ("nhs_number", "upn", "name_dob_postcode")
    return tuple(Key(kind, hashlib.sha256(f"{kind}{subject}".encode()).hexdigest()) for kind in kinds)


def ask(message: object, subject: object) -> ResolveAsk:
    """Return the ask for a message about one subject."""
    return ResolveAsk(
        "council",
        "trust",
        name("m", message),
        name("c", message) * 2,
        Origin("partner.trust.in.v1", 0, 0),
        (keys(subject),),
    )


def record(number: int) -> RegisterRow:
    """Return one disclosure record; those of one subject message follow each other, as they do on the topic."""
    message = number // RECORDS
    return RegisterRow(
        disclosure_id=name("d", number),
        disclosures_id=name("e", message),
        subject_ref=name("s", message),
        message_id=name("m", message),
        council="council",
        agency="trust",
        recipient=f"recipient-{number % 20}",
        decision="PERMIT",
        form="request-for-support",
        purpose="early-help",
        received_at=f"2026-11-22T{message:08}Z",
        record_id=name("r", number),
        review_id="",
        body=random.randbytes(BODY),
    )


def event(subject: object, offset: int) -> SubjectEvent:
    """Return one event of a subject."""
    return SubjectEvent(
        name("s", subject), Position("log", 0, offset), name("m", subject), "consent", random.randbytes(FACTS)
    )


async def median_ms(prepare: Callable[[int], T], work: Callable[[T], Awaitable[object]]) -> float:
    """Return the median time of `work` in milliseconds; `prepare` makes its input for each run, and is not measured."""
    times = []
    for run in range(RUNS):
        prepared = prepare(run)
        gc.collect()
        start = time.perf_counter()
        await work(prepared)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


async def remember(stores: Stores, subjects: int) -> None:
    """Write all subjects, each with its keys, its message and an event."""
    for start in range(0, subjects, 1000):
        part = range(start, min(start + 1000, subjects))
        await stores.identity.resolve([ask(n, n) for n in part])
        await stores.events.first_seen([(name("m", n), Position("log", 0, n)) for n in part])
        await stores.events.append([event(n, n) for n in part])


async def register(stores: Stores, subjects: int) -> Figures:
    """Write all records; return the rates of writing them in batches of two sizes."""
    figures = {}
    first = {100: 0, 1000: RATED}
    for batch, begin in first.items():
        made = [[record(n) for n in range(start, start + batch)] for start in range(begin, begin + RATED, batch)]
        began = time.perf_counter()
        for rows in made:
            await stores.register.put(rows)
        figures[f"register.put, batches of {batch}, rows/s"] = RATED / (time.perf_counter() - began)
    for start in range(2 * RATED, subjects * RECORDS, 1000):
        await stores.register.put([record(n) for n in range(start, start + 1000)])
    return figures


async def measure(stores: Stores, subjects: int) -> Figures:
    """Return the times of the calls that the agents make, with all subjects stored."""
    rng = random.Random(7)
    chosen = [rng.sample(range(subjects), BATCH) for _ in range(RUNS)]
    after = Position("log", 0, 10 * subjects)
    events, identity, listed = stores.events, stores.identity, stores.register
    return {
        "facts_before, 500 subjects, ms": await median_ms(
            lambda run: [(name("s", n), after) for n in chosen[run]], events.facts_before
        ),
        "first_seen, 500 new ids, ms": await median_ms(
            lambda run: [(name("x", run, n), after) for n in range(BATCH)], events.first_seen
        ),
        "append, 500 events, ms": await median_ms(
            lambda run: [event(n, subjects + run) for n in chosen[run]], events.append
        ),
        "resolve, 500 known persons, ms": await median_ms(
            lambda run: [ask(("k", run, n), n) for n in chosen[run]], identity.resolve
        ),
        "resolve, 500 new persons, ms": await median_ms(
            lambda run: [ask(("n", run, n), ("n", run, n)) for n in range(BATCH)], identity.resolve
        ),
        "resolve, 500 messages again, ms": await median_ms(
            lambda run: [ask(n, n) for n in chosen[run]], identity.resolve
        ),
        "register.query, newest 100, ms": await median_ms(lambda _: RegisterQuery(), listed.query),
        "register.query, one subject, ms": await median_ms(
            lambda run: RegisterQuery(subject_ref=name("s", run)), listed.query
        ),
        "register.counts, ms": await median_ms(lambda _: None, lambda _: listed.counts()),
    }


def store_size(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir())


def sizes(subjects: int, subjects_size: int, all_size: int) -> Figures:
    """Return the sizes in megabytes for 100,000 subjects and 100,000 records."""
    return {
        "100,000 subjects, MB": subjects_size / subjects / 10,
        "100,000 disclosure records, MB": (all_size - subjects_size) / (subjects * RECORDS) / 10,
    }


async def sqlite(subjects: int) -> Figures:
    """Measure SQLite in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        stores = await open_sqlite(folder / "store.db")
        await stores.migrate()
        await remember(stores, subjects)
        await stores.close()
        subjects_size = store_size(folder)
        stores = await open_sqlite(folder / "store.db")
        figures = await register(stores, subjects)
        await stores.close()
        all_size = store_size(folder)
        stores = await open_sqlite(folder / "store.db")
        figures |= await measure(stores, subjects)
        await stores.close()
        return figures | sizes(subjects, subjects_size, all_size)
    finally:
        shutil.rmtree(folder)


async def postgres(subjects: int) -> Figures:
    """Measure a PostgreSQL server with its default settings, durable, in a temporary folder."""
    with PostgresServer(durable=True) as server:
        dsn = await server.new_database()
        stores = await open_postgres(dsn)
        await stores.migrate()
        empty = await database_size(dsn)
        await remember(stores, subjects)
        subjects_size = await database_size(dsn) - empty
        figures = await register(stores, subjects)
        all_size = await database_size(dsn) - empty
        figures |= await measure(stores, subjects)
        await stores.close()
        return figures | sizes(subjects, subjects_size, all_size)


async def database_size(dsn: str) -> int:
    """Return the bytes of a database on the disk."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {"sqlite": asyncio.run(sqlite(options.subjects)), "postgres": asyncio.run(postgres(options.subjects))}
    if options.json:
        sys.stdout.write(json.dumps({"subjects": options.subjects, "figures": found}) + "\n")
        return
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{options.subjects:,} subjects; Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}\n"
    )
    for figure in found["sqlite"]:
        sys.stdout.write(f"{figure:45} {found['sqlite'][figure]:12,.1f} {found['postgres'][figure]:12,.1f}\n")


if __name__ == "__main__":
    main()
