"""Resolving in PostgreSQL waits for the same people only: many workers, no lock that all of them need."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from hub.ledger.ports import Key, ResolveAsk, Stores
from hub.ledger.postgres import open_postgres
from tests.support.identity import ask, named, nhs, upn
from tests.support.postgres import PostgresServer

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
BUSY = """CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$;
          CREATE TRIGGER held BEFORE INSERT ON resolutions FOR EACH STATEMENT EXECUTE FUNCTION hold()"""


async def two(server: PostgresServer) -> tuple[Stores, Stores, asyncpg.Connection]:
    """Return two workers' stores on one new database whose resolvers hold their locks for a while, and a look at it."""
    dsn = await server.new_database()
    first, second = await open_postgres(dsn), await open_postgres(dsn)
    await first.migrate()
    looking = await asyncpg.connect(dsn)
    await looking.execute(BUSY)
    return first, second, looking


async def waited(stores: tuple[Stores, Stores, asyncpg.Connection], *asks: Sequence[ResolveAsk]) -> bool:
    """Resolve side by side; return whether anybody had to wait for another's lock."""
    first, second, looking = stores
    work = [
        asyncio.create_task(store.identity.resolve(batch)) for store, batch in zip((first, second), asks, strict=True)
    ]
    seen = False
    while not all(task.done() for task in work):
        seen = seen or bool(await looking.fetchval(WAITING))
        await asyncio.sleep(0.01)
    await asyncio.gather(*work)
    return seen


async def closed(stores: tuple[Stores, Stores, asyncpg.Connection]) -> None:
    """Close the connections."""
    for one in stores:
        await one.close()


def person(message_id: str, *keys: Key) -> list[ResolveAsk]:
    """Return a batch about one person."""
    return [ask(message_id, keys)]


async def test_different_people_do_not_wait_for_each_other(postgres: PostgresServer) -> None:
    """Two workers that resolve people with nothing in common go side by side."""
    stores = await two(postgres)

    assert not await waited(stores, person("m1", nhs("Ada")), person("m2", nhs("Ben")))
    await closed(stores)


async def test_the_same_person_is_resolved_by_one_at_a_time(postgres: PostgresServer) -> None:
    """Two workers that meet one new person at once take turns, and end with one subject."""
    stores = await two(postgres)

    assert await waited(stores, person("m1", nhs("Ada"), named("Ada")), person("m2", named("Ada")))
    (one,) = await stores[0].identity.resolve(person("m1", nhs("Ada"), named("Ada")))
    (other,) = await stores[0].identity.resolve(person("m2", named("Ada")))
    assert one.persons[0].subject_ref == other.persons[0].subject_ref
    await closed(stores)


async def test_one_subject_never_learns_two_numbers_at_once(postgres: PostgresServer) -> None:
    """Messages that reach one subject over different keys take turns too: the second number is a conflict, not a fact."""
    stores = await two(postgres)
    await stores[0].identity.resolve(person("m0", upn("Ada"), named("Ada")))

    assert await waited(stores, person("m1", nhs("one"), upn("Ada")), person("m2", nhs("two"), named("Ada")))
    statuses = [
        (await stores[0].identity.resolve(person(*batch)))[0].persons[0].status
        for batch in (("m1", nhs("one"), upn("Ada")), ("m2", nhs("two"), named("Ada")))
    ]
    assert sorted(statuses) == ["conflict", "exact"]
    await closed(stores)
