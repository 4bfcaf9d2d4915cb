"""`hub policy rehearse`: flips are found, counted against a budget, and told without a word about anybody."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from hub.schemas.templates import template
from tests.support import partner
from tests.support.command_line import CommandLine

NOTICE = resources.files("hub.councils").joinpath("policies", "lancashire-cfw-001.yaml").read_text("utf-8")
DUTY = "bases: [duty_16la, consent]"


@pytest.fixture
def messages(hub: CommandLine) -> str:
    """Past messages as JSON lines: a consent, and three that share."""
    names = (
        ("consent", partner.CFW),
        ("early_help_assessment", partner.CFW),
        ("safeguarding_referral", partner.SCHOOL),
        ("share_request", partner.CFW),
    )
    lines = [json.dumps({"from": agency, **json.loads(template(name))}) for name, agency in names]
    return hub.file("messages.jsonl", "\n".join(lines))


@pytest.fixture
def candidate(hub: CommandLine) -> str:
    """A candidate without the duty to share for partners, and with another group taken from the early help partners."""
    assert DUTY in NOTICE
    return hub.file("candidate.yaml", NOTICE.replace(DUTY, "bases: [consent]"))


def judged(hub: CommandLine, *words: str) -> Any:
    """What the command says as JSON."""
    return hub("policy", "rehearse", *words, "--json").json


def test_the_same_policy_flips_nothing(hub: CommandLine, messages: str) -> None:
    """Exit code 0, within a budget of none."""
    done = hub("policy", "rehearse", "lancashire-cfw-001", "--from", messages)

    assert (0, "") == (done.code, done.err)
    assert "0 flips, within the budget of 0" in done.out
    assert "left out: 1 control messages" in done.words


def test_flips_over_the_budget_are_exit_code_1(hub: CommandLine, messages: str, candidate: str) -> None:
    """Told by recipient, purpose and form, with the reason and the fields; a budget that suffices is exit code 0."""
    done = hub("policy", "rehearse", candidate, "--from", messages)
    flips = judged(hub, candidate, "--from", messages)["flips"]

    assert 1 == done.code
    assert flips > 0
    assert "PERMIT -> DENY" in done.out
    assert f"{flips} flips, over the budget of 0" in done.out
    assert 0 == hub("policy", "rehearse", candidate, "--from", messages, "--budget", str(flips)).code
    assert 1 == hub("policy", "rehearse", candidate, "--from", messages, "--budget", str(flips - 1)).code


def test_other_fields_are_a_flip(hub: CommandLine, messages: str) -> None:
    """A decision that stays a permission, and lets fewer fields go, is another decision."""
    groups_ = "groups: [personal, characteristics"
    assert groups_ in NOTICE
    narrower = hub.file("narrower.yaml", NOTICE.replace(groups_, "groups: [characteristics"))

    groups = judged(hub, narrower, "--from", messages)["groups"]

    assert groups
    assert all(("PERMIT", "PERMIT", {}) == (g["was"], g["now"], g["fields_gained"]) for g in groups)
    assert {"persons[].identity.family_name"} <= {name for group in groups for name in group["fields_lost"]}


def test_one_recipient_may_be_looked_at(hub: CommandLine, messages: str, candidate: str) -> None:
    """--to leaves the others out of the count."""
    every, one = (judged(hub, candidate, "--from", messages, *more) for more in ((), ("--to", partner.SCHOOL)))

    assert {partner.SCHOOL} == {group["recipient"] for group in one["groups"]}
    assert one["decisions"] < every["decisions"]


def test_an_export_gives_the_same_flips_and_names_nobody(hub: CommandLine, messages: str, candidate: str) -> None:
    """--save writes what decisions are made of; judged from it, nothing comes out otherwise, and no value is in it."""
    first = judged(hub, candidate, "--from", messages, "--save", "export.jsonl")
    second = judged(hub, candidate, "--from", "export.jsonl")

    assert first["groups"]
    assert [first[name] for name in ("groups", "inputs", "decisions")] == [
        second[name] for name in ("groups", "inputs", "decisions")
    ]
    written = hub.folder / "export.jsonl"
    assert 0o600 == written.stat().st_mode & 0o777
    for value in _values(hub.folder / messages):
        assert value not in written.read_text("utf-8")


def test_nothing_about_a_person_is_said(hub: CommandLine, messages: str, candidate: str) -> None:
    """Counts, agencies, reasons, names of fields and disclosure ids, and nothing else."""
    done = hub("policy", "rehearse", candidate, "--from", messages, "--json")
    text = hub("policy", "rehearse", candidate, "--from", messages)

    for value in _values(hub.folder / messages):
        assert value not in done.out + text.out


def test_another_day_may_be_asked(hub: CommandLine, messages: str) -> None:
    """After its review day a policy asks a person about everything, before and after: nothing flips."""
    done = judged(hub, "lancashire-cfw-001", "--from", messages, "--on", "2030-01-01")

    assert (0, []) == (done["flips"], done["groups"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "nothing.jsonl"), "nothing.jsonl: there is no such file"),
        (("--from", "disclosures.v1"), "no decision inputs lie on the topic"),
        (("--from", "subjects.v1"), "no hub runs on this data folder"),
        (("--from", "messages.jsonl", "--to", "barnardo"), "did you mean `barnardos`?"),
        (("--from", "messages.jsonl", "--budget", "-1"), "greater than or equal to 0"),
        (("--from", "messages.jsonl", "--save", "messages.jsonl"), "there is such a file already"),
        (("--from", "messages.jsonl", "--save", "no/such/folder"), "the file cannot be written"),
        (("--from", "senderless.json"), "name it in the message"),
        (("--from", "export.jsonl"), "not a line of an export of decision inputs"),
        ((), "missing option '--from'"),
    ],
)
def test_wrong_input_is_exit_code_2_with_place_and_remedy(
    hub: CommandLine, messages: str, words: tuple[str, ...], said: str
) -> None:
    """Nothing is judged in part."""
    assert "messages.jsonl" == messages
    hub.file("senderless.json", template("safeguarding_referral"))
    hub.file("export.jsonl", {"hub_decision_input": 1, "envelope": {}})

    done = hub("policy", "rehearse", "lancashire-cfw-001", *words)

    assert (2, "") == (done.code, done.out)
    assert said in " ".join(done.err.split())


def test_a_failed_run_leaves_no_export(hub: CommandLine, messages: str) -> None:
    """Half an export would be taken for a whole one."""
    done = hub("policy", "rehearse", "lancashire-cfw-001", "--from", "nothing.jsonl", "--save", "export.jsonl")

    assert (2, False) == (done.code, (hub.folder / "export.jsonl").exists())
    assert messages


def test_a_council_that_is_not_served_is_told(hub: CommandLine, messages: str) -> None:
    """The policies on record are those of the councils that the hub serves."""
    done = hub("policy", "rehearse", "cumbria-strengthening-families-001", "--from", messages)

    assert 2 == done.code
    assert "name the council in HUB_COUNCILS" in done.err


def _values(path: Path) -> set[str]:
    """Names, days, numbers and places in the messages, long enough to be found by nobody else's leave."""
    found: set[str] = set()
    for line in path.read_text("utf-8").splitlines():
        for person in json.loads(line).get("persons", ()):
            for section in ("identity", "identifiers", "address", "contact"):
                found |= {
                    value
                    for name, value in (person.get(section) or {}).items()
                    if isinstance(value, str)
                    and name != "district"
                    and len(value) > len("female")
                    and value != "not_known"
                }
    assert found
    return found
