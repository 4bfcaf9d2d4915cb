"""A page of paper as one HTML file that needs no network, for the screen, the telephone and the printer."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hub.councils.paper.model import Because, Paper, Section
from hub.councils.paper.reading import reading_age

KINDS: Final = {
    "annex": "Data sharing agreement: annex",
    "article30": "Record of processing (UK GDPR Article 30)",
    "notice": "Privacy notice: how we share",
}
"""What each kind of page is called above its title."""


def as_html(paper: Paper) -> str:
    """Return the page. Every text of the policy is escaped; footnotes are numbered in the order of the page."""
    environment = Environment(
        loader=PackageLoader(__package__, "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    notes = paper.notes()
    quotes = paper.cited()
    return environment.get_template("paper.html.j2").render(
        paper=paper,
        kind=KINDS[paper.kind],
        contents=_contents(paper),
        anchors=_anchors(paper),
        notes=notes,
        quotes=quotes,
        quoted={fact for fact, _ in quotes},
        mark=_marks(notes),
        reading=reading_age(paper),
        style=Markup(resources.files(__package__).joinpath("page", "paper.css").read_text("utf-8")),  # noqa: S704 - packaged text
    )


# Private functions
# -----------------


def _anchors(paper: Paper) -> list[str]:
    """Return an id for each section: its number and the first words of its heading."""
    return [
        f"s{number}-{'-'.join(re.findall('[a-z0-9]+', section.heading.lower())[:5])}"
        for number, section in enumerate(paper.sections, 1)
    ]


def _contents(paper: Paper) -> list[tuple[Section, str, list[tuple[Section, str]]]]:
    """Return the sections of level 2, each with its parts of level 3."""
    found: list[tuple[Section, str, list[tuple[Section, str]]]] = []
    for section, anchor in zip(paper.sections, _anchors(paper), strict=True):
        if section.level == 2:  # noqa: PLR2004 - a heading's level
            found.append((section, anchor, []))
        elif section.level == 3:  # noqa: PLR2004 - a heading's level
            found[-1][2].append((section, anchor))
    return found


def _marks(notes: tuple[tuple[Because, ...], ...]) -> Callable[[tuple[Because, ...]], Markup]:
    """Return a function that gives the mark of a footnote; the first of each carries the anchor that the footnote leads back to."""
    numbers = {note: number for number, note in enumerate(notes, start=1)}
    seen: set[int] = set()

    def mark(because: tuple[Because, ...]) -> Markup:
        number = numbers[because]
        anchor = Markup("") if number in seen else Markup(' id="r{}"').format(number)
        seen.add(number)
        return Markup('<sup><a href="#n{0}"{1} aria-label="source {0}">{0}</a></sup>').format(number, anchor)

    return mark
