"""Golden cases: plain files that a policy officer can read, run through the very code that decides.

A case becomes a real message, encoded, wrapped as a subject message and opened again by `read_case`; its history is a row of
control messages that pass the front door too, and one that does not pass has no effect. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from hub.flow.case import Case, read_case, ruled
from hub.flow.judge import Judgement, content, judge, kept, withheld
from hub.flow.validate import validate
from hub.policy.changes import apply
from hub.policy.engine import Decision
from hub.policy.facts import NOTHING_KNOWN, Facts
from hub.policy.vocabulary import names_of
from hub.schemas.classify import classify
from hub.schemas.codec import decode, encode
from hub.schemas.registry import Registry, packaged
from tests.corpus.fragments import Json
from tests.corpus.messages import Message, control_body, received, subject_message
from tests.corpus.notice import CORPUS, Notice, notices
from tests.corpus.sentences import control

DEFAULTS: Final[Json] = {"must": ["NO_ONWARD_SHARING"], "limb": ""}
UNRESOLVED: Final = "a control message fits several people"


@dataclass(frozen=True)
class Golden:
    """One case as it stands in its file."""

    notice: Notice
    title: str
    why: str
    facts: tuple[str, ...]
    given: Json
    expect: Mapping[str, Json]
    front_door: tuple[str, ...]
    place: str


def goldens() -> list[Golden]:
    """Every case of every notice, in the order of folders, files and lines."""
    return [case for notice in notices() for case in goldens_of(notice)]


def goldens_of(notice: Notice) -> list[Golden]:
    """Every case of one notice's folder, in the order of files and lines."""
    files = sorted(path for path in (CORPUS / notice.name).glob("*.yaml") if path.name != "_about.yaml")
    return [_golden(notice, entry, path.name) for path in files for entry in _load(path)]


def expected(case: Golden) -> dict[str, Json]:
    """What the file says of each agency, in one form: sets for sets, defaults filled in."""
    return {agency: _expected(case.notice, told) for agency, told in case.expect.items()}


def actual(case: Golden) -> tuple[dict[str, Json], list[str]]:
    """What was decided for each agency, in the words that the file uses of it; and the faults of the front door."""
    run = Run(case.notice, case.given)
    judgement = run.judged(NOTHING_KNOWN)
    told = expected(case)
    found = {d.recipient: _found(judgement, d, run.registry, told.get(d.recipient, {})) for d in judgement.decisions}
    return found, run.faults


class Run:
    """One case on its way: the history, the message at the front door, the decision, the ruling."""

    def __init__(self, notice: Notice, given: Json) -> None:
        self.notice, self.given = notice, given
        self.day = str(given.get("day", notice.day))
        self.every_version = given.get("versions") == "all"
        self.engine = notice.engine(every_version=self.every_version)
        self.registry: Registry = packaged()
        self.faults: list[str] = []
        self.refused: list[str] = []
        """What the front door says of the message itself, its history left aside."""

    def judged(self, facts: Facts) -> Judgement:
        """The judgement of the message after its history, and after the ruling on it where there is one."""
        facts = self._after(facts, self.given.get("history") or [])
        message = Message(self.notice, self.given, facts)
        self.refused = self._front_door(message.name, message.body, message.sender)
        envelope = message.subject_message(self.registry)
        first = judge(read_case(envelope, self.registry), facts, self.engine)
        if "ruling" not in self.given:
            return first
        later = self._after(first.lasting, self.given.get("later") or [])
        return judge(self._ruled(envelope), later, self.engine)

    def _ruled(self, envelope: Json) -> Case:
        """The held message as a ruling brings it back: the person is who the ruling says."""
        told = dict(self.given["ruling"])
        resolution = told.pop("the person is", "exact")
        ruling = {"review_id": "0" * 32, "limb": None, "second_by": None, "reason": "weighed", **told}
        body = control_body(self.notice.policy.council, "ruling", ruling, self.day)
        outer = subject_message("Control", body, self._sender("ruling"), self.day, self.registry)
        return ruled(read_case({**envelope, "resolution": resolution}, self.registry), outer, ruling)

    def _after(self, facts: Facts, history: list[Any]) -> Facts:
        """The facts after a history: sentences are control messages; questions and forms are messages of their own."""
        for entry in history:
            facts = self._came(entry, facts) if isinstance(entry, dict) else self._told(str(entry), facts)
        return facts

    def _told(self, sentence: str, facts: Facts) -> Facts:
        if sentence == UNRESOLVED:
            return apply(facts, "consent", {"status": "given"}, unresolved=True)
        date, _, said = (
            sentence.removeprefix("on ").rpartition(": ") if sentence.startswith("on ") else ("", "", sentence)
        )
        kind, record = control(said, date or self.day)
        body, sender = control_body(self.notice.policy.council, kind, record, self.day), self._sender(kind)
        if self._front_door("Control", body, sender):
            return facts
        envelope = subject_message("Control", body, sender, self.day, self.registry)
        return apply(facts, kind, read_case(envelope, self.registry).payload.body[kind])

    def _came(self, given: Json, facts: Facts) -> Facts:
        """The facts after an earlier message; a question must have been passed on, or there is nothing to answer."""
        earlier = Run(self.notice, {"day": self.day, "versions": self.given.get("versions"), **given})
        judgement = earlier.judged(facts)
        self.faults += earlier.faults
        if "ask" in given and [d.outcome.decision for d in judgement.decisions] != ["PERMIT"]:
            raise ValueError(given)
        return judgement.lasting

    def _sender(self, kind: str) -> str:
        return self.notice.sender(kind, self.day, otherwise=str(self.given["from"]))

    def _front_door(self, name: str, body: Json, sender: str) -> list[str]:
        decoded = decode(encode(name, body, self.registry), self.registry)
        at = datetime.fromisoformat(received(self.day)).astimezone(UTC)
        policies = self.notice.policies(every_version=self.every_version)
        found = [fault.code for fault in validate(self.registry, policies, decoded, sender, at)]
        self.faults += found
        return found


# Private functions
# -----------------


def _load(path: Path) -> list[Json]:
    # Every word stays a word: `yes`, dates and numbers are texts here, as they are in a message.
    found: list[Json] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  it makes text only
    return found


def _golden(notice: Notice, entry: Json, place: str) -> Golden:
    known = {"title", "why", "facts", "given", "expect", "front door"}
    if not set(entry) <= known:
        raise ValueError(sorted(set(entry) - known))
    front_door = tuple(entry.get("front door") or ())
    given, expect = entry["given"], entry["expect"]
    return Golden(notice, entry["title"], entry["why"], tuple(entry["facts"]), given, expect, front_door, place)


def _expected(notice: Notice, told: Json) -> Json:
    permit = told["decision"] == "PERMIT"
    found = {**(DEFAULTS if permit else {}), **told}
    if "keeps" in found:
        found["keeps"] = notice.categories(found["keeps"])
    for name in ("must", "would_permit"):
        if name in found:
            found[name] = set(found[name])
    if "withholds" in found:
        found["withholds"] = {
            c: reason for words, reason in found["withholds"].items() for c in notice.categories(words.split(", "))
        }
    return found


def _found(judgement: Judgement, decision: Decision, registry: Registry, told: Json) -> Json:
    """The decision in the words of the file; reasons of withheld fields only for the categories that the file speaks of."""
    outcome = decision.outcome
    if outcome.decision != "PERMIT":
        found: Json = {
            "decision": outcome.decision,
            "because": outcome.reasons[0],
            "would_permit": set(outcome.would_permit),
        }
        return found | ({"also": list(outcome.reasons[1:])} if "also" in told else {})
    goes, stays = _paths(judgement, decision, registry)
    spoken = told.get("withholds", {})
    found = {
        "decision": "PERMIT",
        "basis": outcome.basis,
        "keeps": goes,
        "must": set(decision.obligations),
        "limb": outcome.limb,
    }
    found |= {"condition": outcome.condition} if "condition" in told else {}
    return found | ({"withholds": {c: why for c, why in stays.items() if c in spoken}} if spoken else {})


def _paths(judgement: Judgement, decision: Decision, registry: Registry) -> tuple[frozenset[str], dict[str, str]]:
    """The categories that go, read off the fields that go; and the reason of each that stays, read off the fields that stay."""
    case = judgement.case
    of = {spec.path: str(spec.category) for spec in classify(registry, case.payload.schema_id).fields}
    goes = frozenset(of[path] for path in kept(case, decision, registry))
    if goes != frozenset(names_of(decision.kept)):
        raise ValueError(decision.recipient)
    return goes, {of[path]: reason for path, reason in withheld(case, decision, registry)}


def released(case: Golden) -> list[tuple[frozenset[str], Json]]:
    """For each agency that receives: the categories it may see, and the very content that it gets."""
    run = Run(case.notice, case.given)
    judgement = run.judged(NOTHING_KNOWN)
    permitted = [d for d in judgement.decisions if d.outcome.decision == "PERMIT"]
    return [(frozenset(names_of(d.kept)), content(judgement.case, d, run.registry)) for d in permitted]
