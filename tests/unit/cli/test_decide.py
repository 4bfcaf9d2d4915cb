"""`hub decide` says what the agents would decide, without a broker, and refuses what they would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.schemas.templates import template
from tests.support.command_line import CommandLine

POLICE = "lancashire-constabulary"
CFW = "lancashire-cfw"
AT = ("--at", "2026-11-22T09:00:00Z")


def filled(name: str, **changes: Any) -> dict[str, Any]:
    """A template as data."""
    return {**json.loads(template(name)), **changes}


def control(kind: str, number: int, **changes: Any) -> dict[str, Any]:
    """A control message about the child of the assessment, with an id of its own."""
    body = filled(kind, message_id=f"control-{number}", sent_at=f"2026-11-2{number}T08:00:00Z")
    person = filled("early_help_assessment")["persons"][0]
    identity = {name: person["identity"][name] for name in ("family_name", "given_names", "date_of_birth")}
    body["subject"] = {**identity, "postcode": person["address"]["postcode"]}
    body[kind] = {**body[kind], **changes}
    return body


def undecided() -> dict[str, Any]:
    """The assessment with a second person of no stated role, by whom nobody goes to the child's school: a person decides."""
    body = filled("early_help_assessment")
    body["persons"][1]["role"] = None
    return body


def decisions(found: Any, person: int = 0) -> dict[str, Any]:
    """The decisions about one person of a decided message, by recipient."""
    return {one["recipient"]["id"]: one for one in found["subjects"][person]["decisions"]}


def test_each_person_and_recipient_is_decided_with_reasons_and_fields(hub: CommandLine) -> None:
    """Each decision says what it rests on, what goes, what stays and why."""
    done = hub("decide", hub.file("m.json", undecided()), *AT, "--json")

    assert 0 == done.code, done.err
    child, mother = decisions(done.json), decisions(done.json, 1)
    school = child["example-primary-school"]
    assert "PERMIT" == school["decision"]
    assert "consent" == school["basis"]["id"]
    assert "LN-71" in [fact["id"] for fact in school["facts"] if fact["quote"]]
    assert "persons[].identity.family_name" in school["fields"]
    stays = {entry["field"]: entry["reason"] for entry in school["withheld"]}
    assert "NOT_SHARED" == stays["details.referral_type"]["id"]
    assert ["LN-25", "LN-27"] == [fact["id"] for fact in stays["details.referral_type"]["facts"]][:2]
    assert "REVIEW" == mother["example-primary-school"]["decision"]
    assert ["NAME_SCHOOL"] == [change["id"] for change in mother["example-primary-school"]["would_permit"]]


def test_people_read_a_table_for_each_person(hub: CommandLine) -> None:
    """The table names every recipient, its decision, why, and how many fields go and stay, within 80 columns."""
    done = hub("decide", hub.file("m.json", undecided()), *AT)

    assert 0 == done.code
    assert "Person p1 (child): met for the first time" in done.out
    assert "59 go" in done.out
    assert "would permit: the message names this school" in done.words
    assert 80 >= max(len(line) for line in done.out.splitlines())


def test_earlier_controls_change_the_decision(hub: CommandLine) -> None:
    """A withdrawal and an instruction before the message govern it; the decision says so, and what would change it."""
    message = hub.file(
        "m.json",
        filled("early_help_assessment", awareness={**filled("early_help_assessment")["awareness"], "consent": "no"}),
    )
    given, withdrawn = control("consent", 0), control("consent", 1, status="withdrawn")
    history = hub.file("h.json", [given])

    permitted = decisions(hub("decide", message, "--history", history, *AT, "--json").json)
    denied = hub("decide", message, "--history", hub.file("h.json", [given, withdrawn]), *AT, "--json").json

    assert "PERMIT" == permitted["lscft-school-nursing"]["decision"]
    assert ("DENY", "CONSENT_ENDED") == (
        decisions(denied)["lscft-school-nursing"]["decision"],
        decisions(denied)["lscft-school-nursing"]["reasons"][0]["id"],
    )
    assert [2, 0] == [subject["earlier_messages"] for subject in denied["subjects"]]
    assert any("consent withdrawn" in known for known in denied["subjects"][0]["known_before"])


def test_history_may_be_json_lines(hub: CommandLine) -> None:
    """One control message a line is as good as a list."""
    lines = "\n".join(json.dumps(control("instruct_not_to", n, scope="all", target=None)) for n in (0, 1))
    done = hub(
        "decide", hub.file("m.json", filled("early_help_assessment")), "--history", hub.file("h.jsonl", lines), *AT
    )

    assert "2 of 2 earlier messages are about this person" in done.out
    assert "instructed not to share with anybody" in done.out


def test_to_asks_about_one_recipient_as_if_it_were_named(hub: CommandLine) -> None:
    """Only that recipient is shown, also where the form would never send it there."""
    done = hub("decide", hub.file("m.json", filled("mash_referral")), "--to", POLICE, *AT, "--json")

    assert [POLICE] == list(decisions(done.json))
    assert "NO_RULE" == decisions(done.json)[POLICE]["reasons"][0]["id"]


def test_a_sender_is_named_or_found(hub: CommandLine) -> None:
    """The sender is the one that is named, or the one in the JSON, or the only one that may send the form."""
    file = hub.file("m.json", filled("safeguarding_referral"))
    inside = hub.file("n.json", {**filled("safeguarding_referral"), "from": POLICE})

    assert "lancashire-mash" == hub("decide", hub.file("o.json", filled("mash_referral")), *AT, "--json").json["from"]
    assert POLICE == hub("decide", inside, *AT, "--json").json["from"]
    assert CFW == hub("decide", inside, "--agency", CFW, *AT, "--json").json["from"]
    unsaid = hub("decide", file, *AT)
    assert 2 == unsaid.code
    assert "several agencies may send this Referral" in unsaid.err
    assert "--agency" in unsaid.err


def test_what_intake_refuses_ends_with_3_and_every_fault(hub: CommandLine) -> None:
    """The faults are those of the hub's own front door, as a table or as JSON."""
    body = filled("mash_referral")
    del body["persons"][0]["identity"]["family_name"]
    del body["persons"][0]["identity"]["given_names"]
    body["awareness"].pop("no_consent_reason")
    file = hub.file("m.json", body)

    told, data = hub("decide", file, *AT), hub("decide", file, *AT, "--json")

    assert (3, 3) == (told.code, data.code)
    assert {"NAME_MISSING", "REASON_MISSING"} == {fault["code"] for fault in data.json["faults"]}
    assert "the person has no name" in told.words


def test_exit_codes_tell_denials_and_reviews_on_request(hub: CommandLine) -> None:
    """10 where something is denied, 11 where something waits for a person, 0 without being asked."""
    denied = hub.file("d.json", filled("mash_referral"))
    held = hub.file("h.json", undecided())

    assert 10 == hub("decide", denied, "--to", POLICE, "--exit-code", *AT).code
    assert 11 == hub("decide", held, "--exit-code", *AT).code
    assert 0 == hub("decide", held, *AT).code


def test_a_control_message_releases_nothing_and_says_what_it_changes(hub: CommandLine) -> None:
    """What is known before and after is told in words."""
    done = hub("decide", hub.file("c.json", filled("shield", sent_at="2026-11-20T12:00:00Z")), *AT)

    assert 0 == done.code, done.err
    assert "Known after: shielded:" in done.out
    assert "releases nothing" in done.out


def test_the_moment_chooses_the_policy(hub: CommandLine) -> None:
    """A message is judged by the policy in force when the broker takes it; on a day without one it is refused."""
    done = hub("decide", hub.file("m.json", filled("mash_referral")), "--at", "2016-06-01", "--json")

    assert 3 == done.code
    assert "NO_POLICY" in [fault["code"] for fault in done.json["faults"]]


def test_stdin_and_full_text(hub: CommandLine) -> None:
    """`-` reads stdin; --full says all of every decision, with the sentences of the notice."""
    done = hub("decide", "-", "--full", *AT, stdin=template("mash_referral"))

    assert 0 == done.code
    assert "What stays" in done.out
    assert "S-08: A screened referral before consent is for contact only" in done.words
    assert "the recipient may make contact with it, and nothing else" in done.words


@pytest.mark.parametrize(
    ("words", "place", "remedy"),
    [
        (("none.json",), "none.json: there is no such file", "check the name"),
        (("empty.json",), "empty.json: there is no message in it", "hub template"),
        (("broken.json",), "broken.json:2:1: not valid JSON", "expecting"),
        (("list.json",), "list.json[1]: not a JSON object", "{ }"),
        (("twice.json",), "`form` comes twice", "remove one"),
        (("two.json",), "`2` messages, where one is decided", "one at a time"),
        (("typo.json",), "typo.json: purpos: `purpos` is not a field", "did you mean `purpose`?"),
        (("good.json", "--agency", "barnardo"), "no register has the agency `barnardo`", "did you mean `barnardos`?"),
        (("good.json", "--at", "soon"), "--at: not a moment", "2026-11-22T09:00:00Z"),
        (("good.json", "--history", "good.json"), "a `Referral` cannot come before the message", "hub template"),
        (("good.json", "--history", "ruling.json"), "only the running hub can open", "leave it out"),
        (
            ("good.json", "--at", "2026-11-19", "--history", "late.json"),
            "late.json: sent_at: it was sent after",
            "--at",
        ),
        (("share.json", "--to", "dwp"), "a `ShareRequest` names no recipients", "leave it out"),
    ],
)
def test_wrong_input_is_named_with_place_and_remedy(
    hub: CommandLine, words: tuple[str, ...], place: str, remedy: str
) -> None:
    """Exit code 2; the error says where, what, and what to do."""
    good = filled("mash_referral", sent_at="2026-11-18T16:40:00Z")
    for name, content in {
        "good.json": good,
        "empty.json": " \n",
        "broken.json": '{"type":\n',
        "list.json": [good, "x"],
        "twice.json": '{"type": "Referral", "form": "a", "form": "b"}',
        "two.json": [good, good],
        "typo.json": {**good, "purpos": "contact"},
        "ruling.json": filled("ruling"),
        "late.json": filled("consent", sent_at="2026-11-20T12:00:00Z"),
        "share.json": filled("share_request"),
    }.items():
        hub.file(name, content)

    done = hub("decide", *words)

    assert 2 == done.code, done.out + done.err
    assert done.err.startswith("error: ")
    assert place in done.err
    assert remedy in done.err
    assert "" == done.out
