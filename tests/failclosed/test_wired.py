"""The cases of the fail-closed matrix in which the transport matters: a real worker on a real broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hub.agents.endings import EXIT_CEILING, EXIT_CONFIGURATION
from hub.schemas.codec import decode
from hub.schemas.topics import DEAD_LETTERS
from tests.failclosed.matrix import MATRIX, Case, Ending
from tests.failclosed.wired_cases import CASES, Scene
from tests.support.log_reader import read_log
from tests.support.whole_hub import WholeHub, WorkerProcess, until


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeHub]:
    """A hub for all these cases; each leaves it whole."""
    with WholeHub(tmp_path_factory.mktemp("wired") / "hub") as hub:
        yield hub


@pytest.fixture(autouse=True)
def _nothing_left(hub: WholeHub) -> Iterator[None]:
    """No worker of one case is there in the next."""
    yield
    for worker in hub.workers:
        if worker.running:
            worker.stop()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in MATRIX if case.id in CASES])
def test_a_fault_ends_closed_and_on_record(hub: WholeHub, case: Case) -> None:
    """Whatever is wrong, nothing is released, and the place that the matrix names says why; what waits goes on (INV-6)."""
    scene = Scene(hub, f"Case-{case.id}")
    buried = letters(hub, case.code)

    with CASES[case.id](scene) as worker:
        if case.ending is Ending.OUTSIDE:
            assert case.code == scene.said
        elif worker is not None:
            ENDINGS[case.ending](case, hub, worker)
        assert not released(scene)

    assert letters(hub, case.code) - buried == (case.ending is Ending.BURIED)
    if case.ending is Ending.WAITS:
        until("what waited is released", lambda: released(scene))


@pytest.mark.timeout(180)
def test_what_a_stopped_worker_left_is_finished_by_the_next(hub: WholeHub) -> None:
    """Without the fault the same message is released: nothing was lost, and nothing but the fault kept it."""
    scene = Scene(hub, "Finished-by-the-next")
    with CASES["key-missing"](scene) as worker:
        assert worker is not None
        assert EXIT_CONFIGURATION == worker.wait_ended()

    hub.worker()

    until("what was left is released", lambda: released(scene))


def stopped(case: Case, _: WholeHub, worker: WorkerProcess) -> None:
    """The process ends by itself and says why; its supervisor will not start it again."""
    assert worker.wait_ended() == (EXIT_CEILING if case.code == "DEAD_LETTER_RUN" else EXIT_CONFIGURATION)
    assert f'"code":"{case.code}"' in worker.said()


def waits(case: Case, _: WholeHub, worker: WorkerProcess) -> None:
    """The process lives, is not ready, and says why."""
    until("the worker says what it waits for", lambda: not worker.running or case.code in worker.get("/ready"))
    assert worker.running, worker.said()
    assert f'"code":"{case.code}"' in worker.said()


def buried(_: Case, hub: WholeHub, worker: WorkerProcess) -> None:
    """The worker goes on; everything is handled."""
    worker.wait_ready()
    hub.drain()


ENDINGS: dict[Ending, Callable[[Case, WholeHub, WorkerProcess], None]] = {
    Ending.STOPPED: stopped,
    Ending.WAITS: waits,
    Ending.BURIED: buried,
}


def released(scene: Scene) -> bool:
    """Whether the case's child was told of to anybody."""
    topics = [topic.name for topic in scene.hub.topics if topic.name.endswith(".out.v1")]
    present = scene.hub.existing(topics)
    log = read_log(scene.hub.bootstrap, present)
    return any(scene.name.encode() in row.value for rows in log.values() for row in rows)


def letters(hub: WholeHub, code: str) -> int:
    """Return how many messages were buried for a reason."""
    rows = read_log(hub.bootstrap, [DEAD_LETTERS])[DEAD_LETTERS]
    return sum(decode(row.value).body["reason"] == code for row in rows)
