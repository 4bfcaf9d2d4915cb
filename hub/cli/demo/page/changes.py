"""What changed between a message and its repetition: the same form, before and after the family said something."""

from __future__ import annotations

from dataclasses import dataclass

from hub.cli.demo.outcome import Decided, Outcome
from hub.cli.demo.page.matrix import label_of
from hub.cli.demo.scenario import Entry
from hub.policy.reasons import REASONS


@dataclass(frozen=True, slots=True)
class Step:
    """One recipient: the decision and number of fields before and after, why, and labels of fields lost and gained."""

    recipient: str
    before: str
    after: str
    fields_before: int
    fields_after: int
    why: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing changed for this recipient."""
        return self.before == self.after and not self.lost and not self.gained


@dataclass(frozen=True, slots=True)
class Change:
    """since: number of the message repeated; because: (number, title) of what came between."""

    since: int
    because: tuple[tuple[int, str], ...]
    steps: tuple[Step, ...]


def change(before: Outcome, after: Outcome, between: tuple[Entry, ...]) -> Change:
    """Return what changed for each recipient of the first person."""
    steps = [
        _step(earlier, later)
        for later in after.decisions
        if later.person == after.persons[0] and (earlier := before.decided(before.persons[0], later.recipient))
    ]
    because = tuple((entry.number, entry.title) for entry in between)
    return Change(before.played.entry.number, because, tuple(steps))


# Private functions
# -----------------


def _step(before: Decided, after: Decided) -> Step:
    had, has = before.record["fields"], after.record["fields"]
    reason = "" if after.decision == "PERMIT" else REASONS[after.record["reasons"][0]].text
    return Step(
        after.recipient,
        before.decision,
        after.decision,
        len(had),
        len(has),
        reason,
        _labels(set(had) - set(has)) if has else (),
        _labels(set(has) - set(had)) if had else (),
    )


def _labels(paths: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label_of(path) for path in sorted(paths)))
