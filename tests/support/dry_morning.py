"""The demo's morning on the use cases alone: the log is a list, the store is SQLite, and no broker is there.

It proves the story and the report, not delivery; `tests/integration/test_demo.py` plays it on the real parts.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord

from hub.cli.demo import scenario as s
from hub.cli.demo.eyes import Seen
from hub.cli.demo.outcome import outcomes
from hub.cli.demo.playing import Played
from hub.cli.demo.reckoning import reckon
from hub.cli.demo.running import Run
from hub.cli.demo.scenario import Entry, read_morning
from hub.cli.demo.side_by_side import side_by_side
from hub.cli.demo.summary import summarise
from hub.cli.demo.verdict import differences
from hub.connectors.messages import FilteredRecord, Person, from_body, parse_json, to_body
from hub.connectors.partner import receipt_for, response_to
from hub.flow.burial import bury
from hub.flow.decide import Decide
from hub.flow.intake import Intake
from hub.flow.outcome import Emit, Incoming, Result
from hub.flow.record import Record
from hub.flow.records import Writer
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterQuery, RegisterRow, Stores
from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import encode
from hub.schemas.registry import packaged
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, inbox
from tests.support.partner import policies

REGISTRY = packaged()


@dataclass
class Log:
    """Every topic as a list, in one partition; `seen` is what the demo's eyes would have seen."""

    now: datetime
    topics: dict[str, int] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def add(self, topic: str, key: bytes | None, value: bytes) -> Incoming:
        """Append a message, and return it as the broker would hand it out."""
        offset = self.topics.get(topic, 0)
        self.topics[topic] = offset + 1
        at = int(self.now.timestamp() * 1000)
        if topic != SUBJECTS:
            row = ConsumerRecord(topic, 0, offset, at, 1, key, value, 0, len(key or b""), len(value), ())
            self.seen.add(row, REGISTRY)
        return Incoming(topic, 0, offset, at, key, value)


class Dry:
    """Plays the morning entry by entry."""

    def __init__(self, stores: Stores, now: datetime) -> None:
        self.keyring, self.log, self.played = Keyring.random(), Log(now), list[Played]()
        self._intake = Intake(policies(), stores.identity, self.keyring, REGISTRY)
        self._decide = Decide(policies(), stores.events, Writer(REGISTRY, self.keyring), "dry", 1000)
        self._record = Record(stores.register, stores.reviews, REGISTRY)

    async def play(self, entry: Entry) -> None:
        """Publish an entry and handle everything that follows from it."""
        name, body, review = self._message(entry)
        value = encode(name, body, REGISTRY) if name else entry.data
        message_id = str(body.get("message_id", entry.message_id))
        arrived = self.log.add(inbox(entry.agency), message_id.encode(), value)
        named = message_id if name else f"{arrived.topic}/0/{arrived.offset}"
        self.played.append(Played(entry, named, arrived.topic, arrived.offset, name, body, review))
        await self._emit(await self._intake([arrived]))

    async def _emit(self, result: Result) -> None:
        letters = [bury(message, fault, self.keyring, REGISTRY) for message, fault in result.buried]
        for emit in (*(emit for stage in result.stages for emit in stage), *letters):
            await self._follow(emit)

    async def _follow(self, emit: Emit) -> None:
        arrived = self.log.add(emit.topic, emit.key, emit.value)
        if emit.topic == SUBJECTS:
            await self._emit(await self._decide([arrived]))
        elif emit.topic in (DISCLOSURES, REVIEWS):
            await self._record([arrived])

    def _message(self, entry: Entry) -> tuple[str, dict[str, Any], str]:
        if entry.kind == s.BYTES:
            return "", {}, ""
        if entry.unchecked:
            return str(entry.body["type"]), {k: v for k, v in entry.body.items() if k != "type"}, ""
        if entry.kind == s.ANSWER:
            said, record = entry.body, self._record_for(entry.agency, "share_request")
            people = [Person.model_validate(person) for person in entry.persons]
            answer = response_to(record, people, outcome=said["outcome"], how_known=said["how_known"])
            return "ShareResponse", to_body(answer), ""
        if entry.kind == s.RECEIPT:
            return "Control", to_body(receipt_for(self._record_for(entry.agency, "referral"), "arrived")), ""
        if entry.kind == s.RULING:
            return self._ruling(entry)
        return *parse_json(json.dumps(entry.body)), ""

    def _ruling(self, entry: Entry) -> tuple[str, dict[str, Any], str]:
        about = next(played for played in self.played if played.entry.name == entry.refers_to)
        review = next(r for r in self.log.seen.reviews if r["message_id"] == about.message_id)
        said = {**entry.body["ruling"], "second_by": entry.body["ruling"].get("second")}
        said = {k: v for k, v in said.items() if k != "second"}
        ruling = {**said, "review_id": review["review_id"], "held": review["held"]}
        body = {k: v for k, v in entry.body.items() if k != "type"}
        return "Control", {**body, "ruling": ruling}, str(review["review_id"])

    def _record_for(self, agency: str, kind: str) -> FilteredRecord:
        bodies = (release.body for release in self.log.seen.releases if release.recipient == agency)
        found = from_body("FilteredRecord", next(body for body in bodies if body["kind"] == kind))
        assert isinstance(found, FilteredRecord)
        return found


@dataclass(frozen=True)
class Morning:
    """What a morning left behind: the run, what lies on the topics, the register's rows, and the hub's keys."""

    run: Run
    seen: Seen
    rows: list[RegisterRow]
    keyring: Keyring


def played(folder: Path, now: datetime) -> Morning:
    """Play the whole morning of a day."""
    return asyncio.run(_play(folder, now))


# Private functions
# -----------------


async def _play(folder: Path, now: datetime) -> Morning:
    stores = await open_sqlite(folder / "dry.sqlite")
    try:
        await stores.migrate()
        dry, story = Dry(stores, now), read_morning(now)
        for entry in story.entries():
            await dry.play(entry)
        rows = await stores.register.query(RegisterQuery(limit=10_000))
        reviews = await stores.reviews.query("", 10_000)
    finally:
        await stores.close()
    seen, found = dry.log.seen, outcomes(dry.played, dry.log.seen, rows, REGISTRY)
    run = Run(
        at=now,
        morning=story,
        outcomes=found,
        summary=summarise(found, seen, reviews),
        reckoning=reckon(seen, rows, dry.keyring),
        differences=tuple(differences(found)),
        policies=policies(),
        note="",
        elsewhere=await side_by_side(story, now, REGISTRY),
    )
    return Morning(run, seen, rows, dry.keyring)
