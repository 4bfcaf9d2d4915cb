"""Rulings at the front door: the held message that a ruling carries back is opened, and must be the one under review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import Fault, MessageFault, RefusedMessage
from hub.flow import ids
from hub.flow.identity import keys_of_persons, keys_of_query
from hub.flow.records import REVIEW_SEAL
from hub.ledger.keys import Keyring
from hub.ledger.matching import is_ref_of
from hub.ledger.ports import Key
from hub.ledger.sealing import open_sealed
from hub.schemas.codec import Decoded, decode
from hub.schemas.registry import Registry

NEW: Final = "new"
SURE: Final = frozenset({"exact", NEW})
"""How a person was resolved where nobody need ask who it is."""


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """A message that was held for review: its SubjectMessage body, and the partner's message in it."""

    envelope: Mapping[str, Any]
    payload: Decoded

    @property
    def sure(self) -> bool:
        """Whether it was clear who the person is."""
        return self.envelope["resolution"] in SURE

    @property
    def candidates(self) -> tuple[str, ...]:
        """The subjects it may be about."""
        return tuple(self.envelope["candidates"])


def open_held(keyring: Keyring, registry: Registry, body: Mapping[str, Any]) -> Held:
    """Return the held message of a ruling (a Control body).

    Raises RefusedMessage when the seal does not open, when it holds another review's message or another council's, and with
    every fault of the ruling's answer to who the person is.
    """
    ruling = body["ruling"]
    try:
        held = decode(open_sealed(keyring, REVIEW_SEAL, ruling["review_id"], ruling["held"]), registry)
        payload = decode(held.body["payload"], registry) if held.name == "SubjectMessage" else None
    except MessageFault as error:
        raise _other_review(error.faults[0].text) from error
    if payload is None or ids.review_id(held.body["subject_message_id"]) != ruling["review_id"]:
        raise _other_review("it holds another message than the one under review")
    if held.body["council"] != body["council"]:
        raise RefusedMessage.of("COUNCIL_MISMATCH", "the review is another council's", "council")
    found = Held(held.body, payload)
    faults = _answer_faults(found, ruling)
    if faults:
        raise RefusedMessage(*faults)
    return found


def keys_of_held(keyring: Keyring, held: Held) -> tuple[Key, ...]:
    """Return the keys of the person of a held message, for the index to learn; an unborn child's need its mother: none."""
    body, council = held.payload.body, str(held.envelope["council"])
    if persons := body.get("persons"):
        return keys_of_persons(keyring, council, persons)[0]
    query = body.get("query") or body.get("subject")
    return keys_of_query(keyring, council, query, "ruling.held") if query else ()


# Private functions
# -----------------


def _answer_faults(held: Held, ruling: Mapping[str, Any]) -> list[Fault]:
    """A ruling names the recipients it is about, and says who the person is where, and only where, that is the question."""
    place, answer = "ruling.resolve_to", ruling.get("resolve_to")
    if held.envelope["kind"] != "control" and not ruling["recipients"]:
        text = "the ruling names no recipient"
        return [Fault("RECIPIENTS_MISSING", "ruling.recipients", text, "name those of the review that it is about")]
    if held.sure:
        text = "the review does not ask who the person is"
        return [Fault("RESOLVE_UNEXPECTED", place, text, "leave it out")] if answer else []
    if not answer:
        text = "the ruling does not say who the person is"
        needed = ruling["decision"] == "permit"
        return [Fault("RESOLVE_MISSING", place, text, "name a candidate, or `new`")] if needed else []
    # Where nobody was a candidate, whoever rules may know the subject by other means; never another council's.
    stranger = held.candidates or not is_ref_of(answer, str(held.envelope["council"]))
    if answer == NEW or answer in held.candidates or not stranger:
        return []
    return [Fault("RESOLVE_UNKNOWN", place, "not one of the review's candidates", "name a candidate, or `new`")]


def _other_review(text: str) -> RefusedMessage:
    return RefusedMessage.of("SEAL_BROKEN", text, "ruling.held", "copy it whole from the review that it answers")
