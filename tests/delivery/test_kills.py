"""Workers that are killed, leave and join under load: nothing is lost, doubled, changed or released unrecorded."""

from __future__ import annotations

import pytest

from tests.support.trial import Trial

POINTS = (
    ("intake", "after-store"),
    ("intake", "between-stages"),
    ("intake", "after-stage-1-before-ack"),
    ("decide", "before-handle"),
    ("decide", "after-store"),
    ("decide", "before-stage-0"),
    ("decide", "between-stages"),
    ("decide", "after-stage-1-before-ack"),
    ("decide", "after-ack"),
    ("record", "after-store"),
)
"""The points between which a crash could do harm; `make test-long` goes through all of them."""


@pytest.mark.timeout(300)
def test_a_worker_killed_at_any_step_leaves_nothing_behind(trial: Trial) -> None:
    """Wherever in the loop a worker dies, the next one finishes its work: records first, each message once (INV-2, 5, 6)."""
    with trial.load() as publisher:
        for number, (agent, point) in enumerate(POINTS):
            trial.die_at(agent, point, passage=1 + number % 3)
            if number == len(POINTS) // 2:
                trial.answer(publisher)

    trial.prove()


@pytest.mark.timeout(300)
def test_workers_may_join_leave_and_be_killed_under_load(trial: Trial) -> None:
    """Partitions that move between workers, by a stop or by a crash, lose and double nothing; a stop ends clean."""
    with trial.load() as publisher:
        first, second = trial.hub.worker(), trial.hub.worker()
        trial.wait_worked(first)
        trial.wait_worked(second)

        trial.kill(first)
        third = trial.hub.worker()
        trial.wait_worked(third)
        trial.answer(publisher)

        assert 0 == second.stop()
        trial.a_moment()
        fourth = trial.hub.worker()
        trial.wait_worked(fourth)
        trial.kill(third)

    trial.prove()
