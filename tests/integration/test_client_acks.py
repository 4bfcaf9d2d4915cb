"""What the hub says of a message, through the partner client, on a real broker."""

from __future__ import annotations

import asyncio

import pytest

from hub.connectors.partner import NotAcknowledged, PartnerClient
from hub.errors import RefusedMessage
from tests.support.client import acknowledge, register, word


@pytest.fixture
async def agency(bootstrap: str, unique: str) -> str:
    """A registered agency that no other test uses."""
    await register(bootstrap, unique)
    return unique


async def test_acknowledgements_come_in_order_and_once(bootstrap: str, agency: str) -> None:
    """The hub's words come in the order in which it said them, and each once, over restarts of the reader."""
    accepted, delivered = word(agency, "m1", "accepted"), word(agency, "m1", "delivered", delivered=3, withheld=2)
    await acknowledge(bootstrap, agency, [accepted, delivered, accepted, word(agency, "m2", "held", held=1)])

    found = []
    for _ in range(2):
        async with PartnerClient(agency, bootstrap) as client:
            found += [each async for each in client.acknowledgements(follow=False)]

    assert [("m1", "accepted"), ("m1", "delivered"), ("m2", "held")] == [
        (each.message_id, each.status) for each in found
    ]
    assert (3, 2) == (found[1].delivered, found[1].withheld)


async def test_waiting_finds_what_was_said_before_and_after(bootstrap: str, agency: str) -> None:
    """It does not matter whether the hub has spoken before somebody waits, or how often it is asked."""
    await acknowledge(bootstrap, agency, [word(agency, "m1", "accepted"), word(agency, "m2", "accepted")])

    async with PartnerClient(agency, bootstrap) as client:
        first = await client.wait_for("m1")
        waiting = asyncio.create_task(client.wait_for("m1", status="delivered"))
        await acknowledge(bootstrap, agency, [word(agency, "m1", "delivered")])
        later = await waiting
        again, other = await client.wait_for("m1"), await client.wait_for("m2", status="accepted")

    assert ["accepted", "delivered", "accepted", "accepted"] == [each.status for each in (first, later, again, other)]
    assert "m2" == other.message_id


async def test_many_may_wait_at_once(bootstrap: str, agency: str) -> None:
    """Each of many who wait gets the word on its own message."""
    names = [f"m{number}" for number in range(40)]

    async with PartnerClient(agency, bootstrap) as client:
        waiting = [asyncio.create_task(client.wait_for(name)) for name in names]
        await acknowledge(bootstrap, agency, [word(agency, name, "accepted") for name in reversed(names)])
        found = await asyncio.gather(*waiting)

    assert names == [each.message_id for each in found]


async def test_a_refusal_is_an_error_with_every_fault(bootstrap: str, agency: str) -> None:
    """Who waits for a delivery learns of a refusal at once, with the hub's faults; who asks for it gets it."""
    faults = [
        {"code": "FORM_UNKNOWN", "place": "form", "text": "the policy names no such form", "remedy": "use another"},
        {"code": "ANSWER_MISSING", "place": "awareness.aware", "text": "the form needs an answer", "remedy": ""},
    ]
    await acknowledge(bootstrap, agency, [word(agency, "m1", "refused", faults=faults)])

    async with PartnerClient(agency, bootstrap) as client:
        with pytest.raises(RefusedMessage) as refused:
            await client.wait_for("m1", status="delivered")
        told = await client.wait_for("m1", status="refused")

    assert ["form", "awareness.aware"] == [fault.place for fault in refused.value.faults]
    assert ["FORM_UNKNOWN", "ANSWER_MISSING"] == [fault.code for fault in told.faults]


async def test_silence_is_an_error_in_the_end(bootstrap: str, agency: str) -> None:
    """When the hub says nothing, or something else, waiting ends with an error that says what was waited for."""
    await acknowledge(bootstrap, agency, [word(agency, "m1", "accepted")])

    async with PartnerClient(agency, bootstrap) as client:
        await client.wait_for("m1")
        with pytest.raises(NotAcknowledged, match="`delivered`"):
            await client.wait_for("m1", status="delivered", timeout=0.5)
