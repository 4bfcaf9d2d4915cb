"""The hub's secrets: four independent 256-bit keys in one file that only its owner may read.

Independent keys mean that giving one away (a commitment key to an auditor, say) opens nothing else. Only key ids are
ever shown or logged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from hub.errors import KeyMissing

KEY_BYTES: Final = 32
NAMES: Final = ("identity", "pseudonym", "sealing", "commitment")
_FORMAT: Final = 1
_REMEDY: Final = "create a key file, or restore it from its backup"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The four secrets, 32 bytes each; its text form shows none of them.

    identity: keyed hashes of names and numbers. pseudonym: what a recipient sees instead of a subject ref.
    sealing: held messages and dead letters. commitment: salts of the commitments in disclosure records.
    """

    identity: bytes = field(repr=False)
    pseudonym: bytes = field(repr=False)
    sealing: bytes = field(repr=False)
    commitment: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse short or shared keys. Raises KeyMissing."""
        keys = [getattr(self, name) for name in NAMES]
        if any(len(key) != KEY_BYTES for key in keys):
            raise KeyMissing.of("KEY_SHORT", f"each key has {KEY_BYTES} bytes", "keys", _REMEDY)
        if len(set(keys)) != len(keys):
            raise KeyMissing.of("KEY_SHARED", "two keys are the same", "keys", _REMEDY)

    @classmethod
    def random(cls) -> Self:
        """Return four fresh keys from the system's random source."""
        return cls(*(secrets.token_bytes(KEY_BYTES) for _ in NAMES))

    @classmethod
    def create(cls, path: Path) -> Self:
        """Write four fresh keys to a new file with rights 0600 and return them.

        Raises KeyMissing when the file is there already (a key file is never overwritten: what it sealed would be lost)
        or cannot be written.
        """
        keyring = cls.random()
        keys = {name: base64.b64encode(getattr(keyring, name)).decode("ascii") for name in NAMES}
        text = json.dumps({"format": _FORMAT, "keys": keys}, indent=2) + "\n"
        _write_new(path, text)
        return keyring

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the keys from a file. Raises KeyMissing, with the remedy, when it is absent, too open, short or malformed."""
        place = str(path)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyMissing.of("KEY_TOO_OPEN", "others may read the key file", place, f"chmod 600 {path}")
            raw = path.read_bytes()
        except OSError as error:
            raise KeyMissing.of("KEY_MISSING", "the key file cannot be read", place, _REMEDY) from error
        return cls(*_parse(raw, place))

    def key_id(self, name: str) -> str:
        """Return the id of a key: 16 hex digits that tell keys apart and give nothing of the key away."""
        label = f"hub key id {name}".encode("ascii")
        return hashlib.sha256(label + b"\0" + getattr(self, name)).hexdigest()[:16]

    def key_ids(self) -> dict[str, str]:
        """Return the id of each key by name, for logs and `hub status`."""
        return {name: self.key_id(name) for name in NAMES}


# Private functions
# -----------------


def _write_new(path: Path, text: str) -> None:
    place = str(path)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise KeyMissing.of("KEY_EXISTS", "the key file exists and is kept", place, "load it instead") from error
    except OSError as error:
        raise KeyMissing.of("KEY_UNWRITABLE", "the key file cannot be written", place, "check the folder") from error


def _parse(raw: bytes, place: str) -> list[bytes]:
    try:
        content: Any = json.loads(raw)
        if content["format"] != _FORMAT:
            raise KeyMissing.of("KEY_FORMAT", "the key file is of another format", place, _REMEDY)
        return [base64.b64decode(content["keys"][name], validate=True) for name in NAMES]
    except (ValueError, KeyError, TypeError, binascii.Error):
        # The cause may quote key material, so it does not travel with the error.
        raise KeyMissing.of("KEY_MALFORMED", "the key file is not a whole key file", place, _REMEDY) from None
