"""The catalogue of topics: complete, closed, and made of names that say whose they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hub.schemas.topics as page
from hub.errors import ConfigurationFault
from hub.schemas.topics import DAY_MS, DISCLOSURES, SUBJECTS, acks, agency_of, catalogue, inbox, outbox

AGENCIES = ("ecm-trust", "lancs-police")
IDS = Path(page.__file__).parent / "ids.json"


def test_every_agency_has_its_three_topics_and_the_hub_its_own() -> None:
    """A topic is declared once; agencies given twice or in another order change nothing."""
    names = [topic.name for topic in catalogue(AGENCIES)]

    assert len(set(names)) == len(names) == 3 * len(AGENCIES) + 5
    assert {name(agency) for agency in AGENCIES for name in (inbox, outbox, acks)} < set(names)
    assert catalogue((*reversed(AGENCIES), "ecm-trust")) == catalogue(AGENCIES)


def test_every_message_has_a_topic() -> None:
    """Each schema that the hub knows travels on some topic, and no topic names another."""
    travelling = {schema for topic in catalogue(AGENCIES) for schema in topic.schemas}

    assert set(json.loads(IDS.read_text(encoding="utf-8"))) == travelling


def test_only_subject_topics_follow_the_partition_setting() -> None:
    """An agency's order is kept by its one partition, whatever the setting for subjects."""
    partitions = {topic.name: topic.partitions for topic in catalogue(AGENCIES, subject_partitions=12)}

    assert 12 == partitions[SUBJECTS] == partitions[DISCLOSURES]
    assert {1} == {count for name, count in partitions.items() if agency_of(name)}


def test_nobody_can_backdate() -> None:
    """The broker's clock stamps every message, so a sender cannot choose when it was received."""
    assert {"LogAppendTime"} == {topic.settings["message.timestamp.type"] for topic in catalogue(AGENCIES)}


def test_an_agency_writes_its_own_inbox_only_and_reads_its_own_copies_only() -> None:
    """No agency stands among the writers or readers of another agency's topic, or of the hub's."""
    for topic in catalogue(AGENCIES):
        agencies = {who.removeprefix("agency:") for who in topic.writers + topic.readers if who.startswith("agency:")}
        assert agencies <= {agency_of(topic.name)}
        assert not (set(topic.writers) & set(topic.readers))
        assert topic.writers
        assert topic.readers


def test_bodies_do_not_outlive_their_retention_in_a_long_segment() -> None:
    """What is kept for a bounded time is cut into segments of a day at most."""
    bounded = [topic.settings for topic in catalogue(AGENCIES) if topic.retention_ms > 0]

    assert all(int(settings["segment.ms"]) <= DAY_MS for settings in bounded)
    assert "segment.ms" not in next(topic for topic in catalogue(()) if topic.name == DISCLOSURES).settings


@pytest.mark.parametrize("name", ["", "ECM", "a.b", "a b", "-a", "a-", "a_b", "a" * 61, "å", "a\n"])
def test_a_name_that_is_no_slug_is_refused(name: str) -> None:
    """A name that could reach into another agency's topic never becomes one."""
    for build in (inbox, outbox, acks):
        with pytest.raises(ConfigurationFault):
            build(name)


@pytest.mark.parametrize(
    "topic", ["subjects.v1", "partner..in.v1", "partner.a.in.v2", "partner.a.in.v1.x", "xpartner.a.in.v1"]
)
def test_only_partner_topics_have_an_agency(topic: str) -> None:
    """The sender is read from a partner topic's name and from nothing that resembles one."""
    assert agency_of(topic) is None
    assert "a-1" == agency_of(inbox("a-1")) == agency_of(outbox("a-1")) == agency_of(acks("a-1"))
