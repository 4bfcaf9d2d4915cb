"""`hub policy diff`: exit codes that a build can rely on, text that a policy officer can read, JSON that says it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

SMALL = (Path(__file__).parents[2] / "data" / "small-policy.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str, text: str = SMALL) -> str:
    """The small policy with one change, which must be possible."""
    assert old in text
    return text.replace(old, new)


@pytest.fixture
def files(hub: CommandLine) -> tuple[str, str]:
    """The small policy, and one that shares the date of birth for safety too."""
    other = changed("only: [name, address]", "only: [name, address, date_of_birth]")
    return hub.file("a.yaml", SMALL), hub.file("b.yaml", other)


def test_no_difference_in_meaning_is_exit_code_0(hub: CommandLine) -> None:
    """Other titles and remarks are no difference."""
    a, b = (
        hub.file("a.yaml", SMALL),
        hub.file("b.yaml", changed("title: safety", "title: keeping safe") + "# a remark\n"),
    )

    done = hub("policy", "diff", a, b)

    assert (0, "") == (done.code, done.err)
    assert "No difference in meaning." in done.out


def test_a_difference_is_exit_code_1_and_is_told(hub: CommandLine, files: tuple[str, str]) -> None:
    """By recipient, purpose and category, with the basis."""
    done = hub("policy", "diff", *files)

    assert 1 == done.code
    assert "What becomes possible" in done.out
    assert "nurses - for safety: date_of_birth" in done.words
    assert "(on the duty to share (s.16LA))" in done.words
    assert "What stops" not in done.out


def test_what_stops_is_the_mirror_image(hub: CommandLine, files: tuple[str, str]) -> None:
    """Turned round, the same is lost."""
    done = hub("policy", "diff", *reversed(files))

    assert 1 == done.code
    assert "What stops" in done.out
    assert "What becomes possible" not in done.out


def test_the_long_form_tells_forms_and_terms(hub: CommandLine) -> None:
    """--full: form by form, what was and what is, overrides and stops included."""
    a = hub.file("a.yaml", SMALL)
    b = hub.file("b.yaml", changed("connective: either", "connective: both"))

    short, full = hub("policy", "diff", a, b), hub("policy", "diff", a, b, "--full")

    assert (1, 1) == (short.code, full.code)
    assert "Finer differences, which --full tells" in short.out
    assert "override, connective: either -> both" in short.out
    assert "What goes on other terms" in full.out
    assert "override: the law requires it and override: risk of harm" in full.words or (
        "override: risk of harm and override: the law requires it" in full.words
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    bases: [consent]", "    bases: [consent]\n    obliges: [NO_DETRIMENT]", "Other obligations"),
        ("    bases: [consent]", "    bases: [consent]\n    every: month", "already returned this month"),
        (
            "    bases: [consent]",
            "    bases: [consent]\n    needs: [stated_reason]",
            "a stated reason why it is needed",
        ),
        ("instructions_default: weigh", "instructions_default: bar", "stopped by"),
    ],
)
def test_other_terms_are_told_in_words(hub: CommandLine, old: str, new: str, said: str) -> None:
    """What was and what is never read alike."""
    done = hub("policy", "diff", hub.file("a.yaml", SMALL), hub.file("b.yaml", changed(old, new)), "--full")

    assert 1 == done.code
    assert said in done.words
    pairs = [part.split(" now: ") for part in done.words.split("no longer: ")[1:]]
    assert pairs
    for before, after in pairs:
        assert before != after.partition(" - ")[0]


def test_the_json_says_all_of_it(hub: CommandLine, files: tuple[str, str]) -> None:
    """Every form and category named, each way with what it needs and what stops it."""
    done = hub("policy", "diff", *files, "--json")

    (change,) = done.json["changes"]
    assert (1, False, "gained") == (done.code, done.json["same"], change["kind"])
    assert (["date_of_birth"], ["assessment"], ["safety"]) == (
        change["categories"],
        change["forms"],
        change["purposes"],
    )
    assert [{"class": "nurses", "agency": ""}] == change["recipients"]
    assert {"needs", "basis", "stops", "obligations"} <= change["after"][0].keys()


def test_people_must_be_told_first_where_the_notice_promises_it(hub: CommandLine) -> None:
    """A new kind of recipient under `notify_new_recipients` (LE-29, S-24)."""
    promise = "  notify_new_recipients:\n    value: yes\n    reason: promised\n    because: [SN-01]\n  uk_only:"
    b = changed("  uk_only:", promise)
    a = changed("      class: service", "      class: service\n      in_uk: no")

    done = hub("policy", "diff", hub.file("a.yaml", a), hub.file("b.yaml", b))

    assert 1 == done.code
    assert "People must be told first: service would be new kinds of recipients" in done.words


def test_councils_may_be_compared(hub: CommandLine) -> None:
    """Two packaged notices of two councils, by id and version, and by id alone."""
    done = hub("policy", "diff", "cumbria-strengthening-families-001", "lancashire-cfw")

    assert 1 == done.code
    assert "(cumbria, in force" in done.words
    assert "agencies; the registers are those of two councils" in done.words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lancashire-cfw-01", "a.yaml"), "did you mean `lancashire-cfw-001`?"),
        (("a.yaml", "."), "`.` is a folder"),
        (("a.yaml", "a.yaml", "--on", "2026-02-30"), "--on: `2026-02-30` is not a day"),
        (("a.yaml", "a.yaml", "--on", "2026-01-01", "--on", "2026-01-02", "--on", "2026-01-03"), "more than twice"),
        (("a.yaml", "bad.yaml"), "bad.yaml:"),
        (("a.yaml",), "missing argument 'B'"),
    ],
)
def test_wrong_input_is_exit_code_2_with_place_and_remedy(hub: CommandLine, words: tuple[str, ...], said: str) -> None:
    """Nothing is compared in part."""
    hub.file("a.yaml", SMALL)
    hub.file("bad.yaml", changed("kind: health", "kind: helth"))

    done = hub("policy", "diff", *words)

    assert (2, "") == (done.code, done.out)
    assert said in done.err
