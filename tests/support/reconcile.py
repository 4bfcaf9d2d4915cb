"""Proof that nothing was lost, doubled, changed or released unrecorded: the whole log and the whole store, compared.

Every difference is one line that names a topic and an id; no line holds a value from a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import MessageFault
from hub.flow import ids
from hub.flow.burial import unbury
from hub.flow.outcome import Emit
from hub.flow.policies import Policies
from hub.flow.record import register_rows
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterRow, ReviewRow
from hub.schemas.codec import decode
from hub.schemas.registry import Registry, packaged
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, NOTICES, REVIEWS, SUBJECTS, acks, inbox, outbox
from tests.support.load import ACCEPTED, BURIED, DUPLICATE, REFUSED, Sent
from tests.support.log_reader import Log, Row
from tests.support.replay import Replay

Body = dict[str, Any]
_FRONT = ("accepted", "refused")


@dataclass(frozen=True, slots=True)
class State:
    """All there is to compare: what was sent by each agency in order, the log, and the store's register and reviews."""

    sent: Mapping[str, Sequence[Sent]]
    log: Log
    register: Sequence[RegisterRow]
    reviews: Sequence[ReviewRow]


@dataclass(slots=True)
class Findings:
    """Differences, one line each (none is the proof), and how much was compared."""

    differences: list[str] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def same(self, what: str, expected: Iterable[Any], actual: Iterable[Any]) -> None:
        """Note what is in one of the two and not in the other."""
        wanted, found = set(expected), set(actual)
        self.differences += [f"{what}: missing: {one}" for one in sorted(wanted - found)[:5]]
        self.differences += [f"{what}: not expected: {one}" for one in sorted(found - wanted)[:5]]
        self.numbers[what] += len(wanted & found)

    def holds(self, what: str, true: object, one: object) -> None:
        """Note a rule that one thing breaks."""
        self.numbers[what] += 1
        if not true:
            self.differences.append(f"{what}: {one}")


class Reconciliation:
    """Compares one state. Call `findings`."""

    def __init__(self, state: State, policies: Policies, keyring: Keyring, registry: Registry | None = None) -> None:
        self._state = state
        self._policies = policies
        self._keyring = keyring
        self._registry = registry or packaged()
        self._found = Findings()
        self._first = {topic: self._distinct(topic, rows) for topic, rows in state.log.items()}

    def findings(self) -> Findings:
        """Return every difference."""
        self._inputs()
        self._subject_messages()
        self._order_kept()
        self._decisions()
        self._records_and_releases()
        self._store()
        return self._found

    # Private functions
    # -----------------

    def _distinct(self, topic: str, rows: Sequence[Row]) -> dict[str, Row]:
        """Return the first copy of each event, after seeing that every later copy is the same bytes in the same partition."""
        if topic.endswith(".in.v1"):
            return {ids.origin(topic, row.partition, row.offset): row for row in rows}
        first: dict[str, Row] = {}
        for row in rows:
            kept = first.setdefault(row.event_id, row)
            same = (kept.partition, *kept.content) == (row.partition, *row.content)
            self._found.holds("copies are byte-equal", row.event_id and same, f"{topic} {row.event_id}")
        self._found.numbers["messages"] += len(first)
        self._found.numbers["repeated"] += len(rows) - len(first)
        return first

    def _body(self, row: Row) -> Body:
        return decode(row.value, self._registry).body

    def _topics(self, kind: str) -> list[tuple[str, str]]:
        named = {"out": outbox, "ack": acks}[kind]
        return [(agency, named(agency)) for agency in self._policies.agencies()]

    def _inputs(self) -> None:
        """Every input is accepted, refused or buried exactly once, and nothing else is."""
        letters = {}
        for agency in self._policies.agencies():
            topic = inbox(agency)
            rows, sent = self._state.log[topic], self._state.sent.get(agency, ())
            self._found.holds("inputs arrived", [r.value for r in rows] == [s.value for s in sent], topic)
            expected = [self._word(agency, row, one) for row, one in zip(rows, sent, strict=False)]
            actual = [
                (word["ack_id"], word["message_id"], word["status"], word["note"])
                for word in map(self._body, self._first[acks(agency)].values())
                if word["status"] in _FRONT
            ]
            self._found.same("inputs answered", expected, actual)
            for row, one in zip(rows, sent, strict=False):
                self._found.numbers[f"inputs {one.becomes}"] += 1
                if one.becomes == BURIED:
                    letters[ids.dead_letter_id(topic, row.partition, row.offset)] = row
        self._found.same("burials", letters, self._first[DEAD_LETTERS])
        for letter_id, row in letters.items():
            buried = self._first[DEAD_LETTERS].get(letter_id)
            self._found.holds("burials keep the bytes", buried and self._unburied(buried) == row.value, letter_id)

    def _word(self, agency: str, row: Row, one: Sent) -> tuple[str, str, str, str | None]:
        """Return the acknowledgement that must answer an input."""
        origin = ids.origin(row.topic, row.partition, row.offset)
        named = origin if one.becomes == BURIED else one.message_id
        status = "refused" if one.becomes in (REFUSED, BURIED) else "accepted"
        note = "duplicate" if one.becomes == DUPLICATE else None
        return ids.ack_id(agency, named, status, origin), named, status, note

    def _unburied(self, row: Row) -> bytes:
        try:
            return unbury(self._body(row), self._keyring).value
        except MessageFault:
            return b""

    def _subject_messages(self) -> None:
        """Every accepted message became its parts, whole, each once; and there are no others."""
        bodies = {one: self._body(row) for one, row in self._first[SUBJECTS].items()}
        parts = {(b["agency"], b["message_id"]): b["parts"] for b in bodies.values()}
        expected = []
        for agency, sent in self._state.sent.items():
            for row, one in zip(self._state.log[inbox(agency)], sent, strict=False):
                if one.becomes != ACCEPTED:
                    continue
                count = parts.get((agency, one.message_id), one.persons or 1)
                expected += [ids.subject_message_id(agency, one.message_id, number) for number in range(count)]
                self._found.holds("one part for each person", one.persons in (0, count), one.message_id)
                for number in range(count):
                    body = bodies.get(ids.subject_message_id(agency, one.message_id, number))
                    whole = body and self._is_part(body, row, number, count)
                    self._found.holds("parts are the message", whole, f"{one.message_id} {number}")
        self._found.same("parts", expected, bodies)

    def _is_part(self, body: Body, row: Row, number: int, count: int) -> bool:
        """Whether a subject message is this part of what was published: same content, its own person only, its origin."""
        origin = {"topic": row.topic, "partition": row.partition, "offset": row.offset}
        if (body["part"], body["parts"], body["origin"]) != (number + 1, count, origin):
            return False
        published, carried = self._registry_body(row.value), self._registry_body(body["payload"])
        if published.get("persons"):
            published = {**published, "persons": [published["persons"][number]]}
        if published.get("kind") == "ruling" and number:
            published = {**published, "ruling": {**published["ruling"], "decision": "refuse", "resolve_to": None}}
        return published == carried

    def _registry_body(self, value: bytes) -> Body:
        return decode(value, self._registry).body

    def _order_kept(self) -> None:
        """What one agency says of one subject is in `subjects.v1` in the order in which it was published."""
        last: dict[tuple[str, str], int] = {}
        for row in self._first[SUBJECTS].values():
            body = self._body(row)
            place, offset = (body["agency"], body["subject_ref"]), body["origin"]["offset"]
            self._found.holds("order is kept", last.get(place, -1) <= offset, body["subject_message_id"])
            last[place] = offset

    def _decisions(self) -> None:
        """What decide wrote is what a replay from nothing writes: the same messages, byte for byte, and no others."""
        rows = list(self._first[SUBJECTS].values())
        emits = Replay(self._policies, self._keyring, self._registry).all(rows)
        expected: dict[str, dict[str, Emit]] = {}
        for emit in emits:
            expected.setdefault(emit.topic, {})[dict(emit.headers)["ce_id"].decode()] = emit
        topics = [DISCLOSURES, REVIEWS, NOTICES, *(topic for kind in ("out", "ack") for _, topic in self._topics(kind))]
        self._found.same("topics decided to", [], set(expected) - set(topics))
        for topic in topics:
            actual = {one: row for one, row in self._first[topic].items() if not self._is_front(topic, row)}
            wanted = expected.get(topic, {})
            self._found.same("decided" if topic == DISCLOSURES else "followed", wanted, actual)
            for one in wanted.keys() & actual.keys():
                emit = wanted[one]
                same = (emit.key, emit.value, emit.headers) == actual[one].content
                self._found.holds("decisions are those of the replay", same, f"{topic} {one}")

    def _is_front(self, topic: str, row: Row) -> bool:
        return topic.endswith(".ack.v1") and self._body(row)["status"] in _FRONT

    def _records_and_releases(self) -> None:
        """Every PERMIT has its release and every release its PERMIT; the record stands first, and vouches for the bytes."""
        recorded: dict[tuple[str, str], tuple[Row, Body]] = {}
        for row in self._first[DISCLOSURES].values():
            for record in self._body(row)["records"]:
                self._found.numbers[f"records {record['decision']}"] += 1
                permitted = record["decision"] == "PERMIT"
                self._found.holds(
                    "only a PERMIT names a release", permitted == bool(record["record_id"]), record["disclosure_id"]
                )
                if permitted:
                    recorded[record["recipient"], record["record_id"]] = (row, record)
        released = {
            (agency, self._body(row)["record_id"]): row
            for agency, topic in self._topics("out")
            for row in self._first[topic].values()
        }
        self._found.same("releases", recorded, released)
        for place in recorded.keys() & released.keys():
            (row, record), release = recorded[place], released[place]
            self._found.holds("record before release", row.timestamp_ms <= release.timestamp_ms, place)
            vouched = ids.commitment(self._keyring, record["disclosure_id"], release.value)
            self._found.holds("commitments fit", record["commitment"] == vouched, place)

    def _store(self) -> None:
        """The register holds the records of the log, and the list of reviews its reviews: no more, no fewer, no others."""
        rows = [entry for row in self._first[DISCLOSURES].values() for entry in register_rows(self._body(row))]
        self._found.same("register", map(_register_key, rows), map(_register_key, self._state.register))
        opened = {one: self._body(row) for one, row in self._first[REVIEWS].items()}
        self._found.same("reviews", opened, [review.review_id for review in self._state.reviews])
        rulings = self._rulings()
        for review in self._state.reviews:
            expected = _status(opened.get(review.review_id, {}), rulings.get(review.review_id, []))
            self._found.holds("reviews are as ruled", review.status == expected, review.review_id)

    def _rulings(self) -> dict[str, list[Body]]:
        """Return what rulings decided, by review, in the order of the log."""
        found: dict[str, list[Body]] = {}
        for row in sorted(self._first[DISCLOSURES].values(), key=lambda row: row.timestamp_ms):
            body = self._body(row)
            if body["ruled_review_id"]:
                found.setdefault(body["ruled_review_id"], []).append(body)
        return found


# Private functions
# -----------------


def _register_key(row: RegisterRow) -> tuple[str, bytes]:
    return row.disclosure_id, row.body


def _status(review: Body, rulings: Sequence[Body]) -> str:
    """Return the status of a review: open until every recipient under it is ruled on, and none waits again."""
    latest = {record["recipient"]: record["decision"] for body in rulings for record in body["records"]}
    if not rulings or "REVIEW" in latest.values() or set(review.get("recipients", ())) - latest.keys():
        return "open"
    permitted = "PERMIT" in latest.values() or (not latest and rulings[-1]["ruled_decision"] == "permit")
    return "permitted" if permitted else "refused"
