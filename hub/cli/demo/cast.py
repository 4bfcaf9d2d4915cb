"""The cast of the morning: people, answers and signatures that the messages repeat, read from `morning/cast.yaml`.

Days are written relative to the day of the run (`$today-7`), so that the story never ages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final

import yaml

Json = dict[str, Any]

_DAY: Final = re.compile(r"\$today([+-]\d+)?")
_PLAIN: Final = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")


class _Loader(yaml.SafeLoader):
    """Reads `yes`, `no` and days as the text that forms have there."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag not in _PLAIN]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(name: str, now: datetime) -> Any:
    """Return a file of the morning as plain data, its relative days put in."""
    text = resources.files(__package__).joinpath("morning", name).read_text("utf-8")
    return _dated(yaml.load(text, Loader=_Loader), now)  # noqa: S506 - a SafeLoader with fewer guesses


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone and everything that messages refer to by name."""

    families: Mapping[str, str]
    people: Mapping[str, Json]
    awareness: Mapping[str, Json]
    details: Mapping[str, Json]

    def person(self, wanted: str | Json, label: str) -> Json:
        """Return a person of a message: all of it, only some sections, without some, or with others put in."""
        asked: Json = {"is": wanted} if isinstance(wanted, str) else wanted
        own = {name: value for name, value in self.people[asked["is"]].items() if name != "family"}
        if "only" in asked:
            sections = {*asked["only"], "role", "relationship", "lives_in_home", "parental_responsibility"}
            own = _without(own, own.keys() - sections)
        return {"person_id": label, **merged(_without(own, asked.get("without", ())), asked.get("with", {}))}

    def query(self, who: str) -> Json:
        """Return the question by which a message finds a person."""
        person = self.people[who]
        parts = (
            (person.get("identity", {}), ("family_name", "given_names", "date_of_birth")),
            (person.get("address", {}), ("postcode",)),
            (person.get("identifiers", {}), ("nhs_number", "upn")),
            (person.get("education", {}), ("school_id",)),
        )
        return {name: section[name] for section, names in parts for name in names if name in section}


def read_cast(now: datetime) -> Cast:
    """Return the cast on the day of the run."""
    return Cast(**read("cast.yaml", now))


def merged(base: Json, change: Json) -> Json:
    """Return the record with the changes put in, section by section."""
    out = dict(base)
    for name, value in change.items():
        inner = out.get(name)
        out[name] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return out


# Private functions
# -----------------


def _dated(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {name: _dated(inner, now) for name, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner, now) for inner in value]
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    return (now + timedelta(days=int(found[1] or 0))).date().isoformat() if found else value


def _without(record: Json, names: Iterable[str]) -> Json:
    gone = set(names)
    return {name: value for name, value in record.items() if name not in gone}
