"""Promises of Stores: opened, migrated, asked, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hub.errors import ConfigurationFault, StoreUnavailable
from hub.ledger.migrations import packaged
from hub.ledger.ports import Position, RegisterQuery, Stores, SubjectEvent
from tests.contract.conftest import OpenStores
from tests.support.identity import ask, nhs
from tests.support.places import Place

CALLS: list[Callable[[Stores], Awaitable[object]]] = [
    lambda stores: stores.ping(),
    lambda stores: stores.identity.resolve([ask("m", (nhs("ada"),))]),
    lambda stores: stores.events.first_seen([("m", Position("log", 0, 0))]),
    lambda stores: stores.events.facts_before([("ada", Position("log", 0, 0))]),
    lambda stores: stores.register.query(RegisterQuery()),
    lambda stores: stores.register.counts(),
    lambda stores: stores.reviews.waiting(),
    lambda stores: stores.reviews.close([("r", "refused", "now")]),
]


async def test_migrating_gives_all_tables_once(place: Place, open_stores: OpenStores) -> None:
    """The first call applies every migration and names it; the next has nothing to do; the store remembers them."""
    stores = await open_stores()
    names = [migration.name for migration in packaged(place.kind)]

    assert await stores.migrate() == names
    assert await stores.migrate() == []
    assert [(name,) for name in names] == await place.run("SELECT name FROM migrations ORDER BY version")


async def test_migrating_from_several_processes_at_once_is_safe(place: Place, open_stores: OpenStores) -> None:
    """Workers start together: one of them migrates, the others find it done, and all can go on."""
    opened = [await open_stores() for _ in range(4)]
    applied = await asyncio.gather(*(stores.migrate() for stores in opened))

    assert [migration.name for migration in packaged(place.kind)] == [name for names in applied for name in names]
    await asyncio.gather(*(stores.ping() for stores in opened))


async def test_changed_migration_is_refused(stores: Stores, place: Place) -> None:
    """An applied migration that differs from the packaged one means that code and database do not belong together."""
    await place.run("UPDATE migrations SET checksum = 'other' WHERE version = 1")

    with pytest.raises(ConfigurationFault) as caught:
        await stores.migrate()
    assert caught.value.faults[0].code == "MIGRATION_CHANGED"


async def test_schema_newer_than_the_code_is_refused(stores: Stores, place: Place) -> None:
    """An older hub does not touch a store that a newer one migrated."""
    await place.run(
        "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (9999, '9999_later', 'x', '2027-01-01')"
    )

    with pytest.raises(ConfigurationFault) as caught:
        await stores.migrate()
    assert caught.value.faults[0].code == "SCHEMA_NEWER"


async def test_migration_that_fails_leaves_nothing(place: Place, open_stores: OpenStores) -> None:
    """Migrations are applied all or none: a table in the way leaves the store as it was, and the next try succeeds."""
    await place.run("CREATE TABLE reviews (in_the_way INTEGER)")
    stores = await open_stores()
    with pytest.raises(Exception, match="already exists"):
        await stores.migrate()
    await place.run("DROP TABLE reviews")

    assert await stores.migrate() == [migration.name for migration in packaged(place.kind)]


async def test_store_without_tables_stops_the_process(open_stores: OpenStores) -> None:
    """A store that nobody migrated is a wrong set-up, not a passing fault that is tried for ever."""
    stores = await open_stores()
    for call in CALLS:
        with pytest.raises(ConfigurationFault) as caught:
            await call(stores)
        assert caught.value.faults[0].code == "STORE_NOT_MIGRATED"


async def test_everything_outlives_closing(stores: Stores, open_stores: OpenStores) -> None:
    """What was written is there for the next process."""
    (first,) = await stores.identity.resolve([ask("m1", (nhs("ada"),))])
    await stores.events.append([SubjectEvent("ada", Position("log", 0, 1), "e", "k", b"facts")])
    await stores.close()

    again = await open_stores()
    assert await again.migrate() == []
    assert [first] == await again.identity.resolve([ask("m1", (nhs("ada"),))])
    assert [b"facts"] == await again.events.facts_before([("ada", Position("log", 0, 2))])


async def test_ping_returns_while_the_store_answers(stores: Stores) -> None:
    """A store in order answers."""
    await stores.ping()


async def test_closed_store_is_unavailable(stores: Stores) -> None:
    """After close, which may come twice, every call says that the store is not available."""
    await stores.close()
    await stores.close()

    for call in CALLS:
        with pytest.raises(StoreUnavailable):
            await call(stores)
    with pytest.raises(StoreUnavailable):
        await stores.migrate()


async def test_call_that_was_cancelled_leaves_the_store_usable(stores: Stores) -> None:
    """A worker that is told to stop in mid-call leaves no half transaction and no stuck connection behind."""
    batch = [ask(f"m{n}", (nhs(f"p{n}"),)) for n in range(200)]
    for delay in (0.0, 0.001, 0.005):
        task = asyncio.create_task(stores.identity.resolve(batch))
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.wait([task])

    resolved = await stores.identity.resolve(batch)
    assert {person.status for one in resolved for person in one.persons} == {"new"}
    await stores.ping()
