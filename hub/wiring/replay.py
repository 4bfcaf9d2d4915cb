"""Past decisions judged again: by the policy on record and by a candidate, on the same day, and what would flip.

Nothing is emitted and nothing is kept. What comes out holds no personal data: agencies, reasons, names of fields, disclosure ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hub.errors import Fault, InputFault
from hub.flow import ids
from hub.flow.case import Case
from hub.flow.judge import Judgement, judge, kept
from hub.policy.engine import Decision, Engine
from hub.policy.facts import Facts
from hub.policy.model import Policy
from hub.schemas.registry import Registry

NONE: Final = "-"
"""The decision about a recipient that was not asked about."""

PERMIT: Final = "PERMIT"
_QUIET: Final = frozenset({NONE, "DENY"})
"""Decisions by which nothing reaches a recipient and nobody is asked: one for the other is no flip."""


@dataclass(frozen=True, slots=True)
class Past:
    """One past decision input. digest: of the policy on record for it; decided: the decision on record by recipient.

    place: where it lies (file, or partition and offset). facts: what was known of the subject then.
    """

    case: Case
    facts: Facts
    place: str
    digest: str
    decided: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that would be another, or would let other fields go. reason, new_reason: the deciding ones, "" of a PERMIT."""

    recipient: str
    klass: str
    purpose: str
    form: str
    was: str
    now: str
    reason: str
    new_reason: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    disclosure_id: str


class Replay:
    """Judges past inputs one by one against a candidate, and gathers what flips.

    known: every policy that may be on record. on: an ISO day on which both judge, "" for each input's own. to: the one recipient
    to look at, "" for all. Each policy is taken as if it were in force on the day.
    """

    def __init__(
        self, candidate: Policy, known: Iterable[Policy], registry: Registry, *, on: str = "", to: str = ""
    ) -> None:
        self._known = {policy.digest: _always(policy) for policy in known}
        self._candidate, self._registry, self._on, self._to = _always(candidate), registry, on, to
        self.inputs = 0
        self.decisions = 0
        self.unlike_record = 0
        self.flips: list[Flip] = []
        self.missing: dict[str, int] = {}

    def take(self, past: Past) -> None:
        """Judge one input twice. Where the policy on record is not known, it is only counted in `missing`."""
        engine = self._known.get(past.digest)
        if engine is None and past.digest:
            self.missing[past.digest] = self.missing.get(past.digest, 0) + 1
            return
        self.inputs += 1
        case = replace(past.case, ruled_at=f"{self._on}T00:00:00Z") if self._on else past.case
        before, after = judge(case, past.facts, engine), judge(case, past.facts, self._candidate)
        if (
            not self._on
            and past.decided
            and past.decided != {d.recipient: d.outcome.decision for d in before.decisions}
        ):
            self.unlike_record += 1
        was, now = ({d.recipient: d for d in one.decisions} for one in (before, after))
        for recipient in dict.fromkeys((*was, *now)):
            if self._to in ("", recipient):
                self.decisions += 1
                flip = self._flip(past, recipient, (before, was.get(recipient)), (after, now.get(recipient)))
                self.flips += [flip] if flip else []

    def require_known(self) -> None:
        """Raise InputFault for every policy on record that is not known."""
        if self.missing:
            raise InputFault(
                *(
                    Fault(
                        "POLICY_NOT_LOADED",
                        "--from",
                        f"{number} messages were decided under a policy with the digest {digest[:12]}, which is not loaded",
                        "put its file into HUB_POLICY_FOLDER, and see `hub policy list`",
                    )
                    for digest, number in sorted(self.missing.items())
                )
            )

    def _flip(
        self,
        past: Past,
        recipient: str,
        before: tuple[Judgement, Decision | None],
        after: tuple[Judgement, Decision | None],
    ) -> Flip | None:
        words = tuple(decision.outcome.decision if decision else NONE for _, decision in (before, after))
        fields = tuple(self._fields(judged.case, decision) for judged, decision in (before, after))
        if words[0] == words[1] and fields[0] == fields[1]:
            return None
        if set(words) <= _QUIET:
            return None
        route = (after[1] or before[1] or before[0].decisions[0]).route
        case = after[0].case
        return Flip(
            recipient,
            route.recipient_class.id if route.recipient_class else "",
            case.purpose,
            case.form,
            words[0],
            words[1],
            _reason(before[1]),
            _reason(after[1]),
            tuple(name for name in fields[1] if name not in fields[0]),
            tuple(name for name in fields[0] if name not in fields[1]),
            ids.disclosure_id(past.case.source_id, recipient, past.digest),
        )

    def _fields(self, case: Case, decision: Decision | None) -> tuple[str, ...]:
        return kept(case, decision, self._registry) if decision and decision.outcome.decision == PERMIT else ()


# Private functions
# -----------------


def _always(policy: Policy) -> Engine:
    """Return an engine with the policy in force on every day: which one governs a day is not the question here."""
    return Engine([replace(policy, valid_from="", valid_to="")])


def _reason(decision: Decision | None) -> str:
    if decision is None or decision.outcome.decision == PERMIT:
        return ""
    return decision.outcome.reasons[0]
