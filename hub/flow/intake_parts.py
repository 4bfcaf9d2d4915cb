"""A resolved message cut into the parts that go to `subjects.v1`, each about one subject, each under that subject's ref.

A control message that narrows what may be shared, about a person who may be one of several, also goes to each of these:
what is unknown fails closed. Their copies stay open until a ruling says who it was; that ruling goes to the one it names as
it is, and to every other candidate as a refusal, so that nobody is left in doubt for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.flow import ids
from hub.flow.intake_ask import Arrival, Asked
from hub.flow.intake_ruling import SURE, Held
from hub.flow.narrowing import narrows
from hub.flow.tickets import Ticket
from hub.ledger.ports import PersonResolution
from hub.schemas.codec import encode_with
from hub.schemas.registry import Registry


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One subject's part of a message: whose it is, how that was found out, and the framed message cut down to it."""

    subject_ref: str
    resolution: str
    candidates: tuple[str, ...]
    payload: bytes
    person_index: int | None = None


def parts_of(asked: Asked, persons: Sequence[PersonResolution], registry: Registry) -> tuple[Part, ...]:
    """Return the parts of a message whose people were resolved, in order."""
    return _PARTS[asked.arrival.decoded.name](asked, persons, registry)


# Private functions
# -----------------


def _referral(asked: Asked, persons: Sequence[PersonResolution], registry: Registry) -> tuple[Part, ...]:
    return tuple(
        Part(person.subject_ref, person.status, person.candidates, _only(asked.arrival, index, registry), index)
        for index, person in enumerate(persons)
    )


def _request(asked: Asked, persons: Sequence[PersonResolution], _registry: Registry) -> tuple[Part, ...]:
    return (_whole(asked.arrival, persons[0]),)


def _response(asked: Asked, persons: Sequence[PersonResolution], registry: Registry) -> tuple[Part, ...]:
    """An answer without people goes to the subject that was asked about; one about others only is a conflict."""
    ticket = asked.ticket
    if ticket is None:
        return ()
    if not persons:
        return (Part(ticket.subject_ref, "exact", (), asked.arrival.incoming.value),)
    known = {person.subject_ref for person in persons if person.status in SURE}
    if ticket.subject_ref not in known:
        persons = [_doubted(person, ticket) for person in persons]
    return _referral(asked, persons, registry)


def _doubted(person: PersonResolution, ticket: Ticket) -> PersonResolution:
    own = (person.subject_ref,) if person.status in SURE else person.candidates
    return PersonResolution(person.subject_ref, "conflict", tuple(sorted({*own, ticket.subject_ref})))


def _control(asked: Asked, persons: Sequence[PersonResolution], registry: Registry) -> tuple[Part, ...]:
    arrival = asked.arrival
    if asked.held is not None:
        return _ruling(arrival, asked.held, persons, registry)
    if not persons:
        ref = ids.receipt_ref(arrival.agency, arrival.body["receipt"]["record_id"])
        return (Part(ref, "exact", (), arrival.incoming.value),)
    first = _whole(arrival, persons[0])
    doubtful = first.candidates if narrows(arrival.body) else ()
    return (first, *(Part(ref, first.resolution, first.candidates, first.payload) for ref in doubtful))


def _ruling(arrival: Arrival, held: Held, persons: Sequence[PersonResolution], registry: Registry) -> tuple[Part, ...]:
    envelope, payload = held.envelope, arrival.incoming.value
    ref, status = str(envelope["subject_ref"]), str(envelope["resolution"])
    if persons:
        ref, status = persons[0].subject_ref, persons[0].status
    first = Part(ref, status, () if persons else held.candidates, payload)
    if held.sure or envelope["kind"] != "control" or not narrows(held.payload.body):
        return (first,)
    refusal = _refusal(arrival, registry)
    others = (other for other in held.candidates if other != ref)
    return (first, *(Part(other, "exact", (), refusal) for other in others))


def _refusal(arrival: Arrival, registry: Registry) -> bytes:
    ruling = {**arrival.body["ruling"], "decision": "refuse", "resolve_to": None}
    return encode_with(arrival.decoded.schema_id, {**arrival.body, "ruling": ruling}, registry)


def _whole(arrival: Arrival, person: PersonResolution) -> Part:
    return Part(person.subject_ref, person.status, person.candidates, arrival.incoming.value)


def _only(arrival: Arrival, index: int, registry: Registry) -> bytes:
    """Return the framed message with one of its persons, in the schema it came in: an unknown field stays visible."""
    persons = arrival.body["persons"]
    if len(persons) == 1:
        return arrival.incoming.value
    return encode_with(arrival.decoded.schema_id, {**arrival.body, "persons": [persons[index]]}, registry)


_PARTS: Final[dict[str, Callable[[Asked, Sequence[PersonResolution], Registry], tuple[Part, ...]]]] = {
    "Referral": _referral,
    "ShareRequest": _request,
    "ShareResponse": _response,
    "Control": _control,
}
