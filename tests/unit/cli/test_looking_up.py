"""Templates, policies, agencies, keys and the version: what is looked up without a hub that runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from hub.councils.packaged import packaged
from hub.schemas.templates import template_names
from tests.support.command_line import CommandLine
from tests.support.policies import lancashire


@pytest.mark.parametrize("name", template_names())
def test_a_template_can_be_saved_as_it_is_printed(hub: CommandLine, name: str) -> None:
    """What is printed is the message, and nothing else."""
    assert hub("template", name).json["message_id"]


def test_templates_are_listed(hub: CommandLine) -> None:
    """Without a name every template is listed; an unknown name is answered with those there are."""
    listed = hub("template", "--json").json
    assert list(template_names()) == [row["form"] for row in listed]
    assert all(name in hub("template").out for name in template_names())
    wrong = hub("template", "referal")
    assert (2, "") == (wrong.code, wrong.out)
    assert "mash_referral" in wrong.err


def test_each_template_is_listed_with_its_title_and_its_council(hub: CommandLine) -> None:
    """In the words of its own notice; a form that one council alone takes says which, one that several take names none."""
    listed = {row["form"]: (row["title"], row["council"]) for row in hub("template", "--json").json}

    assert listed["mash_referral"] == ("referral from the Multi Agency Screening Hub to the service", "lancashire")
    assert listed["public_referral"][1] == "cheshire-west-and-chester"
    assert listed["service_message"] == ("a text about the services that the family is given", "leicestershire")
    assert listed["request_for_support"] == ("Request for Support form", None)
    assert listed["share_request"] == ("a question to one agency", None)
    assert listed["objection"] == ("objection under UK GDPR Article 21", None)
    assert all(title for title, _ in listed.values())


def test_policies_are_listed_and_shown(hub: CommandLine) -> None:
    """By id or by id and version; with forms, rules and the sentences behind them."""
    assert lancashire().digest in [row["digest"] for row in hub("policy", "list", "--json").json]
    assert "lancashire-cfw-001" in hub("policy", "list").out
    shown = hub("policy", "show", "lancashire-cfw")
    assert "LN-68: This will only ever be done with your consent" in shown.words
    assert len(lancashire().sharing) == len(
        hub("policy", "show", "lancashire-cfw-001", "--json").json["policy"]["sharing"]
    )
    assert 2 == hub("policy", "show", "elsewhere").code


def test_a_policy_check_tells_every_fault_of_every_file(hub: CommandLine) -> None:
    """All at once, each with file, line and remedy; good files are told as good. Exit code 2."""
    good = packaged()["lancashire-cfw-001"]
    bad = good.read_text("utf-8").replace("because: [LN-03, LN-11]", "becase: [LN-03, LN-11]")
    file = hub.file("bad.yaml", bad)
    line = 1 + bad.splitlines().index("      becase: [LN-03, LN-11]")

    done = hub("policy", "check", file, "none.yaml", str(good))
    data = hub("policy", "check", file, "none.yaml", str(good), "--json")

    assert (2, 2) == (done.code, data.code)
    assert (
        f"error: bad.yaml:{line}: agency `lancashire-cfw` has no field `becase`\n  did you mean `because`?" in done.err
    )
    assert "none.yaml:1: there is no such policy file" in done.err
    assert "lancashire-cfw-001: no faults" in done.out
    assert {"UNKNOWN_KEY", "NO_FILE"} <= {fault["code"] for fault in data.json["faults"]}
    assert 0 == hub("policy", "check", str(good)).code


def test_a_folder_of_policies_takes_the_place_of_the_packaged_ones(
    hub: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every fault of the folder is told, whichever command needs its policies."""
    (tmp_path / "policies").mkdir()
    monkeypatch.setenv("HUB_POLICY_FOLDER", str(tmp_path / "policies"))

    done = hub("agencies", "list")

    assert 2 == done.code
    assert "there is no policy file in this folder" in done.err


def test_agencies_are_those_in_force_on_the_day(hub: CommandLine) -> None:
    """A row that has ended or not begun is not listed; a class narrows the list."""
    day = "2026-11-22"
    rows = {
        row.id for row in lancashire().agencies if row.valid_from <= day and (not row.valid_to or day <= row.valid_to)
    }

    listed = hub("agencies", "list", "--on", day, "--json").json
    schools = hub("agencies", "list", "--on", day, "--class", "education", "--council", "lancashire", "--json").json

    assert rows == {row["agency"] for row in listed}
    assert {"education"} == {row["class"] for row in schools}
    assert "barnardos" in hub("agencies", "list").out
    assert "No agency of the register is in force on 1999-01-01." in hub("agencies", "list", "--on", "1999-01-01").out


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("--class", "educaton"), "did you mean `education`?"),
        (("--council", "lancashir"), "did you mean `lancashire`?"),
        (("--on", "22.11.2026"), "write it as 2026-11-22"),
    ],
)
def test_a_wrong_filter_is_told_with_the_nearest_name(hub: CommandLine, words: tuple[str, ...], remedy: str) -> None:
    """A mistyped name never lists nothing as if there were nothing."""
    done = hub("agencies", "list", *words)

    assert 2 == done.code
    assert remedy in done.err


def test_keys_are_made_once_and_shown_by_id(hub: CommandLine, folder: Path) -> None:
    """The file is its owner's alone, is never overwritten, and no key ever stands in any output."""
    made = hub("keys", "create", "--json")
    file = folder / "keys.json"
    before = file.read_bytes()
    again, shown = hub("keys", "create"), hub("keys", "show")

    assert 0 == made.code
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert (2, before) == (again.code, file.read_bytes())
    assert all(key_id in shown.out for key_id in made.json["keys"].values())
    secrets = json.loads(before)["keys"].values()
    assert not any(secret in made.out + again.err + shown.out for secret in secrets)


def test_without_a_hub_the_status_says_so_part_by_part(hub: CommandLine, folder: Path) -> None:
    """Each part is told as it is, and nothing is made. Exit code 69."""
    done = hub("status", "--json")

    assert 69 == done.code
    assert not done.json["well"]
    assert done.json["brokers"]["state"].startswith("down: no hub runs")
    assert done.json["store"]["state"].startswith("down: no hub has run")
    assert not folder.exists()
    assert "none has left a state file" in hub("status").words


def test_a_broker_that_does_not_answer_is_unavailable(hub: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 69, and what to check."""
    monkeypatch.setenv("HUB_BOOTSTRAP", "127.0.0.1:1")

    done = hub("topics", "show")

    assert (69, "") == (done.code, done.out)
    assert "HUB_BOOTSTRAP" in done.err


def test_wrong_settings_stop_the_command(hub: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt setting is told by its name. Exit code 78."""
    monkeypatch.setenv("HUB_BOOTSTRAPP", "127.0.0.1:1")

    done = hub("status")

    assert 78 == done.code
    assert "HUB_BOOTSTRAPP: no such setting" in done.err


def test_the_version_is_told(hub: CommandLine) -> None:
    """As text and as data."""
    assert hub("version", "--json").json["hub"] in hub("version").out
