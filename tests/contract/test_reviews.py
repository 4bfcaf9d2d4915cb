"""Promises of ReviewStore."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from hub.ledger.ports import ReviewRow, Stores

RULED = "2026-11-22T12:00:00Z"


def review(number: int, **changes: Any) -> ReviewRow:
    """Return an open review with its own id, changed as said."""
    base = ReviewRow(
        review_id=f"{number:032x}",
        subject_ref="a" * 32,
        message_id="message 1",
        council="lancashire",
        opened_at=f"2026-11-22T09:00:{number:02}Z",
        due_at=f"2026-11-23T09:00:{number:02}Z",
        needs_two=False,
        identity=True,
        status="open",
        held_at=(3, 10**10),
        body=b'{"reasons":["S-01"]}',
    )
    return replace(base, **changes)


def ruling(number: int, status: str, ruled_at: str = RULED) -> tuple[str, str, str]:
    """Return what closes a review."""
    return (f"{number:032x}", status, ruled_at)


async def test_review_comes_back_as_it_was_opened(stores: Stores) -> None:
    """Every column survives."""
    await stores.reviews.open([review(1), review(2, needs_two=True, identity=False)])

    assert await stores.reviews.get(review(1).review_id) == review(1)
    assert await stores.reviews.get(review(2).review_id) == review(2, needs_two=True, identity=False)
    assert await stores.reviews.get("nothing") is None


async def test_opening_twice_changes_nothing(stores: Stores) -> None:
    """A known id keeps what it has, open or ruled, in the same batch or in a later one."""
    await stores.reviews.open([review(1), review(1, body=b"other"), review(2)])
    await stores.reviews.close([ruling(2, "refused")])
    await stores.reviews.open([review(1, body=b"another"), review(2)])

    assert await stores.reviews.query("") == [review(1), review(2, status="refused")]


async def test_repeated_closing_keeps_the_first(stores: Stores) -> None:
    """The first ruling stands, in the same batch or in a later one."""
    await stores.reviews.open([review(1), review(2)])
    await stores.reviews.close([ruling(1, "permitted"), ruling(1, "refused")])
    await stores.reviews.close([ruling(1, "refused"), ruling(2, "refused")])

    assert await stores.reviews.query("") == [review(1, status="permitted"), review(2, status="refused")]


async def test_ruling_before_its_review_is_kept_until_it_is_opened(stores: Stores) -> None:
    """The two come from different topics, so either may be first; until it is opened the review is not there."""
    await stores.reviews.close([ruling(1, "permitted")])
    await stores.reviews.close([ruling(1, "refused")])

    assert await stores.reviews.get(review(1).review_id) is None
    assert await stores.reviews.query("") == await stores.reviews.query("permitted") == []
    assert await stores.reviews.waiting() == (0, "")

    await stores.reviews.open([review(1)])

    assert await stores.reviews.get(review(1).review_id) == review(1, status="permitted")
    assert await stores.reviews.waiting() == (0, "")


async def test_list_is_of_a_status_and_due_first_first(stores: Stores) -> None:
    """Open ones by default, all with an empty status; equal due times by id; at most `limit`."""
    due = "2026-11-23T08:00:00Z"
    await stores.reviews.open([review(5), review(4), review(3, due_at=due), review(2, due_at=due), review(1)])
    await stores.reviews.close([ruling(1, "refused"), ruling(4, "permitted")])

    async def numbers(status: str, limit: int = 100) -> list[int]:
        return [int(found.review_id, 16) for found in await stores.reviews.query(status, limit)]

    assert [2, 3, 5] == [int(found.review_id, 16) for found in await stores.reviews.query()]
    assert [1] == await numbers("refused")
    assert [2, 3, 1, 4, 5] == await numbers("")
    assert [2, 3] == await numbers("open", 2)
    assert [2] == await numbers("", 1)
    assert [] == await numbers("open", 0)


async def test_list_is_of_one_council_or_of_all(stores: Stores) -> None:
    """Who decides for one council sees that council's cases, of one status or of all; no council is every council."""
    await stores.reviews.open([review(1), review(2, council="leicestershire"), review(3, council="leicestershire")])
    await stores.reviews.close([ruling(3, "refused")])

    async def numbers(status: str, council: str) -> list[int]:
        return [int(found.review_id, 16) for found in await stores.reviews.query(status, 100, council)]

    assert [2] == await numbers("open", "leicestershire")
    assert [2, 3] == await numbers("", "leicestershire")
    assert [1] == await numbers("", "lancashire")
    assert [1, 2] == await numbers("open", "")
    assert [] == await numbers("", "' OR '1'='1")


async def test_waiting_counts_the_open_and_knows_the_oldest(stores: Stores) -> None:
    """Ruled reviews wait no longer."""
    assert await stores.reviews.waiting() == (0, "")
    await stores.reviews.open([review(3), review(1), review(2)])
    assert await stores.reviews.waiting() == (3, "2026-11-22T09:00:01Z")
    await stores.reviews.close([ruling(1, "refused")])
    assert await stores.reviews.waiting() == (2, "2026-11-22T09:00:02Z")


async def test_ruling_and_review_written_at_once_leave_it_ruled(stores: Stores, others: Stores) -> None:
    """Whichever of two workers is first, a ruled review never stays open."""
    rows = [review(n) for n in range(50)]
    rulings = [ruling(n, "refused") for n in reversed(range(50))]
    await asyncio.gather(
        *(stores.reviews.open(rows[n : n + 5]) for n in range(0, 50, 5)),
        *(others.reviews.close(rulings[n : n + 5]) for n in range(0, 50, 5)),
    )

    assert await stores.reviews.waiting() == (0, "")
    assert len(await stores.reviews.query("refused")) == 50


async def test_closing_with_no_ruling_is_a_mistake_of_the_program(stores: Stores) -> None:
    """A status that is no ruling is refused whole, so that no review can be lost in a state nobody lists."""
    for status in ("open", "perhaps"):
        with pytest.raises((sqlite3.IntegrityError, asyncpg.CheckViolationError)):
            await stores.reviews.close([ruling(1, "refused"), ruling(2, status)])

    await stores.reviews.open([review(1), review(2)])
    assert (await stores.reviews.waiting())[0] == 2


async def test_empty_batches_are_nothing(stores: Stores) -> None:
    """No rows, no writes."""
    await stores.reviews.open([])
    await stores.reviews.close([])

    assert await stores.reviews.query("") == []
