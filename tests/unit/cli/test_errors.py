"""How commands end: a code for each kind of ending, errors in one form, nothing that quotes a message."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from hub.cli import app, errors
from hub.errors import (
    BrokerUnavailable,
    ConfigurationFault,
    Fault,
    HubError,
    InputFault,
    KeyMissing,
    PolicyFault,
    RefusedMessage,
    StoreUnavailable,
    UnreadableMessage,
)
from tests.support.command_line import CommandLine

SECRET = "Haworth"


def raising(error: BaseException) -> Callable[[], None]:
    """Return a command that raises."""

    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InputFault, 2),
        (PolicyFault, 2),
        (RefusedMessage, 3),
        (UnreadableMessage, 65),
        (BrokerUnavailable, 69),
        (StoreUnavailable, 69),
        (KeyMissing, 78),
        (ConfigurationFault, 78),
    ],
)
def test_each_kind_of_error_has_its_code(kind: type[HubError], code: int) -> None:
    """The group of an error says what happens next, so it says the exit code."""
    assert code == errors.code_of(kind.of("X", "text"))


def test_all_faults_are_told_each_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """Every fault stands on stderr: place and text on one line, the remedy below."""
    errors.report([Fault("A", "file:3", "first", "do this"), Fault("B", "", "second")])

    assert "error: file:3: first\n  do this\nerror: second\n" == capsys.readouterr().err


def test_an_unforeseen_fault_says_where_and_never_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its text may quote a message, so only its type and the places in the hub's own code are told. Exit code 70."""

    def build() -> typer.Typer:
        tree = typer.Typer(rich_markup_mode=None)
        tree.command()(raising(ValueError(SECRET)))
        return tree

    monkeypatch.setattr(app, "build", build)

    assert 70 == app.run_line([])
    told = capsys.readouterr().err
    assert "ValueError at hub/cli/app.py:" in told
    assert SECRET not in told


def test_colour_is_for_terminals_only(hub: CommandLine) -> None:
    """What goes into a pipe or a file holds no escape codes."""
    done = hub("agencies", "list")

    assert "\x1b" not in done.out + hub("explain").err


def test_a_reader_that_stops_reading_ends_the_command_quietly() -> None:
    """`hub agencies list --json | head -1` leaves no error behind."""
    command = (
        f"{sys.executable} -c 'from hub.cli import main; main()' agencies list --json | true; echo ${{PIPESTATUS[0]}}"
    )

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert ("141\n", "") == (done.stdout, done.stderr)


def test_ctrl_c_ends_with_130_and_says_nothing() -> None:
    """Whoever interrupts knows that they did."""
    with subprocess.Popen(
        [sys.executable, "-c", "from hub.cli import main; main()", "decide", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        # It sleeps on stdin once it has started, for nothing is ever written.
        while not _rests(process.pid):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()

    assert (130, b"", b"") == (process.returncode, out, err)


def _rests(pid: int) -> bool:
    """Whether a process sleeps (waiting for a processor is no sleep) and used no processor for half a second."""
    before = _state(pid)
    time.sleep(0.5)
    return before == _state(pid) and before[0] == "S" and before[1:] != ("0", "0")


def _state(pid: int) -> tuple[str, str, str]:
    """Return a process's state, and the time that it used so far, in user and system mode."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return stat[0], stat[11], stat[12]
