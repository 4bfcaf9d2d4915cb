"""`hub demo`: the whole hub on a synthetic morning of Lancashire work, told as tables and as a report."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson, example
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.cli.demo.reckoning import Reckoning
    from hub.cli.demo.running import Run
    from hub.settings import Settings

REPORT: Final = Path("hub-demo.html")

Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Run in this new or empty folder instead of a temporary one."),
]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the folder, so that `hub --data DIR ...` can look into it.")]
Report = Annotated[Path, typer.Option("--report", metavar="FILE", help="Where to leave the report, one HTML file.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not show the report in a browser.")]


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=example("hub demo", "hub demo --keep --folder /tmp/morning --no-open"))(demo)


def demo(
    folder: Folder = None,
    keep: Keep = False,
    report: Report = REPORT,
    no_open: NoOpen = False,
    as_json: AsJson = False,
) -> None:
    """Play a synthetic morning of Lancashire work on a whole hub of its own, and show what it decided.

    Starts Apache Kafka, topics, keys, store and a worker in a temporary folder; agencies publish some 70 messages through the
    partner client; ends with tables and an HTML report. All people are invented. Ctrl-C leaves nothing running. The exit code
    is 70 when what came in, what was recorded and what went out do not reconcile.
    """
    _check_report(report)
    started = time.monotonic()
    with _place(folder, keep=keep) as data, _ended_by_sigterm():
        found = _played(_settings(data))
        _write(found, report, as_json=as_json, seconds=time.monotonic() - started)
        if keep:
            show.note(f"data folder: {data} (try `hub --data {data} records list`)")
    if not (no_open or as_json):
        _open(report)
    conclude(found.reckoning)


def conclude(reckoning: Reckoning) -> None:
    """Raise typer.Exit with the code of an unforeseen fault when the reckoning does not agree."""
    if not reckoning.agrees:
        errors.say("what came in, what was recorded and what went out do not reconcile", "see the end of the tables")
        raise typer.Exit(errors.UNFORESEEN)


# Private functions
# -----------------


def _settings(data: Path) -> Settings:
    """Return settings for a hub of its own: whatever the environment names, no other broker, store or policy is touched."""
    from hub.settings import load

    return load(
        data_folder=data,
        bootstrap="",
        database="",
        keys_file=None,
        policy_folder=None,
        councils=("lancashire",),
        state_file=None,
        fault_point="",
        log_level="warning",
    )


def _played(settings: Settings) -> Run:
    from hub.cli.demo.running import run_unless_stopped
    from hub.cli.demo.screen import Screen

    with Screen() as screen:
        found = show.wait_for(run_unless_stopped(settings, screen))
    if found is None:
        raise KeyboardInterrupt
    return found


def _write(found: Run, report: Path, *, as_json: bool, seconds: float) -> None:
    from hub.cli.demo import tables
    from hub.cli.demo.report import render

    report.write_text(render(found), encoding="utf-8")
    if as_json:
        show.as_json(_as_data(found) | {"report": str(report.absolute()), "seconds": round(seconds, 1)})
        return
    tables.write(found.summary, found.reckoning, [str(each) for each in found.differences], found.elsewhere)
    if found.note:
        show.out(f"  note: {found.note}")
    show.out(f"\nThe report: {report.absolute().as_uri()} ({seconds:.0f} s in all)")


def _as_data(found: Run) -> dict[str, Any]:
    """Return the run for programs: the reckoning, what went otherwise than told, and every number of the tables."""
    reckoning = dataclasses.asdict(found.reckoning)
    agreed = {name: getattr(found.reckoning, name) for name in ("agrees", "difference_in", "difference_out")}
    summary = dataclasses.asdict(found.summary)
    told = {"differences": [str(each) for each in found.differences], "note": found.note}
    second = {"elsewhere": dataclasses.asdict(found.elsewhere)}
    return {"reconciliation": reckoning | agreed} | told | summary | second


def _check_report(report: Path) -> None:
    """Refuse, before anything is started, a report that could not be written at the end."""
    if report.is_dir() or not report.absolute().parent.is_dir():
        raise InputFault.of("NO_PLACE", "no file can be written there", "--report", "name a file in an existing folder")


@contextmanager
def _place(folder: Path | None, *, keep: bool) -> Iterator[Path]:
    """Yield the data folder; remove it afterwards, however the run ended, unless it is to be kept."""
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        text = "there is something in it already"
        raise InputFault.of(
            "NOT_EMPTY", text, "--folder", "name a new or an empty folder: the demo removes it at the end"
        )
    data = folder.absolute() if folder else Path(tempfile.mkdtemp(prefix="hub-demo-"))
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield data
    except KeyboardInterrupt:
        show.note("stopped: nothing is left running")
        raise
    finally:
        if not keep:
            shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does."""

    def end(_number: int, _frame: object) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open(report: Path) -> None:
    """Show the report where a person sits at a screen; elsewhere do nothing."""
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.stdout.isatty() and screen:
        webbrowser.open(report.absolute().as_uri())
