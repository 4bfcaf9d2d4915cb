"""One message as a matrix: recipients across, fields down, each cell kept, withheld or not applicable, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.cli.demo.outcome import Decided, Outcome
from hub.policy.vocabulary import CATEGORIES
from hub.schemas.classify import FieldSpec
from hub.wiring.explaining import Cited, Explained, Ground

KEPT, WITHHELD, NOTHING, WAITS, ABSENT = "kept", "withheld", "nothing", "waits", "absent"
"""What a cell may be: the field goes; it stays; nothing goes to this recipient at all; a person decides; not applicable,
since the recipient was not asked for this person."""

_WORDS: Final = {"PERMIT": "sent", "DENY": "refused", "REVIEW": "waits"}
_AS_WRITTEN: Final = {"nhs": "NHS", "upn": "UPN", "gp": "GP", "line1": "line 1", "line2": "line 2", "id": "number"} | {
    "16la": "16LA",
    "uk": "UK",
}
_SENTENCES: Final = 4
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field for one recipient. mark: the letter of the note that gives the reason, or ""."""

    state: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one person. category: its title where it says more than the label."""

    label: str
    category: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The decision about one person for one recipient. word: `sent`, `refused`, `waits` or ""; kept: fields that go."""

    word: str
    short: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One person of the message: the decision for each recipient, then the fields."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A reason, once, with the sentences behind it."""

    mark: str
    text: str
    rule: str
    facts: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole of it. recipients: (id, name)."""

    recipients: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]


def matrix(outcome: Outcome, explained: Sequence[Explained]) -> Matrix:
    """Return the matrix of a message that was decided; explained: its decisions in words, in the same order."""
    notes = _Notes()
    words = {(d.person, d.recipient): e for d, e in zip(outcome.decisions, explained, strict=True)}
    names = {e.recipient.id: e.recipient.text for e in explained}
    recipients = _in_order(outcome)
    blocks = tuple(_block(outcome, recipients, person, words, notes) for person in outcome.persons)
    return Matrix(tuple((name, names[name]) for name in recipients), blocks, notes.all())


def label_of(path: str) -> str:
    """Return a field's path as a label: what it is, without where it stands; the parts of a statement are one field."""
    return _in_words(_key(path).rpartition(".")[2])


# Private functions
# -----------------


class _Notes:
    """Gives each distinct reason a letter, in the order in which they are met."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[Cited, ...]], Note] = {}

    def mark(self, ground: Ground) -> str:
        key = (ground.id, ground.facts)
        if key not in self._known:
            self._known[key] = Note(_letter(len(self._known)), ground.text, ground.rule, ground.facts)
        return self._known[key].mark

    def all(self) -> tuple[Note, ...]:
        return tuple(self._known.values())


def _letter(number: int) -> str:
    more, one = divmod(number, len(_LETTERS))
    return (_LETTERS[more - 1] if more else "") + _LETTERS[one]


def _in_order(outcome: Outcome) -> list[str]:
    """Return the recipients, those who were sent most first, those who were sent nothing last."""

    def place(recipient: str) -> tuple[bool, int, str]:
        mine = [each for each in outcome.decisions if each.recipient == recipient]
        sent = sum(len(each.record["fields"]) for each in mine)
        return all(each.decision == "DENY" for each in mine), -sent, recipient

    return sorted(outcome.recipients, key=place)


def _block(
    outcome: Outcome,
    recipients: Sequence[str],
    person: str,
    words: dict[tuple[str, str], Explained],
    notes: _Notes,
) -> Block:
    decided = [outcome.decided(person, recipient) for recipient in recipients]
    heads = tuple(_head(each, words.get((person, each.recipient)) if each else None, notes) for each in decided)
    filled = next(each.filled for each in decided if each)
    rows = []
    # What the person is comes first, what the form says of itself last.
    ordered = sorted(filled, key=lambda spec: spec.path.startswith("details"))
    for key in dict.fromkeys(_key(spec.path) for spec in ordered):
        specs = [spec for spec in filled if _key(spec.path) == key]
        cells = tuple(_cell(each, specs, words, notes) for each in decided)
        rows.append(Row(label_of(specs[0].path), _category(specs[0]), cells))
    return Block(_title(outcome, person), heads, tuple(rows))


def _head(decided: Decided | None, explained: Explained | None, notes: _Notes) -> Head:
    if decided is None or explained is None:
        return Head("")
    word = _WORDS[decided.decision]
    if decided.decision == "PERMIT":
        return Head(word, _in_words(decided.record["basis"]))
    ground = _resting(explained)
    return Head(word, _in_words(ground.id.lower()), notes.mark(ground))


def _resting(explained: Explained) -> Ground:
    """Return the deciding reason with the sentences that the decision rests on, as far as a person wants to read on."""
    ground = explained.reasons[0]
    behind = [fact for fact in explained.facts if fact.quote and fact not in ground.facts][:_SENTENCES]
    return replace(ground, facts=(*behind, *ground.facts))


def _cell(
    decided: Decided | None, specs: Sequence[FieldSpec], words: dict[tuple[str, str], Explained], notes: _Notes
) -> Cell:
    if decided is None:
        return Cell(ABSENT)
    if decided.decision != "PERMIT":
        return Cell(WAITS if decided.decision == "REVIEW" else NOTHING)
    if specs[0].path in decided.record["fields"]:
        return Cell(KEPT)
    explained = words[decided.person, decided.recipient]
    ground = next(each.reason for each in explained.withheld if each.field == specs[0].path)
    return Cell(WITHHELD, notes.mark(ground))


def _in_words(name: str) -> str:
    return " ".join(_AS_WRITTEN.get(word, word) for word in name.split("_"))


def _key(path: str) -> str:
    """Return what a field is shown under: statements and codes with their sets are one."""
    whole = path.removeprefix("persons[].")
    head = whole.partition("[]")[0]
    return head.removesuffix(".code_set").removesuffix(".code") if ".ethnicity." in whole else head


def _category(spec: FieldSpec) -> str:
    return CATEGORIES[spec.category].title if spec.category in CATEGORIES else "no category"


def _title(outcome: Outcome, person: str) -> str:
    """Return who a block is about: the names are invented, and stand in the story's own messages."""
    body = outcome.played.body or {}
    found = next((each for each in body.get("persons") or () if each["person_id"] == person), None)
    if found is None:
        return "the person asked about" if "query" in body else "what was held"
    identity = found.get("identity") or {}
    name = " ".join([*(identity.get("given_names") or ()), identity.get("family_name") or ""]).strip()
    return f"{name or 'not yet born'}, {found.get('relationship') or found.get('role') or 'person'}"
