"""The settings: read once, refused as a whole when one of them cannot be right, documented."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.errors import ConfigurationFault
from hub.settings import Settings, as_markdown, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting from the machine the tests run on."""
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)


def test_the_environment_is_read_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed counts more than what is set."""
    monkeypatch.setenv("HUB_BATCH_LIMIT", "7")
    monkeypatch.setenv("HUB_COUNCILS", "lancashire, example")
    monkeypatch.setenv("HUB_KEYS_FILE", "")

    settings = load(group_id="other")

    assert 7 == settings.batch_limit
    assert ("lancashire", "example") == settings.councils
    assert "other" == settings.group_id
    assert Path(".hub/keys.json") == settings.keys_path


def test_every_bad_value_is_named_at_once_and_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """One fault each, with the variable's name; a password in an address never reaches a terminal or a log."""
    bad = {
        "HUB_BATCH_LIMIT": "many-Canary",
        "HUB_DATABASE": "mysql://hub:Canary@store",
        "HUB_BOOTSTRAP": "Canary",
        "HUB_LOG_LEVEL": "Canary",
        "HUB_DATABSE": "postgresql://Canary",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationFault) as refused:
        load()

    assert sorted(bad) == sorted(fault.place for fault in refused.value.faults)
    assert "Canary" not in str(refused.value)
    assert all(fault.text[0].islower() and not fault.text.endswith(".") for fault in refused.value.faults)


def test_a_misspelt_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that does nothing would leave a default in force unseen."""
    monkeypatch.setenv("HUB_DEAD_LETTER_RUNS", "5")

    with pytest.raises(ConfigurationFault, match="HUB_DEAD_LETTER_RUNS: no such setting"):
        load()


@pytest.mark.parametrize(
    "chosen",
    [{"heartbeat": 5.0}, {"retry_min": 9.0}, {"subject_partitions": 0}, {"metrics_port": 70_000}, {"councils": ""}],
)
def test_values_that_cannot_be_right_are_refused(chosen: dict[str, object]) -> None:
    """At start, not when they first matter."""
    with pytest.raises(ConfigurationFault):
        load(**chosen)


def test_settings_do_not_change_and_do_not_show_their_secret() -> None:
    """Passed around, printed, compared: never altered, never leaking the store's password."""
    settings = load(database="postgresql://hub:Canary@store/hub")

    with pytest.raises(ValidationError):
        settings.batch_limit = 3

    assert "Canary" not in repr(settings)
    assert "Canary" in settings.database.get_secret_value()


def test_every_setting_is_documented() -> None:
    """Each has a description, and a row on its page."""
    page = as_markdown()
    for name, info in Settings.model_fields.items():
        assert info.description is not None
        assert info.description.endswith(".")
        assert 1 == page.count(f"| `HUB_{name.upper()}` |")
