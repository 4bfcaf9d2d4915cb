"""The morning in numbers: what came in, what each recipient got and did not get, what waits, what was turned away."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from hub.cli.demo import scenario as s
from hub.cli.demo.eyes import Seen
from hub.cli.demo.outcome import Decided, Outcome
from hub.ledger.ports import ReviewRow
from hub.policy.reasons import REASONS
from hub.policy.route import NOBODY

_NO_MESSAGE: Final = "bytes that are no message"


@dataclass(frozen=True, slots=True)
class Came:
    """One kind of message. kind: the form, or what else it is; senders: (agency, number), most first."""

    kind: str
    senders: tuple[tuple[str, int], ...]
    came: int
    accepted: int
    duplicates: int
    refused: int
    buried: int


@dataclass(frozen=True, slots=True)
class Got:
    """One recipient: copies received, refused and waiting; why: (reason, number) of what it did not get, most first."""

    recipient: str
    received: int
    denied: int
    waits: int
    why: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case that a person must decide. number: the entry's place in the morning."""

    number: int
    title: str
    agency: str
    recipients: tuple[str, ...]
    reasons: tuple[str, ...]
    would_permit: tuple[str, ...]
    due_at: str
    needs_two: bool
    review_id: str


@dataclass(frozen=True, slots=True)
class Turned:
    """One message that was refused or buried. faults: (code, place, text, remedy)."""

    number: int
    title: str
    agency: str
    door: str
    faults: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """One disclosure record. number: the entry's place in the morning; why: its basis, or its first reason."""

    disclosure_id: str
    number: int
    recipient: str
    decision: str
    why: str
    fields: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it. decisions: (decision, number); reasons: (reason, rule, text, number); notices: people to be informed."""

    came: tuple[Came, ...]
    got: tuple[Got, ...]
    waiting: tuple[Waiting, ...]
    turned: tuple[Turned, ...]
    entered: tuple[Entered, ...]
    decisions: tuple[tuple[str, int], ...]
    bases: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, str, str, int], ...]
    notices: int


def summarise(outcomes: Sequence[Outcome], seen: Seen, reviews: Sequence[ReviewRow]) -> Summary:
    """Return the morning in numbers: received from the topics, the rest from the register and the list of reviews."""
    decided = [(outcome, each) for outcome in outcomes for each in outcome.decisions]
    still_open = {row.review_id for row in reviews if row.status == "open"}
    return Summary(
        came=_came(outcomes),
        got=_got([each for _, each in decided], seen, still_open),
        waiting=_waiting(outcomes, reviews),
        turned=tuple(_turned(outcome) for outcome in outcomes if outcome.door in (s.REFUSED, s.BURIED)),
        entered=tuple(_entered(outcome, each) for outcome, each in decided),
        decisions=_counted(each.decision for _, each in decided),
        bases=_counted(str(each.record["basis"]) for _, each in decided if each.decision == "PERMIT"),
        reasons=_reasons(each for _, each in decided),
        notices=len(seen.notices),
    )


def kind_of(outcome: Outcome) -> str:
    """Return what kind of message an entry is: its form, its control kind, or what else it is, in words."""
    played = outcome.played
    body = played.body or {}
    named = {"ShareRequest": "share request", "ShareResponse": "share response", "": _NO_MESSAGE}
    return str(named.get(played.name) or body.get("form") or body.get("kind")).replace("_", " ")


# Private functions
# -----------------


def _came(outcomes: Sequence[Outcome]) -> tuple[Came, ...]:
    kinds = tuple(dict.fromkeys(kind_of(outcome) for outcome in outcomes))
    return tuple(_kind(kind, [outcome for outcome in outcomes if kind_of(outcome) == kind]) for kind in kinds)


def _kind(kind: str, outcomes: Sequence[Outcome]) -> Came:
    doors = Counter(outcome.door for outcome in outcomes)
    return Came(
        kind,
        _counted(outcome.played.entry.agency for outcome in outcomes),
        came=len(outcomes),
        accepted=doors[s.TAKEN] + doors[s.DUPLICATE],
        duplicates=doors[s.DUPLICATE],
        refused=doors[s.REFUSED],
        buried=doors[s.BURIED],
    )


def _got(decided: Sequence[Decided], seen: Seen, still_open: AbstractSet[str]) -> tuple[Got, ...]:
    received = Counter(release.recipient for release in seen.releases)
    names = sorted({each.recipient for each in decided} - {NOBODY}, key=lambda name: (-received[name], name))
    counted = [each for each in decided if each.decision != "REVIEW" or each.record["review_id"] in still_open]
    return tuple(_recipient(name, [each for each in counted if each.recipient == name], received) for name in names)


def _recipient(name: str, decided: Sequence[Decided], received: Mapping[str, int]) -> Got:
    kinds = Counter(each.decision for each in decided)
    why = _counted(str(each.record["reasons"][0]) for each in decided if each.decision != "PERMIT")
    return Got(name, received[name], kinds["DENY"], kinds["REVIEW"], why)


def _waiting(outcomes: Sequence[Outcome], reviews: Sequence[ReviewRow]) -> tuple[Waiting, ...]:
    by_message = {(o.played.entry.agency, o.played.message_id): o for o in outcomes if o.door == s.TAKEN}
    found = []
    for row in reviews:
        body: dict[str, Any] = json.loads(row.body)
        if row.status == "open":
            entry = by_message[body["agency"], body["message_id"]].played.entry
            found.append(_review(entry, row, body))
    return tuple(sorted(found, key=lambda each: each.number))


def _review(entry: s.Entry, row: ReviewRow, body: Mapping[str, Any]) -> Waiting:
    return Waiting(
        entry.number,
        entry.title,
        entry.agency,
        tuple(body["recipients"]),
        tuple(body["reasons"]),
        tuple(body["would_permit"]),
        row.due_at,
        row.needs_two,
        row.review_id,
    )


def _turned(outcome: Outcome) -> Turned:
    entry = outcome.played.entry
    faults = tuple((f["code"], f["place"], f["text"], f["remedy"]) for f in outcome.faults)
    return Turned(entry.number, entry.title, entry.agency, outcome.door, faults)


def _entered(outcome: Outcome, each: Decided) -> Entered:
    record, (word, why) = each.record, each.in_short.split(" ", 1)
    stays = len(each.filled) - len(record["fields"])
    number = outcome.played.entry.number
    return Entered(record["disclosure_id"], number, each.recipient, word, why, len(record["fields"]), stays)


def _reasons(decided: Iterable[Decided]) -> tuple[tuple[str, str, str, int], ...]:
    counts = _counted(str(each.record["reasons"][0]) for each in decided if each.decision != "PERMIT")
    return tuple((name, REASONS[name].rule, REASONS[name].text, number) for name, number in counts)


def _counted(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))
