"""The reckoning tells every way in which messages, records and releases could fail to match."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typer

from hub.cli import errors
from hub.cli.demo.command import conclude
from hub.cli.demo.eyes import Release, Seen
from hub.cli.demo.reckoning import Reckoning, reckon
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterRow
from tests.support.dry_morning import Morning, played

Spoil = Callable[[Seen, list[RegisterRow]], None]


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """What a morning left on its topics and in its register."""
    return played(tmp_path_factory.mktemp("dry"), datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def spoilt(morning: Morning, spoil: Spoil) -> Reckoning:
    """Return the reckoning of the morning after something went wrong."""
    seen, rows = copy.deepcopy(morning.seen), list(morning.rows)
    spoil(seen, rows)
    return reckon(seen, rows, morning.keyring)


def test_a_whole_morning_agrees(morning: Morning) -> None:
    """Every message has its word, every release its record, every record its release, and content as committed to."""
    found = reckon(morning.seen, morning.rows, morning.keyring)

    assert found.agrees
    assert (0, 0) == (found.difference_in, found.difference_out)
    assert found.released == found.permitted > 0


def test_a_release_without_a_record_is_found(morning: Morning) -> None:
    """What went out and was never recorded is the worst that can happen."""
    first = next(row for row in morning.rows if row.decision == "PERMIT")
    found = spoilt(morning, lambda _, rows: rows.remove(first))

    assert (first.record_id,) == found.unrecorded
    assert not found.agrees


def test_a_record_without_a_release_is_found(morning: Morning) -> None:
    """A permission on record whose copy never left."""
    last = morning.seen.releases[-1]
    found = spoilt(morning, lambda seen, _: seen.releases.remove(last))

    assert 1 == len(found.unreleased)
    assert not found.agrees


def test_a_release_that_went_twice_is_found(morning: Morning) -> None:
    """Two copies of one record are one too many."""
    found = spoilt(morning, lambda seen, _: seen.releases.append(seen.releases[0]))

    assert 1 == found.difference_out
    assert not found.agrees


def test_other_content_than_recorded_is_found(morning: Morning) -> None:
    """The record commits to the bytes that were released; any other bytes do not fit it."""

    def alter(seen: Seen, _: list[RegisterRow]) -> None:
        first = seen.releases[0]
        seen.releases[0] = Release(first.recipient, first.value + b"!", first.body)

    found = spoilt(morning, alter)

    assert 1 == len(found.altered)
    assert not found.agrees


def test_another_key_fits_no_content(morning: Morning) -> None:
    """Commitments are salted with the hub's key: with another one nothing can be checked, and nothing passes."""
    found = reckon(morning.seen, morning.rows, Keyring.random())

    assert found.released == len(found.altered)


def test_a_message_without_a_word_is_found(morning: Morning) -> None:
    """What came in and was neither accepted, refused nor buried is lost."""
    accepted = next(ack for ack in morning.seen.acks if ack["status"] == "accepted")
    found = spoilt(morning, lambda seen, _: seen.acks.remove(accepted))

    assert 1 == found.difference_in
    assert not found.agrees


def test_the_command_fails_when_the_reckoning_does(morning: Morning) -> None:
    """A demo that does not reconcile ends with the code of a fault in the hub; one that does ends quietly."""
    found = reckon(morning.seen, morning.rows, morning.keyring)
    conclude(found)

    with pytest.raises(typer.Exit) as ended:
        conclude(replace(found, unrecorded=("x",)))

    assert errors.UNFORESEEN == ended.value.exit_code
