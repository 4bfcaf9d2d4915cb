"""Two versions of one council's policy side by side: each message is judged by the one of its own day (D-25)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.ledger.ports import RegisterRow
from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode, encode
from hub.schemas.topics import DISCLOSURES, REVIEWS, acks
from tests.support.load import ACCEPTED, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import CFW, Body, filled
from tests.support.policies import named, policies_of

FORMER, PRESENT = "lancashire-cfw-000", "lancashire-cfw-001"
LAST_DAY, FIRST_DAY, TODAY = "2020-12-31", "2021-01-01", "2026-11-22"
CHARITY = "barnardos"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub with both versions of the notice, whose broker's clock the tests set."""
    stores = await open_sqlite(tmp_path / "hub.sqlite")
    await stores.migrate()
    yield PaperHub(stores, council=policies_of((FORMER, PRESENT)))
    await stores.close()


def assessment(message_id: str, day: str, recipients: tuple[str, ...] = (CHARITY,)) -> Body:
    """An Early Help Assessment about one child, with a consent, on a day."""
    body = filled("early_help_assessment")
    child = {**body["persons"][0], "early_help": None, "health": None, "send": None}
    scope = {"recipients": ["*"], "purposes": ["*"], "categories": ["*"], "covers": [], "expires_on": None}
    awareness = {**body["awareness"], "aware": "yes", "consent": "yes", "date": day, **scope}
    said = {"message_id": message_id, "sent_at": f"{day}T08:59:00Z", "recipients": list(recipients)}
    return {**body, **said, "awareness": awareness, "details": None, "persons": [child]}


async def published(hub: PaperHub, name: str, body: Body, agency: str, day: str) -> Body:
    """Publish a message on a day; return the Disclosures body of what was decided then."""
    hub.at = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    hub.publish(Sent(agency, body["message_id"], encode(name, body), ACCEPTED))
    await hub.run()
    refused = [fault for row in hub.log[acks(agency)] for fault in decode(row.value).body["faults"]]
    assert [] == refused
    return decode(hub.log[DISCLOSURES][-1].value).body


def judged_by(body: Body) -> tuple[str, str]:
    """The policy and digest on a record."""
    return f"{body['policy_id']}-{body['policy_version']}", body["policy_digest"]


async def test_each_message_is_judged_by_the_version_of_its_day(hub: PaperHub) -> None:
    """The last day of the former notice is still its own, the next is the present one's; each record has the digest it was decided by."""
    for day, name in ((LAST_DAY, FORMER), (FIRST_DAY, PRESENT), (TODAY, PRESENT)):
        found = await published(hub, "Referral", assessment(f"m-{day}", day), CFW, day)

        assert (name, named(name).digest) == judged_by(found)


async def test_a_message_sent_again_is_judged_by_todays_version(hub: PaperHub) -> None:
    """A repetition is a new message of its own day: it does not borrow the rules of the first, nor are these lost."""
    first = await published(hub, "Referral", assessment("m-then", LAST_DAY), CFW, LAST_DAY)
    again = {**assessment("m-now", LAST_DAY), "sent_at": f"{TODAY}T08:59:00Z"}
    second = await published(hub, "Referral", again, CFW, TODAY)

    assert (named(FORMER).digest, named(PRESENT).digest) == (first["policy_digest"], second["policy_digest"])
    assert first["subject_ref"] == second["subject_ref"]
    assert {record["disclosure_id"] for record in first["records"]}.isdisjoint(
        record["disclosure_id"] for record in second["records"]
    )


async def test_the_same_copy_later_changes_nothing(hub: PaperHub) -> None:
    """A duplicate of an old message is no new decision under new rules: it was decided, once, on its own day."""
    body = assessment("m-then", LAST_DAY)
    await published(hub, "Referral", body, CFW, LAST_DAY)
    await published(hub, "Referral", body, CFW, TODAY)

    assert 1 == len(hub.log[DISCLOSURES])
    assert "duplicate" in [decode(row.value).body["note"] for row in hub.log[acks(CFW)]]


async def test_the_register_shows_which_version_decided(hub: PaperHub) -> None:
    """Whoever asks later can tell each record's notice by its digest, however many versions there have been."""
    await published(hub, "Referral", assessment("m-then", LAST_DAY), CFW, LAST_DAY)
    await published(hub, "Referral", assessment("m-now", TODAY), CFW, TODAY)
    state = await hub.state()

    assert {named(FORMER).digest, named(PRESENT).digest} == {digest(row) for row in state.register}


def digest(row: RegisterRow) -> str:
    """The digest that a register row was decided by."""
    return str(json.loads(row.body)["policy_digest"])


async def test_a_ruling_is_by_the_rules_of_its_own_day(hub: PaperHub) -> None:
    """What waited since the former notice is decided by the present one when somebody rules on it."""
    body = assessment("m-then", LAST_DAY, ("example-primary-school",))
    body["persons"][0]["education"] = None
    waiting = await published(hub, "Referral", body, CFW, LAST_DAY)
    (review,) = [decode(row.value).body for row in hub.log[REVIEWS]]
    said = {"review_id": review["review_id"], "decision": "refuse", "reason": "seen", "by": "officer-1"}
    ruling = {**said, "recipients": review["recipients"], "held": review["held"]}
    control = {"message_id": "r-now", "council": "lancashire", "kind": "ruling", "sent_at": f"{TODAY}T08:59:00Z"}
    ruled = await published(hub, "Control", {**control, "ruling": ruling}, "lcc-information-governance", TODAY)

    assert (FORMER, PRESENT) == (judged_by(waiting)[0], judged_by(ruled)[0])
    assert ["REVIEW", "DENY"] == [body["records"][0]["decision"] for body in (waiting, ruled)]
