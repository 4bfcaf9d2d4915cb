"""`hub topics`: the catalogue against the brokers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer

from hub.cli import show
from hub.cli.options import AsJson, example, settings

if TYPE_CHECKING:
    from hub.connectors.kafka_admin import Found
    from hub.schemas.topics import Topic

_DAY_MS: Final = 86_400_000


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("show", epilog=example("hub topics show", "hub topics show --json"))(show_)
    group.command("apply", epilog=example("HUB_BOOTSTRAP=kafka-1.example:9092 hub topics apply"))(apply)
    app.add_typer(group, name="topics", help="The catalogue of topics, and the brokers against it.")


def show_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every topic, and whether the brokers have it so.

    Kept: for how long, and in how many partitions where there are several.
    """
    from hub.connectors.kafka_admin import describe
    from hub.wiring.parts import bootstrap, load_policies
    from hub.wiring.parts import topics as catalogue

    chosen = settings(context)
    wanted = catalogue(chosen, load_policies(chosen))
    found = show.wait_for(describe(bootstrap(chosen), [topic.name for topic in wanted]))
    if as_json:
        show.as_json([_json(topic, found.get(topic.name)) for topic in wanted])
        return
    rows = [(t.name, _kept(t), state(t, found.get(t.name))) for t in wanted]
    show.table(("topic", "kept", "on the brokers"), rows, whole=("topic",))


def apply(context: typer.Context, as_json: AsJson = False) -> None:
    """Make the topics that are missing and set what differs.

    Applied twice, the second time changes nothing. The partition count of a topic that exists is never changed: that would move keys and lose their order.
    """
    from hub.connectors import kafka_admin
    from hub.wiring.parts import bootstrap, load_policies
    from hub.wiring.parts import topics as catalogue

    chosen = settings(context)
    wanted = catalogue(chosen, load_policies(chosen))
    changes = show.wait_for(kafka_admin.apply(bootstrap(chosen), wanted, chosen.replication))
    if as_json:
        show.as_json(changes)
        return
    rows = [
        (c.topic, c.what, "\n".join(f"{name}: {was or '-'} -> {now}" for name, was, now in c.settings)) for c in changes
    ]
    show.table(("topic", "what was done", "settings"), rows, whole=("topic",))
    show.out(f"{len(changes)} of {len(wanted)} topics changed.")


def state(topic: Topic, found: Found | None) -> str:
    """Return `in order`, `missing`, or what differs."""
    if found is None:
        return "missing"
    if found.partitions != topic.partitions:
        return f"{found.partitions} partitions"
    wrong = [name for name, value in sorted(topic.settings.items()) if found.settings.get(name) != value]
    return f"differs in {', '.join(wrong)}" if wrong else "in order"


# Private functions
# -----------------


def _kept(topic: Topic) -> str:
    kept = "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // _DAY_MS} days"
    return f"{kept} x {topic.partitions}" if topic.partitions > 1 else kept


def _json(topic: Topic, found: Found | None) -> dict[str, Any]:
    return {
        "topic": topic.name,
        "key": topic.key,
        "schemas": topic.schemas,
        "partitions": topic.partitions,
        "settings": dict(topic.settings),
        "writers": topic.writers,
        "readers": topic.readers,
        "what": topic.what,
        "state": state(topic, found),
        "replication": found.replication if found else None,
    }
