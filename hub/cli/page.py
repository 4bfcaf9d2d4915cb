"""The page of commands, `docs/cli.md`, made from the command tree itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from hub.cli.app import build
from hub.cli.errors import EXITS

_HEAD = """# Commands

Made from the command tree in `hub/cli` by `make docs`; a test keeps it true. `hub COMMAND --help` says the same.

Results go to stdout, errors and notes to stderr. An error says what is wrong, where, and what to do about it. Tables fit the terminal,
or 80 columns; colours are left out where nobody looks (no terminal, `NO_COLOR`). `--json` writes JSON that programs may rely on.
Settings come from the environment ([settings.md](settings.md)).
"""


def as_markdown() -> str:
    """Return `docs/cli.md`: what every command does, its arguments and options, an example, and the exit codes."""
    root = get_command(build())
    lines = [_HEAD, *_options("Options of every command, anywhere in the line", root), *_exits(), "## The commands", ""]
    for path, command in commands(root):
        lines += _section(path, command)
    return "\n".join(lines)


def commands(group: Any, path: str = "hub") -> Iterator[tuple[str, Any]]:
    """Yield every command that can be run, with the words by which it is called."""
    for name, command in group.commands.items():
        words = f"{path} {name}"
        if isinstance(command, TyperGroup):
            yield from commands(command, words)
        else:
            yield words, command


# Private functions
# -----------------


def _exits() -> list[str]:
    rows = [f"| {code} | {meaning} |" for code, meaning in EXITS.items()]
    return ["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, ""]


def _section(path: str, command: Any) -> list[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    required = [_name(p).strip("`") for p in command.params if p.param_type_name == "option" and p.required]
    usage = " ".join([path, *required, *(_usage(argument) for argument in arguments), "[OPTIONS]"])
    lines = [f"### {path}", "", f"`{usage}`", "", inspect.cleandoc(command.help or ""), ""]
    return [*lines, *_options("", command), *_example(command)]


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _options(title: str, command: Any) -> list[str]:
    shown = [param for param in command.params if "--help" not in param.opts]
    if not shown:
        return []
    rows = [f"| {_name(param)} | {_help(param)} |" for param in shown]
    head = "| argument or option | meaning |" if not title else "| option | meaning |"
    return [*([f"## {title}", ""] if title else []), head, "|---|---|", *rows, ""]


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{param.metavar or param.name.upper()}`"
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    return f"`{param.opts[0]}{value}`"


def _help(param: Any) -> str:
    notes = ["required"] if param.required and param.param_type_name == "option" else []
    default = param.default
    if default not in (None, "", False) and not callable(default):
        notes.append(f"default `{getattr(default, 'value', default)}`")
    return (param.help or "") + (f" ({', '.join(notes)})" if notes else "")


def _example(command: Any) -> list[str]:
    lines = [line.strip() for line in (command.epilog or "").splitlines() if line.startswith("  ")]
    return ["```sh", *lines, "```", ""]
