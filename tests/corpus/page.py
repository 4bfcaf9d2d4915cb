"""The page about the five notices: every shared situation, what each notice makes of it, and by which sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from hub.councils.coverage import fact_order
from hub.policy.vocabulary import CATEGORIES
from tests.corpus.situations import SHARED, Cell, Situation, cast, notice_of, prefixes, situations, stated

FACT: Final = re.compile(r"\b(?:LO|LN|LE|CW|CU|D|S)-\d+[a-z]?\b")
"""An id of a sentence, or of a rule of the law or of the hub."""

REASONS: Final = {
    "ALREADY_RETURNED": "made this month already",
    "ANONYMISED_ONLY": "aggregates only",
    "CONSENT_ENDED": "consent refused or withdrawn",
    "CONSENT_MISSING": "no consent",
    "GRANT_ENDED": "access has ended",
    "INSTRUCTED": "told not to",
    "NOT_INFORMED": "neither told nor agreed",
    "NOT_INVOLVED": "does not work with the family",
    "NOT_UK": "outside the United Kingdom",
    "NO_AGREEMENT": "no data sharing agreement in force",
    "NO_GRANT": "no access granted",
    "NO_POLICY": "no notice in force on the day",
    "NO_RULE": "no such road",
    "NO_SERVICE_AGREEMENT": "the family has not agreed to take part",
    "NO_STATED_REASON": "no reason stated",
    "OBJECTED": "objection",
    "OUT_OF_SCOPE": "not a child of this service",
    "OVERRIDE_LIMB": "not a ground here",
    "PURPOSE_UNKNOWN": "no such purpose for this form",
    "RECIPIENT_NEVER_RECEIVES": "may tell, is not told",
    "RESTRICTED": "processing restricted",
    "SENDER_NOT_SOURCE": "not a source here",
    "SWITCHED_OFF": "stated, not switched on",
    "THRESHOLD_FIRST": "no threshold decision yet",
}
"""How the page says a reason, in a word or two."""

OBLIGATIONS: Final = {
    "ASK_CONSENT": "ask for consent",
    "CONTACT_ONLY": "for contact only",
    "INFORM_SUBJECT": "tell the person",
}
"""Obligations that the page speaks of; the years for which a copy may be kept are among them too."""

WORDS: Final = {
    "upn": "pupil number",
    "nhs_number": "NHS number",
    "medical": "health",
    "send": "special needs",
    "contact": "telephone and email",
}
"""Categories that their own names would not tell a reader."""

_NAMED: Final = "not named"


def as_markdown() -> str:
    """Return `docs/five-notices.md`."""
    told = [(number, situation, _cells(situation)) for number, situation in enumerate(situations(), 1)]
    themes = "".join(_theme(theme, list(rows)) for theme, rows in groupby(told, key=lambda row: row[1].theme))
    same = sum(len(set(map(_ending, cells.values()))) == 1 for _, _, cells in told)
    prose = (SHARED / "how-they-differ.md").read_text("utf-8")
    return (
        _HEAD.format(number=len(told), same=same, days=_days()) + themes + _TAIL.format(prose=prose) + _sentences(prose)
    )


def facts_in(texts: Iterable[str]) -> set[str]:
    """Return the ids of sentences and rules that texts name."""
    return {fact for text in texts for fact in FACT.findall(text)}


# Private functions
# -----------------

_HEAD: Final = """# Five notices, one hub

What happens in the same situation under each of five privacy notices, and which sentence makes the difference. Made from
`tests/corpus/shared/` by `make docs`; every cell is a test.

There are {number} situations; {same} of them end the same under every notice. In each row the decisions that differ from most of the others
are **bold**. A cell says the decision (PERMIT, DENY, or REVIEW: a person decides), the sentence behind it, and what goes besides the person's name,
or why nothing goes. *Not named*: the notice knows no such body, form or purpose, so the hub refuses it as unknown.
The years in a cell are how long a copy may be kept at most.

{days}"""
_TAIL: Final = """
## How they differ

{prose}
## The sentences

Word for word as the notices print them; `D-` and `S-` are rules of the law and of the hub, in our words.

| id | sentence |
|---|---|
"""


def _days() -> str:
    rows = ["| notice | policy file | judged on |\n|---|---|---|"]
    for prefix in prefixes():
        notice = notice_of(prefix)
        rows.append(f"| {cast()['notices'][prefix]['title']} ({prefix}) | `{notice.name}` | {notice.day} |")
    return "\n".join(rows) + "\n"


def _cells(situation: Situation) -> dict[str, Cell]:
    return {prefix: stated(situation, prefix) for prefix in prefixes()}


def _theme(theme: str, rows: list[tuple[int, Situation, dict[str, Cell]]]) -> str:
    titles = " | ".join(str(cast()["notices"][prefix]["title"]) for prefix in prefixes())
    lines = [f"\n## {theme}\n", f"| | situation | {titles} |", "|---|---|" + "---|" * len(prefixes())]
    lines += [_line(number, situation, cells) for number, situation, cells in rows]
    lines += ["", *(f"{number}. {situation.difference}" for number, situation, _ in rows), ""]
    return "\n".join(lines)


def _line(number: int, situation: Situation, cells: dict[str, Cell]) -> str:
    usual = Counter(cell.decision for cell in cells.values()).most_common(1)[0][0]
    shown = " | ".join(_shown(cell, usual) for cell in cells.values())
    return f"| {number} | {situation.title} | {shown} |"


def _shown(cell: Cell, usual: str) -> str:
    word = cell.decision if cell.decision == usual else f"**{cell.decision}**"
    if cell.decision == _NAMED:
        return f"{word} ({cell.fact})"
    return f"{word} ({cell.fact})<br>{_goes(cell) if cell.decision == 'PERMIT' else REASONS[cell.because]}"


def _goes(cell: Cell) -> str:
    names = [WORDS.get(name, name.replace("_", " ")) for name in CATEGORIES if name in cell.keeps]
    duties = [OBLIGATIONS[name] for name in cell.must if name in OBLIGATIONS]
    duties += [name.split(":")[1] for name in cell.must if name.startswith("KEEP_AT_MOST")]
    names += ["no name"] if cell.nameless else []
    return ", ".join(names or ["name only"]) + (f"; {', '.join(duties)}" if duties else "")


def _ending(cell: Cell) -> tuple[str, tuple[str, ...]]:
    return cell.decision, cell.keeps


def _sentences(prose: str) -> str:
    told = [prose, *(situation.difference for situation in situations())]
    cited = facts_in(told) | {cell.fact for situation in situations() for cell in _cells(situation).values()}
    quotes = {fact: text for prefix in reversed(prefixes()) for fact, text in notice_of(prefix).policy.quotes}
    rows = sorted(cited, key=lambda fact: ((*prefixes(), "D", "S").index(fact.partition("-")[0]), fact_order(fact)))
    return "".join(f"| {fact} | {quotes[fact].replace('|', '/')} |\n" for fact in rows)
