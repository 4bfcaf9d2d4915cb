"""Options that several commands have, each declared once, and the settings that they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from hub.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Sender = Annotated[str, typer.Option("--agency", metavar="AGENCY", help="The agency's id in the register.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Most rows to show.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="The hub's data folder (keys, embedded broker, SQLite) instead of HUB_DATA_FOLDER. May stand anywhere.",
    ),
]

DATA: Final = "--data"


def settings(context: typer.Context) -> Settings:
    """Return the hub's settings: the environment's, with `--data` over them. Raises ConfigurationFault."""
    from hub.settings import load

    folder = context.find_root().params.get("data")
    return load(data_folder=folder) if folder else load()


def example(*lines: str) -> str:
    """Return the end of a command's help: how it is typed. Every command has one."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])
