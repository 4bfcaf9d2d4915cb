"""The second act: the same morning under each of the notices that come with the hub, and where they differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from hub.cli.demo import scenario as s
from hub.cli.demo.scenario import Entry, Morning
from hub.cli.demo.translated import Translation, day_in_force
from hub.connectors.messages import parse_json
from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.flow.policies import Policies
from hub.policy.model import Policy
from hub.policy.reasons import REASONS
from hub.policy.snapshot import Snapshot
from hub.schemas.registry import Registry
from hub.wiring.rehearsal import Sent, Taken, play

OWN = "lancashire-cfw-001"
"""The notice that the morning was written for; it stands first."""

NOT_NAMED = "NOT_NAMED"
"""The word for a body that a notice does not name: nobody is asked about it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. name: policy and version; day: the ISO day on which it judges."""

    name: str
    title: str
    day: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one notice decides. decision: PERMIT, DENY, REVIEW, or "" where nobody was asked; fields: how many go.

    sentence: what of the notice it comes from, with its id; "" where no sentence of it decides.
    """

    decision: str
    reason: str = ""
    fields: int = 0
    recipient: str = ""
    sentence: str = ""

    @property
    def words(self) -> str:
        """Why nothing goes, in words; "" for a copy."""
        if self.reason == NOT_NAMED:
            return "the notice names no such body"
        found = REASONS.get(self.reason)
        return found.text if found else self.reason


@dataclass(frozen=True, slots=True)
class Line:
    """One message and one recipient across the notices. number: of the message in the morning."""

    number: int
    title: str
    recipient: str
    cells: tuple[Cell, ...]

    @property
    def short(self) -> str:
        """The recipient's name without its council."""
        return self.recipient.rpartition(", ")[2]

    @property
    def same(self) -> bool:
        """Whether all notices decide alike and let the same number of fields go."""
        return len({(cell.decision, cell.fields) for cell in self.cells}) == 1


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The whole comparison. totals: for each notice (copies sent, refused, held, fields sent, messages turned away)."""

    notices: tuple[Notice, ...]
    lines: tuple[Line, ...]
    totals: tuple[tuple[int, int, int, int, int], ...]

    @property
    def different(self) -> tuple[Line, ...]:
        """The lines on which the notices part."""
        return tuple(line for line in self.lines if not line.same)


async def side_by_side(morning: Morning, now: datetime, registry: Registry) -> SideBySide:
    """Judge the morning's referrals, questions and controls under every notice; nothing is sent, stored or kept."""
    policies = _policies()
    entries = [entry for entry in morning.entries() if _playable(entry)]
    today = now.date().isoformat()
    own = Snapshot(policies[0], today)
    notices, worlds = [], []
    for policy in policies:
        day = day_in_force(policy, today)
        notices.append(Notice(f"{policy.id}-{policy.version}", policy.controller.partition(",")[0], day))
        worlds.append(await _world(entries, own, policy, day, now, registry))
    totals = tuple(_total(taken) for _, taken in worlds)
    return SideBySide(tuple(notices), tuple(_lines(entries, own, worlds)), totals)


# Private functions
# -----------------

World = tuple[Translation, tuple[Taken, ...]]


def _policies() -> list[Policy]:
    files = packaged()
    return [load(files[name]) for name in sorted(files, key=lambda name: (name != OWN, name))]


def _playable(entry: Entry) -> bool:
    return entry.kind == s.MESSAGE and not entry.unchecked and entry.expected.door == s.TAKEN


async def _world(
    entries: Sequence[Entry], own: Snapshot, policy: Policy, day: str, now: datetime, registry: Registry
) -> World:
    translation = Translation(own, Snapshot(policy, day), (date.fromisoformat(day) - now.date()).days)
    at = datetime.combine(date.fromisoformat(day), time(9), UTC)
    sent = [_sent(entry, translation, at) for entry in entries]
    return translation, await play(Policies([policy]), registry, sent)


def _sent(entry: Entry, translation: Translation, at: datetime) -> Sent:
    name, body = parse_json(json.dumps(entry.body))
    body = translation.body(body)
    body["sent_at"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if name == "Control":
        agency = translation.speaker(entry.agency, body["kind"])
    else:
        agency = translation.sender(entry.agency, str(body.get("form") or "share_request"))
    return Sent(f"message {entry.number}", agency, name, body, at)


def _lines(entries: Sequence[Entry], own: Snapshot, worlds: Sequence[World]) -> Iterable[Line]:
    first = worlds[0][1]
    for place, entry in enumerate(entries):
        disclosures = first[place].parts[0].disclosures if first[place].parts else None
        for record in disclosures["records"] if disclosures else ():
            row = own.agencies.get(record["recipient"])
            form = str(entry.body.get("form") or "share_request")
            cells = tuple(
                _cell(taken[place], translation.agency(record["recipient"]), translation)
                if translation.knows(form)
                else Cell("DENY", "FORM_UNKNOWN")
                for translation, taken in worlds
            )
            yield Line(entry.number, entry.title, row.name if row else record["recipient"], cells)


def _cell(taken: Taken, recipient: str, translation: Translation) -> Cell:
    if taken.faults:
        return Cell("DENY", taken.faults[0].code, recipient=recipient)
    disclosures = taken.parts[0].disclosures or {"records": ()}
    record = next((r for r in disclosures["records"] if r["recipient"] == recipient), None)
    if record is None:
        return Cell("", NOT_NAMED, recipient=recipient)
    reason = record["reasons"][0] if record["reasons"] and record["decision"] != "PERMIT" else ""
    return Cell(record["decision"], reason, len(record["fields"]), recipient, translation.sentence(record["facts"]))


def _total(taken: Iterable[Taken]) -> tuple[int, int, int, int, int]:
    sent = refused = held = fields = turned = 0
    for one in taken:
        turned += bool(one.faults)
        for part in one.parts:
            for record in (part.disclosures or {"records": ()})["records"]:
                sent += record["decision"] == "PERMIT"
                refused += record["decision"] == "DENY"
                held += record["decision"] == "REVIEW"
                fields += len(record["fields"])
    return sent, refused, held, fields, turned
