"""The starting file of a new policy is sound, complete and explained, whatever its author is called."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from hub.councils import editor
from hub.councils.loader import load
from hub.councils.skeleton import MARK, SCHEMA_FILE, Start, starting_file
from hub.errors import InputFault
from hub.policy.engine import Engine
from hub.policy.vocabulary import CONTROL_KINDS

DAY = date(2026, 11, 22)


def start(**given: str) -> Start:
    """What an author gives, with defaults."""
    told = {"id": "example-help", "council": "example", "title": "Help service", "notice": "EX", "controller": ""}
    return Start(**{**told, **given}, day=DAY)


def test_it_passes_the_check_as_it_stands() -> None:
    """An author starts from a file without a fault, and so every later fault is the author's last change."""
    policy = load(starting_file(start()))

    assert ("example-help", "001", "2026-11-22") == (policy.id, policy.version, policy.valid_from)
    assert policy.council == "example"
    Engine([policy]).at("2026-11-22")


def test_it_uses_every_section_and_all_are_explained() -> None:
    """Small, but complete: nothing that a policy can say is missing from what the author sees."""
    text = starting_file(start())
    document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  texts only

    assert editor.as_schema()["properties"].keys() == document.keys()
    assert set(CONTROL_KINDS) == document["controls"].keys()
    assert [] == [*Draft7Validator(editor.as_schema()).iter_errors(document)]
    assert 18 == sum(line.startswith("# ") and line[2:].split(".")[0].isdigit() for line in text.splitlines())


def test_an_editor_finds_the_schema_from_the_first_line() -> None:
    """The YAML language server looks for the line beside the file."""
    assert f"# yaml-language-server: $schema={SCHEMA_FILE}" == starting_file(start()).splitlines()[0]


def test_every_sentence_is_marked_as_made_up() -> None:
    """Nobody can take the made-up notice for the council's own: each of its sentences says that it must go."""
    policy = load(starting_file(start()))

    sentences = [text for name, text in policy.quotes if name.startswith("EX-")]
    assert sentences
    assert all(text.startswith(f"{MARK}.") for text in sentences)
    assert MARK in policy.controller


def test_nothing_goes_to_a_charity_or_a_school_without_consent_or_the_duty() -> None:
    """The narrow start is the safe one: what an author leaves alone opens nothing."""
    policy = load(starting_file(start()))

    for rule in policy.sharing:
        if "voluntary" in rule.to:
            assert ("consent",) == rule.bases
    assert all(rule.bases[-1] == "consent" for rule in policy.sharing)


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=60), st.text(max_size=30))
def test_any_title_is_read_back_or_refused(title: str, controller: str) -> None:
    """No title breaks the file: quotes, colons and hashes are read back as they were given."""
    try:
        policy = load(starting_file(start(title=title, controller=controller)))
    except InputFault as error:
        assert {"--title", "--controller"} >= {fault.place for fault in error.faults}
    else:
        assert " ".join(title.split()) == policy.title
        assert not controller.strip() or " ".join(controller.split()) == policy.controller


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        ({"id": "Example Help"}, "BAD_NAME", "NAME"),
        ({"id": "example-help-001"}, "BAD_NAME", "NAME"),
        ({"id": "x" * 61}, "BAD_NAME", "NAME"),
        ({"council": "Example"}, "BAD_NAME", "--council"),
        ({"title": "  "}, "MISSING", "--title"),
        ({"title": "two\nlines"}, "BAD_TEXT", "--title"),
        ({"controller": "two\nlines"}, "BAD_TEXT", "--controller"),
        ({"notice": "ex"}, "BAD_PREFIX", "--notice"),
        ({"notice": "S"}, "BAD_PREFIX", "--notice"),
        ({"notice": "D"}, "BAD_PREFIX", "--notice"),
    ],
)
def test_wrong_input_is_told_with_its_place_and_remedy(wrong: dict[str, str], code: str, place: str) -> None:
    """Each fault says which option, what is wrong and what to write."""
    with pytest.raises(InputFault) as caught:
        starting_file(start(**wrong))

    (fault,) = caught.value.faults
    assert (code, place) == (fault.code, fault.place)
    assert fault.remedy
    assert "\n" not in str(fault)
