"""The board: what the hub has said of each message, for those who wait for its word."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from hub.connectors.messages import Acknowledgement
from hub.connectors.partner.faults import require, translated
from hub.errors import Fault, PassingFault, RefusedMessage

Status = Literal["accepted", "refused", "held", "delivered"]

REMEMBERED: Final = 10_000
"""Messages whose acknowledgements the board keeps: the newest."""

_POLL_MS: Final = 250
_REMEDY: Final = "ask again when the broker is back"


class NotAcknowledged(PassingFault):
    """The hub has not said what was waited for; it may still do so."""


class Board:
    """The agency's acknowledgements from the oldest kept on, read without a consumer group and only while somebody waits.

    Bounded: of the newest `REMEMBERED` messages. patience: seconds that the broker has to answer at the start.
    """

    def __init__(
        self, bootstrap: str, topic: str, read: Callable[[ConsumerRecord], Acknowledgement], patience: float
    ) -> None:
        self._bootstrap = bootstrap
        self._place = TopicPartition(topic, 0)
        self._read = read
        self._patience = patience
        self._said: OrderedDict[bytes, list[ConsumerRecord]] = OrderedDict()
        self._turn = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None

    async def wait_for(self, message_id: str, status: Status | None, seconds: float) -> Acknowledgement:
        """Return the first acknowledgement of the message with this status, or of any status when it is None.

        Raises RefusedMessage with every fault when the hub refused the message and that was not waited for, NotAcknowledged
        when the seconds have passed, BrokerUnavailable, ConfigurationFault.
        """
        try:
            async with asyncio.timeout(seconds):
                while (found := self._find(message_id, status)) is None:
                    await self._read_on(message_id)
        except TimeoutError:
            word = f"`{status}`" if status else "anything"
            text = f"the hub has not said {word} of the message within {seconds:g} s"
            remedy = "see that the hub runs, then ask again; the message itself is with the broker"
            raise NotAcknowledged.of("NOT_ACKNOWLEDGED", text, self._place.topic, remedy) from None
        return found

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    # Private functions
    # -----------------

    def _find(self, message_id: str, status: Status | None) -> Acknowledgement | None:
        said = [self._read(message) for message in self._said.get(message_id.encode(), ())]
        for word in said:
            if status in (None, word.status):
                return word
        for word in said:
            if word.status == "refused":
                raise RefusedMessage(*(Fault(each.code, each.place, each.text, each.remedy) for each in word.faults))
        return None

    async def _read_on(self, message_id: str) -> None:
        """Take in what is there; one waiting task reads for all."""
        before = len(self._said.get(message_id.encode(), ()))
        async with self._turn:
            if before != len(self._said.get(message_id.encode(), ())):
                return
            with translated(self._place.topic, _REMEDY):
                consumer = self._consumer or await self._start()
                found = await consumer.getmany(self._place, timeout_ms=_POLL_MS)
            for message in found.get(self._place, ()):
                self._keep(message)

    def _keep(self, message: ConsumerRecord) -> None:
        self._said.setdefault(message.key or b"", []).append(message)
        self._said.move_to_end(message.key or b"")
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)

    async def _start(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, auto_offset_reset="earliest")
        try:
            async with asyncio.timeout(self._patience):
                await consumer.start()
                require(self._place.topic, await consumer.topics())
        except BaseException:
            await consumer.stop()
            raise
        consumer.assign([self._place])
        await consumer.seek_to_beginning(self._place)
        self._consumer = consumer
        return consumer
