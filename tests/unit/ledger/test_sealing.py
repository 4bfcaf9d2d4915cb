"""Sealing: what the hub holds can be read with its key, in its context, unchanged, and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import MessageFault
from hub.ledger.keys import Keyring
from hub.ledger.sealing import OVERHEAD, open_sealed, seal

KEYRING = Keyring(*(bytes([n]) * 32 for n in range(1, 5)))


def _broken(keyring: Keyring, purpose: str, context: str, sealed: bytes) -> MessageFault:
    with pytest.raises(MessageFault) as error:
        open_sealed(keyring, purpose, context, sealed)
    assert "SEAL_BROKEN" == error.value.faults[0].code
    return error.value


@given(st.binary(max_size=500), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens(plaintext: bytes, purpose: str, context: str) -> None:
    """Whatever was sealed, the empty message included, opens to the same bytes."""
    sealed = seal(KEYRING, purpose, context, plaintext)

    assert plaintext == open_sealed(KEYRING, purpose, context, sealed)
    assert OVERHEAD + len(plaintext) == len(sealed)


def test_same_message_gives_same_bytes() -> None:
    """Sealing is deterministic, so that a message handled twice gives the same records (invariant 5)."""
    assert seal(KEYRING, "review", "r1", b"body") == seal(KEYRING, "review", "r1", b"body")


def test_context_changes_the_bytes() -> None:
    """The same body in two contexts cannot be seen to be the same."""
    forms = {seal(KEYRING, p, c, b"body") for p, c in [("a", "b"), ("ab", ""), ("", "ab"), ("a", "c"), ("c", "b")]}

    assert 5 == len(forms)


@given(st.data())
def test_any_changed_byte_breaks_the_seal(data: st.DataObject) -> None:
    """Not one bit may differ: version, key id, check value or content."""
    sealed = bytearray(seal(KEYRING, "review", "r1", b"some body"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    _broken(KEYRING, "review", "r1", bytes(sealed))


@pytest.mark.parametrize(("purpose", "context"), [("review", "r2"), ("dead-letter", "r1"), ("reviewr1", "")])
def test_other_purpose_or_context_does_not_open(purpose: str, context: str) -> None:
    """A held message cannot be passed off as that of another review or another use."""
    _broken(KEYRING, purpose, context, seal(KEYRING, "review", "r1", b"body"))


def test_other_key_is_named_as_such() -> None:
    """With another key it does not open, and the error says what to do, without the key."""
    other = Keyring(*(bytes([n]) * 32 for n in range(11, 15)))
    fault = _broken(other, "review", "r1", seal(KEYRING, "review", "r1", b"body")).faults[0]

    assert "another key" in fault.text
    assert fault.remedy


@pytest.mark.parametrize("length", [0, 1, 8, OVERHEAD - 1])
def test_cut_off_seal_is_broken(length: int) -> None:
    """Too few bytes are a broken seal, not a crash."""
    _broken(KEYRING, "review", "r1", seal(KEYRING, "review", "r1", b"body")[:length])
