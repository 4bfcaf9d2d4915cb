"""What was handled is remembered: one suite for every kind of memory, and what only one of them promises."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.connectors.partner import Seen, SeenFile, SeenInMemory
from hub.errors import StoreUnavailable


@pytest.fixture(params=["memory", "file"])
async def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Seen:
    """An empty memory of each kind."""
    return SeenInMemory() if request.param == "memory" else SeenFile(tmp_path / "seen.sqlite")


async def test_what_is_added_is_there(seen: Seen) -> None:
    """An id is known once it was added, and however often."""
    before = await seen.has("g", "r1")
    await seen.add("g", "r1")
    await seen.add("g", "r1")

    assert [False, True, False] == [before, await seen.has("g", "r1"), await seen.has("g", "r2")]
    await seen.close()


async def test_groups_do_not_share(seen: Seen) -> None:
    """What one consumer group has handled is new to another one."""
    await seen.add("g", "r1")

    assert not await seen.has("h", "r1")
    await seen.close()


async def test_many_at_once(seen: Seen) -> None:
    """Feeds of one client may use one memory at the same time."""
    await asyncio.gather(*(seen.add("g", f"r{number}") for number in range(50)))

    assert all(await asyncio.gather(*(seen.has("g", f"r{number}") for number in range(50))))
    await seen.close()


async def test_memory_is_bounded() -> None:
    """The oldest ids are forgotten beyond the limit; one that is added again counts as new."""
    seen = SeenInMemory(limit=2)
    for each in ("r1", "r2", "r1", "r3"):
        await seen.add("g", each)

    assert [True, False, True] == [await seen.has("g", each) for each in ("r1", "r2", "r3")]


async def test_a_file_lasts(tmp_path: Path) -> None:
    """What one process noted, the next one knows, and so does another at the same time."""
    first, second = SeenFile(tmp_path / "seen.sqlite"), SeenFile(tmp_path / "seen.sqlite")
    await first.add("g", "r1")
    await second.add("g", "r2")
    await first.close()

    assert await second.has("g", "r1")
    assert await first.has("g", "r2")
    for file in (first, second):
        await file.close()


@pytest.mark.parametrize("content", [None, b"no database, and long enough to be sure of it" * 30])
async def test_a_file_that_cannot_be_used_says_so(tmp_path: Path, content: bytes | None) -> None:
    """A missing folder or a foreign file is an error, never an empty memory."""
    path = tmp_path / "seen.sqlite" if content else tmp_path / "missing" / "seen.sqlite"
    if content:
        path.write_bytes(content)

    with pytest.raises(StoreUnavailable) as failed:
        await SeenFile(path).has("g", "r1")

    assert str(path) == failed.value.faults[0].place
