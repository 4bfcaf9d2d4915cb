"""The decide use case: a batch of subject messages to records first, then everything they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from hub.errors import MessageFault, UnreadableMessage
from hub.flow import ids
from hub.flow.case import Case, read_case, ruled
from hub.flow.judge import Judgement, judge
from hub.flow.narrowing import narrows
from hub.flow.outcome import Count, Emit, Incoming, Result
from hub.flow.policies import Policies
from hub.flow.records import REVIEW_SEAL, Writer
from hub.flow.window import FactsCache, Window
from hub.ledger.ports import SubjectEventStore
from hub.ledger.sealing import open_sealed
from hub.policy.changes import apply, settle
from hub.policy.engine import CompiledFacts
from hub.policy.facts import Facts
from hub.policy.model import Settings
from hub.policy.reasons import REASONS
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import names_of
from hub.schemas.codec import decode

_UNRESOLVED: Final = ("ambiguous", "conflict", "unidentified")


@dataclass(slots=True)
class _Pile:
    """What a batch asks for so far."""

    first: list[Emit] = field(default_factory=list)
    then: list[Emit] = field(default_factory=list)
    buried: list[tuple[Incoming, MessageFault]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)


class Decide:
    """The handler of `subjects.v1`. One instance a worker; `forget` is called on every rebalance."""

    def __init__(
        self, policies: Policies, events: SubjectEventStore, writer: Writer, log_id: str, cache_size: int
    ) -> None:
        self._policies, self._events, self._writer, self._log_id = policies, events, writer, log_id
        self._cache = FactsCache(cache_size)

    def forget(self) -> None:
        """Drop what is kept in memory: the partitions owned have changed."""
        self._cache.clear()

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Decide a batch; see `Handler`. The store holds the batch's facts before anything is emitted."""
        pile = _Pile()
        cases = self._read(batch, pile)
        window = Window(self._events, self._cache, self._log_id)
        if cases:
            cases = await self._first_time(cases, window)
        if cases:
            await window.load([(str(case.envelope["subject_ref"]), message) for message, case in cases])
            for message, case in cases:
                self._handle(message, case, window, pile)
            await window.save()
        return Result((tuple(pile.first), tuple(pile.then)), tuple(pile.buried), tuple(pile.counts))

    def _read(self, batch: Sequence[Incoming], pile: _Pile) -> list[tuple[Incoming, Case]]:
        cases = []
        for message in batch:
            try:
                cases.append((message, self._case(message)))
            except MessageFault as fault:
                pile.buried.append((message, fault))
        return cases

    def _case(self, message: Incoming) -> Case:
        registry = self._writer.registry
        decoded = decode(message.value, registry)
        if decoded.name != "SubjectMessage":
            raise UnreadableMessage.of("WRONG_SCHEMA", "not a `SubjectMessage`", "subjects")
        case = read_case(decoded.body, registry)
        ruling = case.payload.body.get("ruling") if case.kind == "control" else None
        return self._held(case, ruling) if ruling else case

    def _held(self, outer: Case, ruling: Mapping[str, Any]) -> Case:
        """Open the held message that a ruling carries: the one way a held body comes back in (design section 4)."""
        review_id = ruling["review_id"]
        opened = open_sealed(self._writer.keyring, REVIEW_SEAL, review_id, ruling["held"] or b"")
        held = decode(opened, self._writer.registry)
        if held.name != "SubjectMessage" or ids.review_id(held.body["subject_message_id"]) != review_id:
            raise UnreadableMessage.of(
                "WRONG_REVIEW", "the held message is not the one under this review", "ruling.held"
            )
        envelope = {
            **held.body,
            "subject_ref": outer.envelope["subject_ref"],
            "resolution": outer.envelope["resolution"],
        }
        inner = read_case(envelope, self._writer.registry)
        return ruled(inner, outer.envelope, ruling)

    async def _first_time(self, cases: list[tuple[Incoming, Case]], window: Window) -> list[tuple[Incoming, Case]]:
        """Leave out second copies: a subject message is decided where it was first seen, and only there."""
        places = [(case.source_id, window.position(message)) for message, case in cases]
        first = await self._events.first_seen(places)
        return [pair for pair, (_, here), there in zip(cases, places, first, strict=True) if here == there]

    def _handle(self, message: Incoming, case: Case, window: Window, pile: _Pile) -> None:
        if case.kind == "control":
            self._control(message, case, window, pile)
            return
        engine = self._policies.engine(str(case.envelope["council"]))
        ref = str(case.envelope["subject_ref"])

        def compiled(snapshot: Snapshot, facts: Facts, day: str) -> CompiledFacts:
            return self._cache.compiled(message.partition, ref, facts, snapshot, day)

        judgement = judge(case, window.facts(ref, message), engine, compiled)
        window.change(ref, message, case.source_id, case.kind, judgement.lasting)
        self._emit(judgement, message, pile)

    def _control(self, message: Incoming, case: Case, window: Window, pile: _Pile) -> None:
        """Change the subject's facts; a control whose subject is unsure marks them pending and goes to a person."""
        ref, kind = str(case.envelope["subject_ref"]), str(case.payload.body["kind"])
        body = case.payload.body.get(kind) or {}
        if case.ruling and case.ruling["decision"] == "refuse":
            changed = settle(window.facts(ref, message))
        else:
            unresolved = case.envelope["resolution"] in _UNRESOLVED
            base = settle(window.facts(ref, message)) if case.ruling else window.facts(ref, message)
            changed = apply(base, kind, body, unresolved=unresolved)
            if unresolved and case.envelope["part"] == 1:
                pile.then.append(self._identity_review(case))
        window.change(ref, message, case.source_id, kind, changed)
        if case.ruling and case.ruled_part == 1:
            # No release hangs on it, but its record is what closes the review.
            pile.first.append(
                self._writer.write(
                    Judgement(case, None, (), changed, changed), message.partition, message.offset
                ).disclosures
            )
        if narrows(case.payload.body):
            pile.counts.append(Count("hub_withdrawal_to_effect_seconds", (), _epoch(case.envelope["received_at"])))

    def _identity_review(self, case: Case) -> Emit:
        engine = self._policies.engine(str(case.envelope["council"]))
        snapshot = engine.at(case.day) if engine else None
        settings = snapshot.policy.settings if snapshot else Settings()
        return self._writer.review(case, settings, (), ("IDENTITY_UNSURE",), ("RESOLVE_IDENTITY",))

    def _emit(self, judgement: Judgement, message: Incoming, pile: _Pile) -> None:
        written = self._writer.write(judgement, message.partition, message.offset)
        pile.first.append(written.disclosures)
        pile.then.extend(written.after)
        pile.counts.extend(counts(judgement))


# Private functions
# -----------------


def counts(judgement: Judgement) -> list[Count]:
    """Return the metric increments of one judgement; labels hold classes and groups, never a person or an agency."""
    found: list[Count] = []
    stays: dict[str, int] = {}
    present = judgement.case.present
    released = Count("hub_publish_to_release_seconds", (), _epoch(judgement.case.decided_at))
    for decision in judgement.decisions:
        outcome, klass = decision.outcome, decision.route.recipient_class
        label = klass.id if klass else "none"
        group = REASONS[outcome.reasons[0]].group if outcome.reasons else "none"
        found.append(Count("hub_decided_total", (outcome.decision, label, group)))
        if outcome.decision == "PERMIT":
            found.append(Count("hub_releases_total", (label,)))
            found.append(released)
            for name in _categories(present.mask & ~decision.kept):
                stays[name] = stays.get(name, 0) + 1
    if present.unclassified:
        stays["unclassified"] = len(present.unclassified)
    return found + [Count("hub_withheld_fields_total", (name,), number) for name, number in stays.items()]


@lru_cache(maxsize=4096)
def _categories(mask: int) -> tuple[str, ...]:
    return names_of(mask)


def _epoch(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
