"""The pages as files: safe, whole without a network, and to be read by everybody."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

from hub.councils.loader import load
from hub.councils.paper import PAGES
from hub.councils.paper.html import as_html
from hub.councils.paper.markdown import as_markdown
from hub.councils.paper.model import Because, Paper, Paragraph, Section, Sentence, Table, TableRow
from tests.support.paper_check import TODAY, Element, day_of, read
from tests.support.policies import named, packaged_names

SMALL = load((Path(__file__).parents[2] / "data" / "small-policy.yaml").read_text(encoding="utf-8"))
PAPERS = [(name, kind) for name in packaged_names() for kind in PAGES]
HOSTILE = "<script>alert(1)</script> | `x` [a](b) \"'&"
LEAST_CONTRAST = 4.5


@cache
def paper(name: str, kind: str) -> Paper:
    """A page of a packaged policy, as values."""
    return PAGES[kind](named(name), day_of(name))


@cache
def page(name: str, kind: str) -> Element:
    """The same page, read back from its HTML."""
    return read(as_html(paper(name, kind)))


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_every_sentence_on_the_page_carries_a_mark_that_leads_to_its_source(name: str, kind: str) -> None:
    """Each paragraph, item and row between the contents and the notes has a mark; each mark has a note that names a row."""
    found = page(name, kind)
    notes = {
        f"#{item.attributes['id']}": item for item in found.every("li") if item.attributes.get("id", "").startswith("n")
    }
    main = found.one("main")
    bodies = [row for body in main.every("tbody") for row in body.every("tr")]

    for element in (*main.every("p", "li"), *bodies):
        assert element.marks(), element.texts
        assert set(element.marks()) <= set(notes)
    assert all(list(note.every("code")) for note in notes.values())


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_the_page_is_accessible(name: str, kind: str) -> None:
    """Language, one first heading, headings without gaps, a skip link, table headings with scope, captions, contents."""
    found = page(name, kind)
    levels = [int(heading.tag[1]) for heading in found.every("h1", "h2", "h3", "h4")]
    tables = list(found.every("table"))

    assert "en-GB" == found.one("html").attributes["lang"]
    assert 1 == levels.count(1) and 1 == levels[0]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert "#main" == next(found.one("body").every("a")).attributes["href"]
    assert tables
    for table in tables:
        assert list(table.every("caption"))
        assert all(head.attributes.get("scope") in {"col", "row"} for head in table.every("th"))
        assert all(cell.attributes["data-label"] for cell in table.every("td"))
    assert {"#s1-" + _slug(section.heading) for section in paper(name, kind).sections[:1]} <= {
        link.attributes["href"] for link in found.one("nav").every("a")
    }


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_the_page_is_one_file_whose_links_all_lead_somewhere(name: str, kind: str) -> None:
    """No script, no picture, no address to fetch from; every id once, every link to an id that is there."""
    text = as_html(paper(name, kind))
    found = read(text)
    ids = [element.attributes["id"] for element in found.every() if "id" in element.attributes]

    assert not list(found.every("script", "img", "link", "iframe"))
    assert not re.search(r"(src|href)=\"(?!#)|url\(|@import", text)
    assert len(ids) == len(set(ids))
    assert {link.attributes["href"][1:] for link in found.every("a")} <= set(ids)
    assert "default-src 'none'" in text


def test_what_stands_in_a_policy_cannot_become_markup() -> None:
    """A title with tags, quotes, pipes and links stays text, in HTML and in Markdown."""
    rule = replace(SMALL.sharing[0], title=HOSTILE)
    policy = replace(SMALL, service=HOSTILE, controller=HOSTILE, sharing=(rule, *SMALL.sharing[1:]))

    for kind in PAGES:
        paper = PAGES[kind](policy, TODAY)
        assert not list(read(as_html(paper)).every("script"))
        assert "<script" not in as_html(paper)
        assert not re.search(r"(?<!\\)<script|(?<!\\)\[a\]", as_markdown(paper))


def test_a_pipe_and_a_line_end_keep_a_row_of_markdown_whole() -> None:
    """A cell can neither end its row nor begin another."""
    because = (Because("policy", ("SN-01",)),)
    table = Table("t", ("a", "b"), (TableRow(("x | y", "1\n2"), because),))
    paper = Paper("notice", "c", "t", Sentence("s.", because), (), (Section("h", (table,)),), (("SN-01", "one\ntwo"),))

    text = as_markdown(paper)

    assert "| x \\| y[^1] | 1<br>2 |" in text
    assert "- **SN-01**: one two" in text


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_markdown_and_html_say_the_same(name: str, kind: str) -> None:
    """As many footnotes and as many tables; every mark of the Markdown has its note."""
    told = paper(name, kind)
    text = as_markdown(told)
    used, noted = set(re.findall(r"\[\^(\d+)\](?!:)", text)), set(re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE))

    assert used == noted
    assert len(noted) == len(told.notes())
    assert text.count("\n|---|") == len(list(page(name, kind).every("table")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_text_can_be_read_on_its_ground(scheme: str) -> None:
    """WCAG 2.2 AA: a contrast of 4.5 to 1, in light and in dark."""
    css = resources.files("hub.councils.paper").joinpath("page", "paper.css").read_text("utf-8")
    blocks = re.findall(r":root \{([^}]*)\}", css)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[0 if scheme == "light" else 1]))

    for ink, grounds in (("ink", ("paper", "tint")), ("soft", ("paper", "tint")), ("link", ("paper", "tint"))):
        for ground in grounds:
            assert _contrast(colours[ink], colours[ground]) >= LEAST_CONTRAST, (ink, ground)
    assert _contrast(colours["on-band"], colours["band"]) >= LEAST_CONTRAST
    assert _contrast(colours["accent"], colours["paper"]) >= LEAST_CONTRAST


def test_sentences_of_a_paragraph_stand_in_their_order() -> None:
    """Two sentences with one source share a footnote, and a space stands between them."""
    because = (Because("policy", ("SN-01",)),)
    both = Paragraph((Sentence("one.", because), Sentence("two.", because)))
    paper = Paper(
        "notice", "c", "t", Sentence("lead.", because), (), (Section("h", (both,)),), (("SN-01", "sentence"),)
    )

    (told,) = read(as_html(paper)).one("main").every("p")

    assert "one. two." == "".join(told.texts)
    assert ["#n1", "#n1"] == told.marks()


# Private functions
# -----------------


def _slug(heading: str) -> str:
    return "-".join(re.findall("[a-z0-9]+", heading.lower())[:5])


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
