"""`hub policy schema`: the JSON Schema by which an editor helps to write a policy file."""

from __future__ import annotations

from hub.cli import show
from hub.cli.options import AsJson


def schema(as_json: AsJson = False) -> None:
    """Print the JSON Schema of policy files, for editors.

    An editor that knows it offers the words that may stand in a place, explains each field, and marks what is wrong while you
    write. It is JSON with and without --json. What it cannot see (names that are not defined, citations, the law above the
    file), `hub policy check` tells.
    """
    from hub.councils.editor import as_schema, as_text

    if as_json:
        show.as_json(as_schema())
        return
    show.out(as_text().rstrip("\n"))
