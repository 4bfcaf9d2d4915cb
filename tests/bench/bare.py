"""The bare loop: what any program on this stack has to do for the same messages, and nothing else.

One process, one aiokafka consumer, one aiokafka producer (`acks=all`, lz4), the hub's own codec. It decodes every referral
that comes in and encodes and sends the very messages that the hub made of it: the same bodies, encoded again one by one. With
`--hops` it also reads, as the hub's agents do, the subject messages and the disclosures: it decodes the subject message and its
payload and sends the rest from there, and decodes the disclosures. No Faust, no checks, no identities, no policy, no
store, no ids, no waiting for the records before the releases. It commits once a batch.

It prints `ready`, and when it has sent all, one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import pickle
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from hub.schemas.codec import decode, encode
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS
from tests.bench.rig import BARE, Message

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Out:
    """One message to encode and send."""

    topic: str
    key: bytes
    name: str
    body: dict[str, Any]
    headers: tuple[tuple[str, bytes], ...]


@dataclass
class Answers:
    """What to send for each referral (by sender and message id) and, with hops, for each subject message (by its id)."""

    referral: dict[str, list[Out]]
    subject: dict[str, list[Out]]


def answers(messages: Iterable[Message], *, hops: bool) -> Answers:
    """Return what the hub made of each message, decoded."""
    found = Answers({}, {})
    of_disclosure: dict[str, str] = {}
    later: list[Out] = []
    for message in messages:
        decoded = decode(message.value)
        out = Out(BARE + message.topic, message.key, decoded.name, decoded.body, message.headers)
        body = out.body
        if out.name == "SubjectMessage":
            found.referral.setdefault(_sent_as(body), []).append(out)
            found.subject.setdefault(body["subject_message_id"], [])
        elif out.name == "Disclosures":
            found.subject.setdefault(body["subject_message_id"], []).append(out)
            of_disclosure |= {record["disclosure_id"]: body["subject_message_id"] for record in body["records"]}
        else:
            later.append(out)
    _place(later, found, of_disclosure)
    return found if hops else _in_one(found)


def _place(outs: Sequence[Out], found: Answers, of_disclosure: dict[str, str]) -> None:
    """Give each message that hangs on another to that one: a sender's words, releases, reviews, notices."""
    decided: dict[str, list[str]] = {}
    for sent_as, subjects in found.referral.items():
        decided[sent_as] = [subject.body["subject_message_id"] for subject in subjects]
    for out in outs:
        if out.name == "FilteredRecord":
            found.subject[of_disclosure[out.body["disclosure_id"]]].append(out)
        elif out.name == "Review":
            found.subject[out.body["subject_message_id"]].append(out)
        elif out.name == "Acknowledgement" and out.body["status"] == "accepted":
            found.referral[_sent_as(out.body)].append(out)
        elif out.name == "Acknowledgement":
            found.subject[decided[_sent_as(out.body)].pop()].append(out)
        else:
            subject = next(s for s in found.subject.values() if s[0].body["message_id"] == out.body["message_id"])
            subject.append(out)


def _in_one(found: Answers) -> Answers:
    for outs in found.referral.values():
        outs += [
            more
            for out in outs
            if out.name == "SubjectMessage"
            for more in found.subject[out.body["subject_message_id"]]
        ]
    return Answers(found.referral, {})


def _sent_as(body: dict[str, Any]) -> str:
    return f"{body['agency']}/{body['message_id']}"


class Bare:
    """The loop itself."""

    def __init__(self, known: Answers, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        self._known, self._consumer, self._producer = known, consumer, producer
        self._left = len(known.referral) + 2 * len(known.subject)

    async def run(self) -> None:
        """Handle messages until everything was sent and, with hops, read again."""
        while self._left > 0:
            batch = await self._consumer.getmany(timeout_ms=200, max_records=LIMIT)
            outs = [out for place, records in batch.items() for record in records for out in self._made(place, record)]
            sent = [
                await self._producer.send(out.topic, encode(out.name, out.body), key=out.key, headers=list(out.headers))
                for out in outs
            ]
            await asyncio.gather(*sent)
            if batch:
                await self._consumer.commit()

    def _made(self, place: TopicPartition, record: Any) -> Sequence[Out]:
        body = decode(record.value).body
        if place.topic == BARE + REVIEWS:
            return ()
        self._left -= 1
        if place.topic == BARE + DISCLOSURES:
            return ()
        if place.topic == BARE + SUBJECTS:
            decode(body["payload"])
            return self._known.subject[body["subject_message_id"]]
        agency = place.topic.split(".")[2]
        return self._known.referral[f"{agency}/{body['message_id']}"]


async def main(bootstrap: str, capture: Path, *, hops: bool) -> None:
    """Read what to send, say `ready`, handle what comes, say when it was done."""
    messages, inboxes = pickle.loads(capture.read_bytes())
    known = answers(messages, hops=hops)
    gc.collect()
    gc.freeze()
    read = [*inboxes, *([SUBJECTS, DISCLOSURES, REVIEWS] if hops else [])]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id="bare", enable_auto_commit=False)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", compression_type="lz4", enable_idempotence=True
    )
    async with consumer, producer:
        await _assign(consumer, producer, [BARE + name for name in read])
        for topic in {out.topic for outs in (*known.referral.values(), *known.subject.values()) for out in outs}:
            await producer.partitions_for(topic)
        print("ready", flush=True)
        cpu = time.process_time()
        await Bare(known, consumer, producer).run()
        print(json.dumps({"ended": time.time(), "cpu": time.process_time() - cpu}), flush=True)


async def _assign(consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, names: list[str]) -> None:
    places = [TopicPartition(name, n) for name in names for n in sorted(await producer.partitions_for(name))]
    consumer.assign(places)
    await consumer.seek_to_end(*places)
    for place in places:
        await consumer.position(place)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("capture", type=Path)
    parser.add_argument("--hops", action="store_true")
    chosen = parser.parse_args(sys.argv[1:])
    asyncio.run(main(chosen.bootstrap, chosen.capture, hops=chosen.hops))
