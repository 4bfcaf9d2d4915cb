"""The catalogue of topics: the one place that says which topics there are, how they are kept, and who may use them.

`hub topics apply`, access rights, `docs/topics.md` and the tests are made from it. Retention here is a technical bound
on copies in the log, not the retention rule of a record: the notices name no number for it (LN-124, LN-125). What holds
the body of a message is kept short; disclosure records, which hold no values, are kept so that the register can be
built again from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.errors import ConfigurationFault

SUBJECTS: Final = "subjects.v1"
DISCLOSURES: Final = "disclosures.v1"
REVIEWS: Final = "reviews.v1"
NOTICES: Final = "notices.v1"
DEAD_LETTERS: Final = "dead-letters.v1"

MAX_MESSAGE_BYTES: Final = 1_048_576
FOR_EVER: Final = -1
DAY_MS: Final = 86_400_000

INTAKE: Final = "hub:intake"
DECIDE: Final = "hub:decide"
RECORD: Final = "hub:record"
REVIEWER: Final = "person:reviewer"
OPERATOR: Final = "person:operator"

_SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")
_PARTNER_TOPIC: Final = re.compile(r"partner\.([a-z0-9-]+)\.(in|out|ack)\.v1")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` says what its messages are keyed by; `schemas` which messages it may hold.

    retention_ms: how long a message stays (FOR_EVER: no limit). cleanup: Kafka's cleanup policy. timestamp_type:
    `LogAppendTime` throughout, so that the broker's clock counts and nobody can backdate a message or keep it longer.
    writers and readers: `agency:<slug>`, `hub:<agent>` or `person:<role>`.
    """

    name: str
    key: str
    schemas: tuple[str, ...]
    partitions: int
    retention_ms: int
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    what: str
    cleanup: str = "delete"
    timestamp_type: str = "LogAppendTime"

    @property
    def settings(self) -> Mapping[str, str]:
        """The topic's settings by their Kafka names."""
        settings = {
            "retention.ms": str(self.retention_ms),
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": self.timestamp_type,
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        }
        if self.retention_ms != FOR_EVER:
            # Kafka deletes whole segments: one that spans a week would outlive a short retention by a week.
            settings["segment.ms"] = str(min(self.retention_ms, DAY_MS))
        return settings


def inbox(agency: str) -> str:
    """Return the topic that the agency publishes to. Raises ConfigurationFault when the name is no agency slug."""
    return f"partner.{_slug(agency)}.in.v1"


def outbox(agency: str) -> str:
    """Return the topic with the filtered records for the agency. Raises ConfigurationFault as `inbox`."""
    return f"partner.{_slug(agency)}.out.v1"


def acks(agency: str) -> str:
    """Return the topic with the acknowledgements to the agency. Raises ConfigurationFault as `inbox`."""
    return f"partner.{_slug(agency)}.ack.v1"


def agency_of(topic: str) -> str | None:
    """Return the agency whose partner topic this is, None if it is none."""
    match = _PARTNER_TOPIC.fullmatch(topic)
    return match.group(1) if match else None


def catalogue(agencies: Sequence[str], subject_partitions: int = 4) -> tuple[Topic, ...]:
    """Return every topic of a hub that serves these agencies, in the order in which messages travel.

    The partition count of the subject topics is fixed for life. Raises ConfigurationFault on an agency that is no slug.
    """
    partner = [_partner_topics(agency) for agency in sorted(set(agencies))]
    return (
        *(topics[0] for topics in partner),
        *_hub_topics(subject_partitions),
        *(topic for topics in partner for topic in topics[1:]),
    )


def as_markdown() -> str:
    """Return `docs/topics.md`: every topic with its key, messages, retention and rights, in the order of travel."""
    rows = "".join(_row(topic) for topic in catalogue(["agency"]))
    rows = rows.replace("partner.agency.", "partner.<agency>.").replace("agency:agency", "the agency")
    return (
        "# Topics\n\nMade from `hub/schemas/topics.py` by `make docs`; `hub topics apply` brings the brokers to the same.\n\n"
        "`<agency>` stands for each agency of the register. Every topic is stamped by the broker (`LogAppendTime`), deletes\n"
        f"what is older than its retention, and takes messages of up to {MAX_MESSAGE_BYTES} bytes. The partition counts of\n"
        "topics with more than one partition follow the setting `HUB_SUBJECT_PARTITIONS` and are fixed for life.\n\n"
        "| topic | key | messages | partitions | kept | written by | read by | what it is |\n"
        "|---|---|---|---|---|---|---|---|\n" + rows
    )


def _row(topic: Topic) -> str:
    """Return one line of the table of topics."""
    kept = "for ever" if topic.retention_ms == FOR_EVER else f"{topic.retention_ms // DAY_MS} days"
    messages, writers, readers = (", ".join(names) for names in (topic.schemas, topic.writers, topic.readers))
    cells = (f"`{topic.name}`", topic.key, messages, str(topic.partitions), kept, writers, readers, topic.what)
    return "| " + " | ".join(cells) + " |\n"


def _partner_topics(agency: str) -> tuple[Topic, Topic, Topic]:
    """Return the topics of one agency: in, out, acknowledgements. One partition each keeps the agency's own order."""
    principal = f"agency:{agency}"
    return (
        Topic(
            name=inbox(agency),
            key="message id",
            schemas=("Referral", "ShareRequest", "ShareResponse", "Control"),
            partitions=1,
            retention_ms=7 * DAY_MS,
            writers=(principal,),
            readers=(INTAKE,),
            what="what the agency publishes; the topic is the proof of the sender",
        ),
        Topic(
            name=outbox(agency),
            key="recipient's own pseudonym of the subject",
            schemas=("FilteredRecord",),
            partitions=1,
            retention_ms=14 * DAY_MS,
            writers=(DECIDE,),
            readers=(principal,),
            what="the agency's own minimised copies; it takes them up within the retention",
        ),
        Topic(
            name=acks(agency),
            key="message id",
            schemas=("Acknowledgement",),
            partitions=1,
            retention_ms=14 * DAY_MS,
            writers=(INTAKE, DECIDE),
            readers=(principal,),
            what="what became of each message that the agency published",
        ),
    )


def _hub_topics(partitions: int) -> tuple[Topic, ...]:
    """Return the topics that the hub's own agents use between them."""
    return (
        Topic(
            name=SUBJECTS,
            key="subject ref",
            schemas=("SubjectMessage",),
            partitions=partitions,
            retention_ms=30 * DAY_MS,
            writers=(INTAKE,),
            readers=(DECIDE,),
            what="all that concerns one subject, in one partition and one order; bounds how far a replay reaches back",
        ),
        Topic(
            name=DISCLOSURES,
            key="subject ref",
            schemas=("Disclosures",),
            partitions=partitions,
            retention_ms=FOR_EVER,
            writers=(DECIDE,),
            readers=(RECORD,),
            what="what was decided for each recipient and why; field names, never values",
        ),
        Topic(
            name=REVIEWS,
            key="subject ref",
            schemas=("Review",),
            partitions=partitions,
            retention_ms=90 * DAY_MS,
            writers=(DECIDE,),
            readers=(RECORD, REVIEWER),
            what="cases that a person decides; the held message is encrypted and kept nowhere else",
        ),
        Topic(
            name=NOTICES,
            key="subject ref",
            schemas=("Notice",),
            partitions=partitions,
            retention_ms=90 * DAY_MS,
            writers=(DECIDE,),
            readers=(RECORD, REVIEWER),
            what="duties to inform a subject after an override",
        ),
        Topic(
            name=DEAD_LETTERS,
            key="dead letter id",
            schemas=("DeadLetter",),
            partitions=1,
            retention_ms=14 * DAY_MS,
            writers=(INTAKE, DECIDE, RECORD),
            readers=(OPERATOR,),
            what="what could not be handled: the original bytes, encrypted, with reason and origin",
        ),
    )


def _slug(agency: str) -> str:
    """Return the agency if it is a slug: lower case letters, digits and inner dashes, at most 60."""
    if not _SLUG.fullmatch(agency):
        raise ConfigurationFault.of(
            "AGENCY_NOT_A_SLUG",
            f"`{agency}` cannot name an agency",
            remedy="use lower case letters, digits and dashes, at most 60 characters",
        )
    return agency
