"""The report of a run: one HTML file that needs no network, made from the disclosure records and the demo's own messages."""

from __future__ import annotations

from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hub.cli.demo.page import page_of
from hub.cli.demo.running import Run

_TEMPLATE: Final = "report.html.j2"


def render(run: Run) -> str:
    """Return the report as HTML. Every value from a message or a policy is escaped; values of fields are not shown at all."""
    environment = Environment(
        loader=PackageLoader(__package__, "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = page_of(run)
    return environment.get_template(_TEMPLATE).render(page=page, style=_own("report.css"), script=_own("report.js"))


# Private functions
# -----------------


def _own(name: str) -> Markup:
    """Return one of the report's own files, which needs no escaping."""
    return Markup(resources.files(__package__).joinpath("page", name).read_text("utf-8"))  # noqa: S704 - packaged text
