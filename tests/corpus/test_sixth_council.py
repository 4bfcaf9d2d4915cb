"""The made-up sixth council, written along the guide: its file is sound, says what its notice says, and decides as its cases say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import hub
from hub.councils import editor
from hub.councils.loader import load
from hub.councils.skeleton import Start, starting_file
from hub.flow.policies import Policies
from hub.policy.engine import Engine
from hub.policy.model import Policy
from tests.corpus.golden import Golden, actual, expected, goldens_of, released
from tests.corpus.notice import Notice
from tests.support.command_line import CommandLine

ROOT = Path(hub.__file__).parent.parent
FOLDER = ROOT / "examples" / "sixth-council"
FILE = FOLDER / "example-borough-family-help-001.yaml"
CASES = FOLDER / "cases" / FILE.stem
ENOUGH = 15
MIXED = {"consent", "contact_permission", "public_task", "legal_obligation", "duty_16la"}


class OneFile(Notice):
    """A notice whose policy does not come with the hub: it is decided by its own file alone."""

    def engine(self, *, every_version: bool = False) -> Engine:  # noqa: ARG002  there is one version
        """An engine with this policy; it has one version."""
        return Engine([self.policy])

    def policies(self, *, every_version: bool = False) -> Policies:  # noqa: ARG002  there is one version
        """What the front door judges by."""
        return Policies([self.policy])


@cache
def policy() -> Policy:
    """The sixth council's policy."""
    return load(FILE)


@cache
def notice() -> Notice:
    """Its folder of cases."""
    about = yaml.load((CASES / "_about.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  texts only
    assert FILE.stem == about["policy"]
    return OneFile(str(CASES), policy(), about["day"], {})


GOLDENS = goldens_of(notice())
BY_TITLE = pytest.mark.parametrize("case", GOLDENS, ids=lambda case: str(case.title))


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line on the sixth council's folder, as its README types it."""
    settings = {"HUB_DATA_FOLDER": str(tmp_path), "HUB_POLICY_FOLDER": ".", "HUB_COUNCILS": policy().council}
    return CommandLine(monkeypatch, FOLDER, settings)


@BY_TITLE
def test_the_case_comes_out_as_the_notice_says(case: Golden) -> None:
    """The decision for each agency is the one that was written down from the notice."""
    found, faults = actual(case)

    assert expected(case) == found
    assert set(case.front_door) == set(faults)


@BY_TITLE
def test_what_is_withheld_is_not_in_what_goes(case: Golden) -> None:
    """Minimisation is by the bytes here too."""
    for kept, content in released(case):
        assert "name" not in kept or content
        assert "offences" in kept or "offence-sample" not in json.dumps(content, default=str)


def test_there_are_enough_cases_each_with_its_own_title() -> None:
    """At least fifteen, so that the file is more than text."""
    assert ENOUGH <= len({case.title for case in GOLDENS}) == len(GOLDENS)


def test_the_facts_are_the_sentences_of_the_notice_word_for_word() -> None:
    """What is enforced is what was printed."""
    printed = re.findall(r"^(\d+)\. (.+)$", (FOLDER / "notice.txt").read_text("utf-8"), re.MULTILINE)
    facts = {name: text for name, text in policy().quotes if name.startswith("EB-")}

    assert {f"EB-{int(number):02}": text for number, text in printed} == facts
    assert len(facts) >= 60


def test_the_notice_is_of_a_mixed_model() -> None:
    """Every basis that the hub knows is in use, and so are the special roads."""
    rules = policy().sharing

    assert MIXED == {basis for rule in rules for basis in rule.bases}
    assert any(rule.every == "month" for rule in rules)
    assert any("criminal_offence" in rule.conditions for rule in rules)
    assert any(not rule.switched for rule in rules)
    assert 2 == len(policy().districts)


def test_the_schema_for_editors_takes_it() -> None:
    """An author with an editor sees no mark, and the first line leads to the schema."""
    text = FILE.read_text("utf-8")
    first = text.splitlines()[0].partition("$schema=")[2]
    schema = json.loads((FOLDER / first).read_text("utf-8"))

    assert editor.as_schema() == schema
    document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  texts only
    assert [] == [error.message for error in Draft7Validator(schema).iter_errors(document)]


def test_whatever_it_says_can_be_found_in_the_guide_or_in_the_starting_file() -> None:
    """Every field and every word of a closed set that the file uses: an author needs no other page."""
    guide = (ROOT / "docs" / "write-your-policy.md").read_text("utf-8").partition("\n## What the guide lacked")[0]
    start = starting_file(Start("example-help", "example", "Help", "EX", "", date(2026, 1, 1)))
    found = set(re.findall(r"\w+", guide + start))
    document = yaml.load(FILE.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  texts only
    known = set(_names(editor.as_schema())) | {word for words in editor.closed_sets().values() for word in words}

    assert set() == (set(_said(document)) & known) - found


def test_no_sentence_is_open(line: CommandLine) -> None:
    """Each sentence has its rule and its case, or says why not."""
    done = line("policy", "coverage", FILE.name, "--cases", "cases")

    assert 0 == done.code
    assert " 0 open" in done.words


@pytest.mark.timeout(300)
def test_every_promise_holds_with_the_exception_that_the_notice_states(line: CommandLine, tmp_path: Path) -> None:
    """The proof finds the one promise that the notice does not keep; with its sentences as an exception all hold."""
    given = (ROOT / "hub" / "councils" / "invariants.yaml").read_text("utf-8")
    start = given.index("    exceptions:\n", given.index("\n  nothing-outside-without-ground:"))
    place = start + len("    exceptions:\n")
    mine = tmp_path / "invariants.yaml"
    mine.write_text(given[:place] + (FOLDER / "exception.txt").read_text("utf-8") + given[place:], "utf-8")

    refused = line("policy", "prove", FILE.name, "--on", "2026-11-22")
    assert 1 == refused.code
    assert 1 == len(re.findall(r"^\S+ +FAILS", refused.out, re.MULTILINE))
    assert 0 == line("policy", "prove", FILE.name, "--on", "2026-11-22", "--invariants", str(mine)).code


def test_the_message_of_the_readme_is_decided_as_it_says(line: CommandLine) -> None:
    """The school gets what helps the child to learn; nobody else gets anything for this purpose."""
    done = line("decide", "message.json", "--at", "2026-11-22T09:00:00Z", "--json")

    assert 0 == done.code
    child = done.json["subjects"][0]
    assert "child" == child["role"]
    told = {one["recipient"]["id"]: one["decision"] for one in child["decisions"]}
    assert {"example-high-school": "PERMIT", "north-health-visiting": "DENY", "example-family-charity": "DENY"} == told


def _names(schema: Any) -> Iterator[str]:
    """Every field that a schema names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _names(inner)


def _said(document: Any) -> Iterator[str]:
    """Every key and every text of a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from _said(value)
    elif isinstance(document, list):
        for value in document:
            yield from _said(value)
    else:
        yield document
