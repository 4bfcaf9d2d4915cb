"""`hub status`: broker, topics, workers, store, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson, example, settings

if TYPE_CHECKING:
    from hub.wiring.looking import Brokers, Status, Store


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", epilog=example("hub status", "hub --data /srv/hub status --json"))(status)


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say how every part of the hub is, and what waits.

    Exit code 69: a part does not answer, or a topic is missing.
    """
    from hub.wiring.looking import look
    from hub.wiring.parts import load_policies

    chosen = settings(context)
    found = show.wait_for(look(chosen, load_policies(chosen)))
    if as_json:
        show.as_json({"well": found.well, "brokers": found.brokers, "store": found.store, "workers": found.workers})
    else:
        _tell(found)
    if not found.well:
        raise typer.Exit(errors.UNAVAILABLE)


# Private functions
# -----------------


def _tell(found: Status) -> None:
    rows = [("broker", found.brokers.state, _brokers(found.brokers)), ("store", found.store.state, _store(found.store))]
    rows += [(worker.name, worker.state, f"{worker.address}, pid {worker.pid}") for worker in found.workers]
    if not found.workers:
        rows.append(("workers", "none known", "none has left a state file in the data folder"))
    show.table(("part", "state", "more"), rows)
    if found.brokers.lag:
        waiting = ", ".join(f"{agent} {number}" for agent, number in found.brokers.lag.items())
        show.out(f"Messages that wait: {waiting}")
    if found.brokers.letters:
        show.out(f"Dead letters kept: {found.brokers.letters} (see `hub dead-letters list`)")
    if found.store.reviews:
        show.out(f"Reviews that wait for a person: {found.store.reviews}, the oldest since {found.store.oldest}")


def _brokers(brokers: Brokers) -> str:
    if not brokers.address:
        return ""
    missing = f"; missing: {', '.join(brokers.missing[:3])}{' ...' if len(brokers.missing) > 3 else ''}"  # noqa: PLR2004
    return f"{brokers.address}, cluster {brokers.cluster}, {brokers.topics} topics{missing if brokers.missing else ''}"


def _store(store: Store) -> str:
    counts = ", ".join(f"{number} {decision}" for decision, number in sorted(store.decided.items()))
    return f"{store.kind}, {counts or 'no records yet'}" if store.kind else ""
