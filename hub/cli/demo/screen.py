"""What a person sees while the morning runs: one line a step, and the counts as they grow. All of it on stderr."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hub.cli.demo.scenario import Step


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the work is. acknowledged: by the front door; decided: disclosure records; held: of them, for a person."""

    published: int = 0
    acknowledged: int = 0
    decided: int = 0
    released: int = 0
    held: int = 0

    def __str__(self) -> str:
        return (
            f"{self.published} published, {self.acknowledged} acknowledged, {self.decided} decided, "
            f"{self.released} released, {self.held} held"
        )

    def since(self, before: Counts) -> Counts:
        """Return what was added."""
        return Counts(
            self.published - before.published,
            self.acknowledged - before.acknowledged,
            self.decided - before.decided,
            self.released - before.released,
            self.held - before.held,
        )


class Screen:
    """Progress on a terminal; plain lines, one a step, where there is none. A context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[counts]}", style="dim", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._live = self._console.is_terminal
        self._task = self._progress.add_task("starting", total=None, counts="")
        self._now, self._before = Counts(), Counts()

    def __enter__(self) -> Self:
        if self._live:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._progress.stop()

    def say(self, text: str) -> None:
        """Say what is being done."""
        if self._live:
            self._progress.update(self._task, description=text)
        else:
            self._console.print(text)

    def begin(self, messages: int) -> None:
        """Take note that the morning begins, with so many messages to publish."""
        self._progress.update(self._task, total=messages)

    def step(self, step: Step) -> None:
        """Take note that a step begins."""
        self._before = self._now
        self._progress.update(self._task, description=f"step {step.number}")

    def count(self, counts: Counts) -> None:
        """Show how far the work is."""
        self._now = counts
        self._progress.update(self._task, completed=counts.published, counts=str(counts))

    def done(self, step: Step) -> None:
        """Leave a line about a step that has been settled."""
        added = self._now.since(self._before)
        counts = f"{added.published:>2} published {added.decided:>3} decided {added.released:>3} released {added.held:>2} held"
        self._console.print(f"{step.number:>3}  {step.title:<42} {counts}", soft_wrap=True)

    def end(self) -> None:
        """Leave the line with the totals."""
        self._console.print(f"     {self._now}", soft_wrap=True)
        self._progress.update(self._task, total=None, counts="")
