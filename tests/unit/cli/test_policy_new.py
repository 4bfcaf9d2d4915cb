"""`hub policy new` writes a file that passes, beside it the schema for editors, and never writes over anything."""

from __future__ import annotations

import json

from hub.councils import editor
from tests.support.command_line import CommandLine

WORDS = ("policy", "new", "example-help", "--council", "example", "--title", "Help service", "--notice", "EX")
FILE = "example-help-001.yaml"


def test_the_file_passes_the_check_in_a_fresh_folder(hub: CommandLine) -> None:
    """Two commands from nothing to a policy without a fault."""
    done = hub(*WORDS)
    checked = hub("policy", "check", FILE)

    assert (0, "") == (done.code, done.err)
    assert (0, "") == (checked.code, checked.err)
    assert "example-help-001: no faults" in checked.out


def test_it_says_what_to_do_next(hub: CommandLine) -> None:
    """Check it, replace what is made up, read the guide."""
    done = hub(*WORDS)

    marks = sum("REPLACE" in line for line in (hub.folder / FILE).read_text("utf-8").splitlines()) - 1
    for said in (f"Wrote {FILE}", f"hub policy check {FILE}", f"the {marks} lines", "docs/write-your-policy.md"):
        assert said in done.words


def test_the_schema_is_put_beside_it_and_left_when_it_is_there(hub: CommandLine) -> None:
    """An editor works at once; somebody's own schema stays as it is."""
    hub(*WORDS)
    schema = hub.folder / "policy-file.schema.json"
    assert editor.as_text() == schema.read_text("utf-8")

    schema.write_text("{}", "utf-8")
    assert 0 == hub(*WORDS, "--to", "other.yaml").code
    assert "{}" == schema.read_text("utf-8")


def test_nothing_is_overwritten(hub: CommandLine) -> None:
    """A second run refuses, says what to do, and changes no byte."""
    hub.file(FILE, "mine")
    done = hub(*WORDS)

    assert (2, "") == (done.code, done.out)
    assert f"`{FILE}` is there already" in done.err
    assert "--to" in done.err
    assert "mine" == (hub.folder / FILE).read_text("utf-8")
    assert not (hub.folder / "policy-file.schema.json").exists()


def test_another_name_is_told_to_be_changed_before_use(hub: CommandLine) -> None:
    """The hub finds a policy in a folder only under its own name."""
    assert f"it must be called {FILE}" in hub(*WORDS, "--to", "draft.yaml").words


def test_wrong_input_writes_nothing(hub: CommandLine) -> None:
    """All faults at once, each with its option; no file."""
    done = hub("policy", "new", "Example", "--council", "a b", "--title", "", "--notice", "D")

    assert (2, "") == (done.code, done.out)
    assert [] == [place for place in ("NAME", "--council", "--title", "--notice") if f"{place}: " not in done.err]
    assert [] == [*hub.folder.glob("*.yaml")]


def test_a_folder_that_is_not_there_is_told(hub: CommandLine) -> None:
    """No traceback for a mistyped folder."""
    done = hub(*WORDS, "--to", "nowhere/policy.yaml")

    assert (2, "") == (done.code, done.out)
    assert "cannot be written" in done.err


def test_the_json_names_what_was_written(hub: CommandLine) -> None:
    """The same for programs."""
    done = hub(*WORDS, "--json")

    assert {"file": FILE, "policy": "example-help", "schema": "policy-file.schema.json"}.items() <= done.json.items()


def test_the_schema_is_printed(hub: CommandLine) -> None:
    """`hub policy schema` prints the file that editors read, and the same as JSON for programs."""
    printed, as_json = hub("policy", "schema"), hub("policy", "schema", "--json")

    assert editor.as_text() == printed.out
    assert json.loads(printed.out) == as_json.json
