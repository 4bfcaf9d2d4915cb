"""What every page of paper must hold to: sources of its sentences, and how its HTML is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from hub.councils.paper.model import Paper
from hub.policy.model import Policy

DAYS: Final = {"lancashire-cfw-000": "2019-06-03", "cumbria-strengthening-families-001": "2022-06-06"}
TODAY: Final = "2026-11-22"
_VOID: Final = frozenset({"meta", "br", "link", "img", "input", "hr"})


def day_of(name: str) -> str:
    """The day for which the papers of a packaged policy are made in tests."""
    return DAYS.get(name, TODAY)


def rows_of(policy: Policy) -> frozenset[str]:
    """Every section and row of a policy file that a source may name."""
    found = {"policy", "override", "law"}
    for section, rows in (
        ("agencies", policy.agencies),
        ("bases", policy.bases),
        ("choices", policy.choices),
        ("conditions", policy.conditions),
        ("contacts", policy.contacts),
        ("forms", policy.forms),
        ("groups", policy.groups),
        ("legislation", policy.legislation),
        ("purposes", policy.purposes),
        ("recipient_classes", policy.classes),
        ("retention", policy.retention),
        ("rights", policy.rights),
        ("sharing", policy.sharing),
    ):
        found |= {f"{section}.{row.id}" for row in rows}
    found |= {f"informative.{fact}" for fact, _ in policy.informative}
    return frozenset(found | {name for name, _ in policy.row_facts if "." in name})


def faults(paper: Paper, policy: Policy) -> Iterator[str]:
    """Yield what is wrong with the sources of a page: a sentence without one, a row that is not there, a fact that is not there."""
    rows, quotes = rows_of(policy), dict(policy.quotes)
    for sentence in paper.sentences():
        told = getattr(sentence, "text", None) or getattr(sentence, "cells", ("",))[0]
        if not any(because.facts for because in sentence.because):
            yield f"no source: {told}"
        for because in sentence.because:
            if because.rule not in rows:
                yield f"no such row {because.rule}: {told}"
            yield from (f"no such fact {fact}: {told}" for fact in because.facts if fact not in quotes)


@dataclass
class Element:
    """An element of a page: its tag, its attributes, its text, and what stands in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def every(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with one of these tags in it, in the page's order; all of them where none is named."""
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.every(*tags)

    def one(self, tag: str) -> Element:
        """Return the only element with this tag."""
        (found,) = self.every(tag)
        return found

    def marks(self) -> list[str]:
        """Return where the footnote marks in it lead to."""
        return [link.attributes["href"] for sup in self.every("sup") for link in sup.every("a")]


def read(html: str) -> Element:
    """Return the page as a tree. Every tag must be closed in its turn."""
    reader = _Reader()
    reader.feed(html)
    assert [reader.root] == reader.open
    return reader.root


# Private functions
# -----------------


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(found)
        if tag not in _VOID:
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop().tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].texts.append(data)
