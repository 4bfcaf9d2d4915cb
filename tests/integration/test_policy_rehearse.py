"""`hub policy rehearse --from subjects.v1` on a hub that runs: what is on record, judged again, flips where the candidate says so."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from hub.connectors import kafka_admin
from hub.schemas.templates import template
from tests.support.command_line import CommandLine
from tests.support.whole_hub import POLICY, WholeHub

CFW, SCHOOL = "lancashire-cfw", "example-primary-school"
DUTY: Final = "bases: [duty_16la, public_task, consent]"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeHub]:
    """One hub with one worker, for all of these tests."""
    with WholeHub(tmp_path_factory.mktemp("hub")) as hub:
        hub.worker().wait_ready()
        yield hub


@pytest.fixture
def hub(whole: WholeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line on that hub."""
    environment = {
        "HUB_DATA_FOLDER": str(whole.folder),
        "HUB_POLICY_FOLDER": str(whole.folder / "policies"),
        "HUB_BOOTSTRAP": whole.bootstrap,
    }
    return CommandLine(monkeypatch, tmp_path, environment)


def message(name: str, surname: str = "", **changes: Any) -> dict[str, Any]:
    """A template as a message of its own, sent now, about a family whom no other test knows."""
    sent_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {**json.loads(template(name)), "message_id": secrets.token_hex(16), "sent_at": sent_at, **changes}
    for person in body.get("persons", ()):
        person.setdefault("identity", {})["family_name"] = surname or f"Test{secrets.token_hex(6)}"
        person.pop("identifiers", None)
    return body


def publish(hub: CommandLine, agency: str, body: dict[str, Any]) -> None:
    """Publish a message and see it accepted."""
    done = hub("publish", "--agency", agency, hub.file("m.json", body), "--wait", "--json")
    assert (0, "accepted") == (done.code, done.json[0]["status"]), done.err


def policy(whole: WholeHub) -> str:
    """The text of the policy that the hub runs under."""
    return (whole.folder / "policies" / POLICY).read_text("utf-8")


def test_past_decisions_are_judged_again_and_flip(hub: CommandLine, whole: WholeHub) -> None:
    """The policy on record flips nothing and is confirmed by its records; a candidate without the duty flips what rested on it.

    Nothing is emitted, the exit code follows the budget, and the disclosure ids are those on record.
    """
    for agency, name in ((CFW, "early_help_assessment"), (SCHOOL, "safeguarding_referral")):
        publish(hub, agency, message(name))
    whole.drain()
    assert DUTY in policy(whole)
    same = hub.file("same.yaml", policy(whole))
    candidate = hub.file("candidate.yaml", policy(whole).replace(DUTY, "bases: [consent]"))
    before = _ends(whole)

    unchanged = hub("policy", "rehearse", same, "--from", "subjects.v1", "--json")
    done = hub("policy", "rehearse", candidate, "--from", "subjects.v1", "--json", "--save", "export.jsonl")

    assert (0, 0, 0) == (unchanged.code, unchanged.json["flips"], unchanged.json["not_as_on_record"]), unchanged.err
    recorded = {row.disclosure_id for row in whole.register()}
    assert unchanged.json["decisions"] == len(recorded)
    assert 1 == done.code, done.err
    flipped = {name for group in done.json["groups"] for name in group["disclosure_ids"]}
    assert flipped
    assert flipped <= recorded
    assert 0 == hub("policy", "rehearse", candidate, "--from", "subjects.v1", "--budget", str(done.json["flips"])).code
    assert (
        done.json["groups"] == hub("policy", "rehearse", candidate, "--from", "export.jsonl", "--json").json["groups"]
    )
    assert before == _ends(whole)


def test_the_facts_are_those_of_each_offset(hub: CommandLine, whole: WholeHub) -> None:
    """A consent that came later does not count for a message before it: each is judged by what was known then."""
    surname = f"Test{secrets.token_hex(6)}"
    first, second = unsigned(surname), unsigned(surname)
    child = first["persons"][0]
    control = {**json.loads(template("consent")), "message_id": secrets.token_hex(16), "sent_at": first["sent_at"]}
    named = {name: child["identity"][name] for name in ("family_name", "given_names", "date_of_birth")}
    control["subject"] = {**named, "postcode": child["address"]["postcode"]}
    for body in (first, control, second):
        publish(hub, CFW, body)
        whole.drain()

    done = hub("policy", "rehearse", hub.file("same.yaml", policy(whole)), "--from", "subjects.v1", "--json")

    assert ({"DENY"}, {"DENY", "PERMIT"}) == (decided(whole, first), decided(whole, second))
    assert (0, 0) == (done.code, done.json["not_as_on_record"])
    assert any("control" in reason for reason in done.json["left_out"])


def test_a_policy_on_record_that_is_not_loaded_is_told(
    hub: CommandLine, whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 with the digest and the remedy: what was decided cannot be judged by another policy than its own."""
    publish(hub, CFW, message("early_help_assessment"))
    whole.drain()
    other = hub.folder / "others"
    other.mkdir()
    (other / POLICY).write_text(policy(whole).replace("value: 24", "value: 23"), "utf-8")
    monkeypatch.setenv("HUB_POLICY_FOLDER", str(other))

    done = hub("policy", "rehearse", hub.file("same.yaml", policy(whole)), "--from", "subjects.v1")

    assert (2, "") == (done.code, done.out), done.err
    assert "which is not loaded" in done.err
    assert "HUB_POLICY_FOLDER" in done.err


def unsigned(surname: str) -> dict[str, Any]:
    """An assessment about a family of this name, which brings no consent of its own."""
    body = message("early_help_assessment", surname)
    return {**body, "awareness": {**body["awareness"], "consent": "no", "signed": "no"}}


def decided(whole: WholeHub, body: dict[str, Any]) -> set[str]:
    """The decisions on record about the school, for all persons of a message."""
    rows = [row for row in whole.register() if row.message_id == body["message_id"]]
    return {row.decision for row in rows if row.recipient == SCHOOL}


def _ends(whole: WholeHub) -> dict[tuple[str, int], int]:
    return asyncio.run(kafka_admin.end_offsets(whole.bootstrap, [topic.name for topic in whole.topics]))
