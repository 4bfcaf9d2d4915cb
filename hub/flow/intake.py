"""The intake use case: partners' messages to subject messages, under each subject's ref, and a word back to the sender.

A message is taken once. Its second copy is acknowledged and goes nowhere; the same id with other content is refused; the
same place in the log read again (after a crash) gives the same emits again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.errors import ConfigurationFault, Fault, MessageFault, RefusedMessage, UnreadableMessage
from hub.flow import ids
from hub.flow.household import goes_by_household, open_schools, people_of
from hub.flow.intake_ask import Arrival, Asked, ask_of
from hub.flow.intake_parts import Part, parts_of
from hub.flow.moments import iso, moment_of
from hub.flow.outcome import Count, Emit, Incoming, Result
from hub.flow.policies import Policies
from hub.flow.validate import CHECKS, id_faults, validate
from hub.ledger.keys import Keyring
from hub.ledger.ports import IdentityStore, Resolved
from hub.schemas.codec import decode, encode
from hub.schemas.events import attribute, headers
from hub.schemas.registry import Registry
from hub.schemas.topics import SUBJECTS, acks, agency_of, inbox

SOURCE: Final = "hub/intake"
MAX_FAULTS: Final = 200
"""An acknowledgement names no more than these; it must fit the broker whatever was sent."""

KINDS: Final = {
    "Referral": "referral",
    "ShareRequest": "share_request",
    "ShareResponse": "share_response",
    "Control": "control",
}
"""Message name to the kind that a subject message states."""

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
_REUSED: Final = Fault(
    "MESSAGE_ID_REUSED", "message_id", "the id was used before, for other content", "give each message its own id"
)


@dataclass(slots=True)
class _Pile:
    """What a batch asks for so far."""

    subjects: list[Emit] = field(default_factory=list)
    acks: list[Emit] = field(default_factory=list)
    buried: list[tuple[Incoming, MessageFault]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)


class Intake:
    """The handler of every `partner.<agency>.in.v1`. Holds nothing of its own between batches."""

    def __init__(self, policies: Policies, identity: IdentityStore, keyring: Keyring, registry: Registry) -> None:
        self._policies, self._identity = policies, identity
        self._keyring, self._registry = keyring, registry

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Take a batch in; see `Handler`. All its people are resolved in one call of the store.

        Raises StoreUnavailable when the store does not answer, ConfigurationFault on a topic that is no partner's.
        """
        pile = _Pile()
        asked = [found for message in batch if (found := self._take(message, pile)) is not None]
        resolved = await self._identity.resolve([one.ask for one in asked]) if asked else []
        for one, answer in zip(asked, resolved, strict=True):
            self._pass_on(one, answer, pile)
        return Result((tuple(pile.subjects), tuple(pile.acks)), tuple(pile.buried), tuple(pile.counts))

    def _take(self, message: Incoming, pile: _Pile) -> Asked | None:
        """Return a message that may be resolved; any other is refused to its sender, or buried."""
        agency = _sender(message)
        try:
            arrival = self._open(message, agency)
        except UnreadableMessage as error:
            pile.buried.append((message, error))
            self._refuse(message, agency, "", error.faults, pile)
            return None
        message_id = str(arrival.body["message_id"])
        faults = validate(self._registry, self._policies, arrival.decoded, agency, arrival.received)
        if faults:
            self._refuse(message, agency, message_id, faults, pile)
            return None
        try:
            return ask_of(arrival, self._keyring, self._registry)
        except RefusedMessage as error:
            self._refuse(message, agency, message_id, error.faults, pile)
            return None

    def _open(self, message: Incoming, agency: str) -> Arrival:
        decoded = decode(message.value, self._registry)
        if decoded.name not in CHECKS:
            raise UnreadableMessage.of("WRONG_SCHEMA", f"a partner does not send `{decoded.name}`")
        return Arrival(message, agency, moment_of(message.timestamp_ms), decoded)

    def _pass_on(self, asked: Asked, answer: Resolved, pile: _Pile) -> None:
        arrival = asked.arrival
        message_id = str(arrival.body["message_id"])
        if not answer.same_content:
            self._refuse(arrival.incoming, arrival.agency, message_id, (_REUSED,), pile)
            return
        duplicate = answer.first != arrival.origin
        if not duplicate:
            parts = parts_of(asked, answer.persons, self._registry)
            persons = people_of(arrival.body)
            schools = open_schools(persons, answer.persons)
            for index, part in enumerate(parts):
                own = part.person_index is not None and goes_by_household(persons[part.person_index])
                pile.subjects.append(self._subject(arrival, index, part, len(parts), schools if own else ()))
        said = {"status": "accepted", "note": "duplicate" if duplicate else None}
        self._acknowledge(arrival.incoming, arrival.agency, message_id, said, pile)

    def _subject(self, arrival: Arrival, index: int, part: Part, parts: int, schools: tuple[str, ...]) -> Emit:
        message, body = arrival.incoming, arrival.body
        event_id = ids.subject_message_id(arrival.agency, body["message_id"], index)
        envelope = {
            "subject_message_id": event_id,
            "message_id": body["message_id"],
            "subject_ref": part.subject_ref,
            "part": index + 1,
            "parts": parts,
            "council": body["council"],
            "agency": arrival.agency,
            "kind": KINDS[arrival.decoded.name],
            "received_at": iso(arrival.received),
            "origin": {"topic": message.topic, "partition": message.partition, "offset": message.offset},
            "resolution": part.resolution,
            "candidates": part.candidates,
            "person_index": part.person_index,
            "household_schools": schools,
            "payload": part.payload,
        }
        return self._emit(SUBJECTS, part.subject_ref, "SubjectMessage", event_id, envelope, message)

    def _refuse(self, message: Incoming, agency: str, message_id: str, faults: Sequence[Fault], pile: _Pile) -> None:
        told = [
            {"code": fault.code, "place": fault.place, "text": fault.text, "remedy": fault.remedy}
            for fault in _bounded(faults)
        ]
        self._acknowledge(message, agency, message_id, {"status": "refused", "faults": told}, pile)

    def _acknowledge(
        self, message: Incoming, agency: str, message_id: str, said: Mapping[str, Any], pile: _Pile
    ) -> None:
        """Tell the sender. A message without a usable id is named by its place in the log, which the sender was told."""
        origin = ids.origin(message.topic, message.partition, message.offset)
        named = origin if id_faults(message_id) else message_id
        ack_id = ids.ack_id(agency, named, said["status"], origin)
        body = {"ack_id": ack_id, "message_id": named, "agency": agency, "at": iso(moment_of(message.timestamp_ms))}
        pile.acks.append(self._emit(acks(agency), named, "Acknowledgement", ack_id, {**body, **said}, message))
        pile.counts.append(Count("hub_acks_total", (said["status"],)))

    def _emit(self, topic: str, key: str, name: str, event_id: str, body: Mapping[str, Any], message: Incoming) -> Emit:
        time, trace = iso(moment_of(message.timestamp_ms)), _trace(message)
        pairs = headers(event_id, f"uk.hub.v1.{name}", SOURCE, time, trace)
        return Emit(topic, key.encode(), encode(name, dict(body), self._registry), tuple(pairs))


# Private functions
# -----------------


def _sender(message: Incoming) -> str:
    """Return the agency whose topic it is: the topic is the proof of the sender (design section 4)."""
    agency = agency_of(message.topic)
    if agency is None or message.topic != inbox(agency):
        text = f"`{message.topic}` is not a topic that partners publish to"
        raise ConfigurationFault.of("WRONG_TOPIC", text, "topics", "let intake read partners' topics only")
    return agency


def _bounded(faults: Sequence[Fault]) -> list[Fault]:
    if len(faults) <= MAX_FAULTS:
        return list(faults)
    more = Fault("MORE_FAULTS", "", f"and {len(faults) - MAX_FAULTS} more", "correct these first")
    return [*faults[:MAX_FAULTS], more]


def _trace(message: Incoming) -> str | None:
    """Return the W3C trace context, where it is one: a header may hold anything, and is passed on as nothing else."""
    trace = attribute(message.headers, "traceparent")
    return trace if trace and _TRACEPARENT.match(trace) else None
