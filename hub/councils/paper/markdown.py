"""A page of paper as Markdown: headings, lists, tables, and a footnote for every sentence and row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.councils.paper.model import (
    Because,
    Block,
    Columns,
    Listing,
    Paper,
    Paragraph,
    Section,
    Sentence,
    Table,
    TableRow,
)
from hub.councils.paper.reading import reading_age

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def as_markdown(paper: Paper) -> str:
    """Return the page. Text from the policy cannot become markup."""
    numbers = {note: number for number, note in enumerate(paper.notes(), start=1)}
    lines = [f"# {_safe(paper.title)}", "", _sentence(paper.lead, numbers), ""]
    for name, value in (*paper.about, ("Reading age", reading_age(paper))):
        lines.append(f"- {name}: {_safe(value)}")
    lines.append("")
    for section in paper.sections:
        lines += _section(section, numbers)
    lines += ["## Sources", ""]
    lines += [f"[^{number}]: {'; '.join(_because(each) for each in note)}" for note, number in numbers.items()]
    lines += ["", "## The sentences behind the sources", ""]
    lines += [f"- **{fact}**: {_safe(text)}" for fact, text in paper.cited()]
    return "\n".join([*lines, ""])


# Private functions
# -----------------


def _section(section: Section, numbers: dict[tuple[Because, ...], int]) -> Iterator[str]:
    yield from (f"{'#' * section.level} {_safe(section.heading)}", "")
    for block in section.blocks:
        yield from _block(block, numbers)


def _block(block: Block, numbers: dict[tuple[Because, ...], int]) -> Iterator[str]:
    match block:
        case Paragraph(sentences):
            yield from (" ".join(_sentence(sentence, numbers) for sentence in sentences), "")
        case Listing(intro, items):
            yield from (_sentence(intro, numbers), "", *(f"- {_sentence(item, numbers)}" for item in items), "")
        case Columns(listings):
            for listing in listings:
                yield from _block(listing, numbers)
        case Table(caption, headings, rows, _):
            yield from (
                f"**{_safe(caption)}**",
                "",
                f"| {' | '.join(map(_safe, headings))} |",
                "|" + "---|" * len(headings),
            )
            yield from (_row(row, numbers) for row in rows)
            yield ""


def _row(row: TableRow, numbers: dict[tuple[Because, ...], int]) -> str:
    first, *rest = ("<br>".join(map(_safe, cell.split("\n"))) for cell in row.cells)
    return f"| {' | '.join([f'{first}[^{numbers[row.because]}]', *rest])} |"


def _sentence(sentence: Sentence, numbers: dict[tuple[Because, ...], int]) -> str:
    return f"{_safe(sentence.text)}[^{numbers[sentence.because]}]"


def _because(because: Because) -> str:
    return f"`{because.rule}`" + (f" ({', '.join(because.facts)})" if because.facts else "")


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
