"""What all message models share: they are frozen, and take no field that the schema does not have."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Answer = Literal["yes", "no", "not_known", "not_applicable"]
"""A three-valued answer, plus not applicable; blank is not an answer."""

_DAY_LENGTH = len("2026-11-22")


class Edge(BaseModel):
    """Base of the models of messages and their parts; bytes stand as base64 in JSON, and errors quote no value."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        val_json_bytes="base64",
        ser_json_bytes="base64",
    )


def _day(text: str) -> str:
    try:
        valid = len(text) == _DAY_LENGTH and bool(date.fromisoformat(text))
    except ValueError:
        valid = False
    if not valid:
        message = "must be a day, written YYYY-MM-DD"
        raise ValueError(message)
    return text


def _moment(text: str) -> str:
    try:
        valid = text.endswith("Z") and text[_DAY_LENGTH] == "T" and bool(datetime.fromisoformat(text))
    except (ValueError, IndexError):
        valid = False
    if not valid:
        message = "must be a moment in UTC, written YYYY-MM-DDTHH:MM:SSZ"
        raise ValueError(message)
    return text


Day = Annotated[str, AfterValidator(_day)]
"""A day as text, YYYY-MM-DD."""

Moment = Annotated[str, AfterValidator(_moment)]
"""A moment in UTC as text, YYYY-MM-DDTHH:MM:SSZ."""
