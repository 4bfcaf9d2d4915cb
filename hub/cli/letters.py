"""`hub dead-letters`: what could not be handled, kept sealed; shown without its content, and put back by the front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson, example, settings

if TYPE_CHECKING:
    from hub.flow.burial import Original
    from hub.settings import Settings
    from hub.wiring.letters import Replayed

LetterId = Annotated[str, typer.Argument(metavar="LETTER-ID", help="From `hub dead-letters list`.")]

_SEALED: Final = ("held", "held_headers")


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog=example("hub dead-letters list"))(list_)
    group.command(
        "show",
        epilog=example(
            "hub dead-letters show 5d0c7e1a2b3f48699a8b7c6d5e4f3021",
            "hub dead-letters show 5d0c7e1a2b3f48699a8b7c6d5e4f3021 --reveal",
        ),
    )(show_)
    group.command("replay", epilog=example("hub dead-letters replay 5d0c7e1a2b3f48699a8b7c6d5e4f3021 --yes"))(replay)
    app.add_typer(group, name="dead-letters", help="What could not be handled, and putting it back.")


def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is buried and why, the newest first."""
    from hub.wiring.letters import dead_letters
    from hub.wiring.parts import bootstrap

    letters = show.wait_for(dead_letters(bootstrap(settings(context))))
    if as_json:
        show.as_json([_json(letter) for letter in letters])
        return
    rows = [
        (f"{one['dead_letter_id']}\n{one['buried_at']}", f"{one['reason']} {one['place']}".rstrip(), f"{_origin(one)}")
        for one in letters
    ]
    show.table(("letter / buried at", "why", "from (topic/partition/offset)"), rows, whole=("letter / buried at",))
    if not letters:
        show.out("Nothing is buried.")


def show_(
    context: typer.Context,
    letter_id: LetterId,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print the buried message itself; who did so is logged on stderr.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter; its content only with --reveal."""
    from hub.wiring.letters import dead_letter, original
    from hub.wiring.parts import bootstrap, keyring

    chosen = settings(context)
    letter = show.wait_for(dead_letter(bootstrap(chosen), letter_id))
    content = None
    if reveal:
        buried = original(letter, keyring(chosen))
        _log_reveal(letter_id)
        content = _content(buried)
    if as_json:
        show.as_json({**_json(letter), **({"content": content} if reveal else {})})
        return
    show.pairs((name.replace("_", " "), str(value)) for name, value in _json(letter).items())
    if reveal:
        show.as_json(content)


def replay(
    context: typer.Context,
    letter_id: LetterId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a buried message back, by the front door.

    It goes into the partner's topic that it came from, byte for byte, and the hub takes it in anew. Only what was buried on its way in can be put back: the hub's own topics take nothing from outside.
    """
    from hub.wiring.letters import dead_letter, require_front_door
    from hub.wiring.parts import bootstrap

    chosen = settings(context)
    letter = show.wait_for(dead_letter(bootstrap(chosen), letter_id))
    require_front_door(letter)
    if not yes and not typer.confirm(
        f"Put it back into {letter['topic']}, from which it was buried for {letter['reason']}?"
    ):
        show.note("nothing was changed")
        raise typer.Exit(errors.SAID_NO)
    done = show.wait_for(_replay(chosen, letter))
    if as_json:
        show.as_json({"dead_letter_id": letter_id, "put_back": done})
        return
    show.out(f"Put back as {done.topic}/{done.partition}/{done.offset}; its sender is told what becomes of it.")


# Private functions
# -----------------


async def _replay(chosen: Settings, letter: dict[str, Any]) -> Replayed:
    from hub.wiring.letters import replay as put_back
    from hub.wiring.parts import bootstrap, keyring

    return await put_back(bootstrap(chosen), letter, keyring(chosen))


def _json(letter: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in letter.items() if name not in _SEALED} | {"origin": _origin(letter)}


def _origin(letter: dict[str, Any]) -> str:
    return f"{letter['topic']}/{letter['partition']}/{letter['offset']}"


def _content(buried: Original) -> dict[str, Any]:
    """Return the buried message: as fields where it can be read by now, else as the bytes that came."""
    from hub.wiring.letters import readable

    read = readable(buried)
    if read is not None:
        return {"type": read.name, "body": _texts(read.body)}
    return {"type": None, "bytes": buried.value.hex(), "text": buried.value.decode("utf-8", "replace")}


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return value.hex() if isinstance(value, bytes) else value


def _log_reveal(letter_id: str) -> None:
    """Leave a line on stderr, as every worker does: the content of a message was shown to somebody."""
    from hub.telemetry import logs

    logs.configure()
    logs.get().warning("dead letter revealed", code=letter_id, name=_user())


def _user() -> str:
    """Return who runs this command; a container's user may have a number and no name."""
    import getpass
    import os

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
