"""Tickets: a response finds the subject of its request, and only the agency that was asked can send one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import RefusedMessage
from hub.flow import ids, tickets
from hub.flow.tickets import Ticket
from tests.support.partner import KEYRING, OTHER_KEYRING

REF, MESSAGE, COUNCIL = "ab" * 16, "cd" * 16, "lancashire"


def test_ticket_comes_back_as_it_was_issued() -> None:
    """The ticket says which request it was, and about whom; the same request always has the same one."""
    ticket = tickets.issue(KEYRING, COUNCIL, MESSAGE, "school-a", REF)

    assert ticket == tickets.issue(KEYRING, COUNCIL, MESSAGE, "school-a", REF)
    assert Ticket(ids.request_id(MESSAGE, "school-a"), REF) == tickets.redeem(KEYRING, ticket, COUNCIL, "school-a")


def test_ticket_tells_its_holder_nothing() -> None:
    """The subject ref is the hub's own; no agency can read it, nor see that two requests were about one child."""
    first, second = (tickets.issue(KEYRING, COUNCIL, MESSAGE, agency, REF) for agency in ("school-a", "school-b"))

    assert REF not in first
    assert first.partition(".")[2] != second.partition(".")[2]


@pytest.mark.parametrize("agency", ["school-b", "", "school-a/"])
def test_ticket_is_for_one_agency(agency: str) -> None:
    """Who was not asked cannot answer with somebody else's ticket."""
    with pytest.raises(RefusedMessage):
        tickets.redeem(KEYRING, tickets.issue(KEYRING, COUNCIL, MESSAGE, "school-a", REF), COUNCIL, agency)


@pytest.mark.parametrize("council", ["leicestershire", "", "lancashire/"])
def test_ticket_is_for_one_council(council: str) -> None:
    """An agency that two councils know cannot bring one's question before the other: it is about another subject."""
    with pytest.raises(RefusedMessage):
        tickets.redeem(KEYRING, tickets.issue(KEYRING, COUNCIL, MESSAGE, "school-a", REF), council, "school-a")


def test_ticket_of_another_hub_is_refused() -> None:
    """A ticket sealed with another key is unknown."""
    with pytest.raises(RefusedMessage):
        tickets.redeem(KEYRING, tickets.issue(OTHER_KEYRING, COUNCIL, MESSAGE, "school-a", REF), COUNCIL, "school-a")


@given(st.text(max_size=60) | st.from_regex(r"[0-9a-f]{32}\.[A-Za-z0-9_-]{0,90}", fullmatch=True))
def test_anything_else_is_refused(text: str) -> None:
    """Whatever a partner writes there, the answer is the same fault, without the text in it."""
    with pytest.raises(RefusedMessage) as error:
        tickets.redeem(KEYRING, text, COUNCIL, "school-a")

    assert [("REQUEST_UNKNOWN", "request_id")] == [(f.code, f.place) for f in error.value.faults]


@given(st.data())
def test_changed_ticket_is_refused(data: st.DataObject) -> None:
    """Not a character of it may differ."""
    ticket = tickets.issue(KEYRING, COUNCIL, MESSAGE, "school-a", REF)
    place = data.draw(st.integers(0, len(ticket) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefXYZ_-.").filter(lambda c: c != ticket[place]))
    with pytest.raises(RefusedMessage):
        tickets.redeem(KEYRING, ticket[:place] + other + ticket[place + 1 :], COUNCIL, "school-a")
