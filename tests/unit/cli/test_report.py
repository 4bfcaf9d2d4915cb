"""The demo's story and its report, on the use cases alone: what is told is what was decided, readable by anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from hub.cli.demo.cast import read_cast
from hub.cli.demo.page import page_of
from hub.cli.demo.page.matrix import ABSENT, KEPT, NOTHING, WAITS, WITHHELD, label_of
from hub.cli.demo.report import render
from hub.cli.demo.running import Run
from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas import identifiers
from tests.support import dry_morning
from tests.support.partner import policy

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MOST_BYTES = 2_000_000
LEAST_CONTRAST = 4.5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The morning, played once."""
    return dry_morning.played(tmp_path_factory.mktemp("dry"), NOW).run


@pytest.fixture(scope="module")
def html(run: Run) -> str:
    """Its report."""
    return render(run)


class Elements(HTMLParser):
    """Every element of a page with its attributes, and which table it is in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.captions = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


def test_the_morning_goes_as_its_story_says(run: Run) -> None:
    """Each message states what it is there to show; what the hub decided is that, for every recipient and field named."""
    assert () == run.differences
    assert run.reckoning.agrees


def test_the_morning_plays_every_form_and_every_control(run: Run) -> None:
    """A form or a kind of control that is added later is missed here until the morning shows it."""
    bodies = [outcome.played.body or {} for outcome in run.outcomes]
    forms = {body["form"] for body in bodies if "form" in body}

    assert {form.id for form in policy().forms} - {"share_request", "share_response"} == forms
    assert set(CONTROL_KINDS) == {body["kind"] for body in bodies if "kind" in body}
    assert {"Referral", "ShareRequest", "ShareResponse", "Control", ""} == {o.played.name for o in run.outcomes}
    assert {"taken", "duplicate", "refused", "buried"} == {outcome.door for outcome in run.outcomes}


def test_the_same_day_gives_the_same_messages() -> None:
    """The story depends on the day alone, so that two runs of one day can be compared."""
    assert read_cast(NOW) == read_cast(NOW.replace(hour=17))


def test_everybody_is_invented() -> None:
    """NHS numbers are valid and never issued, mail goes nowhere, telephones are those kept for drama."""
    people = read_cast(NOW).people.values()
    numbers = [person["identifiers"] for person in people if "identifiers" in person]
    nhs = [each["nhs_number"] for each in numbers if "nhs_number" in each]
    contacts = [person["contact"] for person in people if "contact" in person]

    assert len(nhs) == len(set(nhs))
    assert all(number.startswith("999") and identifiers.nhs_number(number) == number for number in nhs)
    assert all(identifiers.upn(each["upn"]) for each in numbers if "upn" in each)
    assert all(each["email"].endswith("@example.org") for each in contacts if "email" in each)
    assert all(re.match(r"07700 900\d{3}$", each["mobile"]) for each in contacts if "mobile" in each)


def test_a_cell_says_what_the_record_says(run: Run) -> None:
    """Kept and withheld in the picture are kept and withheld in the disclosure record, for each person and recipient."""
    checked = 0
    for outcome, message in zip(run.outcomes, page_of(run).messages, strict=True):
        if message.matrix is None:
            continue
        for person, block in zip(outcome.persons, message.matrix.blocks, strict=True):
            for column, (recipient, _) in enumerate(message.matrix.recipients):
                decided = outcome.decided(person, recipient)
                shown = {row.label for row in block.rows if row.cells[column].state == KEPT}
                states = {row.cells[column].state for row in block.rows}
                told = {label_of(path) for path in decided.record["fields"]} if decided else set()
                allowed = {"PERMIT": {KEPT, WITHHELD}, "DENY": {NOTHING}, "REVIEW": {WAITS}}
                assert told == shown
                assert states <= (allowed[decided.decision] if decided else {ABSENT})
                checked += 1
    assert checked > len(run.summary.entered) / 2


def test_every_reason_is_there_with_its_sentence(run: Run) -> None:
    """A letter in a cell leads to a note, and a reason of the notice to the notice's own words."""
    for message in page_of(run).messages:
        if message.matrix is None:
            continue
        marks = {cell.mark for block in message.matrix.blocks for row in block.rows for cell in row.cells}
        marks |= {head.mark for block in message.matrix.blocks for head in block.heads}
        assert marks - {""} == {note.mark for note in message.matrix.notes}
        assert all(note.text and any(fact.quote for fact in note.facts) for note in message.matrix.notes)


def test_a_withdrawal_shows_what_it_changed(run: Run) -> None:
    """The same request before and after consent was withdrawn: sent, then not sent, because of the message between them."""
    after = next(outcome for outcome in run.outcomes if outcome.played.entry.name == "request-4")
    message = page_of(run).messages[after.played.entry.number - 1]

    assert message.changed is not None
    assert ["Consent withdrawn"] == [title for _, title in message.changed.because]
    gone = {step.recipient for step in message.changed.steps if step.before == "PERMIT" and step.after == "DENY"}
    assert {"lancashire-cfw", "lscft-camhs", "lscft-school-nursing"} == gone


def test_the_report_needs_no_network(html: str) -> None:
    """One file: nothing in it is fetched, and its own policy forbids it to fetch anything."""
    elements = Elements(html)
    links = [each["href"] or "" for each in elements.of("a")]

    assert "default-src 'none'" in html
    assert not [tag for tag, _ in elements.found if tag in ("link", "img", "iframe", "object")]
    assert not [each for each in elements.of("script") if each.get("src")]
    assert all(link.startswith("#") for link in links)
    assert "url(" not in html
    assert len(html.encode()) < MOST_BYTES


def test_every_link_of_the_report_leads_somewhere(html: str) -> None:
    """Ids are unique, and every link within the page finds its target."""
    elements = Elements(html)
    ids = [attributes["id"] for _, attributes in elements.found if attributes.get("id")]

    assert len(ids) == len(set(ids))
    assert not {(each["href"] or "")[1:] for each in elements.of("a")} - set(ids)


def test_the_report_can_be_read_without_seeing_it(html: str) -> None:
    """Each table has a caption, each header cell its scope, what scrolls a name and a place in the tab order."""
    elements = Elements(html)

    assert len(elements.of("table")) == len(elements.of("caption"))
    assert all(each.get("scope") for each in elements.of("th"))
    regions = [each for each in elements.of("div") if "scroll" in (each.get("class") or "").split()]
    assert all(each.get("aria-label") and each.get("tabindex") == "0" for each in regions)
    assert '<html lang="en-GB">' in html


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_told_apart_by_everybody(html: str, scheme: str) -> None:
    """Text on its background has a contrast of 4.5 or more (WCAG 2.2 AA), by day and by night."""
    blocks = re.findall(r":root \{(.*?)\}", html, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[0] if scheme == "light" else blocks[1]))
    pairs = [(name, f"{name}-bg") for name in ("k", "w", "x", "r")]
    pairs += [(text, ground) for text in ("ink", "soft", "link", "n") for ground in ("paper", "tint")]

    assert not [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < LEAST_CONTRAST]


def test_the_report_holds_no_values(run: Run, html: str) -> None:
    """Names of fields, never what stood in them: no number, address, telephone, date of birth or statement of anybody."""
    values = {
        value for outcome in run.outcomes for person in outcome.played.entry.persons for value in _personal(person)
    }

    assert len(values) > 50
    assert not [value for value in values if value in html]


def test_text_from_messages_is_escaped(run: Run) -> None:
    """Whatever a message or a policy holds stays text in the page."""
    attacked = render(replace(run, note="<script>alert(1)</script>"))

    assert "<script>alert" not in attacked
    assert "&lt;script&gt;alert" in attacked


# Private functions
# -----------------


def _personal(person: dict[str, Any]) -> Iterator[str]:
    """Yield the values of a person that nobody could take for a word of the report."""
    identity, address = person.get("identity", {}), person.get("address", {})
    yield from (identity[name] for name in ("date_of_birth", "due_date") if name in identity)
    yield from (address[name] for name in ("line1", "postcode") if name in address)
    for section in ("identifiers", "contact"):
        yield from (value for value in person.get(section, {}).values() if any(c.isdigit() or c == "@" for c in value))
    yield from _texts(person)


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours written `#rrggbb` (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["text"]] if "text" in value else []
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
