"""Every setting of the hub in one typed class, read once from the environment (prefix `HUB_`) and passed in.

`docs/settings.md` is made from this file. A value that cannot be right, or a `HUB_` name that is no setting, is refused
at start with one fault each: a misspelt setting must not leave a default in force unseen.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hub.errors import ConfigurationFault, Fault

PREFIX: Final = "HUB_"
_REMEDY: Final = "see docs/settings.md"
_LAST_PORT: Final = 65535


class Settings(BaseSettings):
    """What can be chosen when the hub is started. Frozen; secrets are never shown by `repr` or in errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    # where things are
    data_folder: Path = Field(Path(".hub"), description="Folder that holds the keys, the embedded broker and SQLite.")
    bootstrap: str = Field(
        "",
        description="Kafka brokers as `host:port`, separated by commas. Empty: the embedded broker, started by `hub up`.",
    )
    database: SecretStr = Field(
        SecretStr(""), description="Store: a `postgresql://` address. Empty: SQLite in the data folder."
    )
    keys_file: Path | None = Field(
        None,
        description="File with the hub's secret keys, readable by its owner only. Empty: `keys.json` in the data folder.",
    )
    policy_folder: Path | None = Field(
        None, description="Folder with council policy files. Empty: the policies packaged with the hub."
    )
    councils: Annotated[tuple[str, ...], NoDecode] = Field(
        ("lancashire",), min_length=1, description="Councils this hub serves, by policy id, separated by commas."
    )
    state_file: Path | None = Field(
        None, description="File in which a worker says its process id and metrics address. Empty: none is written."
    )

    # the log
    group_id: str = Field(
        "hub",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$",
        description="Consumer group; workers of one group share partitions.",
    )
    subject_partitions: int = Field(
        4, ge=1, le=1000, description="Partitions of the subject topics. Fixed for life once the topics exist."
    )
    replication: int = Field(
        1, ge=1, le=9, description="Copies of each partition that the brokers keep; 3 on a cluster of three or more."
    )
    batch_limit: int = Field(1000, ge=1, le=10_000, description="Most messages that a worker handles in one batch.")
    max_message_bytes: int = Field(
        1_040_000,
        ge=10_000,
        le=10_000_000,
        description="Largest message the hub writes, in bytes; the topics' `max.message.bytes` must not be smaller.",
    )
    session_timeout: float = Field(
        10.0, ge=1, le=300, description="Seconds of silence after which the partitions of a worker go to another one."
    )
    heartbeat: float = Field(
        3.0,
        ge=0.1,
        le=100,
        description="Seconds between signs of life to the broker; at most a third of the session timeout.",
    )
    commit_interval: float = Field(
        1.0, ge=0.05, le=60, description="Seconds between commits; bounds how much is handled again after a crash."
    )
    emit_timeout: float = Field(
        15.0,
        ge=1,
        le=300,
        description="Seconds without an answer from the broker after which it counts as unavailable.",
    )

    # faults
    retry_min: float = Field(
        0.1, gt=0, le=60, description="Seconds before the first retry of a batch; doubles each time."
    )
    retry_max: float = Field(5.0, gt=0, le=600, description="Longest wait between two retries, in seconds.")
    dead_letter_run: int = Field(
        100,
        ge=1,
        description="Messages buried in a row, by one worker and agent, at which the worker stops for good. No partner counts for more than half of them.",
    )
    dead_letter_ratio: float = Field(
        0.5, gt=0, le=1, description="Share of the last messages buried above which the worker stops for good."
    )
    dead_letter_window: int = Field(500, ge=10, description="How many of the last messages that share is taken over.")
    stop_grace: float = Field(
        5.0, ge=0.1, le=300, description="Seconds that a batch in hand has to finish after SIGTERM."
    )
    stall_after: float = Field(
        60.0, ge=1, description="Seconds without progress on a batch after which `/live` says that the worker hangs."
    )
    fault_point: str = Field(
        "",
        description="Tests only: kill the process at a named point of the loop, as `name`, `agent/name` or `agent/name:n`.",
    )

    # what it remembers and shows
    cache_size: int = Field(
        10_000,
        ge=0,
        description="Entries that each cache of a worker may hold; caches are dropped when partitions move.",
    )
    metrics_host: str = Field("127.0.0.1", min_length=1, description="Address on which metrics and health are served.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port for metrics and health. 0: a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @field_validator("councils", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("keys_file", "policy_folder", "state_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("bootstrap")
    @classmethod
    def _brokers(cls, value: str) -> str:
        for broker in filter(None, value.split(",")):
            host, _, port = broker.rpartition(":")
            if not host or not port.isdigit() or not 1 <= int(port) <= _LAST_PORT:
                raise ValueError("must be `host:port`, separated by commas")
        return value

    @field_validator("database")
    @classmethod
    def _dsn(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith("postgresql://"):
            raise ValueError("must be empty or a `postgresql://` address")
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.heartbeat * 3 > self.session_timeout:
            raise ValueError("`heartbeat` must be at most a third of `session_timeout`")
        if self.retry_min > self.retry_max:
            raise ValueError("`retry_min` must not be above `retry_max`")
        return self

    @property
    def keys_path(self) -> Path:
        """Where the hub's keys are."""
        return self.keys_file or self.data_folder / "keys.json"

    @property
    def sqlite_path(self) -> Path:
        """Where the SQLite store is when no database is configured."""
        return self.data_folder / "hub.sqlite"


def load(**chosen: Any) -> Settings:
    """Return the settings from the environment, with `chosen` values (command line) over them.

    Raises ConfigurationFault with one fault for each bad value or unknown `HUB_` name; none holds the value itself.
    """
    given = {name.removeprefix(PREFIX).lower() for name in os.environ if name.startswith(PREFIX)}
    unknown = [
        Fault("UNKNOWN_SETTING", PREFIX + name.upper(), "no such setting", _REMEDY)
        for name in sorted(given - set(Settings.model_fields))
    ]
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        raise ConfigurationFault(*unknown, *_faults(error)) from None
    if unknown:
        raise ConfigurationFault(*unknown)
    return settings


def as_markdown() -> str:
    """Return `docs/settings.md`: every setting with its default and meaning, in the order of the class."""
    lines = [
        "# Settings",
        "",
        "Set as environment variables. Made from `hub/settings.py` by `make docs`; a test keeps it true.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, info in Settings.model_fields.items():
        lines.append(f"| `{PREFIX}{name.upper()}` | {_shown(info.default)} | {info.description} |")
    return "\n".join(lines) + "\n"


# Private functions
# -----------------


def _faults(error: ValidationError) -> list[Fault]:
    return [
        Fault("BAD_SETTING", _place(detail["loc"]), _text(detail["msg"]), _REMEDY)
        for detail in error.errors(include_input=False, include_url=False)
    ]


def _place(location: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{str(location[0]).upper()}" if location else ""


def _text(message: str) -> str:
    text = message.removeprefix("Value error, ").rstrip(".")
    return text[:1].lower() + text[1:]


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"`{default}`" if default not in ("", None) else "empty"
