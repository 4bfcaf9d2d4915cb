"""A broker that goes away under load: workers live on, wait, and finish their work in place when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from hub.connectors.broker.process import EmbeddedBroker
from tests.support.trial import Trial

AWAY_SECONDS = 8.0


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "end", [pytest.param(EmbeddedBroker.stop, id="stopped"), pytest.param(EmbeddedBroker.kill, id="killed")]
)
def test_a_broker_that_is_away_for_a_while_costs_nothing(trial: Trial, end: Callable[[EmbeddedBroker], None]) -> None:
    """While the broker is away a worker keeps its batch, and goes on with it afterwards (INV-6)."""
    with trial.load():
        worker = trial.hub.worker()
        trial.wait_worked(worker)

        end(trial.hub.broker)
        trial.kills["broker"] += end is EmbeddedBroker.kill
        time.sleep(AWAY_SECONDS)
        trial.hub.broker.start()
        trial.wait_worked_on(worker)

    assert worker.running, worker.said()
    trial.prove()
