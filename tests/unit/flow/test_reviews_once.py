"""A review is written once: what a ruling leaves waiting stays under the review that is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.ledger.sqlite import open_sqlite
from hub.schemas.codec import decode
from hub.schemas.topics import DISCLOSURES, REVIEWS
from tests.support.load import GOVERNANCE, Load, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import filled


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub with an empty store."""
    stores = await open_sqlite(tmp_path / "hub.sqlite")
    await stores.migrate()
    yield PaperHub(stores)
    await stores.close()


def ruling(hub: PaperHub) -> Sent:
    """A ruling to permit what only a threshold, consent or an override may open."""
    review = decode(hub.log[REVIEWS][0].value).body
    said = {"review_id": review["review_id"], "decision": "permit", "reason": "seen", "by": "officer-1"}
    whole = {**said, "recipients": review["recipients"], "held": review["held"]}
    body = {"council": "lancashire", "kind": "ruling", "ruling": whole}
    return Load(1).plain("Control", body, GOVERNANCE)


async def test_a_ruling_that_opens_nothing_leaves_the_review_as_it_was(hub: PaperHub) -> None:
    """One review id has one content, so a store that is built again from the log holds the same reviews (INV-5)."""
    # A partner outside the duty asks the school before any threshold is recorded (D-11).
    body = filled("share_request") | {"purpose": "safeguarding", "ask": "lcc-childrens-social-care"}
    hub.publish(Load(2).plain("ShareRequest", body, "example-housing-association"))
    await hub.run()
    assert 1 == len(hub.log[REVIEWS])

    hub.publish(ruling(hub))
    await hub.run()

    assert 1 == len(hub.log[REVIEWS])
    last = decode(hub.log[DISCLOSURES][-1].value).body["records"]
    assert ["REVIEW"] == [record["decision"] for record in last]
    assert ["open"] == [review.status for review in await hub.stores.reviews.query(status="")]
