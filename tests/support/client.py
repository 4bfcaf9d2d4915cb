"""The hub's side of the partner client's tests: an agency's topics, and records and acknowledgements put into them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from hub.connectors import kafka_admin
from hub.connectors.partner import new_id, now
from hub.schemas.codec import encode
from hub.schemas.templates import template
from hub.schemas.topics import acks, catalogue, outbox

Body = dict[str, Any]


async def register(bootstrap: str, agency: str) -> None:
    """Make the agency's three topics, as `hub topics apply` does."""
    await kafka_admin.apply(bootstrap, [topic for topic in catalogue([agency]) if topic.name.startswith("partner.")])


def referral(**changes: Any) -> Body:
    """A referral as plain data, with an id of its own."""
    return {**json.loads(template("early_notification")), "message_id": new_id(), **changes}


def record(agency: str, **changes: Any) -> Body:
    """The body of a filtered record for the agency: a synthetic child, one part of one."""
    return {
        "record_id": uuid.uuid4().hex,
        "disclosure_id": uuid.uuid4().hex,
        "kind": "referral",
        "council": "lancashire",
        "sender": "example-trust",
        "recipient": agency,
        "subject_key": uuid.uuid4().hex,
        "case_id": uuid.uuid4().hex,
        "part": 1,
        "parts": 1,
        "form": "early_notification",
        "purpose": "family_hubs",
        "issued_at": now(),
        "person": person("p1"),
        **changes,
    }


def person(label: str, family_name: str = "Haworth", given_name: str = "Robin") -> Body:
    """A synthetic child, as far as most recipients see one."""
    identity = {"family_name": family_name, "given_names": [given_name], "date_of_birth": "2023-05-02"}
    return {"person_id": label, "role": "child", "identity": identity}


def word(agency: str, message_id: str, status: str, **changes: Any) -> Body:
    """The body of an acknowledgement."""
    return {
        "ack_id": uuid.uuid4().hex,
        "message_id": message_id,
        "agency": agency,
        "status": status,
        "at": now(),
        **changes,
    }


async def deliver(bootstrap: str, agency: str, records: Iterable[Body]) -> None:
    """Put filtered records into the agency's topic, in order."""
    rows = [(body["subject_key"], encode("FilteredRecord", body)) for body in records]
    await put(bootstrap, outbox(agency), rows)


async def acknowledge(bootstrap: str, agency: str, words: Iterable[Body]) -> None:
    """Put acknowledgements into the agency's topic, in order."""
    await put(bootstrap, acks(agency), [(body["message_id"], encode("Acknowledgement", body)) for body in words])


async def put(bootstrap: str, topic: str, rows: Iterable[tuple[str, bytes]]) -> None:
    """Put messages into a topic, each a key and a value, in order."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for key, value in rows:
            await producer.send(topic, value, key=key.encode(), partition=0)
