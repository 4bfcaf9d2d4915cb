"""Deterministic authenticated encryption of what the hub must hold: messages under review, dead letters, tickets.

AES-SIV (RFC 5297) needs no nonce: the same plaintext in the same context gives the same bytes, so a message handled twice
gives the same records (invariant 5). What is sealed is distinct by construction (a context id is used for one
plaintext), so equality of ciphertexts tells nobody anything.

Layout: version byte, 8 bytes of key id, 16 bytes of synthetic initialisation vector, ciphertext.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.errors import MessageFault
from hub.ledger.keys import Keyring

_VERSION: Final = b"\x01"
_ID_BYTES: Final = 8
_SIV_BYTES: Final = 16
_HEAD: Final = len(_VERSION) + _ID_BYTES
OVERHEAD: Final = _HEAD + _SIV_BYTES
"""How many bytes sealing adds."""


def seal(keyring: Keyring, purpose: str, context_id: str, plaintext: bytes) -> bytes:
    """Return the plaintext encrypted for one purpose and one context (a review id, a dead letter id)."""
    head = _VERSION + bytes.fromhex(keyring.key_id("sealing"))
    return head + _cipher(keyring.sealing).encrypt(plaintext, _associated(head, purpose, context_id))


def open_sealed(keyring: Keyring, purpose: str, context_id: str, sealed: bytes) -> bytes:
    """Return the plaintext. Raises MessageFault `SEAL_BROKEN` on a changed byte, another key, purpose or context."""
    head = _VERSION + bytes.fromhex(keyring.key_id("sealing"))
    if len(sealed) < OVERHEAD or not sealed.startswith(_VERSION):
        raise MessageFault.of("SEAL_BROKEN", "not something that this hub sealed", purpose)
    if not sealed.startswith(head):
        raise MessageFault.of("SEAL_BROKEN", "sealed with another key", purpose, "restore the key file of that time")
    try:
        return _cipher(keyring.sealing).decrypt(sealed[_HEAD:], _associated(head, purpose, context_id))
    except InvalidTag as error:
        raise MessageFault.of("SEAL_BROKEN", "the seal does not fit its content and context", purpose) from error


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESSIV:
    """Return the cipher of a sealing key; a process has one key, so it is derived once."""
    return AESSIV(HKDFExpand(algorithm=SHA512(), length=64, info=b"hub sealing v1").derive(key))


def _associated(head: bytes, purpose: str, context_id: str) -> list[bytes]:
    return [head, purpose.encode(), context_id.encode()]
