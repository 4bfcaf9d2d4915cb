"""The store suite runs on SQLite and on a real PostgreSQL server; each test has an empty store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from hub.ledger.ports import Stores
from tests.support.places import Place, PostgresPlace, SqlitePlace
from tests.support.postgres import PostgresServer

OpenStores = Callable[[], Awaitable[Stores]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, started when the first test needs it and shared by all."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database, without tables yet."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path / "store.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return PostgresPlace(await server.new_database())


@pytest.fixture
async def open_stores(place: Place) -> AsyncIterator[OpenStores]:
    """Opens the test's store; each call makes connections of its own, as another process would. Closes all at the end."""
    opened: list[Stores] = []

    async def open_one() -> Stores:
        opened.append(await place.open())
        return opened[-1]

    yield open_one
    for stores in opened:
        await stores.close()


@pytest.fixture
async def stores(open_stores: OpenStores) -> Stores:
    """The test's store, with its tables."""
    stores = await open_stores()
    await stores.migrate()
    return stores


@pytest.fixture
async def others(stores: Stores, open_stores: OpenStores) -> Stores:
    """The same store once more, over other connections."""
    await stores.ping()
    return await open_stores()
