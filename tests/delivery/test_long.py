"""The kill tests in full (`make test-long`): every point of every agent, and everything else that may go away, twice over."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import delivery_report
from tests.support.delivery_report import Story
from tests.support.postgres import PostgresServer
from tests.support.trial import POINTS, Trial

pytestmark = pytest.mark.long

SEED = 1989
AWAY_SECONDS = 8.0
LEAST_KILLS = 50


@pytest.mark.timeout(2400)
def test_the_long_run_reconciles(tmp_path: Path) -> None:
    """After at least 50 kills nothing is lost, doubled, changed or released unrecorded, on either store (INV-2, 4, 5, 6)."""
    started = time.monotonic()

    stories = [on_sqlite(tmp_path), on_postgres(tmp_path)]

    kills = sum(sum(story.kills.values()) for story in stories)
    assert kills >= LEAST_KILLS
    delivery_report.write(stories, (time.monotonic() - started) / 60)


def on_sqlite(folder: Path) -> Story:
    """Every point twice, workers that come and go, a broker stopped and killed, a locked store."""
    with Trial(folder / "sqlite", SEED) as trial:
        story = Story("SQLite", kills=trial.kills)
        with telling(
            story, trial, "one worker after the other killed at every point of every agent, at its first passage"
        ):
            every_point(trial, passage=1)
        with telling(story, trial, "the same at the third passage"):
            every_point(trial, passage=3)
        with telling(story, trial, "two workers at a time: killed at any moment, stopped and joined by others"):
            churn(trial, rounds=8)
        for end, word in ((trial.hub.broker.stop, "stopped"), (trial.hub.broker.kill, "killed")):
            with telling(story, trial, f"broker {word} and away for {AWAY_SECONDS:.0f} s"):
                away(trial, end)
        trial.kills["broker"] += 1
        with telling(story, trial, "store locked by another process for longer than the hub waits for a lock"):
            locked(trial)
    return story


def on_postgres(folder: Path) -> Story:
    """Every point of the agents that write most, workers that come and go, a server stopped and started."""
    with PostgresServer(durable=True) as server, Trial(folder / "postgres", SEED + 1, new_database(server)) as trial:
        story = Story("PostgreSQL", kills=trial.kills)
        with telling(
            story, trial, "one worker after the other killed at every point of every agent, at its first passage"
        ):
            every_point(trial, passage=1)
        with telling(story, trial, "two workers at a time: killed at any moment, stopped and joined by others"):
            churn(trial, rounds=4)
        with telling(story, trial, "server stopped, a worker killed while it is away, server started again"):
            without_server(trial, server)
    return story


class telling:  # noqa: N801 - reads as a statement
    """One chapter of a story: the case inside runs under load and is proved at its end."""

    def __init__(self, story: Story, trial: Trial, what: str) -> None:
        self._story, self._trial = story, trial
        story.done.append(what)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._story.findings = self._trial.prove()


def every_point(trial: Trial, passage: int) -> None:
    """Kill a worker at each point of each agent."""
    for agent, points in POINTS.items():
        with trial.load() as publisher:
            for point in points:
                trial.die_at(agent, point, passage)
            trial.answer(publisher)


def churn(trial: Trial, rounds: int) -> None:
    """Keep two workers; in each round kill one at any moment, and in each second round stop the other."""
    with trial.load() as publisher:
        first, second = trial.hub.worker(), trial.hub.worker()
        for number in range(rounds):
            trial.wait_worked(first)
            trial.wait_worked(second)
            trial.a_moment(2)
            trial.kill(first, "at any moment, one of two")
            if number % 2:
                assert 0 == second.stop()
                second = trial.hub.worker()
            first, second = second, trial.hub.worker()
            trial.answer(publisher)


def away(trial: Trial, end: Callable[[], None]) -> None:
    """Take the broker away under load."""
    with trial.load():
        worker = trial.hub.worker()
        trial.wait_worked(worker)
        end()
        time.sleep(AWAY_SECONDS)
        trial.hub.broker.start()
        trial.wait_worked_on(worker)


def locked(trial: Trial) -> None:
    """Hold the store's write lock until the worker has said that it waits."""
    with trial.load():
        worker = trial.hub.worker()
        trial.wait_worked(worker)
        with closing(sqlite3.connect(trial.hub.settings.sqlite_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            trial.wait_starved(worker)
            other.execute("ROLLBACK")
        trial.wait_worked_on(worker)


def without_server(trial: Trial, server: PostgresServer) -> None:
    """Stop PostgreSQL under load; kill one of the workers that wait for it."""
    with trial.load():
        first, second = trial.hub.worker(), trial.hub.worker()
        trial.wait_worked(first)
        trial.wait_worked(second)
        with server.away():
            trial.wait_starved(first)
            trial.kill(second, "while the store is away")
        trial.wait_worked_on(first)


def new_database(server: PostgresServer) -> str:
    """Return the address of an empty database."""
    return asyncio.run(server.new_database())
