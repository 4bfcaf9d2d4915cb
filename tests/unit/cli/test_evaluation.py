"""`hub evaluation extract`: figures for people and for programs, the same ones for ever, or a refusal that says what to do."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hub.councils.packaged import packaged
from tests.support.command_line import CommandLine
from tests.support.figures import CANARY, COUNCIL, MONTH, put, register

ASK = ("evaluation", "extract", "--council", COUNCIL, "--period")


def row(body: dict[str, list[dict[str, object]]], table: str, name: str) -> dict[str, object]:
    """One row of one table of an extract."""
    found = next(each for each in body["tables"] if each["id"] == table)
    rows = found["rows"]
    assert isinstance(rows, list)
    wanted: dict[str, object] = next(each for each in rows if each["row"] == name)
    return wanted


def test_figures_are_rounded_and_small_ones_held_back(hub: CommandLine, folder: Path) -> None:
    """To the digit: what is 107 is 105; a row with a small cell shows no cells; a total under 20 over a small cell is held back."""
    put(folder, register())

    done = hub(*ASK, MONTH, "--json")

    assert 0 == done.code, done.err
    body = done.json
    assert {"persons": 210, "decisions": 280} == body["total"]
    assert [("PERMIT", 130), ("DENY", 45), ("REVIEW", 35)] == [(r["decision"], r["persons"]) for r in body["decisions"]]
    whole = {"PERMIT": 60, "DENY": 25, "REVIEW": 20}
    held = dict.fromkeys(whole)
    assert {"row": "request_for_support", "persons": 105, "decisions": 140, "by_decision": whole} == row(
        body, "form", "request_for_support"
    )
    # Shown by itself it would be whole; what is small beside it needs company in its columns.
    assert {"row": "early_help_assessment", "persons": 65, "decisions": None, "by_decision": held} == row(
        body, "form", "early_help_assessment"
    )
    nothing = {"persons": None, "decisions": None, "by_decision": held}
    # 37 people, three of them refused; but the two of `other` need company, and so does the same row under its other name.
    assert {"row": "registration", **nothing} == row(body, "form", "registration")
    assert {"row": "contact", **nothing} == row(body, "purpose", "contact")
    assert {"row": "other", **nothing} == row(body, "form", "other")
    assert {"row": MONTH, "persons": 210, "decisions": 280} == row(body, "month", MONTH)


def test_the_table_for_people_says_what_is_held_back(hub: CommandLine, folder: Path) -> None:
    """Every table with its title, the stars explained, and no line wider than the terminal."""
    put(folder, register())

    done = hub(*ASK, MONTH)

    assert 0 == done.code, done.err
    assert f"Evaluation extract: {COUNCIL}, {MONTH}." in done.words
    for title in ("All decisions", "By form", "By purpose", "By class of recipient", "Why not permitted", "By month"):
        assert title in done.out
    assert "request_for_support 105 140 60 25 20" in done.words
    assert "early_help_assessment 65 * * * *" in done.words
    assert "* held back: under 10 (zero too), or needed to hide one that is" in done.words
    assert 80 >= max(len(line) for line in done.out.splitlines())


def test_nothing_of_a_person_comes_out(hub: CommandLine, folder: Path, tmp_path: Path) -> None:
    """No subject ref, no id of a message or of a record, no word of a sender: in no form of the answer."""
    rows = register()
    put(folder, rows)

    told = hub(*ASK, MONTH).out + hub(*ASK, MONTH, "--json").out + hub(*ASK, MONTH, "--to", "found.json").out
    told += (tmp_path / "found.json").read_text("utf-8")

    assert CANARY not in told
    secret = {text for each in rows for text in (each.subject_ref, each.message_id, each.disclosure_id, each.agency)}
    assert not [text for text in secret if text in told]
    assert {each.recipient for each in rows}.isdisjoint(told.replace('"', " ").split()), (
        "recipients come as classes only"
    )


def test_the_same_period_gives_the_same_file_for_ever(hub: CommandLine, folder: Path, tmp_path: Path) -> None:
    """A second run over more records writes the first run's bytes, and says that they left before."""
    put(folder, register())
    first = hub(*ASK, MONTH, "--to", "first.json")
    put(folder, register(first=5_000))

    again = hub(*ASK, MONTH, "--to", "again.json")

    assert (0, 0) == (first.code, again.code), again.err
    body = (tmp_path / "first.json").read_bytes()
    assert body == (tmp_path / "again.json").read_bytes()
    assert f"SHA-256 {hashlib.sha256(body).hexdigest()}" in first.words
    assert "given again" not in first.words
    assert "given again" in again.words
    assert (True, hashlib.sha256(body).hexdigest()) == (
        (told := hub(*ASK, MONTH, "--json").json)["again"],
        told["digest"],
    )


def test_a_quarter_does_not_leave_beside_its_months(hub: CommandLine, folder: Path) -> None:
    """Subtracting two months from their quarter would show the third: whichever left first bars the other."""
    put(folder, [*register(), *register("2024-08", first=300)])

    assert 0 == hub(*ASK, MONTH).code
    quarter = hub(*ASK, "2024-Q2")
    assert (2, True) == (quarter.code, f"`2024-Q2` overlaps `{MONTH}`, which was released" in quarter.err)
    assert 0 == hub(*ASK, "2024-Q3").code
    month = hub(*ASK, "2024-08")
    assert (2, True) == (month.code, "use the extract of `2024-Q3`" in month.err)
    assert 0 == hub(*ASK, "2024-04").code


@pytest.mark.parametrize("period", ["2024", "2024-5", "2024-13", "2024-Q5", "2024-W20", "2024-05-01", "may", ""])
def test_only_calendar_months_and_quarters(hub: CommandLine, folder: Path, period: str) -> None:
    """No other stretch of time: the error says how one is written."""
    put(folder, register())

    done = hub(*ASK, period)

    assert (2, True) == (done.code, "write a month as `2026-10` or a quarter as `2026-Q3`" in done.err)


def test_what_has_not_ended_is_not_released(hub: CommandLine, folder: Path) -> None:
    """An extract is for ever, so half a month would stay half; the error says from when on."""
    put(folder, register())

    done = hub(*ASK, "2098-Q4")

    assert (2, True) == (done.code, "ask again on 2099-01-02 (UTC) or later" in done.err)


def test_a_council_that_is_not_served_is_named(hub: CommandLine, folder: Path) -> None:
    """Exit code 2, and the councils there are."""
    put(folder, register())

    done = hub("evaluation", "extract", "--council", "lancashir", "--period", MONTH)

    assert (2, True) == (done.code, "this hub does not serve `lancashir`" in done.err)
    assert "did you mean `lancashire`?" in done.err


def test_without_the_notices_word_nothing_leaves(
    hub: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Evaluation gets figures only where the notice says so, on every day of the period (S-14); silence is a refusal."""
    put(folder, register())
    before = hub(*ASK, "2017-12", "--to", "none.json")
    text = packaged()["lancashire-cfw-001"].read_text("utf-8").replace("evaluation", "assessing")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "lancashire-cfw-001.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("HUB_POLICY_FOLDER", str(tmp_path / "policies"))
    silent = hub(*ASK, MONTH, "--to", "none.json")

    assert (2, "") == (before.code, before.out)
    assert "no notice of `lancashire` was in force on `2017-12-01`" in before.err
    assert (2, "") == (silent.code, silent.out)
    assert "the notice names no purpose `evaluation`" in silent.err
    assert not (tmp_path / "none.json").exists()


def test_a_file_is_never_written_over(hub: CommandLine, folder: Path, tmp_path: Path) -> None:
    """What cannot be written is told before anything is released."""
    put(folder, register())
    (tmp_path / "there.json").write_text("kept", "utf-8")

    over = hub(*ASK, MONTH, "--to", "there.json")
    nowhere = hub(*ASK, MONTH, "--to", "nowhere/found.json")

    assert (2, True) == (over.code, "`there.json` is there already" in over.err)
    assert (2, True) == (nowhere.code, "there is no folder `nowhere`" in nowhere.err)
    assert "kept" == (tmp_path / "there.json").read_text("utf-8")
    assert json.loads(hub(*ASK, MONTH, "--json").out)["again"] is False


def test_a_folder_without_a_store_is_left_empty(hub: CommandLine, folder: Path) -> None:
    """Who only asks leaves nothing behind."""
    done = hub(*ASK, MONTH)

    assert (2, True) == (done.code, "no hub has run on this data folder" in done.err)
    assert not folder.exists()
