"""`hub reviews`: the clock and what is missing; and what no ruling may be, told before anything is sent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.errors import InputFault
from hub.ledger.ports import ReviewRow
from hub.ledger.sqlite import open_sqlite
from hub.wiring.desk import Answer, check, desk_of
from tests.support import partner
from tests.support.command_line import CommandLine

ONE, OTHER = "0a" * 16, "0b" * 16


def moment(hours: float) -> str:
    """A moment so many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def review(review_id: str, due: str, **changes: Any) -> ReviewRow:
    """An open review of a referral for the police and a school."""
    body = {
        "review_id": review_id,
        "subject_ref": "1c" * 16,
        "message_id": "m-1",
        "subject_message_id": "1d" * 16,
        "council": "lancashire",
        "agency": "lancashire-cfw",
        "kind": "referral",
        "form": "early_help_assessment",
        "purpose": "early_help",
        "recipients": ["lancashire-constabulary", "example-primary-school"],
        "reasons": ["SCHOOL_UNKNOWN"],
        "would_permit": ["NAME_SCHOOL"],
        "opened_at": moment(-20),
        "due_at": due,
        "needs_two": False,
        "identity": False,
        "candidates": [],
        **changes,
    }
    return ReviewRow(
        review_id=review_id,
        subject_ref=body["subject_ref"],
        message_id=body["message_id"],
        council=body["council"],
        opened_at=body["opened_at"],
        due_at=due,
        needs_two=body["needs_two"],
        identity=body["identity"],
        status="open",
        held_at=(0, 0),
        body=json.dumps(body).encode(),
    )


@pytest.fixture
def open_reviews(folder: Path) -> None:
    """A store in which one review is overdue and one is due in three hours and a half."""

    async def put() -> None:
        stores = await open_sqlite(folder / "hub.sqlite")
        await stores.migrate()
        overdue = review(OTHER, moment(-1.5), needs_two=True, reasons=["RESTRICTED"])
        await stores.reviews.open([review(ONE, moment(3.5)), overdue])
        await stores.close()

    folder.mkdir()
    asyncio.run(put())


@pytest.mark.usefixtures("open_reviews")
def test_what_is_due_first_stands_first_with_its_clock(hub: CommandLine) -> None:
    """Overdue cases lead; each says by when, from whom, and why it waits."""
    listed = hub("reviews", "list", "--json").json
    table = hub("reviews", "list")

    assert [OTHER, ONE] == [row["review_id"] for row in listed]
    assert ["overdue by 1 h", "due in 3 h"] == [row["clock"] for row in listed]
    assert "two people" in table.out
    assert "processing is restricted" in table.words
    assert 80 >= max(len(line) for line in table.out.splitlines())
    assert [] == hub("reviews", "list", "--status", "refused", "--json").json
    assert listed == hub("reviews", "list", "--council", "lancashire", "--json").json
    assert [] == hub("reviews", "list", "--council", "leicestershire", "--json").json


@pytest.mark.usefixtures("open_reviews")
def test_one_case_says_what_is_missing(hub: CommandLine) -> None:
    """Why a person must decide, what would settle it, how many people it takes."""
    shown = hub("reviews", "show", ONE)

    assert "the child's school is not known" in shown.words
    assert "the message names this school as attended or intended" in shown.words
    assert "one person" in shown.out
    assert "held" not in hub("reviews", "show", ONE, "--json").json


GOOD = Answer(decision="permit", reason="because", by="ig-officer-3")


@pytest.mark.parametrize(
    ("changes", "answer", "codes"),
    [
        ({}, GOOD, []),
        ({}, replace(GOOD, recipients=("example-primary-school",)), []),
        ({}, replace(GOOD, recipients=("dwp",)), ["NOT_WAITING"]),
        ({"recipients": ["-"]}, replace(GOOD, recipients=("dwp",)), []),
        ({}, replace(GOOD, second="IG-Officer-3 "), ["TWO_NEEDED"]),
        ({}, replace(GOOD, limb="RISK_OF_HARM"), ["TWO_NEEDED"]),
        ({}, replace(GOOD, limb="RISK_OF_HARM", second="dpo-1"), []),
        ({"needs_two": True}, GOOD, ["TWO_NEEDED"]),
        ({"needs_two": True}, replace(GOOD, decision="refuse"), []),
        ({}, replace(GOOD, resolve_to="new"), ["RESOLVE_UNEXPECTED"]),
        ({"identity": True, "candidates": ["aa", "bb"]}, GOOD, ["RESOLVE_MISSING"]),
        ({"identity": True, "candidates": ["aa", "bb"]}, replace(GOOD, decision="refuse"), []),
        ({"identity": True, "candidates": ["aa", "bb"]}, replace(GOOD, resolve_to="cc"), ["RESOLVE_UNKNOWN"]),
        ({"identity": True, "candidates": ["aa", "bb"]}, replace(GOOD, resolve_to="bb"), []),
        ({"identity": True, "candidates": ["aa", "bb"]}, replace(GOOD, resolve_to="new"), []),
    ],
)
def test_a_ruling_that_could_not_stand_is_told_at_once(
    changes: dict[str, Any], answer: Answer, codes: list[str]
) -> None:
    """Two different people for an override, a recipient that waits, a candidate that was offered."""
    assert codes == faults_of(review(ONE, moment(1), **changes), answer)


def test_a_closed_review_is_not_ruled_on_again() -> None:
    """The first ruling stands."""
    assert ["ALREADY_RULED"] == faults_of(replace(review(ONE, moment(1)), status="refused"), GOOD)


def faults_of(row: ReviewRow, answer: Answer) -> list[str]:
    """The codes of all that is wrong with an answer."""
    try:
        check(row, answer)
    except InputFault as error:
        return [fault.code for fault in error.faults]
    return []


def test_rulings_come_from_the_information_governance_desk_alone() -> None:
    """No other agency of the register may be named for it."""
    assert partner.GOVERNANCE == desk_of(partner.policies(), "lancashire")
    assert partner.GOVERNANCE == desk_of(partner.policies(), "lancashire", partner.GOVERNANCE)
    for council, named in (("lancashire", partner.POLICE), ("elsewhere", "")):
        with pytest.raises(InputFault, match="information"):
            desk_of(partner.policies(), council, named)


@pytest.mark.usefixtures("open_reviews")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((ONE, "permit", "--reason", " ", "--by", "x"), "--reason: it must not be empty"),
        ((ONE, "permit", "--reason", "x", "--by", " "), "--by: it must not be empty"),
        (("0c" * 16, "permit", "--reason", "x", "--by", "y"), "there is no such review"),
        ((OTHER, "permit", "--reason", "x", "--by", "y"), "--second: this takes two people"),
    ],
)
def test_a_wrong_ruling_is_told_before_anything_is_sent(
    hub: CommandLine, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2 although no broker is there to be asked."""
    monkeypatch.setenv("HUB_BOOTSTRAP", "127.0.0.1:1")

    done = hub("reviews", "rule", *words)

    assert 2 == done.code, done.err
    assert said in done.err
