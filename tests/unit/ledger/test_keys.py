"""The key file: four independent secrets that only their owner may read."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from hub.errors import KeyMissing
from hub.ledger.keys import KEY_BYTES, NAMES, Keyring


def _code(error: pytest.ExceptionInfo[KeyMissing]) -> str:
    return error.value.faults[0].code


def test_created_keys_load_again(tmp_path: Path) -> None:
    """A key file gives back the keys that were written to it."""
    path = tmp_path / "keys.json"
    created = Keyring.create(path)

    assert created == Keyring.load(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_keys_are_independent() -> None:
    """No two of the four keys are the same, and no two keyrings share one."""
    first, second = Keyring.random(), Keyring.random()
    keys = [getattr(ring, name) for ring in (first, second) for name in NAMES]

    assert 8 == len(set(keys))
    assert {KEY_BYTES} == {len(key) for key in keys}


def test_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """Making keys where a key file is would lose what the old ones sealed, so it is refused."""
    path = tmp_path / "keys.json"
    kept = Keyring.create(path)
    with pytest.raises(KeyMissing) as error:
        Keyring.create(path)

    assert "KEY_EXISTS" == _code(error)
    assert kept == Keyring.load(path)


def test_missing_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    """Without a key file the hub stops, and says which file and what to do."""
    with pytest.raises(KeyMissing) as error:
        Keyring.load(tmp_path / "none.json")

    assert "KEY_MISSING" == _code(error)
    assert "none.json" in error.value.faults[0].place
    assert error.value.faults[0].remedy


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """A key file that cannot be written is an error, not a hub with keys in memory only."""
    with pytest.raises(KeyMissing) as error:
        Keyring.create(tmp_path / "nowhere" / "keys.json")

    assert "KEY_UNWRITABLE" == _code(error)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file with rights beyond its owner's is refused."""
    path = tmp_path / "keys.json"
    Keyring.create(path)
    path.chmod(mode)
    with pytest.raises(KeyMissing) as error:
        Keyring.load(path)

    assert "KEY_TOO_OPEN" == _code(error)


def _write(path: Path, keys: object, format_: object = 1) -> None:
    path.write_text(json.dumps({"format": format_, "keys": keys}))
    path.chmod(0o600)


def _encoded(*keys: bytes) -> dict[str, str]:
    return {name: base64.b64encode(key).decode() for name, key in zip(NAMES, keys, strict=True)}


@pytest.mark.parametrize(
    ("keys", "format_", "code"),
    [
        (_encoded(b"a" * 31, b"b" * 32, b"c" * 32, b"d" * 32), 1, "KEY_SHORT"),
        (_encoded(b"a" * 32, b"a" * 32, b"c" * 32, b"d" * 32), 1, "KEY_SHARED"),
        (_encoded(b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32), 2, "KEY_FORMAT"),
        ({"identity": "QQ=="}, 1, "KEY_MALFORMED"),
        (dict.fromkeys(NAMES, "not base64!"), 1, "KEY_MALFORMED"),
        (dict.fromkeys(NAMES, 7), 1, "KEY_MALFORMED"),
        (None, 1, "KEY_MALFORMED"),
    ],
)
def test_broken_key_file_is_refused(tmp_path: Path, keys: object, format_: object, code: str) -> None:
    """Short, shared, absent or malformed keys are refused, each with its own code."""
    path = tmp_path / "keys.json"
    _write(path, keys, format_)
    with pytest.raises(KeyMissing) as error:
        Keyring.load(path)

    assert code == _code(error)


def test_malformed_key_file_is_not_quoted(tmp_path: Path) -> None:
    """An error about a key file never carries a piece of it, not even in its cause."""
    path = tmp_path / "keys.json"
    path.write_text('{"format": 1, "keys": {"identity": "c2VjcmV0')
    path.chmod(0o600)
    with pytest.raises(KeyMissing) as error:
        Keyring.load(path)

    assert "c2VjcmV0" not in str(error.value)
    assert error.value.__cause__ is None


def test_text_form_shows_no_key_material() -> None:
    """A keyring that ends up in a log line shows nothing of its keys."""
    keyring = Keyring(*(bytes([n]) * KEY_BYTES for n in range(65, 69)))

    assert "Keyring()" == repr(keyring)
    assert "AAAA" not in f"{keyring} {keyring.key_ids()}"


def test_key_ids_tell_keys_apart() -> None:
    """Each key has an id of its own, the same whenever it is asked for."""
    keyring = Keyring.random()

    assert keyring.key_ids() == keyring.key_ids()
    assert 4 == len(set(keyring.key_ids().values()))
    assert keyring.key_ids() != Keyring.random().key_ids()
