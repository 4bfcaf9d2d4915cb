"""Promises of SubjectEventStore: a position sees what lies before it, and only that."""

from __future__ import annotations

import asyncio

from hub.ledger.ports import Position, Stores, SubjectEvent


def at(offset: int, partition: int = 1, log_id: str = "log-a") -> Position:
    """Return a position."""
    return Position(log_id, partition, offset)


def event(subject: str, position: Position, facts: str) -> SubjectEvent:
    """Return an event after which the facts are as given."""
    return SubjectEvent(subject, position, f"event-{subject}-{position.offset}", "consent", facts.encode())


async def facts(stores: Stores, subject: str, position: Position) -> bytes | None:
    """Return the facts of one subject before one position."""
    (found,) = await stores.events.facts_before([(subject, position)])
    return found


async def test_facts_are_those_before_the_position(stores: Stores) -> None:
    """An event counts for what comes after it: not for its own offset, nor for earlier ones."""
    await stores.events.append([event("ada", at(10), "ten"), event("ada", at(20), "twenty")])

    for offset, expected in {9: None, 10: None, 11: b"ten", 20: b"ten", 21: b"twenty", 10**12: b"twenty"}.items():
        assert expected == await facts(stores, "ada", at(offset))


async def test_answers_come_in_the_order_of_the_asks(stores: Stores) -> None:
    """One batch may ask for many subjects, and for one subject at many positions."""
    await stores.events.append([event("ada", at(1), "a1"), event("ben", at(2), "b2"), event("ada", at(3), "a3")])
    asks = [("ben", at(9)), ("ada", at(2)), ("cy", at(9)), ("ada", at(9)), ("ada", at(2)), ("ada", at(1))]

    assert [b"b2", b"a1", None, b"a3", b"a1", None] == await stores.events.facts_before(asks)


async def test_events_appended_out_of_order_are_read_in_order(stores: Stores) -> None:
    """The order is that of the log, not that of writing."""
    await stores.events.append([event("ada", at(30), "c"), event("ada", at(10), "a")])
    await stores.events.append([event("ada", at(20), "b")])

    assert [b"a", b"b", b"c"] == [await facts(stores, "ada", at(offset)) for offset in (20, 30, 31)]


async def test_event_at_a_known_position_is_left_as_it_is(stores: Stores) -> None:
    """A second delivery changes nothing, in the same batch or in a later one."""
    await stores.events.append([event("ada", at(10), "first"), event("ada", at(10), "second")])
    await stores.events.append([event("ada", at(10), "third"), event("ada", at(11), "next")])

    assert b"first" == await facts(stores, "ada", at(11))
    assert b"next" == await facts(stores, "ada", at(12))


async def test_earlier_life_of_the_log_comes_before_the_later_one(stores: Stores) -> None:
    """After a new log begins at offset 0, all events of the old one lie before it; its name plays no part."""
    await stores.events.append([event("ada", at(500, log_id="z-old"), "old")])
    await stores.events.append([event("ada", at(3, log_id="a-new"), "new")])

    assert b"old" == await facts(stores, "ada", at(0, log_id="a-new"))
    assert b"old" == await facts(stores, "ada", at(3, log_id="a-new"))
    assert b"new" == await facts(stores, "ada", at(4, log_id="a-new"))
    assert b"old" == await facts(stores, "ada", at(10**9, log_id="z-old"))
    assert await facts(stores, "ada", at(500, log_id="z-old")) is None


async def test_log_first_seen_by_a_message_is_ordered_by_that_sight(stores: Stores) -> None:
    """A log counts from the first message seen in it, though its first event comes later."""
    await stores.events.first_seen([("m1", at(0, log_id="first"))])
    await stores.events.append([event("ada", at(7, log_id="second"), "second")])
    await stores.events.append([event("ada", at(9, log_id="first"), "first")])

    assert b"first" == await facts(stores, "ada", at(7, log_id="second"))
    assert b"second" == await facts(stores, "ada", at(8, log_id="second"))


async def test_log_never_seen_is_later_than_all_that_were(stores: Stores) -> None:
    """Asking from a log of which nothing is known sees everything known, and records nothing."""
    await stores.events.append([event("ada", at(500), "known")])

    assert b"known" == await facts(stores, "ada", at(0, partition=0, log_id="unseen"))
    await stores.events.append([event("ada", at(1, log_id="next"), "next")])
    assert b"next" == await facts(stores, "ada", at(0, partition=0, log_id="unseen"))


async def test_first_sight_of_an_id_stays(stores: Stores) -> None:
    """An id seen again at another place, even in another log, is answered with its first place."""
    assert [at(5), at(6)] == await stores.events.first_seen([("m1", at(5)), ("m2", at(6))])
    assert [at(6), at(7), at(5)] == await stores.events.first_seen(
        [("m2", at(9)), ("m3", at(7)), ("m1", at(0, partition=3, log_id="log-b"))]
    )


async def test_id_twice_in_one_batch_is_first_seen_at_the_first(stores: Stores) -> None:
    """Within a batch the earlier place counts."""
    assert [at(5), at(5)] == await stores.events.first_seen([("m1", at(5)), ("m1", at(8))])


async def test_two_workers_that_see_the_same_ids_at_once_get_one_answer(stores: Stores, others: Stores) -> None:
    """First write wins, and both are told the same place, whatever order they hold the ids in."""
    ids = [f"{n:032x}" for n in range(200)]
    mine = [(name, at(n)) for n, name in enumerate(ids)]
    theirs = [(name, at(n + 1000)) for n, name in enumerate(reversed(ids))]

    one, two = await asyncio.gather(stores.events.first_seen(mine), others.events.first_seen(theirs))

    assert one == list(reversed(two))
    assert one == await stores.events.first_seen([(name, at(9999)) for name in ids])


async def test_two_workers_that_append_the_same_events_leave_one_each(stores: Stores, others: Stores) -> None:
    """A batch handled by two workers at once leaves the store as a batch handled once."""
    batch = [event(f"s{n}", at(n), f"facts {n}") for n in range(100)]
    await asyncio.gather(stores.events.append(batch), others.events.append(batch[::-1]))

    found = await others.events.facts_before([(f"s{n}", at(1000)) for n in range(100)])
    assert [f"facts {n}".encode() for n in range(100)] == found


async def test_two_workers_that_meet_a_new_log_at_once_give_it_one_place(stores: Stores, others: Stores) -> None:
    """A log has one number, though two workers see it first together."""
    await asyncio.gather(
        stores.events.append([event("ada", at(1, partition=0, log_id="new"), "a")]),
        others.events.append([event("ben", at(1, partition=2, log_id="new"), "b")]),
        stores.events.first_seen([("m1", at(2, log_id="new"))]),
    )

    assert [b"a", b"b"] == await stores.events.facts_before(
        [("ada", at(2, partition=0, log_id="new")), ("ben", at(2, partition=2, log_id="new"))]
    )


async def test_facts_of_any_bytes_come_back_as_they_were(stores: Stores) -> None:
    """Facts are bytes, long or empty; the store never reads them."""
    large = bytes(range(256)) * 400
    await stores.events.append([SubjectEvent("ada", at(1), "e", "k", large), SubjectEvent("ben", at(1), "e", "k", b"")])

    assert [large, b""] == await stores.events.facts_before([("ada", at(2)), ("ben", at(2))])


async def test_empty_batches_are_nothing(stores: Stores) -> None:
    """No asks, no answers."""
    await stores.events.append([])

    assert await stores.events.first_seen([]) == []
    assert await stores.events.facts_before([]) == []
