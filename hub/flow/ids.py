"""Derived ids: the same inputs give the same id, so that every sink can drop what it has (invariant 5).

An id is the first 128 bits, as 32 hex digits, of SHA-256 over a label and the parts, each preceded by its length: no two
labels collide, and no part can be moved into its neighbour. Ids that a partner sees instead of an inner one are
keyed (HMAC-SHA-256), so that two recipients cannot compare theirs and nobody can compute one.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from hub.ledger.keys import Keyring

ID_HEX: Final = 32


def subject_message_id(agency: str, message_id: str, index: int) -> str:
    """Return the id of part `index` (from 0) of a partner's message; message ids are unique per agency only."""
    return _derive("subject-message", agency, message_id, str(index))


def disclosures_id(subject_message: str, policy_digest: str) -> str:
    """Return the id of the message that carries all disclosure records of one subject message under one policy."""
    return _derive("disclosures", subject_message, policy_digest)


def disclosure_id(subject_message: str, recipient: str, policy_digest: str) -> str:
    """Return the id of one disclosure record: one subject message, one recipient, one policy."""
    return _derive("disclosure", subject_message, recipient, policy_digest)


def record_id(disclosure: str) -> str:
    """Return the id of the filtered record that a disclosure record describes: exactly one."""
    return _derive("record", disclosure)


def review_id(subject_message: str) -> str:
    """Return the id of the review of a subject message: one for all its recipients, whatever the policy."""
    return _derive("review", subject_message)


def notice_id(subject_message: str, reason: str) -> str:
    """Return the id of the task to inform the subject for one reason (a rule id)."""
    return _derive("notice", subject_message, reason)


def ack_id(agency: str, message_id: str, status: str, source: str) -> str:
    """Return the id of an acknowledgement; source: the subject message id, or the origin that it answers."""
    return _derive("acknowledgement", agency, message_id, status, source)


def dead_letter_id(topic: str, partition: int, offset: int) -> str:
    """Return the id of what was buried from one place of the log."""
    return _derive("dead-letter", topic, str(partition), str(offset))


def request_id(subject_message: str, asked: str) -> str:
    """Return the id under which a share request was passed on to the agency asked."""
    return _derive("request", subject_message, asked)


def receipt_ref(agency: str, record: str) -> str:
    """Return the topic key of a receipt, which names a record and no subject; in no case a subject ref."""
    return _derive("receipt", agency, record)


def origin(topic: str, partition: int, offset: int) -> str:
    """Return an origin as text, `topic/partition/offset`: a place in the log, no personal data."""
    return f"{topic}/{partition}/{offset}"


def subject_key(keyring: Keyring, recipient: str, subject_ref: str) -> str:
    """Return the pseudonym by which one recipient knows a subject; another recipient's differs and cannot be linked."""
    return keyed(keyring.pseudonym, "subject-key", recipient, subject_ref)


def case_id(keyring: Keyring, recipient: str, agency: str, message_id: str) -> str:
    """Return the id by which one recipient puts the parts of a sender's message together, instead of the sender's own."""
    return keyed(keyring.pseudonym, "case", recipient, agency, message_id)


def content_digest(keyring: Keyring, value: bytes) -> str:
    """Return a keyed digest of a message's bytes, so that its id used for other content is noticed."""
    return hmac.digest(keyring.identity, _framed("content", value), "sha256").hex()


def key_hash(keyring: Keyring, key: bytes | None) -> str:
    """Return a keyed digest of a Kafka key (it is the sender's text), or "" when there is none."""
    return "" if key is None else hmac.digest(keyring.pseudonym, _framed("key", key), "sha256").hex()[:ID_HEX]


def commitment_salt(keyring: Keyring, disclosure: str) -> bytes:
    """Return the salt of one disclosure's commitment: who is shown it can check that one commitment, and no other."""
    return hmac.digest(keyring.commitment, _framed("salt", disclosure.encode()), "sha256")


def commitment(keyring: Keyring, disclosure: str, content: bytes) -> str:
    """Return the salted SHA-256 (64 hex digits) of what was released, for its disclosure record."""
    return hashlib.sha256(commitment_salt(keyring, disclosure) + content).hexdigest()


def keyed(key: bytes, label: str, *parts: str) -> str:
    """Return a keyed id (32 hex digits) over a label and its parts; without the key nobody can compute or check one."""
    return hmac.digest(key, _framed(label, *[part.encode() for part in parts]), "sha256").hex()[:ID_HEX]


# Private functions
# -----------------


def _derive(label: str, *parts: str) -> str:
    return hashlib.sha256(_framed(label, *[part.encode() for part in parts])).hexdigest()[:ID_HEX]


def _framed(label: str, *parts: bytes) -> bytes:
    framed = _start(label)
    for part in parts:
        framed += len(part).to_bytes(4, "big") + part
    return framed


@lru_cache(maxsize=64)
def _start(label: str) -> bytes:
    """Return the frame of a label; there are as many labels as kinds of ids."""
    text = f"hub/{label}/v1".encode()
    return len(text).to_bytes(4, "big") + text
