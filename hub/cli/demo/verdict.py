"""Whether the morning went as its story says: what every entry was to show, beside what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.cli.demo.outcome import Decided, Outcome
from hub.cli.demo.scenario import Entry, Expected


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that went otherwise than the story says."""

    entry: Entry
    what: str
    expected: str
    happened: str

    def __str__(self) -> str:
        return f"{self.entry.number} {self.entry.title}: {self.what}: expected {self.expected}, was {self.happened}"


def differences(outcomes: Iterable[Outcome]) -> list[Difference]:
    """Return every difference between the story and what happened, in order; none when all went as told."""
    return [found for outcome in outcomes for found in _of(outcome)]


# Private functions
# -----------------


def _of(outcome: Outcome) -> Iterator[Difference]:
    entry, expected = outcome.played.entry, outcome.played.entry.expected
    if outcome.door != expected.door:
        yield Difference(entry, "front door", expected.door, outcome.door)
    missing = [code for code in expected.codes if code not in outcome.codes]
    if missing:
        yield Difference(entry, "faults", ", ".join(missing), ", ".join(outcome.codes) or "none")
    for label, answers in expected.decisions.items():
        for recipient, answer in answers.items():
            decided = outcome.decided(label, recipient)
            happened = decided.in_short if decided else "not decided"
            if happened != answer:
                yield Difference(entry, f"{label} to {recipient}", answer, happened)
    yield from _about_fields(entry, expected, outcome)


def _about_fields(entry: Entry, expected: Expected, outcome: Outcome) -> Iterator[Difference]:
    for word, wanted in (("goes", expected.goes), ("stays", expected.stays), ("owes", expected.owes)):
        for recipient, names in wanted.items():
            decided = outcome.decided("p1", recipient)
            for name in _lacking(names, _has(decided, word)):
                yield Difference(entry, f"{word} to {recipient}", name, "not so")


def _has(decided: Decided | None, word: str) -> Mapping[str, bool]:
    if decided is None:
        return {}
    if word == "owes":
        return dict.fromkeys(decided.record["obligations"], True)
    # A category of which one field goes does not stay, and the other way round.
    goes, stays = decided.categories()
    one, other = (goes, stays) if word == "goes" else (stays, goes)
    return {name: name not in other for name in one}


def _lacking(names: Sequence[str], has: Mapping[str, bool]) -> list[str]:
    return [name for name in names if not has.get(name)]
