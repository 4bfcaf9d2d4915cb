"""Playing the morning: each agency publishes through the real partner client, and the hub settles a step before the next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from hub.cli.demo import scenario as s
from hub.cli.demo.eyes import Body, Eyes, Seen
from hub.cli.demo.scenario import Entry, Step
from hub.connectors import kafka_log
from hub.connectors.messages import FilteredRecord, Person, parse_json
from hub.connectors.messages.convert import to_body
from hub.connectors.partner import PartnerClient, response_to
from hub.errors import BrokerUnavailable, InputFault
from hub.ledger.ports import ReviewRow, Stores
from hub.schemas.codec import encode
from hub.schemas.registry import Registry
from hub.schemas.topics import inbox
from hub.wiring import desk

SETTLE_SECONDS: Final = 60.0

_LOOK_SECONDS: Final = 0.05
_INTAKE: Final = ("accepted", "refused")
_DECIDED: Final = ("delivered", "held")


@dataclass(frozen=True, slots=True)
class Played:
    """What was published for an entry, and where it lies. review_id: of the review that a ruling answers.

    name and body: the message as published; "" and {} for bytes that are none.
    """

    entry: Entry
    message_id: str
    topic: str
    offset: int
    name: str = ""
    body: Body | None = None
    review_id: str = ""


class Agencies:
    """A partner client for each agency that has something to say; an async context manager."""

    def __init__(self, bootstrap: str, registry: Registry) -> None:
        self.bootstrap, self._registry = bootstrap, registry
        self._clients: dict[str, PartnerClient] = {}
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    async def client(self, agency: str) -> PartnerClient:
        """Return the agency's client."""
        if agency not in self._clients:
            fresh = PartnerClient(agency, self.bootstrap, registry=self._registry)
            self._clients[agency] = await self._closing.enter_async_context(fresh)
        return self._clients[agency]

    async def put(self, agency: str, message_id: str, value: bytes) -> int:
        """Put bytes into the agency's topic as software of its own might, and return their offset."""
        return (await kafka_log.put(self.bootstrap, inbox(agency), message_id.encode(), value, ()))[1]

    async def next_record(self, agency: str, wanted: Callable[[FilteredRecord], bool]) -> FilteredRecord:
        """Return the first record for the agency that is wanted; those before it count as handled.

        Raises InputFault when none has come.
        """
        feed = (await self.client(agency)).records(follow=False)
        try:
            async for record in feed:
                if wanted(record):
                    await feed.done()
                    return record
        finally:
            await feed.close()
        raise InputFault.of("NO_RECORD", f"no such record has come for `{agency}`", "morning")


class Player:
    """Plays the steps of the morning in order.

    told: called with each entry that was published.
    """

    def __init__(
        self, agencies: Agencies, eyes: Eyes, stores: Stores, registry: Registry, told: Callable[[Played], None]
    ) -> None:
        self.played: list[Played] = []
        self._agencies, self._eyes, self._stores, self._registry = agencies, eyes, stores, registry
        self._told = told

    async def play(self, step: Step) -> None:
        """Publish the entries of a step, and return when the hub has settled all of them.

        Raises BrokerUnavailable, also when the hub does not settle; InputFault when the client refuses a message.
        """
        touched: dict[str, str] = {}
        for entry in step.entries:
            if touched.get(entry.family, entry.agency) != entry.agency or entry.kind not in (s.MESSAGE, s.BYTES):
                # Agencies' topics have no order between them; what concerns one family is played one by one.
                await self._settle()
                touched.clear()
            touched[entry.family] = entry.agency
            self.played.append(await self._publish(entry))
            self._told(self.played[-1])
        await self._settle()

    # Private functions
    # -----------------

    async def _publish(self, entry: Entry) -> Played:
        if entry.kind == s.BYTES:
            return await self._put(entry, entry.data, "", None)
        if entry.unchecked:
            name = str(entry.body["type"])
            body = {field: value for field, value in entry.body.items() if field != "type"}
            return await self._put(entry, encode(name, body, self._registry), name, body)
        if entry.kind == s.ANSWER:
            return await self._answer(entry)
        if entry.kind == s.RECEIPT:
            return await self._receipt(entry)
        return await self._rule(entry) if entry.kind == s.RULING else await self._send(entry, entry.body)

    async def _send(self, entry: Entry, message: Body) -> Played:
        client = await self._agencies.client(entry.agency)
        sent = await client.publish(message)
        name, body = parse_json(json.dumps(message))
        return Played(entry, sent.message_id, sent.topic, sent.offset, name, body)

    async def _put(self, entry: Entry, value: bytes, name: str, body: Body | None) -> Played:
        offset = await self._agencies.put(entry.agency, entry.message_id, value)
        topic = inbox(entry.agency)
        named = entry.message_id if body else f"{topic}/0/{offset}"
        return Played(entry, named, topic, offset, name, body)

    async def _answer(self, entry: Entry) -> Played:
        record = await self._agencies.next_record(entry.agency, lambda each: each.kind == "share_request")
        said = entry.body
        persons = [Person.model_validate(person) for person in entry.persons]
        response = response_to(
            record,
            persons,
            outcome=said["outcome"],
            period_of_involvement=said["period_of_involvement"],
            how_known=said["how_known"],
        )
        client = await self._agencies.client(entry.agency)
        sent = await client.publish(response)
        return Played(entry, sent.message_id, sent.topic, sent.offset, "ShareResponse", to_body(response))

    async def _receipt(self, entry: Entry) -> Played:
        record = await self._agencies.next_record(entry.agency, lambda each: each.kind == "referral")
        client = await self._agencies.client(entry.agency)
        sent = await client.receipt(record, entry.receipt)  # type: ignore[arg-type]  # the story's word, checked by the client
        return Played(entry, sent.message_id, sent.topic, sent.offset, "Control", {"kind": "receipt"})

    async def _rule(self, entry: Entry) -> Played:
        """Rule as `hub reviews rule` does."""
        review = await self._review(entry)
        said = entry.body["ruling"]
        answer = desk.Answer(**{**said, "recipients": tuple(said["recipients"])})
        ruled = await desk.rule(self._stores, self._agencies.bootstrap, entry.agency, review, answer, SETTLE_SECONDS)
        return Played(entry, ruled.message_id, inbox(entry.agency), -1, "Control", entry.body, review.review_id)

    async def _review(self, entry: Entry) -> ReviewRow:
        about = self._find(entry.refers_to)
        wanted = (about.entry.agency, about.message_id)
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while True:
                    for row in await self._stores.reviews.query("open", 1000):
                        body = json.loads(row.body)
                        if (body["agency"], body["message_id"]) == wanted:
                            return row
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            text = f"nothing of `{entry.refers_to}` waits for a person"
            raise BrokerUnavailable.of("NO_REVIEW", text, "morning") from None

    def _find(self, name: str) -> Played:
        return next(played for played in self.played if played.entry.name == name)

    async def _settle(self) -> None:
        waiting = [played for played in self.played if not self._settled(played, self._eyes.seen)]
        await self._eyes.until(lambda seen: all(self._settled(each, seen) for each in waiting), SETTLE_SECONDS)

    def _settled(self, played: Played, seen: Seen) -> bool:
        """Whether the front door has said its word, and every part of the message is decided."""
        entry = played.entry
        copies = sum(each.message_id == played.message_id and each.topic == played.topic for each in self.played)
        if len(seen.words(entry.agency, played.message_id, *_INTAKE)) < copies:
            return False
        if seen.words(entry.agency, played.message_id, "refused"):
            return True
        if entry.kind == s.RULING:
            about = self._find(entry.refers_to)
            rulings = sum(each.entry.refers_to == entry.refers_to for each in self.played)
            wanted = about.entry.parts + rulings
            return len(seen.words(about.entry.agency, about.message_id, *_DECIDED)) >= wanted
        return len(seen.words(entry.agency, played.message_id, *_DECIDED)) >= entry.parts
