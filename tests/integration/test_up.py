"""`hub up`: the whole hub from one command, durable, each part started again when it dies, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

PATIENCE: Final = 90.0


@contextmanager
def hub_up(folder: Path, workers: int = 1) -> Iterator[subprocess.Popen[str]]:
    """Run `hub up` on a folder; killed on the way out if it still runs."""
    command = [str(Path(sys.executable).parent / "hub"), "--data", str(folder), "up", "--workers", str(workers)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    said = (folder.parent / f"{folder.name}.said").open("a")
    process = subprocess.Popen(command, stdout=said, stderr=said, text=True, env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        said.close()


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something, with a bound that is no promise."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def said(folder: Path) -> str:
    """Return all that `hub up` has said."""
    return (folder.parent / f"{folder.name}.said").read_text()


def worker(folder: Path) -> dict[str, object]:
    """Return what worker 1 says of itself, {} before it does."""
    file = folder / "workers" / "worker-1.json"
    return json.loads(file.read_text()) if file.exists() else {}


def is_ready(folder: Path) -> bool:
    """Whether worker 1 answers that it is ready."""
    try:
        with urllib.request.urlopen(f"http://{worker(folder)['address']}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, KeyError):
        return False


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return every process that works on a folder: named on its command line or in its environment."""
    return [p for p in psutil.process_iter() if p.pid != os.getpid() and _works_on(p, str(folder))]


def _works_on(process: psutil.Process, folder: str) -> bool:
    try:
        return any(folder in part for part in process.cmdline()) or folder in process.environ().get(
            "HUB_DATA_FOLDER", ""
        )
    except psutil.Error:
        return False


@pytest.mark.timeout(300)
def test_parts_that_die_are_started_again_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """A killed worker and a killed broker come back, and it is said; Ctrl-C then ends everything in good order."""
    folder = tmp_path / "hub"
    with hub_up(folder) as process:
        until(lambda: "ready:" in said(folder), "the hub did not become ready")

        first = worker(folder)["pid"]
        assert isinstance(first, int)
        os.kill(first, signal.SIGKILL)
        until(lambda: worker(folder).get("pid") not in (first, None) and is_ready(folder), "no new worker")
        assert "worker-1 ended (killed by SIGKILL)" in said(folder)

        for found in processes_of(folder / "broker"):
            found.kill()
        until(lambda: "the broker is back" in said(folder), "the broker did not come back")
        until(lambda: is_ready(folder), "the worker did not find the new broker")

        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(PATIENCE)
    assert {} == worker(folder)
    assert '"status":"clean"' in (folder / "workers" / "worker-1.log").read_text().splitlines()[-1]
    until(lambda: not processes_of(folder), "processes are left")


@pytest.mark.timeout(300)
def test_killing_the_hub_leaves_no_process_and_the_next_start_goes_on(tmp_path: Path) -> None:
    """SIGKILL cannot be handled, and still nothing is left running; the same folder serves the next start."""
    folder = tmp_path / "hub"
    with hub_up(folder, workers=2) as process:
        until(lambda: "ready:" in said(folder), "the hub did not become ready")
        keys = (folder / "keys.json").read_bytes()
        process.kill()
    until(lambda: not processes_of(folder), "processes are left")

    with hub_up(folder) as process:
        until(lambda: said(folder).count("ready:") == 2, "the hub did not start again on its folder")
        assert keys == (folder / "keys.json").read_bytes()
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(PATIENCE)
    until(lambda: not processes_of(folder), "processes are left")
