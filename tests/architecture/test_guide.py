"""The guide for authors of policies says what is so: its commands, its faults, its words and its worked example."""

from __future__ import annotations

import copy
import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from typer.main import get_command

import hub
from hub.cli.app import build
from hub.cli.page import commands
from hub.councils.loader import load
from hub.councils.skeleton import Start, starting_file
from hub.errors import PolicyFault
from hub.policy.law import KINDS
from hub.policy.vocabulary import ART9, CATEGORIES

Json = dict[str, Any]

GUIDE: Final = Path(hub.__file__).parent.parent / "docs" / "write-your-policy.md"
TEXT: Final = GUIDE.read_text("utf-8")
COMMANDS: Final = dict(commands(get_command(build())))
START: Final = starting_file(Start("example-help", "example", "Help", "EB", "", date(2026, 1, 1)))

# What to change in the starting file so that the check says each thing that the guide's table explains.
BROKEN: Final = {
    "no row cites fact EB-17": ("facts:\n", "facts:\n  EB-17: We like dogs.\n"),
    "fact EB-17 is cited by a row and called informative": ("informative:\n", "informative:\n  EB-X01: a greeting\n"),
    "citation EB-99 is not defined in this file": ("because: [EB-X09]", "because: [EB-99, EB-X09]"),
    "... is not defined in this file (did you mean ...?)": ("sent_by: [partner]", "sent_by: [partnr]"),
    "... has no field ...": ("    internal: yes", "    intern: yes"),
    "no sharing rule names recipient class ...": ("to: [voluntary]", "to: [family_help]"),
    "no agency is of recipient class ...": ("      class: voluntary\n", ""),
    "no form of sharing rule ... allows purpose ...": (
        "forms: [early_help_assessment]\n    purposes: [early_help]",
        "forms: [early_help_assessment]\n    purposes: [early_help, contact]",
    ),
    "sharing rules ... both decide form ..., purpose ..., to ...": ("to: [voluntary]", "to: [voluntary, education]"),
    "shares special category data (...) without a condition": ("    conditions: [explicit_consent]\n", ""),
    "adds ..., which is not on the shared list": ("because: [EB-X03, EB-X07, EB-X08]", "because: [EB-X03, EB-X08]"),
    "names another basis behind consent": ("[duty_16la, public_task, consent]", "[consent, duty_16la, public_task]"),
    "is marked as used, but no basis names it": ("gateway: [children-act-2004-s10]", "gateway: []"),
    "claims ... beyond the law": ("    kind: voluntary\n", "    kind: voluntary\n    in_duty: yes\n"),
    "this is not readable as YAML": ("EB-X01: REPLACE.", "EB-X01: REPLACE: "),
}


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cell by cell."""
    lines = TEXT.partition(f"\n## {heading}\n")[2].splitlines()
    rows = [
        line for line in lines[: next(n for n, line in enumerate(lines) if line.startswith("## "))] if line[:1] == "|"
    ]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def said(text: str) -> str:
    """All that the check says of a text, without its backticks."""
    with pytest.raises(PolicyFault) as caught:
        load(text, "x.yaml")
    return "\n".join(f"{fault.text} ({fault.remedy})" for fault in caught.value.faults).replace("`", "")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:^|`)(hub [a-z]+(?: [a-z]+)?)", TEXT, re.MULTILINE))))
def test_every_command_that_it_names_is_there(name: str) -> None:
    """A reader can type what is printed."""
    words = name.split()
    assert name in COMMANDS or " ".join(words[:2]) in COMMANDS


@pytest.mark.parametrize("fault", [row[0].strip("`") for row in table("Common faults")])
def test_the_check_says_what_the_guide_explains(fault: str) -> None:
    """Each fault of the table can be met, in these words."""
    before, after = BROKEN[fault]
    assert before in START
    pattern = ".*".join(re.escape(part) for part in fault.split("..."))
    if "EB-17" in fault and "cited" in fault:
        pattern = pattern.replace(r"EB\-17", "EB-X01")

    assert re.search(pattern, said(START.replace(before, after, 1)))


def test_every_word_for_data_is_listed_once() -> None:
    """An author without an editor finds the word, and knows which need a condition."""
    rows = table("The words for data")
    words = [word for row in rows for word in re.findall(r"`(\w+)`", row[1])]
    section = TEXT.partition("\n## The words for data\n")[2].partition("Special categories, which need a condition: ")[
        2
    ]
    special = re.findall(r"`(\w+)`", section.partition(", and the sensitive services")[0])

    assert sorted(CATEGORIES) == sorted(words)
    sensitive = {name for name, row in CATEGORIES.items() if row.sensitive}
    assert sorted(special) == sorted({name for name, row in CATEGORIES.items() if row.special == ART9} - sensitive)
    assert sensitive == set(next(re.findall(r"`(\w+)`", row[1]) for row in rows if row[0] == "sensitive services"))


def test_every_kind_of_body_is_listed_once() -> None:
    """An author finds the law's word for each body."""
    section = TEXT.partition("\n**Which `kind` has a class?**")[2].partition("\nIn doubt")[0]
    listed = [word for row in section.splitlines() if row[:2] == "| " for word in re.findall(r"`(\w+)`", row)]

    assert sorted(KINDS) == sorted(listed)


def test_the_worked_example_works() -> None:
    """Put into the starting file it gives the one fault that the guide says, and none once the guide's remedy is followed."""
    block = TEXT.partition("### A worked example")[2].partition("```yaml\n")[2].partition("```")[0]
    document: Json = yaml.load(START, Loader=yaml.BaseLoader)  # noqa: S506  texts only
    for section, rows in yaml.load(block, Loader=yaml.BaseLoader).items():  # noqa: S506  texts only
        document[section] |= rows
    remedied = copy.deepcopy(document)
    remedied["forms"]["early_help_assessment"]["purposes"].append("housing_support")

    told = said(yaml.safe_dump(document, sort_keys=False))
    assert "no form of sharing rule housing allows purpose housing_support" in told
    load(yaml.safe_dump(remedied, sort_keys=False))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT))))
def test_every_link_leads_somewhere(link: str) -> None:
    """No page that the guide points at is missing."""
    assert (GUIDE.parent / link).exists()
