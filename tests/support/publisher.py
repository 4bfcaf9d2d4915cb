"""The agencies' side under load: one thread that publishes a stream of messages at a rate, and remembers each one."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Self

from confluent_kafka import Producer

from hub.schemas.topics import inbox
from tests.support.load import Sent

_SECONDS_TO_DELIVER = 120


class Publisher:
    """Publishes until told to stop; a context manager. sent: what each agency published, in order; it is added to.

    per_second: messages a second. Messages wait out an absent broker, in order, and are published once (idempotent).
    """

    def __init__(
        self, bootstrap: str, messages: Iterator[Sent], per_second: float, sent: defaultdict[str, list[Sent]]
    ) -> None:
        self.sent = sent
        self._messages = messages
        self._pause = 1 / per_second
        self._stop = threading.Event()
        self._failed: list[str] = []
        self._lock = threading.Lock()
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "message.timeout.ms": _SECONDS_TO_DELIVER * 1000,
                "linger.ms": 5,
                "log_level": 0,
            }
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        left = self._producer.flush(_SECONDS_TO_DELIVER)
        assert not left and not self._failed, f"{left} messages not published; faults: {self._failed[:3]}"

    @property
    def count(self) -> int:
        """How many messages were published so far."""
        return sum(len(sent) for sent in self.sent.values())

    def publish(self, messages: Iterable[Sent]) -> None:
        """Publish these besides the stream, at once."""
        with self._lock:
            for one in messages:
                self._send(one)

    # Private functions
    # -----------------

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            with self._lock:
                self._send(next(self._messages))
            self._producer.poll(0)

    def _send(self, one: Sent) -> None:
        self._producer.produce(inbox(one.agency), one.value, key=one.message_id, on_delivery=self._delivered)
        self.sent[one.agency].append(one)

    def _delivered(self, error: object, _: object) -> None:
        if error is not None:
            self._failed.append(str(error))
