"""The whole report as plain values: numbers, stories, messages, what waits, what was turned away, the reckoning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.cli.demo import scenario as s
from hub.cli.demo.outcome import Outcome
from hub.cli.demo.page.changes import Change, change
from hub.cli.demo.page.matrix import Matrix, matrix
from hub.cli.demo.reckoning import Reckoning
from hub.cli.demo.running import Run
from hub.cli.demo.side_by_side import SideBySide
from hub.cli.demo.summary import Summary, kind_of
from hub.policy.reasons import REASONS
from hub.schemas.registry import packaged
from hub.wiring.explaining import Explained, agency_name, explain

_DOORS: Final = {
    s.TAKEN: "accepted",
    s.DUPLICATE: "accepted before; this copy changes nothing",
    s.REFUSED: "refused, with every fault told to the sender",
    s.BURIED: "buried, sealed, with its reason",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the morning. changed: what is different from the message that it repeats, if it repeats one."""

    number: int
    step: int
    family: str
    agency: str
    sender: str
    kind: str
    title: str
    shows: str
    door: str
    accepted: bool
    faults: tuple[Mapping[str, str], ...]
    matrix: Matrix | None
    words: tuple[Explained, ...]
    people: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    changed: Change | None


@dataclass(frozen=True, slots=True)
class Story:
    """All that concerns one family, in order. about: the story in a few words."""

    family: str
    about: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the report shows. best: the message that was decided for most recipients, shown first."""

    written: str
    policy: str
    steps: tuple[s.Step, ...]
    messages: tuple[Message, ...]
    stories: tuple[Story, ...]
    best: Message
    summary: Summary
    reckoning: Reckoning
    differences: tuple[str, ...]
    note: str
    names: Mapping[str, str]
    reasons: Mapping[str, str]
    elsewhere: SideBySide


def page_of(run: Run) -> Page:
    """Return the content of the report of a run."""
    by_name = {outcome.played.entry.name: outcome for outcome in run.outcomes}
    messages = tuple(_message(outcome, by_name, run) for outcome in run.outcomes)
    families = tuple(dict.fromkeys(message.family for message in messages if message.family))
    policy = run.policies.at(s.COUNCIL, run.at.date().isoformat())
    return Page(
        written=run.at.strftime("%d %B %Y, %H:%M UTC"),
        policy=f"{policy.title} ({policy.id}, version {policy.version})" if policy else "none",
        steps=run.morning.steps,
        messages=messages,
        stories=tuple(
            Story(name, run.morning.families.get(name, ""), tuple(m for m in messages if m.family == name))
            for name in families
        ),
        best=max(messages, key=lambda each: len(each.matrix.recipients) if each.matrix else 0),
        summary=run.summary,
        reckoning=run.reckoning,
        differences=tuple(str(each) for each in run.differences),
        note=run.note,
        names={row.recipient: _name(run, row.recipient) for row in run.summary.got},
        reasons={name: reason.text for name, reason in REASONS.items()},
        elsewhere=run.elsewhere,
    )


# Private functions
# -----------------


def _message(outcome: Outcome, by_name: Mapping[str, Outcome], run: Run) -> Message:
    entry = outcome.played.entry
    words = tuple(explain(d.record, d.record, run.policies, packaged()) for d in outcome.decisions)
    repeats = by_name.get(entry.refers_to) if entry.kind == s.MESSAGE else None
    decisions = [decided.decision for decided in outcome.decisions]
    return Message(
        number=entry.number,
        step=entry.step,
        family=entry.family,
        agency=entry.agency,
        sender=_name(run, entry.agency),
        kind=kind_of(outcome),
        title=entry.title,
        shows=entry.shows,
        door=_DOORS[outcome.door],
        accepted=outcome.door in (s.TAKEN, s.DUPLICATE),
        faults=outcome.faults,
        matrix=matrix(outcome, words) if outcome.decisions else None,
        words=words,
        people=tuple(decided.person for decided in outcome.decisions),
        counts=tuple((word, decisions.count(word)) for word in ("PERMIT", "DENY", "REVIEW") if word in decisions),
        changed=change(repeats, outcome, _between(repeats, outcome, run)) if repeats else None,
    )


def _between(before: Outcome, after: Outcome, run: Run) -> tuple[s.Entry, ...]:
    """Return the control messages about the same family that came between two messages: what made the difference."""
    first, last = before.played.entry, after.played.entry
    controls = (o.played.entry for o in run.outcomes if o.door == s.TAKEN and o.played.name == "Control")
    return tuple(e for e in controls if e.family == last.family and first.number < e.number < last.number)


def _name(run: Run, agency: str) -> str:
    return agency_name(run.policies, s.COUNCIL, agency, run.at.date().isoformat())
