"""How hard a page is to read: the reading age by Flesch and Kincaid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pyphen

from hub.councils.paper.model import Paper, TableRow

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'\u2019]*")
_END: Final = re.compile(r"[.!?:;](?:\s|$)")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_SILENT: Final = re.compile(r"(?<=[^aeiouyl])e$|(?<=[^aeioutdy])ed$|(?<=[^aeiouysxz])es$")
_HYPHENS: Final = pyphen.Pyphen(lang="en_GB", left=1, right=1)
_YEARS_BEFORE_SCHOOL: Final = 5
"""A school grade and the age of those in it are five years apart."""

_ENDS: Final = (".", ":")
"""How a sentence ends; an item of a list that ends otherwise is a name of somebody or of a kind of data."""


@dataclass(frozen=True, slots=True)
class Reading:
    """age: reading age in years; words and sentences: what it was measured on."""

    age: float
    words: int
    sentences: int


def measure(texts: list[str]) -> Reading:
    """Return how hard texts are to read; each is a sentence or several, and an item of a list counts as one."""
    words = [word.lower() for text in texts for word in _WORD.findall(text)]
    sentences = sum(max(1, len(_END.findall(text if text.endswith((".", ":")) else f"{text}."))) for text in texts)
    if not words:
        return Reading(0.0, 0, 0)
    grade = 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return Reading(round(grade + _YEARS_BEFORE_SCHOOL, 1), len(words), sentences)


def measure_paper(paper: Paper, *, names: bool = False) -> Reading:
    """Return how hard the sentences of a page are to read; names: with the names in its lists. Headings and tables are not counted."""
    texts = [sentence.text for sentence in paper.sentences() if not isinstance(sentence, TableRow)]
    return measure([text for text in texts if names or text.endswith(_ENDS)])


def reading_age(paper: Paper) -> str:
    """Return the page's reading age and how it was measured, as the page states it."""
    found, whole = measure_paper(paper), measure_paper(paper, names=True)
    return (
        f"{found.age:g} years for its {found.sentences} sentences; {whole.age:g} years with the names in its lists. Measured by "
        "Flesch-Kincaid (the grade and five years). Headings and tables are not counted."
    )


def syllables(word: str) -> int:
    """Return the syllables of a word in small letters: the breaks of British hyphenation, or the groups of vowels where those are more.

    Hyphenation leaves out breaks that would look bad in print (`any`, `idea`), so that it alone would make a page seem easier.
    """
    hyphens = str(_HYPHENS.inserted(word)).count("-") + 1
    return max(hyphens, len(_VOWELS.findall(_SILENT.sub("", word))), 1)
