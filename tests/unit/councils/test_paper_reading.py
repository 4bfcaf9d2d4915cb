"""The reading age of the pages is measured as they say, and the pages for the public can be read at twelve."""

from __future__ import annotations

import pytest

from hub.councils.paper import PAGES
from hub.councils.paper.markdown import as_markdown
from hub.councils.paper.reading import measure, measure_paper, reading_age, syllables
from tests.support.paper_check import day_of
from tests.support.policies import named, packaged_names

OLDEST = 12
OLDEST_WITH_NAMES = 13.5
"""The names in the lists are the council's own; they may not make a page much harder."""


@pytest.mark.parametrize("name", packaged_names())
def test_the_notice_can_be_read_at_twelve(name: str) -> None:
    """Short sentences, plain words; the names of bodies and of kinds of data are counted too, and stated apart."""
    paper = PAGES["notice"](named(name), day_of(name))

    assert measure_paper(paper).age <= OLDEST
    assert measure_paper(paper, names=True).age <= OLDEST_WITH_NAMES
    assert f"{measure_paper(paper).age:g} years" in reading_age(paper)
    assert reading_age(paper) in as_markdown(paper)


def test_no_sentence_of_the_notice_is_long() -> None:
    """An average can hide one monster: no sentence has more than 30 words, unless it lists names of the policy."""
    for name in packaged_names():
        for sentence in PAGES["notice"](named(name), day_of(name)).sentences():
            for part in getattr(sentence, "text", "").split(". "):
                assert len(part.split()) <= 30, part


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("any", 2),
        ("idea", 2),
        ("the", 1),
        ("named", 1),
        ("shared", 1),
        ("information", 4),
        ("agencies", 3),
        ("people", 2),
    ],
)
def test_syllables_are_never_fewer_than_the_ear_hears_by_much(word: str, count: int) -> None:
    """Hyphenation alone would give `any` one; silent endings are not counted."""
    assert count == syllables(word)


def test_the_formula_is_the_published_one() -> None:
    """0.39 words a sentence + 11.8 syllables a word - 15.59, and five years: six words of one syllable each are read at three."""
    found = measure(["The cat sat on the mat."])

    assert (6, 1) == (found.words, found.sentences)
    assert round(0.39 * 6 + 11.8 * 1 - 15.59 + 5, 1) == found.age


def test_nothing_to_read_has_no_age() -> None:
    """No words, no measure."""
    assert 0.0 == measure([]).age
