"""What the SQLite store does when its file or disk fails: a passing fault is tried again, a wrong set-up stops."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import ConfigurationFault, StoreUnavailable
from hub.ledger.ports import Stores
from hub.ledger.sqlite import open_sqlite
from hub.ledger.sqlite.faults import translated
from tests.contract.test_register import row

NOBODY = 65534


async def migrated(path: Path, busy_seconds: float = 10.0) -> Stores:
    """Return the store in a file, with its tables."""
    stores = await open_sqlite(path, busy_seconds)
    await stores.migrate()
    return stores


def modes(folder: Path) -> dict[str, int]:
    """Return the rights of each file in a folder."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


def script(text: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python process that can import what this test can."""
    return subprocess.Popen([sys.executable, "-c", text, *arguments], stdout=subprocess.PIPE, text=True)


FULL_DISK = """
import asyncio, os, resource, signal, sys
from hub.errors import StoreUnavailable
from tests.contract.test_sqlite_faults import migrated
from tests.contract.test_register import row

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    stores = await migrated(sys.argv[1])
    await stores.register.put([row(n) for n in range(100)])
    # From here on no file of this process may grow: to the program that is a disk that takes no more.
    size = os.stat(sys.argv[1] + "-wal").st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
    later = [row(n) for n in range(100, 1100)]
    for _ in range(3):
        try:
            await stores.register.put(later)
            print("written")
        except StoreUnavailable:
            print("unavailable")
    print(sum(n for _, _, n in await stores.register.counts()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await stores.register.put(later)
    print(sum(n for _, _, n in await stores.register.counts()))
    await stores.close()

asyncio.run(main())
"""


async def test_full_disk_loses_nothing_and_the_same_batch_succeeds_later(tmp_path: Path) -> None:
    """A disk that takes no more makes the store unavailable; what was written stays, and with space the batch goes in."""
    path = tmp_path / "store.db"
    process = script(FULL_DISK, str(path))
    output, _ = await asyncio.to_thread(process.communicate)

    assert output.split() == ["unavailable"] * 3 + ["100", "1100"]
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() == [("ok",)]


KILLED = """
import asyncio, sys
from tests.contract.test_sqlite_faults import migrated
from tests.contract.test_register import row

async def main():
    stores = await migrated(sys.argv[1])
    for start in range(0, 10**6, 10):
        await stores.register.put([row(n) for n in range(start, start + 10)])
        print(start + 10, flush=True)

asyncio.run(main())
"""


async def test_process_killed_while_writing_loses_nothing_it_was_told_is_written(tmp_path: Path) -> None:
    """What a call returned for is there after SIGKILL; a batch is there whole or not at all."""
    path = tmp_path / "store.db"
    process = script(KILLED, str(path))
    assert process.stdout is not None
    acknowledged = 0
    while acknowledged < 300:
        acknowledged = int(await asyncio.to_thread(process.stdout.readline))
    process.send_signal(signal.SIGKILL)
    output, _ = await asyncio.to_thread(process.communicate)
    acknowledged = max([acknowledged, *map(int, output.split())])

    stores = await migrated(path)
    ((_, _, written),) = await stores.register.counts()
    await stores.close()
    assert written >= acknowledged
    assert written % 10 == 0


async def test_store_locked_by_another_process_is_unavailable_then_answers(tmp_path: Path) -> None:
    """A write that cannot have the lock in time is a passing fault; reading goes on meanwhile."""
    path = tmp_path / "store.db"
    stores = await migrated(path, busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable):
        await stores.register.put([row(1)])
    assert await stores.register.counts() == []
    await stores.ping()

    other.execute("ROLLBACK")
    other.close()
    await stores.register.put([row(1)])
    await stores.close()


READ_ONLY = """
import asyncio, os, sys
from hub.errors import HubError
from tests.contract.test_sqlite_faults import migrated
from tests.contract.test_register import row

async def main(path):
    stores = await migrated(path)
    await stores.register.put([row(1)])
    await stores.close()

# What is imported later may lie where nobody may read: import all of it now.
asyncio.run(main(sys.argv[1] + ".first"))
if os.geteuid() == 0:
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
try:
    asyncio.run(main(sys.argv[1]))
except HubError as error:
    print(type(error).__name__, error.faults[0].code)
"""


@pytest.mark.parametrize("writable_folder", [True, False])
async def test_file_that_may_not_be_written_stops_the_process(tmp_path: Path, writable_folder: bool) -> None:  # noqa: FBT001
    """A store that can never be written is a wrong set-up, said as such."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "store.db"
    await (await migrated(path)).close()
    path.chmod(0o444)
    folder.chmod(0o777 if writable_folder else 0o555)
    # As root nothing is read-only: the process becomes nobody, who has to reach the folder.
    for parent in [*folder.parents][: len(folder.parents) - 1]:
        if os.geteuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o055)
    output, _ = await asyncio.to_thread(script(READ_ONLY, str(path), str(NOBODY)).communicate)

    assert output.split() == ["ConfigurationFault", "STORE_READ_ONLY"]


async def test_path_that_cannot_be_a_store_stops_the_process(tmp_path: Path) -> None:
    """A missing folder, a file for a folder and a folder for a file are wrong set-ups; the text names no folder."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing" / "store.db", tmp_path / "file" / "store.db", tmp_path):
        with pytest.raises(ConfigurationFault) as caught:
            await open_sqlite(path)
        assert str(tmp_path.parent) not in str(caught.value)


async def test_file_of_another_kind_stops_the_process(tmp_path: Path) -> None:
    """A file that is no store is refused and left as it is."""
    path = tmp_path / "store.db"
    path.write_bytes(b"something else, and of some length" * 100)

    with pytest.raises(ConfigurationFault) as caught:
        await open_sqlite(path)
    assert caught.value.faults[0].code == "STORE_NOT_ONE"
    assert path.read_bytes() == b"something else, and of some length" * 100


async def test_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Pseudonymous data are personal data: nobody else on the machine may read the file or its log."""
    path = tmp_path / "store.db"
    stores = await migrated(path)
    found = modes(tmp_path)
    await stores.close()

    assert found == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreUnavailable),
        (sqlite3.SQLITE_LOCKED, StoreUnavailable),
        (sqlite3.SQLITE_FULL, StoreUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable),
        (sqlite3.SQLITE_READONLY, ConfigurationFault),
        (sqlite3.SQLITE_CORRUPT_INDEX, ConfigurationFault),
        (sqlite3.SQLITE_NOTADB, ConfigurationFault),
        (sqlite3.SQLITE_CONSTRAINT, type(None)),
        (sqlite3.SQLITE_MISUSE, type(None)),
    ],
)
def test_faults_of_sqlite_are_told_apart(code: int, expected: type) -> None:
    """The world not ready is tried again; a wrong or damaged file stops; a mistake of the program stays what it is."""
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code

    assert type(translated(error, "store.db")) is expected
