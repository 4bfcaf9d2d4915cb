"""Every sentence of the paper has a source in the policy, and what it says is what the engine does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import hub.councils.paper
from hub.councils.loader import load
from hub.councils.paper import KINDS, PAGES, files
from hub.councils.paper.model import Paper, Paragraph, Section, Sentence, Table, TableRow
from hub.councils.paper.reach import groups_of_rule, letters, reach
from hub.policy.law import KINDS as BODIES
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES, IDENTIFIERS
from tests.support.paper_check import TODAY, day_of, faults
from tests.support.policies import named, packaged_names

SMALL = load((Path(__file__).parents[2] / "data" / "small-policy.yaml").read_text(encoding="utf-8"))
PAPERS = [(name, kind) for name in packaged_names() for kind in PAGES]


@cache
def paper(name: str, kind: str) -> Paper:
    """A page of a packaged policy."""
    return PAGES[kind](named(name), day_of(name))


def texts(found: Paper) -> str:
    """All that a page says in sentences and rows."""
    return "\n".join(
        sentence.text if isinstance(sentence, Sentence) else " | ".join(sentence.cells)
        for sentence in found.sentences()
    )


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_every_sentence_and_row_has_a_source_in_the_policy(name: str, kind: str) -> None:
    """A source names a section and row that the file has, and facts whose sentences it holds."""
    assert [] == list(faults(paper(name, kind), named(name)))


@pytest.mark.parametrize("kind", PAGES)
def test_a_small_policy_makes_every_page(kind: str) -> None:
    """Sections that a file may leave out make no page fail, and none without a source."""
    bare = replace(SMALL, retention=(), rights=(), choices=(), conditions=(), contacts=(), silent=())

    for policy in (SMALL, bare):
        assert [] == list(faults(PAGES[kind](policy, TODAY), policy))


def test_a_sentence_without_a_source_is_found() -> None:
    """The check itself: no source, a row that is not there, a fact that is not there."""
    policy = named("lancashire-cfw-001")
    found = PAGES["notice"](policy, TODAY)
    own = found.lead.because[0]
    wrong = (
        Sentence("Said by nobody.", ()),
        Sentence("Said by a row that is not there.", (replace(own, rule="sharing.nothing"),)),
        Sentence("Said by a fact that is not there.", (replace(own, facts=("LN-999",)),)),
    )
    broken = replace(found, sections=(*found.sections, Section("Made up", (Paragraph(wrong),))))

    assert 3 == len(list(faults(broken, policy)))


@pytest.mark.parametrize(("name", "kind"), PAPERS)
def test_every_row_of_a_table_has_a_cell_for_each_heading(name: str, kind: str) -> None:
    """A table with a cell too few would put words under the wrong heading."""
    tables = [block for section in paper(name, kind).sections for block in section.blocks if isinstance(block, Table)]

    assert tables
    assert all(len(table.headings) == len(row.cells) for table in tables for row in table.rows)
    assert all(table.rows for table in tables)


@pytest.mark.parametrize("name", packaged_names())
def test_every_row_of_the_policy_stands_on_a_page(name: str) -> None:
    """What the file says of rules, data, grounds, parties, retention, rights, contacts and choices is in the papers, by its row."""
    policy, on = named(name), day_of(name)
    cited = {because.rule for kind in PAGES for note in paper(name, kind).notes() for because in note}
    wanted = {f"sharing.{row.id}" for row in policy.sharing}
    wanted |= {f"groups.{row.id}" for row in policy.groups} | {f"bases.{row.id}" for row in policy.bases}
    wanted |= {f"conditions.{row.id}" for row in policy.conditions} | {f"purposes.{row.id}" for row in policy.purposes}
    wanted |= {f"recipient_classes.{row.id}" for row in policy.classes}
    wanted |= {f"legislation.{row.id}" for row in policy.legislation}
    wanted |= {f"retention.{row.id}" for row in policy.retention} | {f"rights.{row.id}" for row in policy.rights}
    wanted |= {f"contacts.{row.id}" for row in policy.contacts} | {f"choices.{row.id}" for row in policy.choices}
    wanted |= {f"informative.{fact}" for fact, _ in policy.informative}
    wanted |= {
        f"agencies.{row.id}"
        for row in policy.agencies
        if row.valid_from <= on and (not row.valid_to or on <= row.valid_to)
    }

    assert set() == wanted - cited


@pytest.mark.parametrize("name", packaged_names())
def test_the_pages_say_where_the_notice_is_silent(name: str) -> None:
    """Each point of `policy.silent` and each unknown length of keeping has a row of its own, on each of the three pages."""
    policy = named(name)
    wanted = len(policy.silent) + sum(not row.maximum for row in policy.retention)

    for kind in PAGES:
        sections = [section for section in paper(name, kind).sections if section.heading.endswith("notice is silent")]
        rows = [
            row for section in sections for block in section.blocks if isinstance(block, Table) for row in block.rows
        ]
        assert wanted == len(rows)


def test_the_same_policy_and_day_give_the_same_bytes() -> None:
    """Made twice, and from a file read anew, the papers do not differ; another day makes other parties."""
    path = Path(hub.councils.paper.__file__).parents[1] / "policies" / "lancashire-cfw-001.yaml"

    assert files(named("lancashire-cfw-001"), KINDS, TODAY) == files(load(path), KINDS, TODAY)
    assert files(named("lancashire-cfw-001"), KINDS, TODAY) != files(named("lancashire-cfw-001"), KINDS, "2023-01-01")


def test_no_page_reads_a_clock() -> None:
    """The day is an input."""
    for source in Path(hub.councils.paper.__file__).parent.glob("*.py"):
        assert not re.search(r"\b(now|today|time)\(", source.read_text("utf-8")), source.name


@pytest.mark.parametrize("name", packaged_names())
def test_no_identifier_and_no_offence_reaches_a_body_that_may_not_hold_it(name: str) -> None:
    """The tables of the annex ask the engine, so that the law's own limits are in them (D-17, S-27)."""
    policy = named(name)
    classes = {row.id: row for row in policy.classes}

    for (_, receiver, _), mask in reach(policy, day_of(name)).items():
        body = BODIES[classes[receiver].kind]
        for category in CATEGORIES.values():
            if mask & category.mask & IDENTIFIERS:
                assert category.name in body.identifiers
            if mask & category.mask and category.special == "art10":
                assert body.criminal


def test_a_star_marks_what_goes_in_part_and_a_dash_what_never_goes() -> None:
    """Work and Pensions gets employment alone of the characteristics, and never the due date; the police get neither number."""
    policy = named("lancashire-cfw-001")
    groups = {group.id: group for group in policy.groups}
    reached, marks = (
        reach(policy, TODAY),
        {"consent": "C", "duty_16la": "D", "public_task": "T", "contact_permission": "P"},
    )

    assert "C*" == letters(policy, reached, groups["characteristics"], "dwp", marks)
    assert {"D", "T"} <= set(letters(policy, reached, groups["assessment"], "childrens_social_care", marks).split())
    assert "C" == letters(policy, reached, groups["assessment"], "public_health", marks)
    assert "" == letters(policy, reached, groups["expected_due_date"], "dwp", marks)
    assert "" == letters(policy, reached, groups["identifiers"], "constabulary", marks)


def test_a_closed_list_counts_for_the_groups_that_it_fills() -> None:
    """A name belongs to who the family is, not to the survey that asks for a name too."""
    policy = named("leicestershire-cfws-001")
    rules = {rule.id: rule for rule in policy.sharing}

    assert ("personal",) == groups_of_rule(policy, rules["early-help-qualifications"])
    assert ("survey",) == groups_of_rule(policy, rules["survey"])
    assert ("personal", "education") == groups_of_rule(policy, rules["early-help-transport"])


def test_the_duty_stands_in_the_tables_from_its_first_day_and_for_those_it_binds() -> None:
    """Before 30 September 2026 nobody is bound; after it, not the voluntary body without a contract (D-01, D-26)."""
    policy = named("lancashire-cfw-001")

    before, after = (
        {klass for _, klass, basis in reach(policy, day) if basis == "duty_16la"}
        for day in ("2026-09-29", "2026-09-30")
    )

    assert set() == before
    assert {"constabulary", "education", "voluntary_contracted"} <= after
    assert not {"voluntary", "dwp", "housing", "fire"} & after


def test_a_closed_road_is_not_told_as_open() -> None:
    """A rule that has ended, or is switched off, stands among what is not shared now, and nowhere else on the notice."""
    ended, off = (
        texts(paper("lancashire-cfw-001", "notice")),
        texts(paper("cheshire-west-supporting-families-001", "notice")),
    )

    assert 1 == ended.count("Identifiable audits and spot checks of the programme")
    assert "this ended on 31 March 2025." in ended
    assert "this is switched off." in off


def test_a_purpose_that_nothing_serves_now_is_told_so() -> None:
    """Fraud prevention is switched off and the programme has ended; the record of processing does not list them as if they ran."""
    found = paper("cheshire-west-supporting-families-001", "article30").sentences()
    closed = [row.cells[0] for row in found if isinstance(row, TableRow) and "nothing goes now" in row.cells[1]]

    assert any(row.startswith("Prevent fraud and money-laundering") for row in closed)
    assert not any(row.startswith("Safeguarding") for row in closed)


def test_who_gets_nothing_is_told_so() -> None:
    """A lapsed agreement and a place outside the country are named beside the party (S-05, S-18)."""
    notice, annex = texts(paper("lancashire-cfw-001", "notice")), texts(paper("lancashire-cfw-001", "annex"))

    assert "Example Youth Club: gets nothing, as no agreement is in force" in notice
    assert "Example School Abroad: gets nothing, as it is outside the UK" in notice
    assert "SYN-2021-21, from 1 January 2021, until 30 June 2026; not in force, so nothing is released" in annex


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lancashire-cfw-001", "You can tell us not to share with somebody. Then we do not."),
        ("lancashire-cfw-000", "We do it only when we have told you about it, or you have agreed to it."),
        ("leicestershire-cfws-001", "We do it only when the message says why they need it."),
        ("cheshire-west-supporting-families-001", "We do not ask you to agree first."),
        ("cumbria-strengthening-families-001", "We do it only for children in need, children with a protection plan"),
    ],
)
def test_each_notice_says_what_is_its_own(name: str, words: str) -> None:
    """The pages differ as the policies differ."""
    found = [other for other in packaged_names() if words in texts(paper(other, "notice"))]

    assert name in found
    assert len(found) < len(packaged_names())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: replace(p, override=replace(p.override, limbs=("CRIME_DISORDER",))), "to prevent crime or disorder"),
        (lambda p: replace(p, settings=replace(p.settings, uk_only=False)), "We may send it out of the UK."),
        (lambda p: replace(p, sharing=(replace(p.sharing[0], every="month"), *p.sharing[1:])), "at most once a month"),
        (
            lambda p: replace(p, sharing=(replace(p.sharing[0], switched=False), *p.sharing[1:])),
            "this is switched off.",
        ),
        (
            lambda p: replace(p, sharing=(replace(p.sharing[0], needs=("grant",)), *p.sharing[1:])),
            "let in for a set time",
        ),
        (
            lambda p: replace(p, sharing=(replace(p.sharing[0], obliges=("NO_DETRIMENT",)), *p.sharing[1:])),
            "stay the same",
        ),
    ],
)
def test_a_changed_rule_changes_the_page(change: Callable[[Policy], Policy], said: str) -> None:
    """The page cannot go on saying what the policy no longer holds."""
    before, after = (texts(PAGES["notice"](each, TODAY)) for each in (SMALL, change(SMALL)))

    assert before != after
    assert said not in before
    assert said in after
