"""A page of paper as plain values: sections of sentences, lists and tables, each sentence with the rule that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Because:
    """Where a sentence comes from. rule: section and row of the policy file (`sharing.housing`); facts: what that row cites."""

    rule: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or a short run of them, with its sources; never without one."""

    text: str
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that stand together."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list under a sentence that introduces it; each item has a source of its own."""

    intro: Sentence
    items: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Lists that stand side by side where there is room."""

    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table, with its sources. The first cell is the row's heading; a line end in a cell stays one."""

    cells: tuple[str, ...]
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; every row has as many cells as there are headings. look: `` or `grid` (letters), `form` (to fill in)."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[TableRow, ...]
    look: str = ""


Block = Paragraph | Listing | Columns | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of level 2, or 3 for a part of the section before, and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole page. kind: `annex`, `article30` or `notice`; about: names and values that say which policy it was made from, and when."""

    kind: str
    council: str
    title: str
    lead: Sentence
    about: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    quotes: tuple[tuple[str, str], ...]
    """(fact id, sentence) of every source that the page may name."""

    def sentences(self) -> Iterator[Sentence | TableRow]:
        """Yield everything that carries a source, in the page's order."""
        yield self.lead
        for section in self.sections:
            for block in section.blocks:
                yield from _within(block)

    def notes(self) -> tuple[tuple[Because, ...], ...]:
        """Return the footnotes: every different set of sources once, in the order in which the page first has it."""
        return tuple(dict.fromkeys(sentence.because for sentence in self.sentences()))

    def cited(self) -> tuple[tuple[str, str], ...]:
        """Return (fact id, sentence) of everything that the footnotes name, in the order of the policy's quotes."""
        named = {fact for note in self.notes() for because in note for fact in because.facts}
        return tuple((fact, text) for fact, text in self.quotes if fact in named)


# Private functions
# -----------------


def _within(block: Block) -> Iterator[Sentence | TableRow]:
    match block:
        case Paragraph(sentences):
            yield from sentences
        case Listing(intro, items):
            yield intro
            yield from items
        case Columns(listings):
            for listing in listings:
                yield from _within(listing)
        case Table():
            yield from block.rows
