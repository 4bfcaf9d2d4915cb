"""`hub keys`: the hub's secret keys are made here and shown by their ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from hub.cli import show
from hub.cli.options import AsJson, example, settings
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.ledger.keys import Keyring
    from hub.settings import Settings

_USES: Final = {
    "identity": "keyed hashes of names and numbers",
    "pseudonym": "what a recipient sees instead of a subject ref",
    "sealing": "held messages and dead letters",
    "commitment": "salts of the commitments in disclosure records",
}


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("create", epilog=example("hub keys create", "hub --data /srv/hub keys create"))(create)
    group.command("show", epilog=example("hub keys show --json"))(show_)
    app.add_typer(group, name="keys", help="The hub's secret keys, shown by their ids only.")


def create(context: typer.Context, as_json: AsJson = False) -> None:
    """Make the key file of a new hub.

    Readable by its owner only; one that exists is never overwritten. Back it up: without it, nobody can be recognised any more, and what is held for review cannot be opened.
    """
    from hub.ledger.keys import Keyring

    chosen = settings(context)
    if chosen.keys_path.exists():
        raise InputFault.of(
            "KEY_EXISTS", "the key file exists and is kept", str(chosen.keys_path), "see `hub keys show`"
        )
    chosen.keys_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tell(chosen, Keyring.create(chosen.keys_path), as_json=as_json)


def show_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the ids of the keys, to tell key files apart."""
    from hub.wiring.parts import keyring

    chosen = settings(context)
    _tell(chosen, keyring(chosen), as_json=as_json)


# Private functions
# -----------------


def _tell(chosen: Settings, keyring: Keyring, *, as_json: bool) -> None:
    ids = keyring.key_ids()
    if as_json:
        show.as_json({"file": str(chosen.keys_path), "keys": ids})
        return
    show.out(str(chosen.keys_path))
    show.table(("key", "id", "for"), [(name, ids[name], use) for name, use in _USES.items()], whole=("id",))
