"""What the schema itself lets the hub check of any message: codes, days, times, and marked statements.

The checks are compiled once per schema from its `codes` attributes and from what its field names mean, so a field that is
added later with codes is checked without a change here. Faults name places and never hold a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from hub.errors import Fault
from hub.schemas.registry import Registry

PAST_DAYS: Final = frozenset({"date", "date_of_birth"})
"""Days on which something happened: they cannot lie ahead."""

ANY_DAYS: Final = frozenset({"due_date", "expires_on", "starts_on", "until"})
TIMES: Final = frozenset({"sent_at", "phone_first_at", "at"})
"""Moments, in UTC, that cannot lie ahead of the broker's clock by more than the allowed skew."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z\Z")
_TEXT: Final = ("string", ["null", "string"])
_SUMMER_TIME: Final = timedelta(hours=1)
_OTHER: Final = "other_person"


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment by which a message is judged: the broker's append time, and how far a sender's clock may be ahead."""

    now: datetime
    max_skew: timedelta

    @property
    def latest(self) -> datetime:
        """The last moment that does not count as the future."""
        return self.now + self.max_skew

    @property
    def last_day(self) -> date:
        """The last day that does not count as the future; British summer time is an hour ahead of UTC."""
        return (self.latest + _SUMMER_TIME).date()


Check = Callable[[Any, str, Clock, list[Fault]], None]


def shape_faults(registry: Registry, schema_id: int, body: Mapping[str, Any], clock: Clock) -> list[Fault]:
    """Return a fault for each unknown code, malformed or future day or time, and each unmarked statement of a body."""
    faults: list[Fault] = []
    check = _compiled(registry, schema_id)
    if check is not None:
        check(body, "", clock, faults)
    return faults


def parse_day(text: str) -> date | None:
    """Return the day in `YYYY-MM-DD`, or None when it is not one."""
    try:
        return date.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        return None


def parse_time(text: str) -> datetime | None:
    """Return the moment in `YYYY-MM-DDTHH:MM:SSZ` (fractions allowed), or None when it is not one."""
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC) if _TIME.match(text) else None
    except ValueError:
        return None


# Private functions
# -----------------


@lru_cache(maxsize=64)
def _compiled(registry: Registry, schema_id: int) -> Check | None:
    return _Compiler().node(registry.by_id(schema_id).raw)


class _Compiler:
    """Turns a schema into nested checks; what holds nothing to check, and a record inside itself, compiles to None."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._open: list[str] = []

    def node(self, node: Any) -> Check | None:
        if isinstance(node, list):
            branches = [branch for branch in node if branch != "null"]
            return self.node(branches[0]) if len(branches) == 1 else None
        if isinstance(node, str):
            return self.node(self._named[node]) if node in self._named else None
        if node["type"] == "array":
            item = self.node(node["items"])
            return None if item is None else _items(item)
        return self._record(node) if node["type"] == "record" else None

    def _record(self, node: dict[str, Any]) -> Check | None:
        name = node["name"]
        if name in self._open:
            return None
        self._named[name] = node
        self._open.append(name)
        fields = [(field["name"], self._field(field)) for field in node["fields"]]
        self._open.pop()
        checks = tuple((name, check) for name, check in fields if check is not None)
        own = _statement if name == "Statement" else None
        return _record(checks, own) if checks or own else None

    def _field(self, field: dict[str, Any]) -> Check | None:
        name = field["name"]
        if field["type"] not in _TEXT:
            return self.node(field["type"])
        if "codes" in field:
            return _codes(frozenset(field["codes"]), ", ".join(field["codes"]))
        if name in PAST_DAYS or name in ANY_DAYS:
            return _day(ahead=name in ANY_DAYS)
        return _moment if name in TIMES else None


def _record(checks: tuple[tuple[str, Check], ...], own: Check | None) -> Check:
    def check(value: Any, place: str, clock: Clock, faults: list[Fault]) -> None:
        prefix = f"{place}." if place else ""
        for name, inner in checks:
            found = value.get(name)
            if found is not None:
                inner(found, prefix + name, clock, faults)
        if own is not None:
            own(value, place, clock, faults)

    return check


def _items(item: Check) -> Check:
    def check(value: Any, place: str, clock: Clock, faults: list[Fault]) -> None:
        for index, entry in enumerate(value):
            item(entry, f"{place}[{index}]", clock, faults)

    return check


def _codes(codes: frozenset[str], listed: str) -> Check:
    def check(value: Any, place: str, _clock: Clock, faults: list[Fault]) -> None:
        if value not in codes:
            faults.append(Fault("CODE_UNKNOWN", place, "not one of the codes", f"use one of {listed}"))

    return check


def _day(*, ahead: bool) -> Check:
    def check(value: Any, place: str, clock: Clock, faults: list[Fault]) -> None:
        day = parse_day(value)
        if day is None:
            faults.append(Fault("DATE_MALFORMED", place, "not a day of the calendar", "write it as YYYY-MM-DD"))
        elif not ahead and day > clock.last_day:
            faults.append(
                Fault("DATE_IN_FUTURE", place, "the day lies in the future", "give the day on which it happened")
            )

    return check


def _moment(value: Any, place: str, clock: Clock, faults: list[Fault]) -> None:
    moment = parse_time(value)
    if moment is None:
        faults.append(Fault("TIME_MALFORMED", place, "not a moment in UTC", "write it as YYYY-MM-DDTHH:MM:SSZ"))
    elif moment > clock.latest:
        text = "later than the broker's clock allows"
        faults.append(Fault("CLOCK_SKEW", place, text, "set the sender's clock, then send it again"))


def _statement(value: Any, place: str, _clock: Clock, faults: list[Fault]) -> None:
    """D-15: a statement is marked as fact, opinion or allegation; D-02: one about somebody else says why it matters."""
    if not value.get("kind"):
        text = "a statement does not say what it is"
        faults.append(Fault("STATEMENT_UNMARKED", f"{place}.kind", text, "mark it as fact, opinion or allegation"))
    if value.get("about") == _OTHER and not (value.get("relates_to_child_reason") or "").strip():
        where = f"{place}.relates_to_child_reason"
        text = "a statement about somebody else does not say why it matters for the child"
        faults.append(Fault("STATEMENT_REASON_MISSING", where, text, "say why, or leave the statement out"))
