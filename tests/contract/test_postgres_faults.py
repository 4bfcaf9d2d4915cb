"""What the PostgreSQL store does when its server or login fails: a passing fault is tried again, a wrong set-up stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from hub.errors import ConfigurationFault, StoreUnavailable
from hub.ledger.ports import RegisterQuery
from hub.ledger.postgres import open_postgres
from hub.ledger.postgres.faults import translated
from hub.ledger.postgres.stores import CONNECTIONS
from tests.contract.test_register import row
from tests.support.places import PostgresPlace
from tests.support.postgres import PostgresServer

CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hub' AND datname = current_database()"


async def test_cut_connections_are_replaced(postgres: PostgresServer) -> None:
    """The server may end every connection (a restart, a failover): each costs one passing fault at most, then all is well."""
    place = PostgresPlace(await postgres.new_database())
    stores = await place.open()
    await stores.migrate()
    await stores.register.put([row(1)])
    for number in range(2, 8):
        await place.run(CUT_OFF)
        for _ in range(CONNECTIONS):
            with suppress(StoreUnavailable):
                await stores.register.put([row(number)])
        await stores.ping()

    assert len(await stores.register.query(RegisterQuery())) == 7
    await stores.close()


async def test_connection_cut_inside_a_transaction_is_a_passing_fault(postgres: PostgresServer) -> None:
    """A call that loses its connection half way is unavailable, not a mistake of the program."""
    place = PostgresPlace(await postgres.new_database())
    stores = await place.open()
    await stores.migrate()
    blocker = await asyncpg.connect(place.dsn)
    await blocker.execute("BEGIN; LOCK TABLE register")
    writing = asyncio.create_task(stores.register.put([row(1)]))
    while not await blocker.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass
    await blocker.execute(CUT_OFF)
    with pytest.raises(StoreUnavailable):
        await writing
    await blocker.close()

    await stores.register.put([row(1)])
    assert await stores.register.counts() == [("school", "PERMIT", 1)]
    await stores.close()


async def test_stopped_server_is_unavailable() -> None:
    """With the server gone, calls on open stores and opening new ones say that the store does not answer."""
    with PostgresServer() as server:
        dsn = await server.new_database()
        stores = await open_postgres(dsn)
        await stores.migrate()
        await server.stop()

        with pytest.raises(StoreUnavailable):
            await stores.ping()
        with pytest.raises(StoreUnavailable):
            await stores.register.put([row(1)])
        with pytest.raises(StoreUnavailable):
            await open_postgres(dsn)
        await stores.close()


async def test_a_server_that_goes_away_under_use_is_a_passing_fault_wherever_it_is_noticed() -> None:
    """In a statement, when a transaction is undone, or when the connection is given back: it is unavailable, nothing else."""
    with PostgresServer() as server:
        place = PostgresPlace(await server.new_database())
        stores = await place.open()
        await stores.migrate()
        done = asyncio.Event()

        async def use(number: int) -> None:
            while not done.is_set():
                try:
                    await stores.register.put([row(number)])
                except StoreUnavailable:
                    await asyncio.sleep(0.02)

        using = [asyncio.create_task(use(number)) for number in range(6)]
        for _ in range(10):
            await asyncio.sleep(0.1)
            await server.stop()
            await server.start_again()
        done.set()
        await asyncio.gather(*using)

        await stores.close()


async def test_wrong_address_or_login_stops_the_process(postgres: PostgresServer) -> None:
    """What waiting does not mend is a wrong set-up; its text never holds the address, which may hold a password."""
    wrong = {
        postgres.dsn("nowhere"): "STORE_NO_DATABASE",
        postgres.dsn("postgres").replace("//postgres:", "//stranger:canary-secret"): "STORE_LOGIN",
        "mysql://canary-secret@host/name": "STORE_DSN",
        "postgresql://user:canary-secret@host:port/name": "STORE_DSN",
    }
    for dsn, code in wrong.items():
        with pytest.raises(ConfigurationFault) as caught:
            await open_postgres(dsn)
        assert caught.value.faults[0].code == code
        assert "canary" not in str(caught.value)
        assert caught.value.__cause__ is None


async def test_login_without_rights_stops_the_process(postgres: PostgresServer) -> None:
    """A login that may not write is a wrong set-up."""
    dsn = await postgres.new_database()
    await (owner := await open_postgres(dsn)).migrate()
    await owner.close()
    await postgres.run("DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    stores = await open_postgres(dsn.replace("//postgres:", "//reader:"))

    with pytest.raises(ConfigurationFault) as caught:
        await stores.register.put([row(1)])
    assert caught.value.faults[0].code == "STORE_RIGHTS"
    await stores.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (asyncpg.ConnectionDoesNotExistError(), StoreUnavailable),
        (asyncpg.CannotConnectNowError(), StoreUnavailable),
        (asyncpg.AdminShutdownError(), StoreUnavailable),
        (asyncpg.TooManyConnectionsError(), StoreUnavailable),
        (asyncpg.DiskFullError(), StoreUnavailable),
        (asyncpg.DeadlockDetectedError(), StoreUnavailable),
        (asyncpg.LockNotAvailableError(), StoreUnavailable),
        (asyncpg.QueryCanceledError(), StoreUnavailable),
        (asyncpg.ReadOnlySQLTransactionError(), StoreUnavailable),
        (asyncpg.InvalidPasswordError(), ConfigurationFault),
        (asyncpg.UndefinedTableError(), ConfigurationFault),
        (asyncpg.UniqueViolationError(), type(None)),
        (asyncpg.UndefinedColumnError(), type(None)),
        (asyncpg.InterfaceError("wrong use"), type(None)),
        (asyncpg.DataCorruptedError(), type(None)),
    ],
)
def test_faults_of_postgresql_are_told_apart(error: Exception, expected: type) -> None:
    """The world not ready is tried again; a wrong set-up stops; a mistake of the program stays what it is."""
    assert type(translated(error)) is expected


def test_text_of_a_fault_never_quotes_the_server() -> None:
    """The server's words may quote a row, so only its five-character state is passed on."""
    fault = translated(asyncpg.DiskFullError("canary"))

    assert fault is not None
    assert "canary" not in str(fault)
    assert "53100" in str(fault)
