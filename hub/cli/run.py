"""`hub up`, `hub worker` and `hub version`: thin; what they run is put together in `hub/wiring`."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli import show
from hub.cli.options import AsJson, example, settings


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up", epilog=example("hub up", "hub up --workers 2 --data /srv/hub"))(up)
    app.command("worker", epilog=example("HUB_BOOTSTRAP=kafka-1.example:9092 hub worker"))(worker)
    app.command("version", epilog=example("hub version"))(version)


def up(
    context: typer.Context,
    workers: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=64, help="Workers; they share the partitions.")
    ] = 1,
) -> None:
    """Run the whole hub on this machine until Ctrl-C.

    Broker, topics, keys, store and workers; a part that dies is started again, and told. Everything lasts in the data folder. Where HUB_BOOTSTRAP or HUB_DATABASE name a cluster or a PostgreSQL server, those are
    used instead of the embedded ones.
    """
    from hub.wiring.up import run_up

    show.quiet()
    raise typer.Exit(run_up(settings(context), workers=workers, say=show.note))


def worker(context: typer.Context) -> None:
    """Run one worker against the configured brokers and store.

    It runs until it is told to stop; several share the partitions. Logs go to stderr as JSON lines. Exit codes: 65 too many dead letters, 70 a fault nobody foresaw, 71 the Kafka client gave
    up, 75 stopped by force, 78 settings, keys or rights.
    """
    from hub.wiring.worker import serve

    serve(settings(context))


def version(as_json: AsJson = False) -> None:
    """Say which version this is."""
    import platform
    from importlib.metadata import version as installed

    hub, python = installed("information-sharing-hub"), platform.python_version()
    if as_json:
        show.as_json({"hub": hub, "python": python})
        return
    show.out(f"hub {hub} (Python {python})")
