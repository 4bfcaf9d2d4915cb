"""A store that does not answer for a while: the batch is tried again in place, and nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.support.trial import Trial

SEED = 4


@pytest.mark.timeout(300)
def test_a_store_locked_by_another_process_is_waited_for(trial: Trial) -> None:
    """A lock that outlasts the store's own patience is a passing fault: the worker says so, and waits."""
    with trial.load():
        worker = trial.hub.worker()
        trial.wait_worked(worker)
        with closing(sqlite3.connect(trial.hub.settings.sqlite_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            trial.wait_starved(worker)
            other.execute("ROLLBACK")
        trial.wait_worked_on(worker)

    trial.prove()


@pytest.mark.timeout(300)
def test_postgresql_may_be_stopped_and_started_under_load(tmp_path: Path) -> None:
    """A PostgreSQL server that goes away takes nothing with it; a worker killed meanwhile takes nothing either."""
    with PostgresServer(durable=True) as server, Trial(tmp_path / "hub", SEED, _database(server)) as trial:
        with trial.load() as publisher:
            trial.die_at("decide", "after-store", passage=2)
            worker = trial.hub.worker()
            trial.wait_worked(worker)
            trial.answer(publisher)

            with server.away():
                trial.wait_starved(worker)
            trial.wait_worked_on(worker)

        trial.prove()


# Private functions
# -----------------


def _database(server: PostgresServer) -> str:
    return asyncio.run(server.new_database())
