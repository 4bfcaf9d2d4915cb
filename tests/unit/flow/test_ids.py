"""Derived ids: the same inputs always give the same id, other inputs never do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.flow import ids
from hub.ledger.keys import Keyring

KEYRING = Keyring(*(bytes([n]) * 32 for n in range(1, 5)))
OTHER = Keyring(*(bytes([n]) * 32 for n in range(11, 15)))

PLAIN: dict[str, Callable[..., str]] = {
    "subject_message_id": lambda a, b, c: ids.subject_message_id(a, b, len(c)),
    "disclosures_id": lambda a, b, c: ids.disclosures_id(a, b + c),
    "disclosure_id": ids.disclosure_id,
    "record_id": lambda a, b, c: ids.record_id(a + b + c),
    "review_id": lambda a, b, c: ids.review_id(a + b + c),
    "notice_id": lambda a, b, c: ids.notice_id(a, b + c),
    "ack_id": lambda a, b, c: ids.ack_id(a, b, c, ""),
    "dead_letter_id": lambda a, b, c: ids.dead_letter_id(a + b, len(c), 0),
    "request_id": lambda a, b, c: ids.request_id(a, b + c),
    "receipt_ref": lambda a, b, c: ids.receipt_ref(a, b + c),
    "subject_key": lambda a, b, c: ids.subject_key(KEYRING, a, b + c),
    "case_id": lambda a, b, c: ids.case_id(KEYRING, a, b, c),
}
TEXT = st.text(max_size=8)


@given(TEXT, TEXT, TEXT)
def test_no_two_kinds_of_id_collide(a: str, b: str, c: str) -> None:
    """Ids of different kinds differ even for the same inputs, so one never stands for another."""
    made = {name: make(a, b, c) for name, make in PLAIN.items()}

    assert len(PLAIN) == len(set(made.values()))
    assert all(ids.ID_HEX == len(value) and int(value, 16) >= 0 for value in made.values())


@given(TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
def test_parts_cannot_be_shifted(a: str, b: str, c: str, x: str, y: str, z: str) -> None:
    """Two lists of parts give the same id only when they are the same list, however the text runs on."""
    same = (a, b, c) == (x, y, z)

    assert same == (ids.disclosure_id(a, b, c) == ids.disclosure_id(x, y, z))
    assert same == (ids.case_id(KEYRING, a, b, c) == ids.case_id(KEYRING, x, y, z))


@given(TEXT.filter(bool), TEXT)
def test_moving_a_character_between_parts_changes_the_id(a: str, b: str) -> None:
    """`ab` + `c` is not `a` + `bc`."""
    assert ids.disclosures_id(a, b) != ids.disclosures_id(a[:-1], a[-1] + b)


def test_ids_stay_as_they_are() -> None:
    """Ids are kept for years in registers: a change of derivation would show every old message as new."""
    framed = b"".join(len(p).to_bytes(4, "big") + p for p in (b"hub/review/v1", b"abc"))

    assert hashlib.sha256(framed).hexdigest()[:32] == ids.review_id("abc")
    assert "509f771a415b72b460e17ead31920f3e" == ids.subject_message_id("ecm-trust", "m-1", 0)


def test_recipients_cannot_compare_pseudonyms() -> None:
    """Each recipient knows a subject, and a case, by an id of its own, and another hub's key gives others again."""
    keys = {ids.subject_key(ring, to, "ref") for ring in (KEYRING, OTHER) for to in ("a", "b")}
    cases = {ids.case_id(ring, to, "sender", "m1") for ring in (KEYRING, OTHER) for to in ("a", "b")}

    assert (4, 4) == (len(keys), len(cases))


def test_two_agencies_may_use_the_same_message_id() -> None:
    """A message id is unique for its sender alone."""
    assert ids.subject_message_id("a", "m1", 0) != ids.subject_message_id("b", "m1", 0)


def test_commitment_can_be_checked_with_its_salt_alone() -> None:
    """Who is given one salt can prove one release, and learns nothing about another."""
    salt = ids.commitment_salt(KEYRING, "d1")

    assert hashlib.sha256(salt + b"released").hexdigest() == ids.commitment(KEYRING, "d1", b"released")
    assert salt != ids.commitment_salt(KEYRING, "d2")
    assert ids.commitment(KEYRING, "d1", b"released") != ids.commitment(OTHER, "d1", b"released")


@pytest.mark.parametrize("digest", [ids.content_digest, ids.key_hash])
def test_digests_of_partner_bytes_are_keyed(digest: Callable[[Keyring, bytes], str]) -> None:
    """A digest of what a partner sent cannot be found by trying values without the key."""
    assert digest(KEYRING, b"x") != digest(OTHER, b"x")
    assert digest(KEYRING, b"x") == digest(KEYRING, b"x")
    assert digest(KEYRING, b"x") not in hashlib.sha256(b"x").hexdigest()


def test_absent_key_has_no_hash() -> None:
    """No Kafka key and an empty one are two things."""
    assert "" == ids.key_hash(KEYRING, None) != ids.key_hash(KEYRING, b"")
