"""The compiled engine: policies by day, facts as masks, and the decision itself."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from hub.policy import state as s
from hub.policy.facts import EVERYTHING, Consent, Facts
from hub.policy.model import Override, Policy
from hub.policy.outcomes import nothing_left, work_out
from hub.policy.route import Outcome, Route
from hub.policy.snapshot import Snapshot, boundaries, in_force
from hub.policy.state import Situation
from hub.policy.vocabulary import ALL, CATEGORIES, SENSITIVE, mask_of

_NO_OVERRIDE: Final = Override((), "either", (), ())
NO_POLICY_ROUTE: Final = Route(None, None, "", None, None, _NO_OVERRIDE, blocked=(("NO_POLICY", ("INV-1",)),))
"""The route of every message on a day without a policy: REVIEW, so that nothing is released and nothing is lost."""
NO_REQUEST_ROUTE: Final = Route(None, None, "", None, None, _NO_OVERRIDE, blocked=(("REQUEST_UNKNOWN", ("INV-3",)),))
"""The route of a share response that answers no request: REVIEW, since nobody is known to have asked."""


class Decision(NamedTuple):
    """One recipient's decision: the outcome, and the mask of categories kept of those present."""

    recipient: str
    route: Route
    outcome: Outcome
    kept: int

    @property
    def obligations(self) -> tuple[str, ...]:
        """What the recipient must do: what the outcome says, and how long it may keep what goes (D-22)."""
        keep = self.route.keep
        if not keep or not self.kept:
            return self.outcome.obligations
        return (*self.outcome.obligations, *(duty for mask, duty in keep if mask & self.kept))


_made = tuple.__new__
"""What a NamedTuple calls by itself, without the frame in between: a fifth of a decision's time."""


class Engine:
    """All versions of one council's policy. Snapshots are compiled on first use of a stretch of days, and kept.

    Pure: the same policies, facts and situation give the same decisions, whenever and wherever they are worked out.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies = tuple(sorted(policies, key=lambda p: (p.valid_from, p.version)))
        self._edges = {p.digest: boundaries(p) for p in self.policies}
        self._snapshots: dict[tuple[str, int, int], Snapshot] = {}

    def at(self, day: str) -> Snapshot | None:
        """Return the snapshot in force on an ISO day (the latest version that is), or None."""
        policy = next((p for p in reversed(self.policies) if in_force(p.valid_from, p.valid_to, day)), None)
        if policy is None:
            return None
        edges = self._edges[policy.digest]
        # Rows begin on their first day and still hold on their last, so a stretch is between edges counted both ways.
        key = (policy.digest, bisect_right(edges, day), bisect_left(edges, day))
        found = self._snapshots.get(key)
        if found is None:
            found = self._snapshots[key] = Snapshot(policy, day)
        return found

    def decide(self, situation: Situation, facts: Facts) -> list[Decision]:
        """Decide every recipient of a message about one subject, from raw facts."""
        snapshot = self.at(situation.day)
        if snapshot is None:
            return [decide("", NO_POLICY_ROUTE, situation.bits, 0, 0)]
        return decide_all(snapshot, situation, CompiledFacts(snapshot, facts, situation.day))


class CompiledFacts:
    """One subject's facts against one snapshot on one day: bits and consent mask per recipient and purpose.

    Filled as recipients are met and kept until the facts, the snapshot or the day change.
    """

    __slots__ = ("_by_recipient", "_facts", "_snapshot", "base", "day")

    def __init__(self, snapshot: Snapshot, facts: Facts, day: str) -> None:
        self._snapshot, self._facts, self.day = snapshot, facts, day
        self.base = _subject_bits(facts) | (s.STALE_POLICY if snapshot.stale else 0)
        self._by_recipient: dict[tuple[str, str], tuple[int, int]] = {}

    def of(self, recipient: str, purpose: str) -> tuple[int, int]:
        """Return (state bits, consent mask) for a recipient and purpose."""
        found = self._by_recipient.get((recipient, purpose))
        if found is None:
            found = self._by_recipient[(recipient, purpose)] = self._compile(recipient, purpose)
        return found

    def _compile(self, recipient: str, purpose: str) -> tuple[int, int]:
        names = {EVERYTHING, recipient, self._snapshot.class_of(recipient)} - {""}
        mask, barred = _consent_mask(self._facts.consents, names, purpose, self.day)
        bits = s.CONSENT if mask else (s.CONSENT_BARRED if barred else 0)
        if any(i.scope == "all" or i.target in names for i in self._facts.instructions):
            bits |= s.INSTRUCTED
        if {EVERYTHING, purpose} & set(self._facts.objections):
            bits |= s.OBJECTED
        return self.base | bits | _told_bits(self._facts, recipient, names, purpose, self.day), mask


def _subject_bits(facts: Facts) -> int:
    told = (
        (bool(facts.shields), s.SHIELDED),
        (facts.restricted, s.RESTRICTED),
        (facts.s17, s.S17),
        (facts.s47, s.S47),
        (facts.pending or facts.unreadable, s.FACTS_UNSURE),
        (facts.contact == "given", s.CONTACT),
        (facts.contact in ("withdrawn", "refused"), s.CONTACT_BARRED),
        (facts.service == "given", s.SERVICE),
        (facts.service in ("declined", "withdrawn"), s.SERVICE_DECLINED),
        ("child_in_need" in facts.statuses, s.IN_NEED),
        ("child_protection" in facts.statuses, s.PROTECTED),
        ("looked_after" in facts.statuses, s.LOOKED_AFTER),
    )
    bits = 0
    for true, bit in told:
        bits |= bit if true else 0
    return bits


def _told_bits(facts: Facts, recipient: str, names: set[str], purpose: str, day: str) -> int:
    """Return what was told, granted and returned as far as a recipient and purpose are concerned, on a day."""
    bits = 0
    if any(names & set(i.recipients) and {EVERYTHING, purpose} & set(i.purposes) for i in facts.informed):
        bits |= s.INFORMED
    granted = next((g for g in facts.grants if g.agency == recipient), None)
    if granted is not None:
        bits |= s.GRANTED if granted.starts_on <= day <= granted.until else s.GRANT_ENDED
    if any((r.recipient, r.purpose, r.month) == (recipient, purpose, day[:7]) for r in facts.returns):
        bits |= s.RETURNED
    return bits


def _consent_mask(consents: tuple[Consent, ...], names: set[str], purpose: str, day: str) -> tuple[int, bool]:
    """Walk the consent events in order: a given one opens its categories, an ending one closes them."""
    mask, barred = 0, False
    for consent in consents:
        if not names & set(consent.recipients) or not {EVERYTHING, purpose} & set(consent.purposes):
            continue
        # A sensitive service needs its own consent, so `*` does not name it (D-19).
        every = EVERYTHING in consent.categories
        given = consent.status == "given" and not (consent.expires_on and day > consent.expires_on)
        if given:
            mask |= (ALL & ~SENSITIVE) if every else mask_of(tuple(c for c in consent.categories if c in CATEGORIES))
        else:
            barred = True
            mask &= ~mask_of(consent.categories) if set(consent.categories) <= CATEGORIES.keys() else 0
    return mask, barred


def decide(recipient: str, route: Route, state: int, consent: int, present: int) -> Decision:
    """Decide one recipient. The hot path: one table look-up and two mask operations once the state has been met."""
    outcome = route.outcomes.get(state)
    if outcome is None:
        outcome = route.outcomes[state] = work_out(route, state)
    kept = (outcome.open | (outcome.by_consent & consent)) & present
    if not kept and outcome.decision == "PERMIT":
        outcome = nothing_left(outcome, present)
    return _made(Decision, (recipient, route, outcome, kept))


def decide_all(snapshot: Snapshot, situation: Situation, facts: CompiledFacts) -> list[Decision]:
    """Decide every candidate recipient of a message about one subject."""
    return [
        decide(
            recipient,
            snapshot.route(situation.form, situation.purpose, situation.sender, recipient),
            situation.bits | bits | (view := facts.of(recipient, situation.purpose))[0],
            view[1],
            situation.present,
        )
        for recipient, bits in snapshot.candidates(situation)
    ]
