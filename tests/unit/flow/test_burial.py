"""Dead letters: what cannot be handled is kept whole, sealed, and comes out as it went in."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ConfigurationFault, MessageFault, UnreadableMessage
from hub.flow import ids
from hub.flow.burial import LIMIT, Original, bury, unbury
from hub.flow.outcome import Incoming
from hub.schemas.topics import DEAD_LETTERS
from tests.support.partner import KEYRING, OTHER_KEYRING, REGISTRY, read

FAULT = UnreadableMessage.of("BAD_BODY", "the body does not match its schema", "Referral")
MESSAGE = Incoming(
    "partner.x.in.v1", 0, 5, 1_700_000_000_000, b"Canary-key", b"Canary-value", (("h", b"Canary-header"),)
)


@given(
    st.none() | st.binary(max_size=20),
    st.binary(max_size=200),
    st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4),
)
def test_what_is_buried_comes_out_as_it_went_in(
    key: bytes | None, value: bytes, pairs: list[tuple[str, bytes]]
) -> None:
    """Value, key and headers are kept to the byte, empty ones and absent ones too."""
    message = dataclasses.replace(MESSAGE, key=key, value=value, headers=tuple(pairs))
    letter = read(bury(message, FAULT, KEYRING, REGISTRY))

    assert Original(message.topic, key, value, tuple(pairs)) == unbury(letter, KEYRING)


def test_letter_says_where_when_and_why() -> None:
    """Reason, place and origin can be read without any key."""
    emit = bury(MESSAGE, FAULT, KEYRING, REGISTRY)
    letter = read(emit)

    assert ("partner.x.in.v1", 0, 5) == (letter["topic"], letter["partition"], letter["offset"])
    assert ("BAD_BODY", "Referral") == (letter["reason"], letter["place"])
    assert "2023-11-14T22:13:20.000Z" == letter["buried_at"]
    assert (DEAD_LETTERS, ids.dead_letter_id("partner.x.in.v1", 0, 5).encode()) == (emit.topic, emit.key)


def test_same_message_gives_the_same_letter() -> None:
    """Burying twice is burying once: same key, same bytes, same headers (invariant 5)."""
    assert bury(MESSAGE, FAULT, KEYRING, REGISTRY) == bury(MESSAGE, FAULT, KEYRING, REGISTRY)


def test_nothing_of_the_message_can_be_read_without_the_key() -> None:
    """Value, key and headers appear nowhere in the letter, its key or its headers (invariant 7)."""
    emit = bury(MESSAGE, FAULT, KEYRING, REGISTRY)

    assert not any(b"Canary" in part for part in (emit.key, emit.value, *(value for _, value in emit.headers)))
    with pytest.raises(MessageFault):
        unbury(read(emit), OTHER_KEYRING)


def test_bytes_of_one_letter_do_not_open_as_anothers() -> None:
    """A letter whose content was exchanged does not open."""
    first, second = (
        read(bury(dataclasses.replace(MESSAGE, offset=offset), FAULT, KEYRING, REGISTRY)) for offset in (1, 2)
    )
    with pytest.raises(MessageFault):
        unbury({**first, "held": second["held"]}, KEYRING)
    with pytest.raises(MessageFault):
        unbury({**first, "held": first["held_headers"]}, KEYRING)


@pytest.mark.parametrize("limit", [10_000, LIMIT])
def test_letter_fits_whatever_its_message(limit: int) -> None:
    """A message that no letter could hold is still buried, without its bytes, and says where they are."""
    huge = dataclasses.replace(MESSAGE, value=b"x" * limit)
    largest = dataclasses.replace(MESSAGE, value=b"x" * (limit - 8_192 - 100))
    letter = read(bury(huge, FAULT, KEYRING, REGISTRY, limit))

    assert len(bury(largest, FAULT, KEYRING, REGISTRY, limit).value) < limit - 2_000
    assert largest.value == unbury(read(bury(largest, FAULT, KEYRING, REGISTRY, limit)), KEYRING).value
    assert b"" == letter["held"]
    with pytest.raises(MessageFault) as error:
        unbury(letter, KEYRING)
    assert "NOT_HELD" == error.value.faults[0].code


def test_message_without_a_broker_time_stops_the_worker() -> None:
    """A topic that is not set to append time is a fault of the set-up, not of its messages."""
    with pytest.raises(ConfigurationFault):
        bury(dataclasses.replace(MESSAGE, timestamp_ms=-1), FAULT, KEYRING, REGISTRY)
