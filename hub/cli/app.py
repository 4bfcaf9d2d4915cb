"""The command tree, put together in a function, and the one place in which every command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from hub.cli import (
    agencies,
    consume,
    decide,
    errors,
    evaluation,
    explain,
    keys,
    letters,
    policy,
    publish,
    records,
    reviews,
    run,
    show,
    status,
    template,
    topics,
)
from hub.cli.demo import command as demo
from hub.cli.options import DATA, Data
from hub.errors import HubError

_GROUPS: Final = (
    *(decide, explain, template, publish, consume),
    *(status, demo, run, records, evaluation, reviews, letters, topics, policy, agencies, keys),
)
"""Each adds its commands to the tree, in the order of the help."""

_ABOUT: Final = """Multi-agency information sharing hub.

Takes referrals, share requests and control messages from partner agencies on Apache Kafka, decides for every person,
every recipient and every field whether it may go, and records each decision before anything leaves.
"""


class Root(TyperGroup):
    """The root of the tree: `--data FOLDER` may stand anywhere in the line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the line with `--data` moved to its front."""
        return super().parse_args(ctx, _data_first(args))


def build() -> typer.Typer:
    """Return the whole command tree; nothing slow is imported before a command runs."""
    app = typer.Typer(
        name="hub",
        cls=Root,
        help=_ABOUT,
        rich_markup_mode=None,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )
    app.callback()(_root)
    for group in _GROUPS:
        group.add(app)
    return app


def main() -> None:
    """Run the command of this process's arguments and end the process with its exit code."""
    code = run_line(sys.argv[1:])
    sys.exit(code)


def run_line(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code (`errors.EXITS`); whatever goes wrong is told on stderr in one form."""
    try:
        code = get_command(build()).main(args=list(arguments), prog_name="hub", standalone_mode=False)
        show.flush()
    except (errors.OutputClosed, SystemExit):
        # Typer itself ends the process where nobody reads its help any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.OUTPUT_CLOSED
    except KeyboardInterrupt:
        return errors.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends here, without a text that may quote a message
        return _told(error)
    return int(code or 0)


# Private functions
# -----------------


def _root(data: Data = None) -> None:
    del data  # read where settings are made: hub/cli/options.py


def _told(error: Exception) -> int:
    """Tell an error on stderr and return its exit code."""
    if isinstance(error, HubError):
        errors.report(error.faults)
        return errors.code_of(error)
    if isinstance(error, TyperException):
        _told_usage(error)
        return error.exit_code
    if isinstance(error, Abort):
        errors.say("there was no answer: nothing was changed", "answer the question, or give `--yes`")
        return errors.SAID_NO
    errors.say(f"a fault in the hub: {errors.unforeseen(error)}", "please report this line")
    return errors.UNFORESEEN


def _told_usage(error: TyperException) -> None:
    """Tell what is wrong with the line that was typed; a group without a command has its help as its error."""
    text = error.format_message().replace("Value error, ", "").rstrip(".")
    if text.startswith("Usage:"):
        sys.stderr.write(error.format_message() + "\n")
    else:
        errors.say(text[:1].lower() + text[1:], _hint(error))


def _data_first(args: list[str]) -> list[str]:
    """Return the arguments with `--data FOLDER` at their front, wherever before a `--` it stood."""
    end = args.index("--") if "--" in args else len(args)
    for index, word in enumerate(args[:end]):
        if word.startswith(f"{DATA}="):
            return [word, *args[:index], *args[index + 1 :]]
        if word == DATA and index + 1 < end:
            return [*args[index : index + 2], *args[:index], *args[index + 2 :]]
    return args


def _hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path} --help`" if context else "see `hub --help`"
