"""The notice that a council published and the notice that its policy makes, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.notice_pairs import PREFIXES, page, pairs, seed, unheard, unlisted
from tests.support.paper_check import day_of
from tests.support.policies import named


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_statement_stands_in_the_seed_word_for_word(prefix: str) -> None:
    """What is written down as said by the notice is said by it."""
    assert [] == [row.seed for row in pairs(prefix).statements if row.seed not in seed(prefix)]
    assert [] == [words for words in pairs(prefix).headings if words not in seed(prefix)]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_statement_has_its_counterpart_on_the_page_or_a_reason(prefix: str) -> None:
    """Words that the generated notice holds, or why it does not say this; both where the words are there and say something else."""
    told = page(prefix)

    for row in pairs(prefix).statements:
        assert row.page or row.difference, row.seed
        assert [] == [words for words in row.page if words not in told], row.seed


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_sentence_about_sharing_is_written_down(prefix: str) -> None:
    """All of the parts of the notice that speak of sharing, and every other sentence in which it is spoken of."""
    assert pairs(prefix).parts
    assert "" == unlisted(pairs(prefix))
    assert [] == unheard(pairs(prefix))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_pairs_are_of_the_policy_that_carries_the_notice(prefix: str) -> None:
    """File, notice, policy and day belong together."""
    told = pairs(prefix)

    assert prefix == told.notice == named(told.policy).notice
    assert day_of(told.policy) == told.day


def test_a_sentence_that_is_left_out_is_found() -> None:
    """The check itself: without one of its statements a notice is no longer covered."""
    told = pairs("LN")
    less = replace(told, statements=told.statements[1:])

    assert "We may share your information with one or more of the organisations listed below" == unlisted(less)
    assert [told.statements[0].seed] == unheard(less)
