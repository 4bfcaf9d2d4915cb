"""`hub explain` and `hub records` say of a past decision what its record holds, in words and as data."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from hub.ledger.ports import RegisterRow
from hub.ledger.sqlite import open_sqlite
from tests.support.command_line import CommandLine


def of(rows: list[RegisterRow], decision: str, recipient: str) -> RegisterRow:
    """The first row with this decision for this recipient."""
    return next(row for row in rows if (row.decision, row.recipient) == (decision, recipient))


def put(folder: Path, row: RegisterRow) -> None:
    """Add one row to the register."""

    async def work() -> None:
        stores = await open_sqlite(folder / "hub.sqlite")
        await stores.register.put([row])
        await stores.close()

    asyncio.run(work())


def test_a_release_is_explained_in_plain_english(hub: CommandLine, rows: list[RegisterRow]) -> None:
    """Who, to whom, when; why with the sentences behind it; what went, what stayed and why."""
    row = of(rows, "PERMIT", "example-primary-school")

    done = hub("explain", row.disclosure_id)

    assert 0 == done.code, done.err
    assert "It may go to Example Primary School on the basis of the person's consent to share" in done.words
    assert "LN-71: Consent to share personal information is entirely voluntary" in done.words
    assert "What goes (59 fields)" in done.out
    assert "What stays (12 fields)" in done.out
    assert "lancashire-cfw-001, digest" in done.words


def test_a_refusal_says_what_would_have_permitted_it(hub: CommandLine, rows: list[RegisterRow]) -> None:
    """The smallest change stands at the end."""
    row = of(rows, "DENY", "lancashire-cfw")

    done = hub("explain", row.disclosure_id)

    assert "It may not go" in done.out
    assert "record permission to be contacted" in done.words


def test_explained_as_data_it_is_the_same_decision(hub: CommandLine, rows: list[RegisterRow]) -> None:
    """The JSON holds the message's context and the decision in words."""
    row = of(rows, "REVIEW", "example-primary-school")

    found = hub("explain", row.disclosure_id, "--json").json

    assert row.message_id == found["message_id"]
    assert "SCHOOL_UNKNOWN" == found["decision"]["reasons"][0]["id"]
    assert row.review_id == found["decision"]["review_id"]


def test_who_ruled_is_told(hub: CommandLine, rows: list[RegisterRow], folder: Path) -> None:
    """A record that a ruling made names who ruled, and on which review."""
    row = of(rows, "PERMIT", "example-primary-school")
    ruled = {"ruled_review_id": "ab" * 16, "ruled_decision": "permit", "ruled_by": "ig-officer-3 and dpo-1"}
    override = {"override_limb": "RISK_OF_HARM", "override_by": "ig-officer-3 and dpo-1"}
    body = {**json.loads(row.body), **ruled, **override, "disclosure_id": "cd" * 16}
    put(folder, replace(row, disclosure_id="cd" * 16, body=json.dumps(body).encode()))

    done = hub("explain", "cd" * 16)

    assert "permit by ig-officer-3 and dpo-1, on review " + "ab" * 16 in done.words
    assert "This is an override: somebody is at risk of harm, decided by ig-officer-3 and dpo-1" in done.words


def test_a_policy_that_is_not_loaded_is_said_to_be_missing(
    hub: CommandLine, rows: list[RegisterRow], folder: Path
) -> None:
    """Nobody is shown another policy's words: the ids stand alone."""
    row = of(rows, "PERMIT", "example-primary-school")
    body = {**json.loads(row.body), "policy_digest": "ef" * 32, "disclosure_id": "cd" * 16}
    put(folder, replace(row, disclosure_id="cd" * 16, body=json.dumps(body).encode()))

    done = hub("explain", "cd" * 16)

    assert 0 == done.code
    assert "is not loaded" in done.words
    assert "LN-71:" not in done.out


def test_records_are_listed_newest_first_and_filtered(hub: CommandLine, rows: list[RegisterRow]) -> None:
    """Every filter narrows; the table and the JSON hold the same records."""
    everything = hub("records", "list", "--json").json
    permitted = hub("records", "list", "--decision", "permit", "--recipient", "example-primary-school", "--json").json
    subject = hub("records", "subject", rows[0].subject_ref, "--json").json

    assert {row.disclosure_id for row in rows} == {body["disclosure_id"] for body in everything}
    assert sorted((body["received_at"] for body in everything), reverse=True) == [b["received_at"] for b in everything]
    assert [("PERMIT", "example-primary-school")] == [(body["decision"], body["recipient"]) for body in permitted]
    assert {row.disclosure_id for row in rows if row.subject_ref == rows[0].subject_ref} == {
        body["disclosure_id"] for body in subject
    }
    assert everything == hub("records", "list", "--council", "lancashire", "--json").json
    assert [] == hub("records", "list", "--council", "leicestershire", "--json").json
    table = hub("records", "list")
    assert all(row.disclosure_id in table.out for row in rows)
    assert 80 >= max(len(line) for line in table.out.splitlines())
    assert "The register has no such records." in hub("records", "list", "--since", "2099-01-01").out


def test_a_record_is_shown_as_it_is_kept(hub: CommandLine, rows: list[RegisterRow]) -> None:
    """All of the record, and nothing but the record."""
    row = of(rows, "PERMIT", "example-primary-school")

    assert json.loads(row.body) == hub("records", "show", row.disclosure_id, "--json").json
    assert row.record_id in hub("records", "show", row.disclosure_id).out


@pytest.mark.parametrize("words", [("explain", "x"), ("records", "show", "x")])
def test_an_unknown_record_is_wrong_input(hub: CommandLine, rows: list[RegisterRow], words: tuple[str, ...]) -> None:
    """Exit code 2, and where ids come from."""
    assert rows
    done = hub(*words)

    assert 2 == done.code
    assert "hub records list" in done.err


@pytest.mark.parametrize(
    "words", [("explain", "x"), ("records", "list"), ("reviews", "list"), ("reviews", "show", "x")]
)
def test_looking_into_an_empty_folder_makes_nothing_there(
    hub: CommandLine, folder: Path, words: tuple[str, ...]
) -> None:
    """Who only looks leaves no store behind: the error says that no hub has run there."""
    done = hub(*words)

    assert 2 == done.code
    assert "no hub has run on this data folder" in done.err
    assert not folder.exists()
