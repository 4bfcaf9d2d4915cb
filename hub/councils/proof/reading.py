"""Reading the invariants file: every word known, every fault at once with its line and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.councils.document import compose
from hub.councils.marks import Marks, nearest
from hub.councils.proof.model import Change, Excuse, Invariant, Selection
from hub.councils.proof.words import BODIES, DATA, FORMS, GROUNDS, KINDS, ON_RECORD, PROMISES, PURPOSES
from hub.councils.reader import Row
from hub.councils.rules import rule_texts
from hub.errors import InputFault
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES, mask_of

PACKAGED: Final = Path(__file__).parent.parent / "invariants.yaml"
"""The invariants that come with the hub."""

_RECORDS: Final = (*ON_RECORD, *(f"no_{name}" for name in ON_RECORD))
_CHANGED: Final = ("never_more", "never_less")


class InvariantsFault(InputFault):
    """The invariants file is wrong; carries every fault found, each with its line."""


def read(path: Path, policies: Iterable[Policy], name: str = "") -> tuple[Invariant, ...]:
    """Return the invariants of a file, in its order. Raises InvariantsFault.

    policies: those whose ids of purposes, forms and classes the file may name, and whose sentences its exceptions may cite.
    """
    marks = Marks(name or path.name)
    top = compose(_text(path, marks), marks) if path.is_file() else None
    if not path.is_file():
        marks.fault("NO_FILE", 1, "there is no such invariants file")
    found = _invariants(top, _Names(tuple(policies))) if top is not None else ()
    if marks.faults:
        raise InvariantsFault(*sorted(marks.faults, key=lambda fault: int(fault.place.rpartition(":")[2])))
    return found


# Private functions
# -----------------


class _Names:
    """The names that a file may use."""

    def __init__(self, policies: tuple[Policy, ...]) -> None:
        self.purposes = (*PURPOSES, *sorted({row.id for policy in policies for row in policy.purposes}))
        self.forms = (*FORMS, *sorted({row.id for policy in policies for row in policy.forms}))
        self.classes = tuple(sorted({row.id for policy in policies for row in policy.classes}))
        self.sentences = {f"{policy.id}-{policy.version}": dict(policy.quotes) for policy in policies}
        self.data = dict(DATA)


def _text(path: Path, marks: Marks) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        marks.fault("NOT_READABLE", 1, "the invariants file cannot be read as UTF-8 text")
        return ""


def _invariants(top: Row, names: _Names) -> tuple[Invariant, ...]:
    own = {rule: line for rule, _, line in top.pairs("rules", required=False)}
    for rule, line in {**dict.fromkeys(rule_texts(), 0), **own}.items():
        top.marks.define("citation", rule, line)
    for group, line, categories in _groups(top):
        if group in names.data:
            top.marks.fault("DUPLICATE", line, f"`{group}` is a group of data already", "give it another name")
        names.data[group] = mask_of(categories)
    found = tuple(_invariant(row, names) for row in top.rows("invariants", "invariant"))
    top.done()
    cited = {name for kind, name, _ in top.marks.wanted if kind == "citation"}
    for rule, line in own.items():
        if rule in rule_texts():
            top.marks.fault("DUPLICATE", line, f"`{rule}` is explained with the hub's rules already", "drop it here")
        elif rule not in cited:
            top.marks.fault("UNUSED_FACT", line, f"no invariant cites `{rule}`", "cite it, or drop it")
    top.marks.check_wanted()
    return found


def _groups(top: Row) -> list[tuple[str, int, tuple[str, ...]]]:
    return [
        (row.name, row.line, row.words("categories", tuple(CATEGORIES)))
        for row in top.rows("data_groups", "group of data", required=False)
        if row.text("title")
    ]


def _invariant(row: Row, names: _Names) -> Invariant:
    promise = row.choice("promise", PROMISES)
    grounds = row.words("only_if", tuple(GROUNDS), required=promise == "only_if")
    if promise == "only_if" and "only_if" in row and not grounds:
        row.fault("MISSING", "only_if", "`only_if` names no ground", "name one, or write `promise: never`")
    if promise in ("never", "duty_adds_nothing") and "only_if" in row:
        row.fault("CONTRADICTION", "only_if", f"`{promise}` knows no grounds", "drop them, or write `promise: only_if`")
    return Invariant(
        id=row.name,
        says=row.text("says"),
        reason=row.text("reason"),
        because=row.because(),
        promise=promise,
        selection=_selection(row, names),
        given=_given(row),
        rests_on=row.words("rests_on", tuple(GROUNDS), required=False),
        if_any=grounds,
        change=_change(row, promise),
        excuses=tuple(_excuses(row, names)),
    )


def _selection(row: Row, names: _Names, default: int = -1) -> Selection:
    data = default if "data" not in row and default >= 0 else 0
    for word in row.words("data", (*names.data, *CATEGORIES), required=default < 0):
        data |= _data(word, names)
    for word in row.words("not_data", (*names.data, *CATEGORIES), required=False):
        data &= ~_data(word, names)
    return Selection(
        data=data,
        to=row.words("to", KINDS, required=False),
        not_to=row.words("not_to", KINDS, required=False),
        to_classes=row.words("to_classes", names.classes, required=False),
        that_are=row.words("that_are", tuple(BODIES), required=False),
        purposes=row.words("for", names.purposes, required=False),
        forms=row.words("forms", names.forms, required=False),
    )


def _data(word: str, names: _Names) -> int:
    return names.data[word] if word in names.data else CATEGORIES[word].mask


def _given(row: Row) -> tuple[int, int]:
    on, off = 0, 0
    for word in row.words("given", _RECORDS, required=False):
        if word in ON_RECORD:
            on |= ON_RECORD[word]
        else:
            off |= ON_RECORD[word.removeprefix("no_")]
    if on & off:
        row.fault("CONTRADICTION", "given", "`given` says of something that it is on record and that it is not")
    return on, off


def _change(row: Row, promise: str) -> Change:
    inner = row.child("change", required=promise in _CHANGED)
    if inner is None:
        return Change()
    if promise not in _CHANGED:
        row.fault("CONTRADICTION", "change", f"`{promise}` is about no change", f"write `promise: {_CHANGED[0]}`")
    found = Change(*(_mask(inner, key) for key in ("recorded", "any_of", "ended")))
    inner.done()
    if not (found.recorded or found.any_of or found.ended):
        row.fault("MISSING", "change", "`change` changes nothing", "name what is `recorded`, `any_of`, or `ended`")
    return found


def _mask(row: Row, key: str) -> int:
    return sum(ON_RECORD[word] for word in row.words(key, tuple(ON_RECORD), required=False))


def _excuses(row: Row, names: _Names) -> Iterable[Excuse]:
    inner = row.child("exceptions", required=False)
    for policy, _, line in inner.entries if inner is not None else ():
        assert inner is not None
        excuse = inner.child(policy)
        if policy not in names.sentences:
            row.marks.fault("UNKNOWN_NAME", line, f"there is no policy `{policy}`", nearest(policy, names.sentences))
        elif excuse is not None:
            yield Excuse(
                policy=policy,
                sentences=excuse.words("because", tuple(names.sentences[policy])),
                says=excuse.text("says"),
                selection=_selection(excuse, names, DATA["everything"]),
                if_any=excuse.words("if_any", tuple(GROUNDS), required=False),
            )
            excuse.done()
