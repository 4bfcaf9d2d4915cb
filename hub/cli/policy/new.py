"""`hub policy new`: a commented starting file that passes the check before a word of it is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli import show
from hub.cli.options import AsJson
from hub.errors import InputFault


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The policy's id, such as example-borough-family-help; no version.")
    ],
    council: Annotated[str, typer.Option(metavar="ID", help="The council in one word, such as example-borough.")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="What the notice is called, or the service it is of.")],
    notice: Annotated[
        str, typer.Option(metavar="PREFIX", help="What the names of its sentences begin with, such as EB.")
    ],
    controller: Annotated[
        str, typer.Option(metavar="TEXT", help="The council's name and address; else you are asked to fill it in.")
    ] = "",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write instead of <NAME>-001.yaml here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a commented starting file for a council's policy.

    It is small and made up, has every section, says in remarks what to write there and what happens if it is left, and passes
    `hub policy check` as it stands. The schema for editors is put beside it, if none is there. Nothing is ever overwritten.
    """
    from datetime import date

    from hub.councils.skeleton import MARK, Start, starting_file

    start = Start(name, council, title, notice, controller, date.today())  # noqa: DTZ011 - the author's own day
    text = starting_file(start)
    file = to or Path(start.file_name)
    _write_new(file, text)
    schema = _schema_beside(file)
    marks = sum(MARK in line for line in text.splitlines()) - 1
    if as_json:
        show.as_json({"file": str(file), "policy": name, "schema": str(schema), "to_replace": marks})
        return
    show.out(f"Wrote {file}, and uses {schema} for editors.")
    for step in _steps(file, start.file_name, marks):
        show.item(step)


# Private functions
# -----------------


def _write_new(file: Path, text: str) -> None:
    """Write a file that is not there. Raises InputFault when it is there, or cannot be written."""
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError:
        remedy = "nothing was changed; name another file with --to, or move this one away"
        raise InputFault.of("FILE_EXISTS", f"`{file}` is there already", "--to", remedy) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InputFault.of(
            "NOT_WRITABLE", f"`{file}` cannot be written: {reason}", "--to", "name a file in a folder of yours"
        ) from None


def _schema_beside(file: Path) -> Path:
    """Return the schema's file beside the policy, written unless something of that name is there."""
    from hub.councils.editor import as_text
    from hub.councils.skeleton import SCHEMA_FILE

    schema = file.parent / SCHEMA_FILE
    if not schema.exists():
        _write_new(schema, as_text())
    return schema


def _steps(file: Path, named: str, marks: int) -> list[str]:
    found = [
        f"It passes as it stands: hub policy check {file}",
        f"Open it, and work through the {marks} lines marked REPLACE, from the facts at its end upwards; check after each step.",
        "The guide: docs/write-your-policy.md (Write your council's policy in an hour).",
    ]
    if file.name != named:
        found.append(f"Before the hub can use it from a folder of policies it must be called {named}.")
    return found
