"""Several councils served by one hub: what one knows of a person serves no decision of another, and shows nowhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.councils.packaged import packaged
from hub.errors import ConfigurationFault
from hub.ledger.ports import RegisterQuery
from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode
from hub.schemas.topics import DISCLOSURES, NOTICES, REVIEWS, SUBJECTS, acks, catalogue, outbox
from hub.settings import load
from hub.wiring.parts import load_policies, topics
from tests.support.councils import OURS, THEIRS, both
from tests.support.load import GOVERNANCE, MASH, Load, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import CFW, SCHOOL, Body, filled
from tests.support.policies import named, packaged_names

DWP, CHARITY = "dwp", "barnardos"
CHILD = {"family_name": "Pilkington", "given_names": ["Freya"], "date_of_birth": "2017-08-23", "postcode": "BB9 0AA"}
PLACE = "facts_as_of"
"""Where a record stands in the log: the one thing that may differ when other councils' messages came before."""


@asynccontextmanager
async def hub_in(folder: Path) -> AsyncIterator[PaperHub]:
    """A hub that serves both councils, with an empty store."""
    stores = await open_sqlite(folder / "hub.sqlite")
    await stores.migrate()
    yield PaperHub(stores, council=both())
    await stores.close()


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub that serves both councils."""
    async with hub_in(tmp_path) as found:
        yield found


class Family:
    """Messages about one child, to either council; equal messages to equal councils whoever else was told before."""

    def __init__(self) -> None:
        self._loads = {OURS: Load(1), THEIRS: Load(2)}

    def control(self, council: str, kind: str, agency: str, **record: Any) -> Sent:
        """A control message about the child."""
        body = filled(kind)
        body = {**body, "council": council, "subject": CHILD, kind: {**body[kind], **record}}
        return self._loads[council].plain("Control", body, agency)

    def consent(self, council: str, status: str = "given") -> Sent:
        """Consent to share everything with everybody for everything."""
        scope = {name: ["*"] for name in ("recipients", "purposes", "categories")}
        return self.control(council, "consent", CFW, status=status, **scope)

    def shield(self, council: str) -> Sent:
        """The child's record is shielded."""
        return self.control(council, "shield", GOVERNANCE)

    def assessment(self, council: str, recipients: tuple[str, ...], purpose: str = "early_help") -> Sent:
        """An Early Help Assessment of the child alone, which states no consent of its own."""
        body = filled("early_help_assessment")
        child = {**body["persons"][0], "identity": {k: v for k, v in CHILD.items() if k != "postcode"}}
        child |= {
            "identifiers": None,
            "address": {"postcode": "BB9 0AA", "district": "E07000122", "line1": "51 Loom Lane"},
        }
        body["awareness"] = {**body["awareness"], "covers": [], "consent": "no"}
        body |= {"council": council, "persons": [child], "purpose": purpose, "recipients": list(recipients)}
        return self._loads[council].plain("Referral", body, CFW)


def bodies(hub: PaperHub, topic: str, council: str = "") -> list[Body]:
    """The bodies of a topic, of one council or of all."""
    found = (decode(row.value).body for row in hub.log[topic])
    return [body for body in found if not council or body["council"] == council]


def decisions(hub: PaperHub, sent: Sent) -> dict[str, str]:
    """What was decided of a message for each recipient."""
    found = [body for body in bodies(hub, DISCLOSURES) if body["message_id"] == sent.message_id]
    return {record["recipient"]: record["decision"] for body in found for record in body["records"]}


async def play(hub: PaperHub, *messages: Sent) -> None:
    """Publish messages, each after the one before has been decided."""
    for message in messages:
        hub.publish(message)
        await hub.run()


async def test_consent_given_at_one_council_opens_nothing_at_the_other(hub: PaperHub) -> None:
    """The same child, the same agencies, the same notice: a family that agreed with one council did not agree with its neighbour."""
    family = Family()
    ours, theirs = (family.assessment(council, (DWP,), "employment_support") for council in (OURS, THEIRS))
    await play(hub, family.consent(OURS), ours, theirs)

    assert "PERMIT" == decisions(hub, ours)[DWP]
    assert "DENY" == decisions(hub, theirs)[DWP]


async def test_withdrawal_at_one_council_closes_nothing_at_the_other(hub: PaperHub) -> None:
    """Nor does a family that ends its consent with one end it with the other."""
    family = Family()
    theirs = family.assessment(THEIRS, (CHARITY,))
    await play(hub, family.consent(OURS), family.consent(THEIRS), family.consent(OURS, "withdrawn"), theirs)

    assert "PERMIT" == decisions(hub, theirs)[CHARITY]


async def test_the_same_child_is_two_subjects(hub: PaperHub) -> None:
    """No ref, pseudonym or case id connects what two councils hold of a child, not even for an agency that has both."""
    family = Family()
    sent = [family.assessment(council, (DWP,), "employment_support") for council in (OURS, THEIRS)]
    await play(hub, family.consent(OURS), family.consent(THEIRS), *sent)
    ours, theirs = (bodies(hub, SUBJECTS, council) for council in (OURS, THEIRS))
    copies = {body["council"]: body for body in bodies(hub, outbox(DWP))}

    assert 1 == len({body["subject_ref"] for body in ours}) == len({body["subject_ref"] for body in theirs})
    assert ours[0]["subject_ref"] != theirs[0]["subject_ref"]
    assert copies[OURS]["subject_key"] != copies[THEIRS]["subject_key"]
    assert copies[OURS]["case_id"] != copies[THEIRS]["case_id"]


History = Callable[[Family], list[Sent]]
HISTORIES: dict[str, History] = {
    "shielded": lambda family: [family.shield(OURS)],
    "consent": lambda family: [family.consent(OURS)],
    "instructed": lambda family: [family.control(OURS, "instruct_not_to", CFW, status="set", scope="all", target=None)],
    "restricted": lambda family: [family.control(OURS, "restriction", GOVERNANCE)],
    "section 47": lambda family: [family.control(OURS, "threshold", MASH, section="s47", status="met")],
    "known": lambda family: [family.assessment(OURS, (SCHOOL, CHARITY))],
}


@pytest.mark.parametrize("history", HISTORIES)
async def test_what_one_council_knows_changes_nothing_at_the_other(tmp_path: Path, history: str) -> None:
    """With and without a history at one council the other does, says and releases the very same: not even that the child is known leaks."""

    async def seen(folder: Path, before: History | None) -> dict[str, list[Any]]:
        family = Family()
        folder.mkdir()
        async with hub_in(folder) as hub:
            await play(hub, *(before(family) if before else ()))
            asked = family.assessment(THEIRS, (SCHOOL, CHARITY, "lscft-health-visiting"))
            await play(hub, family.consent(THEIRS), asked, family.assessment(THEIRS, (DWP,), "safeguarding"))
            topics = (
                SUBJECTS,
                DISCLOSURES,
                REVIEWS,
                *(outbox(name) for name in (SCHOOL, CHARITY, "lscft-health-visiting")),
            )
            found = {topic: [strip(body) for body in bodies(hub, topic, THEIRS)] for topic in topics}
            told = {body["message_id"] for body in found[SUBJECTS]}
            return found | {"acks": [strip(body) for body in bodies(hub, acks(CFW)) if body["message_id"] in told]}

    alone, beside = await seen(tmp_path / "alone", None), await seen(tmp_path / "beside", HISTORIES[history])

    assert alone == beside
    assert any(body["records"] for body in alone[DISCLOSURES])


def strip(body: Body) -> Body:
    """Leave out what tells the time and the place in the log, and what is sealed or salted with these."""
    timed = {PLACE, "received_at", "issued_at", "opened_at", "due_at", "at", "ack_id", "origin", "payload", "held"}
    found = {name: value for name, value in body.items() if name not in timed}
    if "records" in found:
        found["records"] = [{k: v for k, v in record.items() if k != "commitment"} for record in found["records"]]
    return found


async def test_an_agency_of_both_registers_has_one_topic_and_labelled_records(hub: PaperHub) -> None:
    """The DWP reads one topic; each record in it says whose it is, and none holds the other's."""
    family = Family()
    sent = [family.assessment(council, (DWP,), "employment_support") for council in (OURS, THEIRS)]
    await play(hub, family.consent(OURS), family.consent(THEIRS), *sent)
    records = {body["council"]: body["record_id"] for body in bodies(hub, DISCLOSURES) for body in [
        {"council": body["council"], **record} for record in body["records"] if record["recipient"] == DWP
    ]}  # fmt: skip

    assert [OURS, THEIRS] == sorted(body["council"] for body in bodies(hub, outbox(DWP)))
    assert records == {body["council"]: body["record_id"] for body in bodies(hub, outbox(DWP))}


async def test_the_registers_are_listed_apart(hub: PaperHub) -> None:
    """Who looks at one council's register or reviews sees none of the other's; together they are all there is."""
    family = Family()
    sent = [family.assessment(council, (DWP, CHARITY), "employment_support") for council in (OURS, THEIRS)]
    doubtful = [family.assessment(council, ("example-nursery",)) for council in (OURS, THEIRS)]
    await play(hub, family.consent(OURS), *sent, *doubtful)

    async def listed(council: str) -> list[str]:
        rows = await hub.stores.register.query(RegisterQuery(council=council, limit=1000))
        assert all(json.loads(row.body)["council"] == row.council for row in rows)
        return [row.disclosure_id for row in rows]

    ours, theirs, every = [await listed(council) for council in (OURS, THEIRS, "")]
    assert ours
    assert theirs
    assert sorted(ours + theirs) == sorted(every)
    for council in (OURS, THEIRS):
        reviews = await hub.stores.reviews.query("", 1000, council)
        assert all(json.loads(row.body)["council"] == row.council == council for row in reviews)


async def test_an_answer_under_one_council_reaches_no_question_of_the_other(hub: PaperHub) -> None:
    """The agency asked cannot bring one council's question before the other's policy, by mistake or on purpose."""
    family = Family()
    question = {**filled("share_request"), "council": OURS, "query": {**CHILD, "school_id": SCHOOL}, "ask": SCHOOL}
    met = family.control(OURS, "threshold", MASH, section="s47", status="met")
    await play(hub, met, Load(5).plain("ShareRequest", question, MASH))
    (asked,) = (body for body in bodies(hub, outbox(SCHOOL)) if body["kind"] == "share_request")
    answer = {**filled("share_response"), "council": THEIRS, "request_id": asked["request_id"]}
    await play(hub, Load(6).plain("ShareResponse", answer, SCHOOL))
    refused = [fault["code"] for body in bodies(hub, acks(SCHOOL)) for fault in body["faults"]]

    assert ["REQUEST_UNKNOWN"] == refused
    assert [] == bodies(hub, SUBJECTS, THEIRS)


async def test_a_ruling_for_one_council_decides_nothing_for_the_other(hub: PaperHub) -> None:
    """A held message goes back in under the council whose it is: whoever rules for another is refused."""
    question = {
        **filled("share_request"),
        "council": THEIRS,
        "query": CHILD,
        "ask": "lcc-childrens-social-care",
        "purpose": "safeguarding",
    }
    await play(hub, Load(5).plain("ShareRequest", question, CHARITY))
    (review,) = bodies(hub, REVIEWS, THEIRS)
    ruling = {"review_id": review["review_id"], "decision": "permit", "reason": "seen", "by": "officer-1"}
    whole = {**ruling, "recipients": review["recipients"], "held": review["held"]}
    await play(hub, Load(6).plain("Control", {"council": OURS, "kind": "ruling", "ruling": whole}, GOVERNANCE))
    refused = [fault["code"] for body in bodies(hub, acks(GOVERNANCE)) for fault in body["faults"]]

    assert ["COUNCIL_MISMATCH"] == refused


async def test_a_duty_to_inform_says_whose_it_is(hub: PaperHub) -> None:
    """Each council informs its own people: the task names the council."""
    family = Family()
    body = decode(family.assessment(THEIRS, ("lancashire-constabulary",), "safeguarding").value).body
    claim = {"limb": "RISK_OF_HARM", "reason": "a reason that is written down", "decided_by": "manager-1"}
    await play(hub, Load(7).plain("Referral", {**body, "override": claim}, CFW))

    assert {THEIRS} == {notice["council"] for notice in bodies(hub, NOTICES)}


def test_doubles_make_no_second_topic() -> None:
    """Two councils with an agency of one id share its topics; the catalogue declares each topic once."""
    agencies = both().agencies()
    names = [topic.name for topic in catalogue(agencies)]

    assert len(agencies) == len(set(agencies))
    assert len(names) == len(set(names))
    assert {outbox(DWP), acks(DWP)} < set(names)


def test_a_hub_may_serve_any_councils_that_come_with_it() -> None:
    """Every notice that the hub ships can be served beside every other: their registers agree on who is who."""
    councils = tuple(sorted({named(name).council for name in packaged_names()}))
    policies = load_policies(load(councils=councils))

    assert len(councils) > 1
    assert all(policies.engine(council) for council in councils)
    assert len({topic.name for topic in topics(load(councils=councils), policies)}) == 5 + 3 * len(policies.agencies())


def test_one_id_is_one_body(tmp_path: Path) -> None:
    """Two registers that mean different bodies by one id would hand one body the other's records: the hub does not start."""
    text = packaged()["lancashire-cfw-001"].read_text("utf-8")
    theirs = text.replace(f"council: {OURS}\n", f"council: {THEIRS}\n").replace(
        "  id: lancashire-cfw\n", "  id: neighbour-cfw\n"
    )
    tmp_path.joinpath("lancashire-cfw-001.yaml").write_text(text, "utf-8")
    tmp_path.joinpath("neighbour-cfw-001.yaml").write_text(
        theirs.replace("name: Department for Work and Pensions", "name: Docklands Welfare Partnership"), "utf-8"
    )

    with pytest.raises(ConfigurationFault, match="`dwp` is not the same body"):
        load_policies(load(councils=(OURS, THEIRS), policy_folder=tmp_path))
    assert load_policies(load(councils=(OURS,), policy_folder=tmp_path)).engine(OURS) is not None
