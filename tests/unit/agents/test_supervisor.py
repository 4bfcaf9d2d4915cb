"""The supervisor: order of starting and stopping, starting again, halting; with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hub.agents.endings import EXIT_CEILING, EXIT_FAULT, EXIT_OK
from hub.agents.probes import http_probe
from hub.agents.supervisor import Part, Probe, Supervisor

QUICK = (0.01, 0.05)


def part(name: str, code: str, **options: object) -> Part:
    """A part that runs a few lines of Python."""
    return Part(name, (sys.executable, "-c", f"import os, signal, sys, time\n{code}"), **options)  # type: ignore[arg-type]


def exists(path: Path) -> Probe:
    """A probe that is true once the file is there."""

    async def probe(_: int) -> bool:
        return path.exists()

    return probe


async def until(said: list[str], text: str) -> None:
    """Wait until this was said."""
    async with asyncio.timeout(30):
        while not any(text in line for line in said):
            await asyncio.sleep(0.01)


async def test_parts_start_when_the_one_before_is_ready_and_stop_in_reverse(tmp_path: Path) -> None:
    """A worker needs its broker: it starts after it and stops before it."""
    ready, journal = tmp_path / "ready", tmp_path / "journal"
    note = f"f = open({str(journal)!r}, 'a', 1)\n"
    until_told = "signal.signal(15, lambda *_: (f.write(me + ' stops\\n'), sys.exit()))\nf.write(me + ' runs\\n')\n"
    broker = part(
        "broker", f"{note}me = 'broker'\n{until_told}time.sleep(.3)\nopen({str(ready)!r}, 'w')\ntime.sleep(60)"
    )
    worker = part("worker", f"{note}me = 'worker'\nassert os.path.exists({str(ready)!r})\n{until_told}time.sleep(60)")
    said: list[str] = []
    stop = asyncio.Event()
    supervisor = Supervisor([replace(broker, ready=exists(ready)), worker], said.append, backoff=QUICK)
    running = asyncio.create_task(supervisor.run(stop))
    await until(said, "worker is ready")
    async with asyncio.timeout(30):
        while "worker runs" not in journal.read_text():
            await asyncio.sleep(0.01)

    stop.set()

    assert EXIT_OK == await running
    assert ["broker runs", "worker runs", "worker stops", "broker stops"] == journal.read_text().splitlines()
    assert ["stopped", "stopped"] == [one.state for one in supervisor.parts]


async def test_a_part_that_dies_is_started_again_and_it_is_said() -> None:
    """A fault nobody foresaw ends a worker; the hub goes on."""
    said: list[str] = []
    stop = asyncio.Event()
    supervisor = Supervisor([part("worker", "os.kill(os.getpid(), 9)")], said.append, backoff=QUICK)
    running = asyncio.create_task(supervisor.run(stop))
    async with asyncio.timeout(30):
        while supervisor.parts[0].restarts < 3:
            await asyncio.sleep(0.01)

    stop.set()

    assert EXIT_OK == await running
    assert "worker ended (killed by SIGKILL); it is started again in 0.01 s" in said
    assert "worker ended (killed by SIGKILL); it is started again in 0.04 s" in said


async def test_a_part_that_halts_is_left_alone() -> None:
    """After too many dead letters starting again would only bury more: a person must look."""
    said: list[str] = []
    stop = asyncio.Event()
    supervisor = Supervisor([part("worker", f"sys.exit({EXIT_CEILING})")], said.append, backoff=QUICK)
    running = asyncio.create_task(supervisor.run(stop))
    await until(said, "stopped for good")
    assert "halted" == supervisor.parts[0].state

    stop.set()

    assert EXIT_CEILING == await running
    assert 0 == supervisor.parts[0].restarts


async def test_a_part_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    """A process that runs but does not answer is no worker."""
    said: list[str] = []
    stop = asyncio.Event()
    deaf = "signal.signal(15, signal.SIG_IGN)\ntime.sleep(60)"
    hung = part("worker", deaf, live=exists(tmp_path / "never"), live_every=0.05, grace=0.1)
    supervisor = Supervisor([hung], said.append, backoff=QUICK)
    running = asyncio.create_task(supervisor.run(stop))
    await until(said, "it is started again")

    stop.set()

    assert EXIT_OK == await running
    assert "worker does not answer; it is ended" in said


async def test_a_hub_whose_part_does_not_become_ready_stops() -> None:
    """Somebody who types `hub up` is told, and nothing is left running."""
    said: list[str] = []
    never = part("broker", "time.sleep(60)", ready=exists(Path("/nowhere")))
    supervisor = Supervisor([never, part("worker", "time.sleep(60)")], said.append, ready_within=0.3)

    assert EXIT_FAULT == await supervisor.run(asyncio.Event())
    assert ["broker is not ready after 0.3 s; the hub stops"] == said
    assert 0 == supervisor.parts[1].pid


async def test_a_command_that_does_not_exist_is_named() -> None:
    """No traceback for a broken installation."""
    said: list[str] = []
    supervisor = Supervisor([Part("worker", ("/nowhere/hub",))], said.append, backoff=QUICK, ready_within=0.2)

    assert EXIT_FAULT == await supervisor.run(asyncio.Event())
    assert "worker cannot be started: No such file or directory" in said


async def test_parts_die_with_the_supervisor(tmp_path: Path) -> None:
    """Ctrl-C, a crash or SIGKILL of `hub up` leaves nothing running."""
    pid_file = tmp_path / "pid"
    code = (
        "import asyncio, sys\n"
        "from hub.agents.supervisor import Part, Supervisor\n"
        f"child = \"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)\"\n"
        "part = Part('worker', (sys.executable, '-c', child))\n"
        "asyncio.run(Supervisor([part], print).run(asyncio.Event()))\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(30):
        while not pid_file.exists() or not pid_file.read_text():
            await asyncio.sleep(0.05)
    child = int(pid_file.read_text())

    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()

    async with asyncio.timeout(30):
        while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "text", ["", "no json", '{"pid": 1, "address": "127.0.0.1:1"}', '{"pid": 7, "address": "127.0.0.1:1"}']
)
async def test_a_probe_without_a_true_answer_is_false(tmp_path: Path, text: str) -> None:
    """No file, another process's file, or nobody at the address: not ready."""
    state = tmp_path / "state.json"
    if text:
        state.write_text(text)

    assert not await http_probe(state, "/ready")(7)
