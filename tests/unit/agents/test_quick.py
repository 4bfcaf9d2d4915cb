"""A hand-over that must wait after all is finished, or broken off, as if nothing had been tried before."""

from __future__ import annotations

import asyncio

import pytest

from hub.agents.quick import _Rest


async def _begun(gate: asyncio.Event, seen: list[str]) -> asyncio.Task[str]:
    """Start a coroutine by hand up to its first wait, then leave the rest to a task."""

    async def hand_over() -> str:
        seen.append("begins")
        try:
            await gate.wait()
            await asyncio.sleep(0)
            seen.append("goes on")
        except asyncio.CancelledError:
            seen.append("broken off")
            raise
        return "done"

    coroutine = hand_over()
    task = asyncio.create_task(_Rest(coroutine, coroutine.send(None)).run())
    await asyncio.sleep(0)
    return task


async def test_the_rest_of_a_hand_over_is_run_to_its_end() -> None:
    """It waits for what it waited for, goes on, and its value comes back."""
    gate, seen = asyncio.Event(), list[str]()
    task = await _begun(gate, seen)
    assert not task.done()

    gate.set()

    assert "done" == await task
    assert ["begins", "goes on"] == seen


async def test_a_rebalance_breaks_it_off() -> None:
    """The message is not handed over, and comes again from the committed offset."""
    gate, seen = asyncio.Event(), list[str]()
    task = await _begun(gate, seen)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ["begins", "broken off"] == seen


async def test_its_error_comes_out() -> None:
    """A fault in the hand-over ends the worker, as it does in Faust."""

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError("no such channel")

    coroutine = fails()
    with pytest.raises(LookupError):
        await _Rest(coroutine, coroutine.send(None)).run()
