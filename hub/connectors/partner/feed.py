"""A feed: typed messages one by one, each given up only when it was handled.

Asking for the next message says that the last one was handled: its id is noted, then the group's position moves past it.
Leaving the loop, or a crash, leaves it unhandled, and it comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar

from aiokafka import ConsumerRecord

from hub.connectors.messages import MODELS, Acknowledgement, Edge, FilteredRecord, from_body
from hub.connectors.partner.seen import Seen
from hub.connectors.partner.source import Source
from hub.errors import Fault, InputFault, UnreadableMessage
from hub.schemas.codec import Decoded, decode
from hub.schemas.registry import Registry

M = TypeVar("M", bound=Edge)

_UPDATE: Final = "bring this package up to date: the hub writes with a schema that it does not know"


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """A kind of message that the hub sends: its model, its own id (of which there is one), and the agency it is for."""

    model: type[M]
    key: Callable[[M], str]
    addressee: Callable[[M], str]


RECORDS: Final = Kind(FilteredRecord, lambda record: record.record_id, lambda record: record.recipient)
ACKNOWLEDGEMENTS: Final = Kind(Acknowledgement, lambda word: word.ack_id, lambda word: word.agency)


class Feed(Generic[M]):
    """Messages of one kind for one consumer group, as an async iterator; for one reader at a time.

    Each step raises BrokerUnavailable and StoreUnavailable (ask again: nothing is lost), ConfigurationFault (no such topic,
    no right to it) and UnreadableMessage (a message that cannot be read, by its place in the log; it stays the next one).
    """

    def __init__(
        self, source: Source, kind: Kind[M], read: Callable[[ConsumerRecord], M], seen: Seen, group: str
    ) -> None:
        self._source = source
        self._key = kind.key
        self._read = read
        self._seen = seen
        self._group = group
        self._unread: ConsumerRecord | None = None
        self._handed: tuple[str, int] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> M:
        await self.done()
        while True:
            self._unread = self._unread or await self._source.next()
            if self._unread is None:
                await self.close()
                raise StopAsyncIteration
            message = self._read(self._unread)
            repeated = await self._seen.has(self._group, self._key(message))
            self._handed = self._key(message), self._unread.offset + 1
            self._unread = None
            if not repeated:
                return message
            await self.done()

    async def done(self) -> None:
        """Say that the message handed out last was handled; asking for the next one says the same.

        For a loop that ends in the middle: `await records.done()` before `break`.
        """
        if self._handed is None:
            return
        key, position = self._handed
        await self._seen.add(self._group, key)
        await self._source.commit(position)
        self._handed = None

    async def close(self) -> None:
        """Disconnect; a message that was handed out and not handled comes again. The client does this when it ends."""
        await self._source.close()


def reader(kind: Kind[M], agency: str, registry: Registry) -> Callable[[ConsumerRecord], M]:
    """Return a function that reads a Kafka message as the model of its kind.

    It raises UnreadableMessage, with the message's place in the log: an unknown schema is named by its id; what is for
    another agency is not handed out.
    """

    def read(message: ConsumerRecord) -> M:
        try:
            return _read(kind, agency, decode(message.value or b"", registry))
        except (UnreadableMessage, InputFault) as error:
            raise UnreadableMessage(*(_placed(fault, message) for fault in error.faults)) from None

    return read


# Private functions
# -----------------


def _read(kind: Kind[M], agency: str, decoded: Decoded) -> M:
    if MODELS.get(decoded.name) is not kind.model:
        text = f"a `{decoded.name}` where a `{kind.model.__name__}` was expected"
        raise UnreadableMessage.of("UNEXPECTED_MESSAGE", text)
    message = from_body(decoded.name, decoded.body)
    assert isinstance(message, kind.model)
    if kind.addressee(message) != agency:
        raise UnreadableMessage.of(
            "NOT_ADDRESSED", "the message is for another agency", remedy="tell the council at once"
        )
    return message


def _placed(fault: Fault, message: ConsumerRecord) -> Fault:
    place = f"{message.topic}/{message.partition}/{message.offset}"
    remedy = _UPDATE if fault.code == "WRONG_SCHEMA" else fault.remedy
    return Fault(fault.code, f"{place} {fault.place}".rstrip(), fault.text, remedy)
