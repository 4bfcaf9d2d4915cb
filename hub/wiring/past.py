"""Where past decision inputs come from: the subjects log of a running hub, files of messages, exports of either.

An export (`hub policy rehearse --save`) holds what decisions are made of, and no more: codes, ids, days, the district, the schools and
the agencies that place is judged by, and of everything else only that it was filled. Facts stay as they were, without the names of
texts and the ids of messages. It is still about people, under pseudonyms: keep it as you keep the data.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from hub.connectors import kafka_admin, kafka_log
from hub.errors import Fault, InputFault, MessageFault
from hub.flow.case import read_case
from hub.flow.outcome import Incoming
from hub.flow.policies import Policies
from hub.flow.window import read_facts
from hub.ledger.ports import Position
from hub.policy.facts import Facts, from_json
from hub.schemas.codec import decode, encode_with
from hub.schemas.registry import Registry
from hub.schemas.topics import DISCLOSURES, SUBJECTS
from hub.settings import Settings
from hub.wiring.parts import bootstrap
from hub.wiring.reading import existing_stores
from hub.wiring.rehearsal import Sent, subject_messages
from hub.wiring.replay import Past

MARK: Final = "hub_decision_input"
VERSION: Final = 1
"""`MARK: VERSION` is the first pair of every line of an export."""

Body = Mapping[str, Any]
Tell = Callable[[int, int], None]

_ENVELOPE: Final = ("subject_message_id", "part", "parts", "council", "agency", "kind", "received_at", "resolution")
_LATER: Final = "household_schools"
"""A part of the envelope that older messages do not have."""
_KEPT: Final = frozenset(
    {
        *("council", "form", "purpose", "sent_at", "recipients", "ask", "request_id", "outcome"),
        *("persons[].person_id", "persons[].role", "persons[].address.district"),
        *("persons[].education.school_id", "persons[].education.intended_school_id"),
        *("persons[].early_help.agencies_involved[].agency", "query.district", "query.school_id", "override.limb"),
        *("awareness.aware", "awareness.consent", "awareness.covers", "awareness.recipients", "awareness.purposes"),
        *(
            "awareness.categories",
            "awareness.expires_on",
            "awareness.para18_reason",
            "awareness.signed",
            "awareness.detriment",
        ),
        *("awareness.date",),
    }
)
"""Fields whose values decisions are made of; of all others only that they are filled."""
_FILLED: Final = "-"
_BYTES: Final = "(bytes)"
_ANSWERS: Final = frozenset({"yes", "no", "not_known", "not_applicable"})
"""The one closed list that the schemas hold; what stands for an answer must be on it."""


class LeftOut:
    """Counts of what was read and is not judged, by reason."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, reason: str) -> None:
        """Count one."""
        self.counts[reason] = self.counts.get(reason, 0) + 1


async def from_messages(
    messages: Sequence[Sent], policies: Policies, council: str, registry: Registry, left_out: LeftOut, tell: Tell
) -> list[Past]:
    """Return the decision inputs of partners' messages, played in their order; judged before by the policy in force on each day.

    Raises InputFault with every fault of every message.
    """
    found = []
    for place, body, facts in await subject_messages(policies, registry, messages, tell):
        if _wanted(body, council, left_out):
            case = read_case(body, registry)
            policy = policies.at(council, case.day)
            found.append(Past(case, facts, place, policy.digest if policy else ""))
    return found


async def from_log(
    settings: Settings, council: str, registry: Registry, left_out: LeftOut, tell: Tell
) -> AsyncIterator[Past]:
    """Yield the decision inputs that `subjects.v1` keeps, from its beginning, with the facts as of each offset.

    Only what has been decided and is on record is yielded. Raises BrokerUnavailable, StoreUnavailable, InputFault where no hub is.
    """
    address = bootstrap(settings)
    records = await _on_record(address, registry)
    log_id, of = await kafka_admin.cluster_id(address), await kafka_log.kept(address, SUBJECTS)
    done, seen = 0, set[str]()
    async with existing_stores(settings) as stores:
        async for batch in kafka_log.batches(address, SUBJECTS):
            wanted = list(_judged(_first_seen(batch, registry, seen, left_out), council, records, left_out))
            asks = [(str(body["subject_ref"]), Position(log_id, m.partition, m.offset)) for m, body in wanted]
            rows = await stores.events.facts_before(asks)
            for (arrived, body), row in zip(wanted, rows, strict=True):
                place = f"{SUBJECTS}/{arrived.partition}/{arrived.offset}"
                yield Past(read_case(body, registry), read_facts(row), place, *records[str(body["subject_message_id"])])
            done += len(batch)
            tell(done, of)


def export_line(past: Past) -> dict[str, Any]:
    """Return one input as a line of an export."""
    envelope = past.case.envelope
    return {
        MARK: VERSION,
        "envelope": {**{name: envelope[name] for name in _ENVELOPE}, _LATER: list(envelope.get(_LATER) or ())},
        "schema_id": past.case.payload.schema_id,
        "message": _bare(past.case.payload.body, ""),
        "facts": asdict(_bare_facts(past.facts)),
        "policy_digest": past.digest,
        "decided": dict(past.decided),
    }


def from_export(lines: Sequence[tuple[str, Body]], council: str, registry: Registry, left_out: LeftOut) -> list[Past]:
    """Return the inputs of an export's lines, given as (place, object). Raises InputFault with every line that is not one."""
    found, faults = [], list[Fault]()
    for place, line in lines:
        try:
            past = _past(place, line, registry)
        except (KeyError, TypeError, ValueError, AttributeError, InputFault, MessageFault):
            text, remedy = (
                "not a line of an export of decision inputs",
                "write it anew with `hub policy rehearse --save`",
            )
            faults.append(Fault("NOT_AN_EXPORT", place, text, remedy))
            continue
        if _wanted(past.case.envelope, council, left_out):
            found.append(past)
    if faults:
        raise InputFault(*faults)
    return found


# Private functions
# -----------------


def _wanted(body: Body, council: str, left_out: LeftOut) -> bool:
    if body["council"] != council:
        left_out.add("of another council")
    elif body["kind"] == "control":
        left_out.add("control messages: they release nothing, and count by what is known after them")
    else:
        return True
    return False


def _first_seen(
    batch: Sequence[Incoming], registry: Registry, seen: set[str], left_out: LeftOut
) -> Iterator[tuple[Incoming, Body]]:
    """Yield each subject message where it was first seen; second copies decide nothing."""
    for arrived in batch:
        try:
            body = decode(arrived.value, registry).body
            name = str(body["subject_message_id"])
        except (MessageFault, KeyError):
            left_out.add("not readable")
            continue
        if name not in seen:
            seen.add(name)
            yield arrived, body


async def _on_record(address: str, registry: Registry) -> dict[str, tuple[str, dict[str, str]]]:
    """Return by subject message the digest and the decisions on record; what a ruling decided later is left out."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    async for batch in kafka_log.batches(address, DISCLOSURES):
        for arrived in batch:
            body = decode(arrived.value, registry).body
            if not body["ruled_review_id"]:
                decided = {record["recipient"]: record["decision"] for record in body["records"]}
                found.setdefault(str(body["subject_message_id"]), (str(body["policy_digest"]), decided))
    return found


def _judged(
    found: Iterable[tuple[Incoming, Body]], council: str, records: Container[str], left_out: LeftOut
) -> Iterator[tuple[Incoming, Body]]:
    for arrived, body in found:
        if not _wanted(body, council, left_out):
            continue
        if str(body["subject_message_id"]) in records:
            yield arrived, body
        else:
            left_out.add("not decided yet, or its record is no longer kept")


def _past(place: str, line: Body, registry: Registry) -> Past:
    if line[MARK] != VERSION:
        raise ValueError(MARK)
    payload = encode_with(int(line["schema_id"]), _whole(line["message"]), registry)
    envelope = {name: line["envelope"][name] for name in (*_ENVELOPE, _LATER)}
    case = read_case({**envelope, "message_id": _FILLED, "payload": payload}, registry)
    decided = {str(name): str(word) for name, word in line["decided"].items()}
    return Past(case, _facts_from(line["facts"]), place, str(line["policy_digest"]), decided)


def _facts_from(raw: Body) -> Facts:
    return from_json(json.dumps(raw).encode())


def _whole(value: Any) -> Any:
    """Return a message of an export with bytes where bytes were."""
    if isinstance(value, Mapping):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return _FILLED.encode() if value == _BYTES else value


def _bare(value: Any, path: str) -> Any:
    """Return a value of a message with only its kept fields as they are."""
    if path in _KEPT or value is None or value in ("", [], False):
        return value
    if isinstance(value, Mapping):
        return {name: _bare(inner, f"{path}.{name}".lstrip(".")) for name, inner in value.items()}
    if isinstance(value, list):
        return [_bare(inner, f"{path}[]") for inner in value]
    if isinstance(value, str):
        filled = "not_known" if value in _ANSWERS else _FILLED
        return filled if value.strip() else value
    return _BYTES if isinstance(value, bytes) else type(value)()


def _bare_facts(facts: Facts) -> Facts:
    return replace(
        facts,
        consents=tuple(replace(consent, giver="", text_version="") for consent in facts.consents),
        requests=tuple(replace(request, message_id=_FILLED) for request in facts.requests),
    )
