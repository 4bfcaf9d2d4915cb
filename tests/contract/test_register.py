"""Promises of RegisterStore."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from hub.ledger.ports import RegisterQuery, RegisterRow, Stores

BASE = RegisterRow(
    disclosure_id="d" * 32,
    disclosures_id="e" * 32,
    subject_ref="a" * 32,
    message_id="message 1",
    council="lancashire",
    agency="trust",
    recipient="school",
    decision="PERMIT",
    form="referral",
    purpose="early-help",
    received_at="2026-11-22T09:00:00Z",
    record_id="f" * 32,
    review_id="",
    body=b'{"reasons":["S-01"]}',
)


def row(number: int, **changes: Any) -> RegisterRow:
    """Return a row with its own id, changed as said."""
    return replace(BASE, disclosure_id=f"{number:032x}", **changes)


async def ids(stores: Stores, query: RegisterQuery) -> list[int]:
    """Return the numbers of the rows that a query lists."""
    return [int(found.disclosure_id, 16) for found in await stores.register.query(query)]


async def test_row_comes_back_as_it_was_put(stores: Stores) -> None:
    """Every column survives, for ids of any text."""
    plain = replace(BASE, disclosure_id="D-1", record_id="", review_id="R\u00e9", body=b"\x00\xff")
    await stores.register.put([BASE, plain])

    assert await stores.register.get(BASE.disclosure_id) == BASE
    assert await stores.register.get("D-1") == plain
    assert await stores.register.query(RegisterQuery(message_id="message 1")) == [plain, BASE]


async def test_unknown_disclosure_is_none(stores: Stores) -> None:
    """An id that is not there gives None."""
    assert await stores.register.get("nothing") is None


async def test_first_write_of_a_disclosure_wins(stores: Stores) -> None:
    """A known id is left as it is, in the same batch or in a later one; the rest of the batch is written."""
    await stores.register.put([row(1, decision="PERMIT"), row(1, decision="DENY")])
    await stores.register.put([row(1, decision="REVIEW"), row(2)])

    found = await stores.register.get(row(1).disclosure_id)
    assert found is not None
    assert found.decision == "PERMIT"
    assert await ids(stores, RegisterQuery()) == [1, 2]


async def test_newest_received_first_then_by_disclosure_id(stores: Stores) -> None:
    """The order is the same wherever the rows lie and however they were written."""
    early, late = "2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z"
    await stores.register.put([row(3, received_at=early), row(9, received_at=late), row(1, received_at=early)])
    await stores.register.put([row(2, received_at=late)])

    assert await ids(stores, RegisterQuery()) == [2, 9, 1, 3]


async def test_each_filter_narrows_and_all_of_them_together(stores: Stores) -> None:
    """A row is listed if every field that is given fits."""
    await stores.register.put(
        [
            row(0),
            row(1, subject_ref="b" * 32),
            row(2, message_id="message 2"),
            row(3, recipient="police"),
            row(4, agency="council"),
            row(5, decision="DENY"),
            row(6, received_at="2026-11-23T09:00:00Z"),
            row(7, council="leicestershire"),
        ]
    )

    assert await ids(stores, RegisterQuery(subject_ref="b" * 32)) == [1]
    assert await ids(stores, RegisterQuery(message_id="message 2")) == [2]
    assert await ids(stores, RegisterQuery(recipient="police")) == [3]
    assert await ids(stores, RegisterQuery(agency="council")) == [4]
    assert await ids(stores, RegisterQuery(decision="DENY")) == [5]
    assert await ids(stores, RegisterQuery(council="leicestershire")) == [7]
    assert await ids(stores, RegisterQuery(since="2026-11-23T09:00:00Z")) == [6]
    assert await ids(
        stores,
        RegisterQuery("a" * 32, "message 1", "school", "trust", "PERMIT", "2026-11-22T09:00:00Z", council="lancashire"),
    ) == [6, 0]
    assert await ids(stores, RegisterQuery(subject_ref="b" * 32, decision="DENY")) == []


async def test_value_that_looks_like_sql_is_only_a_value(stores: Stores) -> None:
    """What a person types to search is never part of a statement."""
    await stores.register.put([row(1)])

    assert await ids(stores, RegisterQuery(recipient="' OR '1'='1")) == []
    assert await ids(stores, RegisterQuery(message_id="x'; DROP TABLE register; --")) == []
    assert await ids(stores, RegisterQuery()) == [1]


async def test_limit_keeps_the_newest(stores: Stores) -> None:
    """A list has at most `limit` rows, the first in order; without one, a hundred; zero or less, none."""
    await stores.register.put([row(n, received_at=f"2026-11-22T09:{n // 60:02}:{n % 60:02}Z") for n in range(150)])

    assert await ids(stores, RegisterQuery(limit=3)) == [149, 148, 147]
    assert len(await ids(stores, RegisterQuery())) == 100
    assert await ids(stores, RegisterQuery(limit=0)) == await ids(stores, RegisterQuery(limit=-1)) == []


async def test_counts_are_by_recipient_and_decision_in_order(stores: Stores) -> None:
    """Every record counts once, however often it was put."""
    assert await stores.register.counts() == []
    batch = [row(1), row(2), row(3, decision="DENY"), row(4, recipient="police"), row(5, recipient="Z")]
    await stores.register.put(batch)
    await stores.register.put(batch)

    expected = [("Z", "PERMIT", 1), ("police", "PERMIT", 1), ("school", "DENY", 1), ("school", "PERMIT", 2)]
    assert expected == await stores.register.counts()


async def test_two_workers_that_put_the_same_rows_leave_one_each(stores: Stores, others: Stores) -> None:
    """A batch handled by two workers at once, in different orders, leaves the register as a batch handled once."""
    batch = [row(n) for n in range(300)]
    await asyncio.gather(stores.register.put(batch), others.register.put(batch[::-1]))

    assert await stores.register.counts() == [("school", "PERMIT", 300)]


async def test_nul_character_in_a_name_is_no_fault(stores: Stores) -> None:
    """A sender's purpose that no database can hold is kept as near as can be; the body keeps it whole."""
    await stores.register.put([row(1, purpose="a\x00b")])

    found = await stores.register.get(row(1).disclosure_id)
    assert found == row(1, purpose="a\ufffdb")


async def test_empty_batch_is_nothing(stores: Stores) -> None:
    """No rows, no writes."""
    await stores.register.put([])

    assert await stores.register.counts() == []
