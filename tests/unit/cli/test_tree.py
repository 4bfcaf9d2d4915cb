"""The command tree: every command has its help, its example, its JSON and its place in the docs; the help starts fast."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from hub.cli import errors
from hub.cli.app import build
from hub.cli.page import as_markdown, commands
from tests.support.command_line import CommandLine

COMMANDS: dict[str, Any] = dict(commands(get_command(build())))
WITHOUT_JSON = frozenset({"hub up", "hub worker"})
SLOW = (
    "aiokafka",
    "asyncio",
    "asyncpg",
    "cryptography",
    "faust",
    "fastavro",
    "jinja2",
    "pydantic",
    "rich",
    "structlog",
    "yaml",
)


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_has_help_with_an_example_that_it_understands(path: str, hub: CommandLine) -> None:
    """The help says what it does, what each argument means, and shows how it is typed."""
    done = hub(*path.split()[1:], "--help")

    assert 0 == done.code
    examples = [line.strip() for line in done.out.partition("Example")[2].splitlines()[1:]]
    assert any(f"{path} " in f"{line} " for line in examples), done.out
    assert all(param.help for param in COMMANDS[path].params)


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - WITHOUT_JSON))
def test_each_command_can_answer_programs(path: str) -> None:
    """Whatever prints a result prints it as JSON too."""
    assert any("--json" in param.opts for param in COMMANDS[path].params)


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_is_documented_once(path: str) -> None:
    """docs/cli.md is made from the tree; nothing is left out."""
    assert 1 == as_markdown().count(f"### {path}\n")


def test_each_exit_code_is_documented() -> None:
    """A code that means something says what."""
    declared = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}

    assert declared == set(errors.EXITS)


def test_help_loads_nothing_slow() -> None:
    """`hub --help` is there at once: what a command needs is loaded when it runs."""
    code = f"import sys; from hub.cli.app import run_line; run_line(['--help']); print(*(set({SLOW!r}) & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "" == done.stdout.splitlines()[-1]


def test_data_may_stand_anywhere(hub: CommandLine) -> None:
    """`--data` before the command, behind it, and with `=` are the same."""
    for words in (("--data", "x", "keys", "show"), ("keys", "show", "--data", "x"), ("keys", "show", "--data=x")):
        done = hub(*words)

        assert (78, "error: x/keys.json: the key file cannot be read") == (done.code, done.err.splitlines()[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decid",), "Did you mean 'decide'?"),
        (("explain",), "missing argument 'DISCLOSURE-ID'"),
        (("records", "list", "--limit", "0"), "greater than or equal to 1"),
        (("reviews", "rule", "x", "maybe", "--reason", "r", "--by", "b"), "'maybe' is not one of 'permit', 'refuse'"),
        (("reviews", "rule", "x", "permit"), "missing option '--reason'"),
    ],
)
def test_a_mistyped_line_is_told_with_its_help(hub: CommandLine, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, one error line, and where to look."""
    done = hub(*words)

    assert 2 == done.code
    assert said in done.err
    assert "--help`" in done.err


def test_a_group_alone_shows_its_help(hub: CommandLine) -> None:
    """Half a command is answered with what there is to choose from."""
    done = hub("records")

    assert (2, "") == (done.code, done.out)
    assert done.err.startswith("Usage: hub records")
