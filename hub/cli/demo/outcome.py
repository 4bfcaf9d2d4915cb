"""What came of each message: the front door's word and every decision, as the store's register has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.cli.demo import scenario as s
from hub.cli.demo.eyes import Body, Seen
from hub.cli.demo.playing import Played
from hub.ledger.ports import RegisterRow
from hub.schemas.classify import FieldSpec, classify
from hub.schemas.minimise import present, split
from hub.schemas.registry import Registry

_STATEMENTS: Final = frozenset({"awareness", "override"})
"""Parts of a message that speak to the hub alone, and are in no filtered record."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: its disclosure record, with the context of its message, as the register keeps it (no values).

    person: the label of whom it is about; filled: the fields that the message holds of this person.
    """

    record: Mapping[str, Any]
    person: str
    filled: tuple[FieldSpec, ...]

    @property
    def recipient(self) -> str:
        """Who was to receive."""
        return str(self.record["recipient"])

    @property
    def decision(self) -> str:
        """PERMIT, DENY or REVIEW."""
        return str(self.record["decision"])

    @property
    def in_short(self) -> str:
        """The decision with what decided it: its basis, or its first reason."""
        why = self.record["basis"] if self.decision == "PERMIT" else self.record["reasons"][0]
        return f"{self.decision} {why}"

    def categories(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the categories of which something goes, and those of which something stays."""
        kept = set(self.record["fields"])
        goes = frozenset(spec.category or "" for spec in self.filled if spec.path in kept)
        return goes, frozenset(spec.category or "" for spec in self.filled if spec.path not in kept)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one entry. door: see `scenario`; codes and faults: what the sender was told when it was refused."""

    played: Played
    door: str
    faults: tuple[Body, ...] = ()
    decisions: tuple[Decided, ...] = field(default=())

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the faults, each once."""
        return tuple(dict.fromkeys(str(fault["code"]) for fault in self.faults))

    def decided(self, person: str, recipient: str) -> Decided | None:
        """Return the decision about a person for a recipient."""
        return next((d for d in self.decisions if (d.person, d.recipient) == (person, recipient)), None)

    @property
    def persons(self) -> tuple[str, ...]:
        """Labels of the people that were decided about."""
        return tuple(dict.fromkeys(decided.person for decided in self.decisions))

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone who was to receive something of it."""
        return tuple(dict.fromkeys(decided.recipient for decided in self.decisions))


def outcomes(
    played: Sequence[Played], seen: Seen, register: Iterable[RegisterRow], registry: Registry
) -> tuple[Outcome, ...]:
    """Return what came of each entry, in order."""
    records = [json.loads(row.body) for row in register]
    return tuple(_outcome(one, played, seen, records, registry) for one in played)


# Private functions
# -----------------


def _outcome(one: Played, played: Sequence[Played], seen: Seen, records: list[Body], registry: Registry) -> Outcome:
    door, faults = _door(one, played, seen)
    if door != s.TAKEN:
        return Outcome(one, door, faults)
    mine = [record for record in records if _is_of(one, record)]
    source = next((p for p in played if p.entry.name == one.entry.refers_to), one) if one.review_id else one
    found = [_decided(record, source, registry) for record in sorted(mine, key=lambda r: r["part"])]
    return Outcome(one, door, (), tuple(found))


def _door(one: Played, played: Sequence[Played], seen: Seen) -> tuple[str, tuple[Body, ...]]:
    """Return the front door's word on this copy of the message; copies are answered in the order in which they came."""
    letter = next((each for each in seen.letters if (each["topic"], each["offset"]) == (one.topic, one.offset)), None)
    words = seen.words(one.entry.agency, one.message_id, "accepted", "refused")
    copies = [p for p in played if (p.topic, p.message_id) == (one.topic, one.message_id)]
    word = words[copies.index(one)]
    if letter is not None:
        return s.BURIED, ({"code": letter["reason"], "place": letter["place"], "text": "", "remedy": ""},)
    if word["status"] == "refused":
        return s.REFUSED, tuple(word["faults"])
    return (s.DUPLICATE if word["note"] == "duplicate" else s.TAKEN), ()


def _is_of(one: Played, record: Body) -> bool:
    if one.review_id:
        return bool(record["ruled_review_id"] == one.review_id)
    mine = (record["agency"], record["message_id"]) == (one.entry.agency, one.message_id)
    return mine and not record["ruled_review_id"]


def _decided(record: Body, source: Played, registry: Registry) -> Decided:
    persons = (source.body or {}).get("persons") or [{}]
    index = min(record["part"], len(persons)) - 1
    label = str(persons[index].get("person_id") or "p1")
    return Decided(record, label, _filled(source, index, registry))


def _filled(source: Played, index: int, registry: Registry) -> tuple[FieldSpec, ...]:
    """Return the personal fields that the message holds of one of its people, as the hub sees them."""
    body = {name: value for name, value in (source.body or {}).items() if name not in _STATEMENTS}
    if body.get("persons"):
        body["persons"] = [body["persons"][index]]
    schema = registry.by_name(source.name).schema_id
    stays = split(registry, schema, present(registry, schema, body).leaves, 0).withheld
    known = {spec.path for spec in stays}
    return tuple(spec for spec in classify(registry, schema).fields if spec.path in known)
