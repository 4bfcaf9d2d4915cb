"""The command line as a test types it: in this process, with its own data folder, and what it said in hand."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.cli.app import run_line


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, and what it wrote to stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, read as JSON."""
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """What it wrote to stdout, with every run of white space as one space: tables and paragraphs break lines."""
        return " ".join(self.out.split())


class CommandLine:
    """Types commands. environment: the `HUB_` settings; folder: where its files lie."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "80")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    def __call__(self, *words: str, stdin: str = "") -> Done:
        """Run one command and return how it ended."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), _typed(stdin):
            code = run_line(words)
        return Done(code, out.getvalue(), err.getvalue())

    def file(self, name: str, content: Any) -> str:
        """Write a file (text as it is, anything else as JSON) and return its name."""
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text, "utf-8")
        return name


@contextmanager
def _typed(text: str) -> Iterator[None]:
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    try:
        yield
    finally:
        sys.stdin = before
