"""The broker runs on locked jars only: one that is missing or changed is named, and nothing is started."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hub.connectors.broker.jars import LOCK, cache_folder, ensure_jars, jars_folder, locked_jars
from hub.connectors.broker.process import EmbeddedBroker
from hub.errors import ConfigurationFault

JAR = "kafka-clients-4.3.1.jar"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A copy of the fetched jars, to be spoilt."""
    ensure_jars(cache_folder())
    shutil.copytree(jars_folder(cache_folder()), jars_folder(tmp_path))
    return tmp_path


def test_a_whole_folder_gives_the_class_path(cache: Path) -> None:
    """The class path holds the locked jars and nothing else that lies in the folder."""
    (jars_folder(cache) / "stranger.jar").write_bytes(b"not ours")

    names = [Path(part).name for part in ensure_jars(cache).split(":")]

    assert [jar.name for jar in locked_jars()] == names


def test_a_changed_jar_is_refused_by_name(cache: Path, tmp_path: Path) -> None:
    """One byte more in a jar, and the broker is not started."""
    with (jars_folder(cache) / JAR).open("ab") as jar:
        jar.write(b"\0")

    with pytest.raises(ConfigurationFault) as refused:
        EmbeddedBroker(tmp_path / "broker", cache=cache).start()

    assert ["JAR_CHANGED"] == [fault.code for fault in refused.value.faults]
    assert JAR in str(refused.value)
    assert not (tmp_path / "broker" / "kafka").exists()


def test_every_missing_jar_is_named(cache: Path) -> None:
    """All that is missing is said at once, and is not fetched in silence."""
    for name in (JAR, "kafka_2.13-4.3.1.jar"):
        (jars_folder(cache) / name).unlink()

    with pytest.raises(ConfigurationFault) as refused:
        ensure_jars(cache)

    assert {"JAR_MISSING"} == {fault.code for fault in refused.value.faults}
    assert 2 == len(refused.value.faults)
    assert all(fault.remedy for fault in refused.value.faults)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where the jars cannot be kept, the setting to change is named."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ConfigurationFault) as refused:
        ensure_jars(tmp_path / "file")

    assert "CACHE_UNUSABLE" == refused.value.faults[0].code
    assert "HUB_CACHE" in refused.value.faults[0].remedy


def test_the_lock_is_whole_and_names_no_host() -> None:
    """Each jar has a SHA-256, the Kafka parts have one version, and no registry is written into the repository."""
    jars = locked_jars()

    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert {"4.3.1"} == {jar.version for jar in jars if jar.group == "org.apache.kafka"}
    assert "://" not in LOCK.read_text(encoding="utf-8")
