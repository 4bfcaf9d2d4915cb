"""A worker process with a handler of its own, for the tests of the stream loop: `python -m tests.support.loop_worker`.

The settings come from the environment, as for the real worker; what it does from the arguments.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hub.agents.loop import Route
from hub.agents.worker import Parts, run_worker
from hub.errors import MessageFault, StoreUnavailable, UnreadableMessage
from hub.flow.outcome import Emit, Incoming, Result
from hub.settings import load
from hub.telemetry.metrics import Metrics

CANARY = "Canary-Quillfeather"
"""Stands for personal data in the text of an error nobody foresaw."""


class Echo:
    """Copies each message to `<out>.records` in stage 0 and to `<out>.releases` in stage 1, as the value it had.

    What a value begins with decides what else happens: `bad` is buried, `boom` raises an error nobody foresaw, `large` asks
    for an emit that is too large, `slow` takes its time. While the file `down` exists the store is unavailable; while the
    file `calm` exists `boom` is an ordinary message.
    """

    def __init__(self, out: str, folder: Path) -> None:
        self._out = out
        self._folder = folder

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Handle the batch as the class says."""
        if (self._folder / "down").exists():
            raise StoreUnavailable.of("STORE_DOWN", "the store does not answer")
        good = [message for message in batch if not message.value.startswith(b"bad")]
        for message in good:
            if message.value.startswith(b"boom") and not (self._folder / "calm").exists():
                raise KeyError(CANARY)
            if message.value.startswith(b"slow"):
                await asyncio.sleep(60)
        return Result(
            stages=(self._emits("records", good), self._emits("releases", good)),
            buried=tuple(
                (m, UnreadableMessage.of("BAD_BODY", "cannot be decoded")) for m in batch if m.value.startswith(b"bad")
            ),
        )

    def _emits(self, kind: str, messages: list[Incoming]) -> tuple[Emit, ...]:
        return tuple(Emit(f"{self._out}.{kind}", m.key or b"", self._value(m), m.headers) for m in messages)

    def _value(self, message: Incoming) -> bytes:
        return bytes(10_000_000) if message.value.startswith(b"large") else message.value


def main() -> None:
    """Run the worker."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--topic", action="append", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args()

    def bury(message: Incoming, fault: MessageFault) -> Emit:
        return Emit(
            f"{chosen.out}.dead", message.key or b"", message.value, (("reason", fault.faults[0].code.encode()),)
        )

    @asynccontextmanager
    async def assemble() -> AsyncIterator[Parts]:
        route = Route("decide", tuple(chosen.topic), Echo(chosen.out, chosen.folder))
        partitions = [str(number) for number in range(64)]
        yield Parts((route,), bury, Metrics({"topic": chosen.topic, "partition": partitions}))

    run_worker(load(), assemble)


if __name__ == "__main__":
    main()
