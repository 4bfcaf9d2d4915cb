"""What must have been decided: `subjects.v1` walked once from its start, one message at a time, with facts kept in a dict.

No batches, no caches, no store, no workers: what the hub wrote under load and through crashes must be this, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.flow.case import Case, read_case, ruled
from hub.flow.judge import Judgement, judge
from hub.flow.outcome import Emit
from hub.flow.policies import Policies
from hub.flow.records import REVIEW_SEAL, Writer
from hub.ledger.keys import Keyring
from hub.ledger.sealing import open_sealed
from hub.policy.changes import apply, settle
from hub.policy.facts import NOTHING_KNOWN, Facts
from hub.schemas.codec import decode
from hub.schemas.registry import Registry
from tests.support.log_reader import Row

_SURE = ("exact", "new")


class Replay:
    """Decides the subject messages of one log, in order. facts: what is known of each subject, by ref."""

    def __init__(self, policies: Policies, keyring: Keyring, registry: Registry) -> None:
        self.facts: dict[str, Facts] = {}
        self._policies = policies
        self._keyring = keyring
        self._registry = registry
        self._writer = Writer(registry, keyring)
        self._seen: set[str] = set()

    def all(self, rows: Iterable[Row]) -> list[Emit]:
        """Return everything that decide must have emitted for these rows of `subjects.v1`."""
        return [emit for row in rows for emit in self.take(row)]

    def take(self, row: Row) -> list[Emit]:
        """Return what one subject message asks for; a second copy asks for nothing."""
        envelope = decode(row.value, self._registry).body
        if envelope["subject_message_id"] in self._seen:
            return []
        self._seen.add(envelope["subject_message_id"])
        case = read_case(envelope, self._registry)
        ref = str(envelope["subject_ref"])
        ruling = case.payload.body.get("ruling") if case.kind == "control" else None
        if ruling:
            case = self._held(envelope, ruling)
        before = self.facts.get(ref, NOTHING_KNOWN)
        if case.kind == "control":
            return self._control(case, ref, before, row)
        judgement = judge(case, before, self._policies.engine(str(envelope["council"])))
        self.facts[ref] = judgement.lasting
        written = self._writer.write(judgement, row.partition, row.offset)
        return [written.disclosures, *written.after]

    # Private functions
    # -----------------

    def _held(self, outer: Mapping[str, Any], ruling: Mapping[str, Any]) -> Case:
        held = decode(open_sealed(self._keyring, REVIEW_SEAL, ruling["review_id"], ruling["held"]), self._registry).body
        who = {name: outer[name] for name in ("subject_ref", "resolution")}
        return ruled(read_case({**held, **who}, self._registry), outer, ruling)

    def _control(self, case: Case, ref: str, before: Facts, row: Row) -> list[Emit]:
        kind = str(case.payload.body["kind"])
        unsure = case.envelope["resolution"] not in _SURE
        refused = case.ruling is not None and case.ruling["decision"] == "refuse"
        after = settle(before) if case.ruling else before
        if not refused:
            after = apply(after, kind, case.payload.body.get(kind) or {}, unresolved=unsure)
        self.facts[ref] = after
        emits = []
        if case.ruling and case.ruled_part == 1:
            closing = Judgement(case, None, (), after, after)
            emits.append(self._writer.write(closing, row.partition, row.offset).disclosures)
        if unsure and not refused and case.envelope["part"] == 1:
            engine = self._policies.engine(str(case.envelope["council"]))
            snapshot = engine.at(case.day) if engine else None
            assert snapshot is not None
            settings = snapshot.policy.settings
            emits.append(self._writer.review(case, settings, (), ("IDENTITY_UNSURE",), ("RESOLVE_IDENTITY",)))
        return emits
