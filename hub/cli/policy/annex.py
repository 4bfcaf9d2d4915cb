"""`hub policy annex`: the paper that comes from a policy, in Markdown and HTML, and MAIS sharing policies as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.cli import show
from hub.cli.options import AsJson
from hub.cli.policy.naming import day_named, policy_named
from hub.errors import InputFault

_ALL: Final = "all"


def annex(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="A policy file, or a packaged policy such as lancashire-cfw-001.")
    ],
    what: Annotated[str, typer.Option(metavar="KIND", help="annex, article30, notice, mais, or all of them.")] = _ALL,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the files go; made if it is not there.")] = Path(
        "paper"
    ),
    on: Annotated[
        str,
        typer.Option(
            metavar="DAY",
            help="The day that the pages speak of; else today, or the day in force that is nearest to it.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the paper that comes from a policy: what the council publishes is what the hub enforces.

    The annex of the data sharing agreement, the record of processing (UK GDPR Article 30) and the sharing section of the privacy notice,
    each as Markdown and as one HTML file; and a MAIS sharing policy for each rule, as JSON. Every sentence and every row names the rule
    that it comes from. The same policy and day give the same bytes; files that are there are written anew. Exit code 2: wrong input.
    """
    from hub.councils.analysis.days import nearest
    from hub.councils.paper import KINDS, files

    kinds = KINDS if what == _ALL else (what,)
    _check(what, (*KINDS, _ALL))
    found = policy_named(policy, "POLICY")
    name = f"{found.id}-{found.version}"
    day = day_named(on) if on else nearest(found, datetime.now(UTC).date().isoformat())
    written = _write(to, files(found, kinds, day))
    if as_json:
        rows = [{"file": str(path), "bytes": size, "replaced": before} for path, size, before in written]
        show.as_json({"policy": name, "digest": found.digest, "day": day, "files": rows})
        return
    for path, size, before in written:
        show.out(f"{'written anew' if before else 'written'}: {path} ({size} bytes)")
    show.out(f"{len(written)} files from {name} (digest {found.digest[:12]}) as it stands on {day}")


# Private functions
# -----------------


def _check(what: str, known: tuple[str, ...]) -> None:
    from hub.councils.marks import nearest

    if what not in known:
        remedy = nearest(what, known) or f"use one of {', '.join(known)}"
        raise InputFault.of("NO_SUCH_PAPER", f"there is no paper `{what}`", "--what", remedy)


def _write(folder: Path, texts: dict[str, str]) -> list[tuple[Path, int, bool]]:
    """Write the files and return (path, bytes, whether it was there before) of each. Raises InputFault."""
    found = []
    for name, text in texts.items():
        path, body = folder / name, text.encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.exists()
            path.write_bytes(body)
        except OSError as error:
            reason = (error.strerror or "the system refuses it").lower()
            remedy = "name a folder that you may write to"
            raise InputFault.of("NOT_WRITABLE", f"`{path}` cannot be written: {reason}", "--to", remedy) from None
        found.append((path, len(body), before))
    return found
