"""Publishing through the partner client, on a real broker: what arrives, in which order, and what is told when it does not."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import confluent_kafka
import pytest

from hub.connectors import kafka_admin
from hub.connectors.broker.process import EmbeddedBroker
from hub.connectors.messages import FilteredRecord, Person, from_body
from hub.connectors.partner import PartnerClient
from hub.errors import BrokerUnavailable, ConfigurationFault, InputFault
from hub.schemas.registry import packaged
from hub.schemas.topics import inbox
from tests.support.client import Body, deliver, person, record, referral, register


def read_all(bootstrap: str, topic: str, count: int) -> list[Any]:
    """The first messages of a topic as another Kafka client sees them."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    try:
        return consumer.consume(count, timeout=30)
    finally:
        consumer.close()


def decoded(message: Any) -> Body:
    """A message's body as Apache Avro reads it, with the schema that its Confluent framing names."""
    value = message.value()
    assert 0 == value[0]
    raw = json.dumps(packaged().by_id(int.from_bytes(value[1:5], "big")).raw)
    body = avro.io.DatumReader(avro.schema.parse(raw)).read(avro.io.BinaryDecoder(io.BytesIO(value[5:])))
    assert isinstance(body, dict)
    return body


async def test_other_kafka_tools_read_what_is_published(bootstrap: str, unique: str) -> None:
    """A published message is found where `Published` says, under its id, in Confluent framing, with CloudEvents headers."""
    await register(bootstrap, unique)
    data = referral()

    async with PartnerClient(unique, bootstrap) as client:
        published = await client.publish(data)

    (message,) = read_all(bootstrap, inbox(unique), 1)
    headers = dict(message.headers())
    assert (data["message_id"], inbox(unique), 0, 0) == (
        published.message_id,
        published.topic,
        published.partition,
        published.offset,
    )
    assert (data["message_id"].encode(), 0) == (message.key(), message.offset())
    assert [b"uk.hub.v1.Referral", data["message_id"].encode(), unique.encode()] == [
        headers[name] for name in ("ce_type", "ce_id", "ce_source")
    ]
    body = decoded(message)
    assert data["persons"][0]["identity"]["family_name"] == body["persons"][0]["identity"]["family_name"]


async def test_many_arrive_in_their_order(bootstrap: str, unique: str) -> None:
    """A list arrives whole and in order, over several batches; progress only grows, up to the whole."""
    await register(bootstrap, unique)
    story = "x" * 40_000
    messages = [referral(details={"outcome_wanted": story}) for _ in range(30)]
    told: list[tuple[int, int]] = []

    async with PartnerClient(unique, bootstrap) as client:
        published = await client.publish_many(messages, progress=lambda done, of: told.append((done, of)))

    arrived = [message.key().decode() for message in read_all(bootstrap, inbox(unique), 30)]
    assert [message["message_id"] for message in messages] == arrived == [each.message_id for each in published]
    assert list(range(30)) == [each.offset for each in published]
    assert sorted(told) == told
    assert len(told) > 1
    assert (30, 30) == told[-1]


async def test_the_largest_message_arrives(bootstrap: str, unique: str) -> None:
    """A message close to the hub's own limit is larger than a batch, and goes all the same; beyond it is refused by name."""
    await register(bootstrap, unique)

    async with PartnerClient(unique, bootstrap) as client:
        published = await client.publish(referral(details={"outcome_wanted": "x" * 890_000}))
        with pytest.raises(InputFault) as refused:
            await client.publish(referral(details={"outcome_wanted": "x" * 910_000}))

    assert 0 == published.offset
    assert ["OVERSIZED"] == [fault.code for fault in refused.value.faults]


async def test_bad_messages_are_refused_before_anything_is_sent(bootstrap: str, unique: str) -> None:
    """One bad message in a list stops the list: every fault is told, and the topic stays empty."""
    await register(bootstrap, unique)

    async with PartnerClient(unique, bootstrap) as client:
        with pytest.raises(InputFault) as refused:
            await client.publish_many([referral(), referral(form=7, council=None), referral(message_id="a b")])

    assert {"[1].form", "[1].council", "[2].message_id"} == {fault.place for fault in refused.value.faults}
    assert 0 == (await kafka_admin.end_offsets(bootstrap, [inbox(unique)]))[inbox(unique), 0]


async def test_an_answer_goes_out_under_the_id_of_its_request(bootstrap: str, unique: str) -> None:
    """Whoever is asked answers with the id that the request brought, and with nobody where nobody is known."""
    await register(bootstrap, unique)
    request = record(unique, kind="share_request", request_id="0f.c2VhbGVk", form=None)
    await deliver(bootstrap, unique, [request])

    async with PartnerClient(unique, bootstrap) as client:
        async for asked in client.records(follow=False):
            await client.answer(asked, [Person.model_validate(person("p1"))], how_known="on roll")
            await client.answer(asked, outcome="not_known")
            await client.receipt(asked, "acted_on")

    found, unknown, receipt = (decoded(message) for message in read_all(bootstrap, inbox(unique), 3))
    assert ["0f.c2VhbGVk", "lancashire", "found"] == [found[name] for name in ("request_id", "council", "outcome")]
    assert ["p1"] == [each["person_id"] for each in found["persons"]]
    assert ("not_known", []) == (unknown["outcome"], unknown["persons"])
    assert ("receipt", request["record_id"], "acted_on") == (
        receipt["kind"],
        receipt["receipt"]["record_id"],
        receipt["receipt"]["status"],
    )


async def test_only_a_request_is_answered(unique: str) -> None:
    """A record that asks nothing is not answered."""
    told = from_body("FilteredRecord", record(unique))
    assert isinstance(told, FilteredRecord)

    async with PartnerClient(unique, "127.0.0.1:1") as client:
        with pytest.raises(InputFault, match="not a share request"):
            await client.answer(told)


async def test_an_agency_without_topics_is_told_whom_to_ask(bootstrap: str, unique: str) -> None:
    """An agency that is not registered learns so at once, for writing and for reading."""
    async with PartnerClient(unique, bootstrap) as client:
        with pytest.raises(ConfigurationFault, match="register the agency"):
            await client.publish(referral())
        with pytest.raises(ConfigurationFault, match="register the agency"):
            await anext(client.records())
        with pytest.raises(ConfigurationFault, match="register the agency"):
            await client.wait_for("m1")


async def test_a_client_is_used_while_it_is_open(bootstrap: str, unique: str) -> None:
    """Outside of its block a client does nothing, and says so."""
    client = PartnerClient(unique, bootstrap)

    for closed in (client.publish(referral()), client.wait_for("m1")):
        with pytest.raises(ConfigurationFault, match="not open"):
            await closed
    with pytest.raises(ConfigurationFault, match="not open"):
        client.records()


async def test_a_broker_that_is_away_is_an_error_within_bounds(tmp_path: Path, unique: str) -> None:
    """No message is lost in silence: it fails while the broker is away, and goes when it is published again."""
    broker = EmbeddedBroker(tmp_path / "broker")
    broker.start()
    first, second = referral(), referral()
    try:
        await register(broker.bootstrap, unique)
        async with PartnerClient(unique, broker.bootstrap, patience=4) as client:
            records = client.records()
            await client.publish(first)
            await deliver(broker.bootstrap, unique, [record(unique, case_id="before"), record(unique, case_id="last")])
            before = await anext(records)
            broker.kill()
            for _ in range(2):
                with pytest.raises(BrokerUnavailable, match="same id"):
                    await client.publish(second)
            with pytest.raises(BrokerUnavailable, match="nothing is lost"):
                await anext(records)
            broker.start()
            published = await client.publish_many([second])
            last = await anext(records)
        arrived = [
            message.key().decode() for message in read_all(broker.bootstrap, inbox(unique), published[0].offset + 1)
        ]
    finally:
        broker.stop()

    assert ["before", "last"] == [before.case_id, last.case_id]
    assert [first["message_id"], second["message_id"]] == list(dict.fromkeys(arrived))
