"""`hub demo` on the real parts: the whole hub, the real client, the real topics and store; and Ctrl-C at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

PATIENCE: Final = 100.0
"""Seconds after which a wait is given up and the test fails."""


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `hub demo` in a process group of its own, as a terminal does; killed on the way out if it still runs."""
    command = [str(Path(sys.executable).parent / "hub"), "demo", "--folder", str(folder / "data"), "--no-open"]
    command += ["--report", str(folder / "report.html"), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, env=environment, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something, with a bound that is no promise."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def processes_of(folder: Path) -> list[str]:
    """Return the command of every process that works on a folder, named on its command line or in its environment."""
    return [" ".join(p.cmdline())[:80] for p in psutil.process_iter() if p.pid != os.getpid() and _works_on(p, folder)]


def test_the_demo_shows_what_its_story_says(tmp_path: Path) -> None:
    """At least 40 messages on a real broker; each outcome as the story states it; nothing unaccounted for; a report."""
    with demo(tmp_path, "--json") as process:
        out, _ = process.communicate(timeout=PATIENCE)

    told: dict[str, Any] = json.loads(out)
    assert 0 == process.returncode
    if not told["note"]:  # on a day outside the policy's dates everything goes to a person, as it must
        assert [] == told["differences"]
    found = told["reconciliation"]
    assert found["agrees"]
    assert (0, 0, []) == (found["difference_in"], found["difference_out"], found["altered"])
    assert found["came"] >= 40
    assert found["buried"] == 2
    assert "Reconciled." in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not (tmp_path / "data").exists()
    assert [] == processes_of(tmp_path)


@pytest.mark.parametrize("moment", ["starting Apache Kafka", "starting 1 worker", "  4  "])
def test_ctrl_c_leaves_nothing_running(tmp_path: Path, moment: str) -> None:
    """Interrupted while the broker starts, while the worker starts, and in the middle of the work: no process, no folder.

    Impatience changes nothing: a second Ctrl-C does not interrupt the stopping.
    """
    with demo(tmp_path) as process:
        until(
            lambda: moment in (tmp_path / "said").read_text() or process.poll() is not None, f"`{moment}` was not said"
        )
        os.killpg(process.pid, signal.SIGINT)
        until(lambda: "stopping" in (tmp_path / "said").read_text(), "it does not say that it stops")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE)

    assert 130 == process.returncode
    assert not (tmp_path / "data").exists()
    assert [] == processes_of(tmp_path)
    assert "Traceback" not in (tmp_path / "said").read_text()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """The demo removes its folder at the end, so it never takes one that holds anything."""
    kept = tmp_path / "data" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")

    with demo(tmp_path) as process:
        process.wait(PATIENCE)

    assert 2 == process.returncode
    assert "mine" == kept.read_text()
    assert "--folder: there is something in it already" in (tmp_path / "said").read_text()


# Private functions
# -----------------


def _works_on(process: psutil.Process, folder: Path) -> bool:
    try:
        named = any(str(folder) in part for part in process.cmdline())
        return named or str(folder) in process.environ().get("HUB_DATA_FOLDER", "")
    except psutil.Error:
        return False
