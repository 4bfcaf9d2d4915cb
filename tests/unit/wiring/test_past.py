"""An export of decision inputs decides as the messages did, and holds no value that nobody decides by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.errors import InputFault
from hub.flow.judge import judge, kept
from hub.schemas.classify import classify
from hub.schemas.registry import packaged
from hub.wiring.past import LeftOut, export_line, from_export, from_messages
from hub.wiring.rehearsal import Sent
from hub.wiring.replay import Past, Replay
from tests.support import partner

REGISTRY = packaged()
COUNCIL = "lancashire"
SENT = sorted(
    name for name in partner.taken() if partner.message_name(partner.filled(name)) in ("Referral", "ShareRequest")
)


async def inputs(*names: str) -> list[Past]:
    """The decision inputs of templates, played in order."""
    bodies = [partner.filled(name) for name in names]
    sent = [Sent("", partner.sender_for(b), partner.message_name(b), b, partner.NOW) for b in bodies]
    return await from_messages(sent, partner.policies(), COUNCIL, REGISTRY, LeftOut(), lambda _done, _of: None)


def reread(past: Past) -> Past:
    """The input as an export gives it back."""
    line = json.loads(json.dumps(export_line(past)))
    (again,) = from_export([("line", line)], COUNCIL, REGISTRY, LeftOut())
    return again


def decided(past: Past) -> list[tuple[Any, ...]]:
    """What the Lancashire policy decides about an input, as far as anybody could tell the difference."""
    found = judge(past.case, past.facts, partner.policies().engine(COUNCIL))
    return [
        (d.recipient, d.outcome.decision, d.outcome.reasons, d.outcome.basis, kept(found.case, d, REGISTRY))
        for d in found.decisions
    ]


@pytest.mark.parametrize("name", SENT)
async def test_an_export_decides_as_the_message_did(name: str) -> None:
    """Every form: the same recipients, decisions, reasons, bases and fields."""
    for past in await inputs("consent", "instruct_not_to", name):
        assert decided(past) == decided(reread(past))


@pytest.mark.parametrize("name", SENT)
async def test_an_export_holds_no_personal_value(name: str) -> None:
    """Of every personal field but district, schools, role and agencies only that it is filled."""
    spared = {"district", "school_id", "intended_school_id", "role", "agency"}
    for past in await inputs(name):
        line = export_line(past)
        fields = classify(REGISTRY, past.case.payload.schema_id).fields
        for spec in (spec for spec in fields if not spec.envelope and spec.path.rpartition(".")[2] not in spared):
            for value in _at(line["message"], spec.path.replace("[]", "").split(".")):
                assert value in (None, "", "-", "not_known", "(bytes)") or not value, spec.path
        assert "subject_ref" not in line["envelope"]
        assert not {consent["giver"] + consent["text_version"] for consent in line["facts"]["consents"]} - {""}


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"hub_decision_input": 2},
        {"hub_decision_input": 1, "envelope": {}, "schema_id": 1, "message": {}, "facts": {}, "policy_digest": ""},
        {"hub_decision_input": 1, "envelope": [], "schema_id": "x", "message": 3, "facts": None, "policy_digest": 0},
    ],
)
def test_a_line_that_is_no_export_is_told_with_its_place(line: dict[str, Any]) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(InputFault) as raised:
        from_export([("file[3]", line)], COUNCIL, REGISTRY, LeftOut())

    assert [("NOT_AN_EXPORT", "file[3]")] == [(fault.code, fault.place) for fault in raised.value.faults]


async def test_what_is_of_another_council_is_left_out_and_counted() -> None:
    """A candidate of one council says nothing about the messages of another."""
    left_out, line = LeftOut(), export_line((await inputs("early_help_assessment"))[0])

    assert [] == from_export([("line", line)], "elsewhere", REGISTRY, left_out)
    assert {"of another council": 1} == left_out.counts


async def test_a_record_that_is_not_confirmed_is_counted() -> None:
    """Where the policy on record now decides otherwise, the hub itself has changed, and the reader must know."""
    (past, *_) = await inputs("early_help_assessment")
    replay = Replay(partner.policy(), partner.policies().all(), REGISTRY)
    judged = {recipient: decision for recipient, decision, *_ in decided(past)}

    for recorded in (judged, {**judged, "somebody-else": "PERMIT"}, {}):
        replay.take(Past(past.case, past.facts, past.place, past.digest, recorded))

    assert (1, 3, []) == (replay.unlike_record, replay.inputs, replay.flips)


def _at(value: Any, steps: list[str]) -> list[Any]:
    """Return every value at a path, lists walked through."""
    if isinstance(value, list):
        return [found for each in value for found in _at(each, steps)]
    if not steps or value is None:
        return [value]
    return _at(value.get(steps[0]), steps[1:])
