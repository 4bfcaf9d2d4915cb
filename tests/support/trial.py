"""A hub under load that is killed, stopped and starved in turn, and must reconcile after each case."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.answers import Answers
from tests.support.load import Load, Sent
from tests.support.log_reader import Log, read_log
from tests.support.publisher import Publisher
from tests.support.reconcile import Findings, Reconciliation, State
from tests.support.whole_hub import WholeHub, WorkerProcess, until

POINTS = {
    "intake": (
        "before-handle",
        "after-store",
        "before-stage-0",
        "between-stages",
        "after-stage-1-before-ack",
        "after-ack",
    ),
    "decide": (
        "before-handle",
        "after-store",
        "before-stage-0",
        "between-stages",
        "after-stage-1-before-ack",
        "after-ack",
    ),
    # It emits nothing, so it has no second stage.
    "record": ("before-handle", "after-store", "before-stage-0", "after-stage-1-before-ack", "after-ack"),
}
"""Every kill point that each agent passes."""


FINISHED = "hub_emit_seconds_count"
RETRIED = "hub_retries_total"


class Trial:
    """One hub, one log and one store for a row of cases; what happened in earlier cases is proved again in later ones.

    kills: how often a worker or the broker was killed, by where. Cases publish through `load`, and end with `prove`.
    """

    def __init__(self, folder: Path, seed: int, database: str = "") -> None:
        self.hub = WholeHub(folder, database)
        self.kills: Counter[str] = Counter()
        self.dice = random.Random(seed)
        self.sent: defaultdict[str, list[Sent]] = defaultdict(list)
        self._load = Load(seed)
        self._answers = Answers(self._load, seed)
        self._messages = self._load.messages()

    def __enter__(self) -> Self:
        self.hub.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hub.__exit__(kind, error, trace)

    def load(self, per_second: float = 30) -> Publisher:
        """Return a publisher that keeps the load on while its context is open."""
        return Publisher(self.hub.bootstrap, self._messages, per_second, self.sent)

    def answer(self, publisher: Publisher) -> None:
        """Have people answer what stands in the log by now."""
        publisher.publish(self._answers.to(self.log()))

    def log(self) -> Log:
        """Return the whole log."""
        return read_log(self.hub.bootstrap, [topic.name for topic in self.hub.topics])

    def die_at(self, agent: str, point: str, passage: int = 1) -> None:
        """Start a worker that is killed at a point of an agent's loop, and see it die there."""
        worker = self.hub.worker(HUB_FAULT_POINT=f"{agent}/{point}:{passage}")
        code = worker.wait_ended()
        assert code == -signal.SIGKILL, worker.said()
        self.kills[f"{agent}: {point}"] += 1

    def kill(self, worker: WorkerProcess, where: str = "at any moment") -> None:
        """Kill a worker that works."""
        assert worker.running, worker.said()
        worker.kill()
        self.kills[where] += 1

    def wait_worked(self, worker: WorkerProcess, batches: float = 1) -> None:
        """Wait until a worker has finished so many batches since it started."""
        until("a worker works", lambda: not worker.running or _metric(worker, FINISHED) >= batches)
        assert worker.running, worker.said()

    def wait_worked_on(self, worker: WorkerProcess) -> None:
        """Wait until a worker has finished more than it has by now."""
        self.wait_worked(worker, _metric(worker, FINISHED) + 1)

    def wait_starved(self, worker: WorkerProcess) -> None:
        """Wait until a worker has tried a batch again because something that it needs does not answer."""
        tried = _metric(worker, RETRIED)
        until("a worker tries again", lambda: not worker.running or _metric(worker, RETRIED) > tried)
        assert worker.running, worker.said()

    def a_moment(self, most: float = 1.0) -> None:
        """Let some of the work go on, for a time drawn at random."""
        time.sleep(self.dice.uniform(0, most))

    def state(self) -> State:
        """Return all there is to compare, once everything is handled."""
        running = [worker for worker in self.hub.workers if worker.running]
        if not running:
            self.hub.worker()
        self.hub.drain()
        return State(self.sent, self.log(), self.hub.register(), self.hub.reviews())

    def compare(self, state: State) -> Findings:
        """Return what a reconciliation of a state finds."""
        return Reconciliation(state, self.hub.policies, self.hub.keyring).findings()

    def prove(self) -> Findings:
        """Let the hub finish, stop its workers, and prove that nothing is lost, doubled, changed or unrecorded."""
        found = self.compare(self.state())
        codes = [worker.stop() for worker in self.hub.workers if worker.running]
        assert found.differences == [], found.differences[:10]
        assert set(codes) == {0}
        assert found.numbers["releases"] and found.numbers["inputs accepted"], "the load proves nothing"
        return found


# Private functions
# -----------------


def _metric(worker: WorkerProcess, name: str) -> float:
    lines = worker.get("/metrics").splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))
