"""The commands against a hub that runs: publish, consume, rule on a review, dig up a dead letter, look at it all."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.connectors import kafka_log
from hub.schemas.templates import template
from hub.schemas.topics import DEAD_LETTERS, SUBJECTS, acks, inbox
from tests.support.command_line import CommandLine
from tests.support.whole_hub import WholeHub, until

CFW, SCHOOL, POLICE, MIDWIFE = (
    "lancashire-cfw",
    "example-primary-school",
    "lancashire-constabulary",
    "east-lancashire-midwifery",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeHub]:
    """One hub with one worker, for all of these tests."""
    with WholeHub(tmp_path_factory.mktemp("hub")) as hub:
        hub.worker().wait_ready()
        yield hub


@pytest.fixture
def hub(whole: WholeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line on that hub."""
    policies = str(whole.folder / "policies")
    environment = {
        "HUB_DATA_FOLDER": str(whole.folder),
        "HUB_POLICY_FOLDER": policies,
        "HUB_BOOTSTRAP": whole.bootstrap,
    }
    return CommandLine(monkeypatch, tmp_path, environment)


def message(name: str, **changes: Any) -> dict[str, Any]:
    """A template as a message of its own, sent now, about people whom no other test knows."""
    body = {**json.loads(template(name)), "message_id": letters(), "sent_at": now(), **changes}
    for person in body.get("persons", ()):
        person.setdefault("identity", {})["family_name"] = f"Test{letters()[:12]}"
        person.pop("identifiers", None)
    return body


def letters() -> str:
    """A random id without a digit."""
    return "".join(secrets.choice("abcdefghijklmnop") for _ in range(32))


def now() -> str:
    """This moment as messages write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def records(hub: CommandLine, body: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """The records of a message, once there are so many."""
    words = ("records", "list", "--message", body["message_id"], "--json")
    until("the message is recorded", lambda: len(hub(*words).json) >= number)
    return list(hub(*words).json)


def test_what_decide_foretells_is_what_the_agents_do(hub: CommandLine) -> None:
    """The same message, rehearsed and then published, has the same decisions, fields and reasons."""
    body = message("early_help_assessment")
    file = hub.file("m.json", body)
    foretold = hub("decide", file, "--agency", CFW, "--json").json

    done = hub("publish", "--agency", CFW, file, "--wait", "--json")

    assert (0, "accepted") == (done.code, done.json[0]["status"]), done.err
    said = {
        (subject["part"], one["recipient"]["id"]): (
            one["decision"],
            one["fields"],
            [w["field"] for w in one["withheld"]],
        )
        for subject in foretold["subjects"]
        for one in subject["decisions"]
    }
    done_ = {
        (one["part"], one["recipient"]): (one["decision"], one["fields"], [w["field"] for w in one["withheld"]])
        for one in records(hub, body, len(said))
    }
    assert said == done_
    released = next(one for one in records(hub, body, len(said)) if one["decision"] == "PERMIT")
    assert "It may go to" in hub("explain", released["disclosure_id"]).out


def test_records_are_shown_once_and_again_on_request(hub: CommandLine) -> None:
    """`consume` shows what it has not shown; --all shows everything and moves nothing; --acks shows the hub's words."""
    body = message("early_notification")
    hub("consume", "--agency", CFW)
    assert 0 == hub("publish", "--agency", MIDWIFE, hub.file("m.json", body), "--wait").code
    records(hub, body, 2)

    first, second = (hub("consume", "--agency", CFW, "--json") for _ in range(2))
    again = hub("consume", "--agency", CFW, "--all", "--json")
    words = hub("consume", "--agency", MIDWIFE, "--acks", "--all", "--json").out.splitlines()

    shown = [json.loads(line) for line in first.out.splitlines()]
    assert [("early_notification", "unborn")] == [(one["form"], one["person"]["role"]) for one in shown]
    assert "" == second.out
    assert shown[0]["record_id"] in again.out
    assert {"accepted", "delivered"} == {
        word["status"] for line in words if (word := json.loads(line))["message_id"] == body["message_id"]
    }
    assert "person.identity.due_date" in hub("consume", "--agency", CFW, "--all").out


def test_a_refusal_is_told_with_its_faults(hub: CommandLine) -> None:
    """Exit code 3; the faults are the hub's, which alone knows the register."""
    done = hub("publish", "--agency", "barnardos", hub.file("m.json", message("mash_referral")), "--wait")

    assert 3 == done.code
    assert "the sender is not a registered source for" in done.words


def test_nothing_is_sent_unless_everything_is_right(hub: CommandLine, whole: WholeHub) -> None:
    """The faults of all files are told by file and number, and the good messages stay unsent."""
    before = asyncio.run(kafka_log.kept(whole.bootstrap, inbox(CFW)))
    good, bad = message("early_help_assessment"), message("early_help_assessment")
    bad["persons"][0]["person_id"] = "p 1"
    other = {**message("consent"), "kind": "consnt"}

    done = hub("publish", "--agency", CFW, hub.file("a.json", [good, bad]))
    misread = hub("publish", "--agency", CFW, hub.file("a.json", [good, bad]), hub.file("b.json", other))

    assert (2, 2) == (done.code, misread.code)
    assert "a.json[1]: persons[0].person_id: not a plain label" in done.err
    assert "b.json: kind" in misread.err
    assert before == asyncio.run(kafka_log.kept(whole.bootstrap, inbox(CFW)))


@pytest.mark.parametrize("words", [("publish", "--agency", "barnardo", "m.json"), ("consume", "--agency", "barnardo")])
def test_an_agency_without_topics_is_mistyped(hub: CommandLine, words: tuple[str, ...]) -> None:
    """Exit code 2, with the nearest name of the register."""
    hub.file("m.json", message("mash_referral"))

    done = hub(*words)

    assert 2 == done.code
    assert "did you mean `barnardos`?" in done.err


def test_a_ruling_releases_what_waited_and_closes_the_review(hub: CommandLine) -> None:
    """The ruling goes in by the front door; its outcome is shown, recorded with who ruled, and released."""
    body = message("early_help_assessment")
    del body["persons"][0]["education"]["school_id"]
    hub("publish", "--agency", CFW, hub.file("m.json", body), "--wait")
    held = next(one for one in records(hub, body, 4) if one["decision"] == "REVIEW")
    review = held["review_id"]
    until("the review is listed", lambda: review in hub("reviews", "list", "--limit", "1000").out)
    rule = ("reviews", "rule", review, "permit", "--reason", "the school asked for her", "--by", "ig-officer-3")

    done = hub(*rule, "--json")

    assert 0 == done.code, done.err
    assert "permitted" == done.json["status"]
    assert [("PERMIT", SCHOOL, "ig-officer-3")] == [
        (one["decision"], one["recipient"], one["ruled_by"]) for one in done.json["records"]
    ]
    assert done.json["records"][0]["record_id"] in hub("consume", "--agency", SCHOOL, "--all", "--json").out
    assert "permitted" in hub("reviews", "show", review).out
    closed = hub(*rule)
    assert 2 == closed.code
    assert "this review is closed" in closed.err


def test_a_ruling_may_say_who_a_person_is(hub: CommandLine) -> None:
    """A person who could not be told apart is decided once somebody has said who it is."""
    body = message("safeguarding_referral")
    hub("publish", "--agency", POLICE, hub.file("m.json", body), "--wait")
    review = next(one for one in records(hub, body, 3) if one["decision"] == "REVIEW")["review_id"]
    until("the review is listed", lambda: 0 == hub("reviews", "show", review).code)
    rule = ("reviews", "rule", review, "permit", "--reason", "known to the officer", "--by", "ig-officer-3")

    unsaid = hub(*rule)
    done = hub(*rule, "--resolve-to", "new")

    assert 2 == unsaid.code
    assert "--resolve-to: the review asks who the person is" in unsaid.err
    assert 0 == done.code, done.err
    assert "the review is permitted" in done.words


def test_a_dead_letter_is_shown_sealed_and_put_back_by_the_front_door(hub: CommandLine, whole: WholeHub) -> None:
    """Its content is shown on request alone, and that is logged; it goes back where it came from, byte for byte."""
    value = b"not framed: " + letters().encode()
    _, offset = asyncio.run(kafka_log.put(whole.bootstrap, inbox("barnardos"), b"k", value, [("ce_id", b"1")]))
    letter = buried(hub, f"{inbox('barnardos')}/0/{offset}")

    shown, revealed = hub("dead-letters", "show", letter), hub("dead-letters", "show", letter, "--reveal", "--json")
    declined = hub("dead-letters", "replay", letter, stdin="n\n")
    unanswered = hub("dead-letters", "replay", letter)
    done = hub("dead-letters", "replay", letter, "--yes", "--json")

    assert "NOT_FRAMED" in shown.out
    assert value.decode() not in shown.out + shown.err
    assert value.decode() == revealed.json["content"]["text"]
    assert ("dead letter revealed", letter) == ((line := json.loads(revealed.err))["event"], line["code"])
    assert (1, 1) == (declined.code, unanswered.code)
    place = done.json["put_back"]
    assert (0, inbox("barnardos")) == (done.code, place["topic"]), done.err
    again = asyncio.run(kafka_log.read_at(whole.bootstrap, place["topic"], place["partition"], place["offset"]))
    assert (value, b"k", (("ce_id", b"1"),)) == (again.value, again.key, again.headers)
    assert letter != buried(hub, f"{inbox('barnardos')}/0/{place['offset']}")


def test_nothing_may_be_put_into_the_hubs_own_topics(hub: CommandLine, whole: WholeHub) -> None:
    """What was buried inside the hub comes back from its sender, or not at all."""
    partition, offset = asyncio.run(kafka_log.put(whole.bootstrap, SUBJECTS, b"k", b"inside", ()))
    letter = buried(hub, f"{SUBJECTS}/{partition}/{offset}")

    done = hub("dead-letters", "replay", letter, "--yes")

    assert 2 == done.code
    assert "it was buried inside the hub" in done.err


def buried(hub: CommandLine, origin: str) -> str:
    """The id of the dead letter that came from a place, once it is buried."""

    def found() -> list[str]:
        letters = hub("dead-letters", "list", "--json").json
        return [one["dead_letter_id"] for one in letters if one["origin"] == origin]

    until("the message is buried", lambda: bool(found()))
    return found()[0]


def test_unknown_letters_and_reviews_are_wrong_input(hub: CommandLine) -> None:
    """Exit code 2, and where ids come from."""
    for words in (("dead-letters", "show", "x"), ("dead-letters", "replay", "x"), ("reviews", "show", "x")):
        done = hub(*words)

        assert 2 == done.code
        assert f"hub {words[0]} list" in done.err


def test_topics_are_in_order_and_applying_changes_nothing(hub: CommandLine, whole: WholeHub) -> None:
    """The catalogue and the brokers agree; applied again, nothing is to do."""
    shown = hub("topics", "show", "--json").json
    applied = hub("topics", "apply", "--json")

    assert {topic.name for topic in whole.topics} == {row["topic"] for row in shown}
    assert {"in order"} == {row["state"] for row in shown}
    assert (0, []) == (applied.code, applied.json)
    assert acks("barnardos") in hub("topics", "show").out


def test_the_status_tells_every_part(hub: CommandLine, whole: WholeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broker, store, worker, what waits; and a worker that is gone is told as down. Exit codes 0 and 69."""
    whole.drain()
    monkeypatch.setenv("HUB_STATE_FILE", str(whole.folder / "worker-0.json"))
    good = hub("status", "--json")
    monkeypatch.setenv("HUB_STATE_FILE", hub.file("gone.json", {"pid": 1, "address": "127.0.0.1:1"}))
    gone = hub("status")

    assert (0, True) == (good.code, good.json["well"]), good.out
    assert ["ready"] == [worker["state"] for worker in good.json["workers"]]
    assert {"intake": 0, "decide": 0, "record": 0} == good.json["brokers"]["lag"]
    assert asyncio.run(kafka_log.kept(whole.bootstrap, DEAD_LETTERS)) == good.json["brokers"]["letters"]
    assert 69 == gone.code
    assert "down: no answer" in gone.out
