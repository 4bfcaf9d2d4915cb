"""Options that several commands have, each declared once, and the settings that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.errors import ConfigurationFault, InputFault

if TYPE_CHECKING:
    from hub.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Sender = Annotated[str, typer.Option("--agency", metavar="AGENCY", help="The agency's id in the register.")]
Limit = Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, max=100_000, help="Most rows to show.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="The hub's data folder (keys, embedded broker, SQLite) instead of HUB_DATA_FOLDER. May stand anywhere.",
    ),
]

DATA: Final = "--data"
_NO_AGENCY: Final = frozenset({"NO_TOPIC", "AGENCY_NOT_A_SLUG"})


def settings(context: typer.Context) -> Settings:
    """Return the hub's settings: the environment's, with `--data` over them. Raises ConfigurationFault."""
    from hub.settings import load

    folder = context.find_root().params.get("data")
    return load(data_folder=folder) if folder else load()


@contextmanager
def typed_agency(agency: str, chosen: Settings) -> Iterator[None]:
    """Say of an agency without topics that it was mistyped: InputFault, with the nearest name of the register."""
    try:
        yield
    except ConfigurationFault as error:
        if error.faults[0].code not in _NO_AGENCY:
            raise
        raise unknown_agency(agency, chosen) from None


def unknown_agency(agency: str, chosen: Settings) -> InputFault:
    """Return the fault of an agency that no register holds."""
    from hub.councils.marks import nearest
    from hub.wiring.parts import load_policies

    remedy = nearest(agency, load_policies(chosen).agencies()) or "see `hub agencies list`"
    return InputFault.of("AGENCY_UNKNOWN", f"the hub has no agency `{agency}`", "--agency", remedy)


def example(*lines: str) -> str:
    """Return the end of a command's help: how it is typed. Every command has one."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])
