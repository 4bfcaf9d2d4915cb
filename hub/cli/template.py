"""`hub template`: a filled example of every message, ready to edit."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli import show
from hub.cli.options import AsJson, example


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("template", epilog=example("hub template", "hub template mash_referral > referral.json"))(template)


def template(
    form: Annotated[
        str, typer.Argument(metavar="[FORM]", help="A form, `share_request`, `share_response` or a control kind.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print a filled example of a message, ready to edit.

    All people in it are invented. Without FORM, list what there is, and the council of what one council alone takes. Give each message its own `message_id`, and its own `sent_at`, before it is published.
    """
    import json

    from hub.cli.template_titles import titles
    from hub.schemas.templates import template as read
    from hub.schemas.templates import template_names

    if form:
        show.out(read(form).rstrip("\n"))
        return
    rows = titles({name: json.loads(read(name)) for name in template_names()})
    if as_json:
        show.as_json(rows)
        return
    show.table(
        ("form", "what it is", "only for"), [(row.form, row.title, row.council or "") for row in rows], whole=("form",)
    )
