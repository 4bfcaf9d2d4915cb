"""`hub policy explain`: a table first, then each way with its sentences; no way has its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

SMALL = (Path(__file__).parents[2] / "data" / "small-policy.yaml").read_text(encoding="utf-8")


@pytest.fixture
def small(hub: CommandLine) -> str:
    """The small policy's file."""
    return hub.file("small.yaml", SMALL)


def test_the_short_form_is_a_table_and_whom_it_cannot_reach(hub: CommandLine, small: str) -> None:
    """To whom, for what, on which basis; and the reason for everybody else."""
    done = hub("policy", "explain", small, "--category", "medical")

    assert (0, "") == (done.code, done.err)
    assert "Medical information (medical) under sample-families-1 on" in done.words
    assert "nurses support consent" in done.words
    assert "No way" in done.out
    assert "rests on" not in done.out


def test_one_recipient_is_told_in_full(hub: CommandLine, small: str) -> None:
    """Rule, form, basis, condition, what keeps it back, what comes with it, the sentences word for word."""
    done = hub("policy", "explain", small, "--category", "medical", "--to", "nurses", "--on", "2026-11-22")

    for said in (
        "rule support: to nurses, for support",
        "by assessment",
        "with consent on record: consent, Article 6(1)(a); explicit consent, Article 9(2)(a); as far as the consent covers it",
        "kept back by: ",
        "an instruction not to share (a person decides)",
        "comes with: the recipient must not pass it on",
        "SN-04 We share your name, date of birth, address and health.",
    ):
        assert said in done.words


def test_no_way_is_told_with_the_reason_and_its_sentences(hub: CommandLine, small: str) -> None:
    """The reason that the engine gives, for each form and purpose."""
    done = hub("policy", "explain", small, "--category", "nhs_number", "--to", "nurses", "--from", "assessment")

    assert 0 == done.code
    assert "There is no way." in done.out
    assert "this class of recipient may not hold the identifier" in done.words


def test_the_json_has_ways_walls_and_sentences(hub: CommandLine, small: str) -> None:
    """What the text says, for programs."""
    done = hub("policy", "explain", small, "--category", "medical", "--json")

    (road,) = done.json["ways"]
    assert ("support", ["assessment"], "CONSENT") == (road["rule"], road["forms"], road["ways"][0]["needs"][0])
    assert "6(1)(a)" == road["ways"][0]["article"]
    assert "We ask for your consent." == done.json["sentences"]["SN-03"]
    assert "ANONYMISED_ONLY" in {wall["reason"] for wall in done.json["no_way"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--category", "medicl"), "did you mean `medical`?"),
        (("--category", "who"), "`who` is a group; ask for one of name, date_of_birth, address"),
        (("--category", "name", "--to", "nurse"), "did you mean `nurses`?"),
        (("--category", "name", "--from", "asessment"), "did you mean `assessment`?"),
        (("--category", "name", "--on", "tomorrow"), "`tomorrow` is not a day"),
        ((), "missing option '--category'"),
    ],
)
def test_wrong_input_is_exit_code_2_with_the_nearest_name(
    hub: CommandLine, small: str, words: tuple[str, ...], said: str
) -> None:
    """A name that the policy does not have is told, and nothing is explained."""
    done = hub("policy", "explain", small, *words)

    assert (2, "") == (done.code, done.out)
    assert said in done.err
