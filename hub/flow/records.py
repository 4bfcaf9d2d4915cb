"""From a judgement to what leaves the hub: the disclosure records, then the releases, reviews, notices and the acknowledgement.

Everything is derived: the same judgement gives the same bytes (invariant 5). Disclosure records hold no values, only field
names, reasons, digests and a salted commitment to what was released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from hub.flow import ids, tickets
from hub.flow.case import Case
from hub.flow.judge import Judgement
from hub.flow.moments import iso
from hub.flow.outcome import Emit
from hub.flow.recurring import Content, FieldLists
from hub.ledger.keys import Keyring
from hub.ledger.sealing import seal
from hub.policy.engine import Decision
from hub.policy.model import Settings
from hub.schemas.codec import encode
from hub.schemas.events import headers
from hub.schemas.parts import texts
from hub.schemas.registry import Registry
from hub.schemas.topics import DISCLOSURES, NOTICES, REVIEWS, acks, outbox

REVIEW_SEAL: Final = "review"
"""The purpose under which a held message is sealed; the context is the review id."""
SOURCE: Final = "hub/decide"
_DEFAULTS: Final = Settings()
_OVERRIDES: Final = frozenset({"OVERRIDE_LIMB", "OVERRIDE_INCOMPLETE", "THRESHOLD_FIRST"})
"""Reasons that only an override lifts, so that two people must rule (S-12)."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one judgement writes: the disclosures message first, everything else after the broker has accepted it."""

    disclosures: Emit
    after: tuple[Emit, ...]


class Writer:
    """Writes judgements; holds what never changes between them."""

    def __init__(self, registry: Registry, keyring: Keyring) -> None:
        self.registry, self.keyring = registry, keyring
        self._lists, self._content = FieldLists(registry), Content(registry)

    def write(self, judgement: Judgement, partition: int, offset: int) -> Written:
        """Return the emits for a judgement made at a place of the subjects log."""
        digest = judgement.policy.digest if judgement.policy else ""
        records, releases = [], []
        made: dict[int, dict[str, Any]] = {}
        for decision in judgement.decisions:
            record, release = self._record(judgement.case, decision, digest, made)
            records.append(record)
            if release is not None:
                releases.append(release)
        after = [*releases, *self._reviews(judgement), *self._notices(judgement), self._acknowledgement(judgement)]
        return Written(self._disclosures(judgement, records, digest, (partition, offset)), tuple(after))

    def _disclosures(
        self, judgement: Judgement, records: list[dict[str, Any]], digest: str, place: tuple[int, int]
    ) -> Emit:
        case, policy = judgement.case, judgement.policy
        envelope = case.envelope
        disclosures_id = ids.disclosures_id(case.source_id, digest)
        body = {
            "disclosures_id": disclosures_id,
            "subject_message_id": envelope["subject_message_id"],
            "message_id": envelope["message_id"],
            "subject_ref": envelope["subject_ref"],
            "council": envelope["council"],
            "agency": envelope["agency"],
            "kind": case.kind,
            "form": case.form or None,
            "purpose": case.purpose or None,
            "received_at": case.decided_at,
            "policy_id": policy.id if policy else "",
            "policy_version": policy.version if policy else "",
            "policy_digest": digest,
            "facts_as_of": {"partition": place[0], "offset": place[1]},
            "part": envelope["part"],
            "parts": envelope["parts"],
            "ruled_review_id": case.ruling["review_id"] if case.ruling else None,
            "ruled_decision": case.ruling["decision"] if case.ruling else None,
            "ruled_by": _claimants(case.ruling) if case.ruling else None,
            "records": records,
        }
        return self._emit(DISCLOSURES, str(envelope["subject_ref"]), "Disclosures", disclosures_id, body, case)

    def _record(
        self, case: Case, decision: Decision, digest: str, made: dict[int, dict[str, Any]]
    ) -> tuple[dict[str, Any], Emit | None]:
        outcome = decision.outcome
        disclosure_id = ids.disclosure_id(case.source_id, decision.recipient, digest)
        release, record_id, commitment = None, None, None
        if outcome.decision == "PERMIT":
            record_id = ids.record_id(disclosure_id)
            content = self._content.of(case, decision, made)
            release = self._release(case, decision, disclosure_id, record_id, content)
            commitment = ids.commitment(self.keyring, disclosure_id, release.value)
        record = {
            "disclosure_id": disclosure_id,
            "recipient": decision.recipient,
            "decision": outcome.decision,
            "basis": outcome.basis or None,
            "condition": outcome.condition or None,
            "gateway": "; ".join(outcome.gateway) or None,
            "reasons": texts(outcome.reasons),
            "facts": texts(outcome.facts),
            "fields": self._lists.fields(case, decision) if record_id else (),
            "withheld": self._lists.withheld(case, decision),
            "obligations": texts(decision.obligations),
            "would_permit": texts(outcome.would_permit),
            "override_limb": outcome.limb or None,
            "override_by": _override_by(case) if outcome.limb else None,
            "record_id": record_id,
            "commitment": commitment,
            "review_id": _review_id(case) if outcome.decision == "REVIEW" else None,
        }
        return record, release

    def _release(
        self, case: Case, decision: Decision, disclosure_id: str, record_id: str, content: dict[str, Any]
    ) -> Emit:
        envelope, recipient, outcome = case.envelope, decision.recipient, decision.outcome
        agency, message_id = str(envelope["agency"]), str(envelope["message_id"])
        subject_key = ids.subject_key(self.keyring, recipient, str(envelope["subject_ref"]))
        body = {
            "record_id": record_id,
            "disclosure_id": disclosure_id,
            "kind": case.kind,
            "council": envelope["council"],
            "sender": agency,
            "recipient": recipient,
            "subject_key": subject_key,
            "case_id": ids.case_id(self.keyring, recipient, agency, message_id),
            "part": envelope["part"],
            "parts": envelope["parts"],
            "form": case.form,
            "purpose": case.purpose,
            "basis": outcome.basis,
            "issued_at": case.decided_at,
            "obligations": texts(decision.obligations),
            **content,
        }
        if case.kind == "share_request":
            source, ref = str(envelope["subject_message_id"]), str(envelope["subject_ref"])
            body["request_id"] = tickets.issue(self.keyring, str(envelope["council"]), source, recipient, ref)
        return self._emit(outbox(recipient), subject_key, "FilteredRecord", record_id, body, case)

    def _reviews(self, judgement: Judgement) -> list[Emit]:
        waiting = [d for d in judgement.decisions if d.outcome.decision == "REVIEW"]
        # A review has one content under its id: a ruling that leaves something waiting leaves the review open as it is.
        if not waiting or judgement.case.ruling:
            return []
        reasons = _unique(reason for d in waiting for reason in d.outcome.reasons)
        recipients = tuple(d.recipient for d in waiting)
        changes = _unique(change for d in waiting for change in d.outcome.would_permit)
        return [self.review(judgement.case, _settings(judgement), recipients, reasons, changes)]

    def review(
        self,
        case: Case,
        settings: Settings,
        recipients: tuple[str, ...],
        reasons: tuple[str, ...],
        changes: tuple[str, ...],
    ) -> Emit:
        """Return the review of a case: what a person needs to rule on it, and the held message, sealed."""
        envelope = case.envelope
        review_id = _review_id(case)
        body = {
            "review_id": review_id,
            "subject_ref": envelope["subject_ref"],
            "message_id": envelope["message_id"],
            "subject_message_id": envelope["subject_message_id"],
            "council": envelope["council"],
            "agency": envelope["agency"],
            "kind": case.kind,
            "form": case.form or None,
            "purpose": case.purpose or None,
            "recipients": recipients,
            "reasons": reasons,
            "would_permit": changes,
            "opened_at": case.decided_at,
            "due_at": _later(case.decided_at, settings.review_hours),
            "needs_two": bool(_OVERRIDES & set(reasons)),
            "identity": "IDENTITY_UNSURE" in reasons,
            "candidates": envelope["candidates"],
            "held": seal(self.keyring, REVIEW_SEAL, review_id, encode("SubjectMessage", dict(envelope), self.registry)),
        }
        return self._emit(REVIEWS, str(envelope["subject_ref"]), "Review", review_id, body, case)

    def _notices(self, judgement: Judgement) -> list[Emit]:
        told = [d for d in judgement.decisions if "INFORM_SUBJECT" in d.outcome.obligations]
        if not told or judgement.policy is None:
            return []
        case = judgement.case
        reason = "S-13" if any(d.outcome.limb for d in told) else "D-04"
        notice_id = ids.notice_id(case.source_id, reason)
        days = timedelta(days=judgement.policy.override.inform_days)
        body = {
            "notice_id": notice_id,
            "subject_ref": case.envelope["subject_ref"],
            "council": case.envelope["council"],
            "reason": reason,
            "opened_at": case.decided_at,
            "due_on": (date.fromisoformat(case.day) + days).isoformat(),
            "message_id": case.envelope["message_id"],
            "recipients": tuple(d.recipient for d in told),
            "limb": next((d.outcome.limb for d in told if d.outcome.limb), None),
            "may_delay": True,
        }
        return [self._emit(NOTICES, str(case.envelope["subject_ref"]), "Notice", notice_id, body, case)]

    def _acknowledgement(self, judgement: Judgement) -> Emit:
        """Tell the sender how many got it, never who did not and why: that would tell what the person instructed."""
        case, envelope = judgement.case, judgement.case.envelope
        counts = {
            word: sum(d.outcome.decision == word for d in judgement.decisions) for word in ("PERMIT", "DENY", "REVIEW")
        }
        status = "held" if counts["REVIEW"] else "delivered"
        agency, message_id = str(envelope["agency"]), str(envelope["message_id"])
        ack_id = ids.ack_id(agency, message_id, status, case.source_id)
        body = {
            "ack_id": ack_id,
            "message_id": message_id,
            "agency": agency,
            "status": status,
            "delivered": counts["PERMIT"],
            "withheld": counts["DENY"],
            "held": counts["REVIEW"],
            "at": case.decided_at,
        }
        return self._emit(acks(agency), message_id, "Acknowledgement", ack_id, body, case)

    def _emit(self, topic: str, key: str, name: str, event_id: str, body: Mapping[str, Any], case: Case) -> Emit:
        pairs = headers(event_id, f"uk.hub.v1.{name}", SOURCE, case.decided_at)
        return Emit(topic, key.encode(), encode(name, dict(body), self.registry), tuple(pairs))


# Private functions
# -----------------


def _review_id(case: Case) -> str:
    return ids.review_id(str(case.envelope["subject_message_id"]))


def _override_by(case: Case) -> str | None:
    return _claimants(case.ruling or case.payload.body.get("override") or {})


def _claimants(claim: Mapping[str, Any]) -> str | None:
    who = (claim.get("by") or claim.get("decided_by"), claim.get("second_by") or claim.get("authorised_by"))
    return " and ".join(name for name in who if name) or None


def _settings(judgement: Judgement) -> Settings:
    return judgement.policy.settings if judgement.policy else _DEFAULTS


def _later(time: str, hours: int) -> str:
    return iso(datetime.fromisoformat(time) + timedelta(hours=hours))


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
