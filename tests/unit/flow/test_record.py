"""The register and the list of reviews say what the log says, however often it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.ledger.ports import RegisterQuery
from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode
from hub.schemas.topics import REVIEWS, outbox
from tests.support.load import GOVERNANCE, Load, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import filled

SCHOOLS = ["example-primary-school", "example-high-school"]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub with an empty store."""
    stores = await open_sqlite(tmp_path / "hub.sqlite")
    await stores.migrate()
    yield PaperHub(stores)
    await stores.close()


async def held_for_two(hub: PaperHub) -> dict[str, Any]:
    """Have an assessment held because nobody knows which of two schools is the child's; return the review."""
    body = filled("early_help_assessment")
    child = {**body["persons"][0], "education": None}
    awareness = {**body["awareness"], "covers": []}
    body |= {"purpose": "safeguarding", "recipients": SCHOOLS, "persons": [child], "awareness": awareness}
    hub.publish(Load(1).plain("Referral", body, "lancashire-cfw"))
    await hub.run()
    review = decode(hub.log[REVIEWS][0].value).body
    assert set(SCHOOLS) == set(review["recipients"])
    return review


def ruling(review: dict[str, Any], number: int, decision: str, *recipients: str) -> Sent:
    """A ruling on some of a review's recipients."""
    said = {"review_id": review["review_id"], "decision": decision, "reason": "seen", "by": "officer-1"}
    whole = {**said, "recipients": list(recipients), "held": review["held"]}
    return Load(number).plain("Control", {"council": "lancashire", "kind": "ruling", "ruling": whole}, GOVERNANCE)


async def status(hub: PaperHub) -> str:
    """Return the status of the one review."""
    (row,) = await hub.stores.reviews.query(status="")
    return row.status


async def test_review_closes_when_every_recipient_is_ruled_on(hub: PaperHub) -> None:
    """A ruling on one of two recipients leaves the other waiting, in the open list: nobody is forgotten."""
    review = await held_for_two(hub)

    hub.publish(ruling(review, 2, "permit", SCHOOLS[0]))
    await hub.run()
    assert "open" == await status(hub)

    hub.publish(ruling(review, 3, "refuse", SCHOOLS[1]))
    await hub.run()
    assert "permitted" == await status(hub)
    assert 1 == len(hub.log[outbox(SCHOOLS[0])])
    assert not hub.log.get(outbox(SCHOOLS[1]))


async def test_review_that_was_refused_throughout_says_so(hub: PaperHub) -> None:
    """Refusing every recipient closes the review as refused, and each refusal has its record."""
    review = await held_for_two(hub)

    hub.publish(ruling(review, 2, "refuse", *SCHOOLS))
    await hub.run()

    assert "refused" == await status(hub)
    rows = await hub.stores.register.query(RegisterQuery(decision="DENY"))
    assert set(SCHOOLS) == {row.recipient for row in rows}
