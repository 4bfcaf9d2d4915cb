"""Faust's consumer without the four tasks that it makes for each message (measured: a third of its own cost).

Faust hands each message to its stream through `wait_first`, so that a rebalance can break off the wait for a full buffer.
Almost always there is nothing to wait for: the hand-over ends without giving way, and needs no task that could be broken off.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Final

import faust
from faust.transport.drivers.aiokafka import Consumer, Transport
from mode.services import WaitResults

_HAND_OVER: Final = 2
"""How many things a hand-over waits for: the message being taken, and a rebalance."""


class QuickApp(faust.App):
    """A Faust app whose consumer hands messages over at once where it can."""

    def _new_transport(self) -> Transport:
        return QuickTransport(self.conf.broker_consumer, self)


class QuickConsumer(Consumer):
    """Hands a message over at once where it can, and as Faust does where it must wait."""

    async def wait_first(self, *coros: Any, timeout: Any = None) -> WaitResults:  # noqa: ASYNC109 - its signature is Faust's
        """Return when the first of these is done, or the consumer stops."""
        if len(coros) != _HAND_OVER or not isinstance(coros[0], Coroutine):
            return await super().wait_first(*coros, timeout=timeout)
        message, rebalance = coros
        try:
            waits_for = message.send(None)
        except StopIteration as done:
            rebalance.close()
            return WaitResults(done=[message], results=[done.value], stopped=False)
        return await super().wait_first(_Rest(message, waits_for).run(), rebalance, timeout=timeout)


class QuickTransport(Transport):
    """Faust's transport with that consumer."""

    Consumer = QuickConsumer


# Private functions
# -----------------


class _Rest:
    """A coroutine that has run up to its first wait, to be run to its end by a task."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    async def run(self) -> Any:
        """Run what is left."""
        return await self

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        while True:
            sent, error = None, None
            try:
                sent = yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - it is passed on to the coroutine, whose it is
                error = thrown
            try:
                waits_for = self._coroutine.send(sent) if error is None else self._coroutine.throw(error)
            except StopIteration as done:
                return done.value
