"""The shared situations: what each notice makes of the same situation, and by which sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.corpus.page import facts_in
from tests.corpus.situations import (
    SHARED,
    UNKNOWN,
    Situation,
    notice_of,
    played,
    prefixes,
    reached,
    situations,
    stated,
    unnamed,
)
from tests.support.policies import packaged_names

SITUATIONS = situations()
BY_SILENCE = {
    "CU-16": "names nobody outside the service, so nobody outside is a recipient",
    "CU-18": "gives no number, so none travels",
    "CW-23": "is a condition for data that the notice does not collect",
    "CW-24": "knows no consent, so none opens a road",
    "LE-21": "reaches only those who owe confidence, so no school",
    "LE-22": "knows no consent, so none opens a road",
    "LE-28": "gives no number, so none travels",
    "LN-124": "gives no number, so none travels",
    "LO-63": "gives no number, so none travels",
}
"""Sentences that decide by what they leave out, so that no row on the way of a decision can cite them."""
EACH = pytest.mark.parametrize(
    ("situation", "prefix"),
    [(situation, prefix) for situation in SITUATIONS for prefix in prefixes()],
    ids=lambda value: value.title if isinstance(value, Situation) else value,
)


@EACH
def test_situation(situation: Situation, prefix: str) -> None:
    """What the file says of a notice is what the hub decides; what a notice does not name is refused as unknown."""
    told = stated(situation, prefix)
    found, faults = played(situation, prefix)

    if unnamed(situation, prefix):
        assert ("not named", "DENY") == (told.decision, found.decision)
        assert found.because in UNKNOWN
    else:
        assert replace(told, fact="") == found
        assert found.decision != "PERMIT" or not faults


@EACH
def test_each_cell_names_its_sentence(situation: Situation, prefix: str) -> None:
    """The sentence is one of the notice or a rule of law, and the decision went through a row that cites it."""
    fact = stated(situation, prefix).fact

    assert fact in dict(notice_of(prefix).policy.quotes)
    assert unnamed(situation, prefix) or fact in BY_SILENCE or fact in reached(situation, prefix)


def test_there_are_enough_situations_and_each_is_told_for_every_notice() -> None:
    """At least 40, each with a title of its own, each for all notices, each saying what makes the difference."""
    titles = [situation.title for situation in SITUATIONS]

    assert len(titles) == len(set(titles)) >= 40
    assert all(set(situation.expect) == set(prefixes()) for situation in SITUATIONS)
    assert all(situation.difference.strip().endswith((".", ".'")) for situation in SITUATIONS)


def test_every_policy_file_takes_part() -> None:
    """The notices of the cast are the policy files that the hub ships."""
    assert {notice_of(prefix).name for prefix in prefixes()} == set(packaged_names())


def test_what_is_told_of_the_differences_cites_sentences_that_exist() -> None:
    """The notes and the prose of the page name sentences of the notices, each by its id."""
    quoted = {fact for prefix in prefixes() for fact, _ in notice_of(prefix).policy.quotes}
    told = [situation.difference for situation in SITUATIONS]

    assert facts_in([*told, (SHARED / "how-they-differ.md").read_text("utf-8")]) <= quoted
    assert all(facts_in([difference]) for difference in told if not difference.startswith("None"))
