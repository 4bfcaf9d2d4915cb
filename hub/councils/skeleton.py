"""The starting file of a new policy: small, complete, commented, and without a fault before a word of it is changed.

The text stands in `skeleton.txt`, so that it can be read and improved as what it is: a policy file. What the author gives (names, title,
day) is put in where `$name` stands.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from importlib import resources
from string import Template
from typing import Final

from hub.councils.rules import rule_texts
from hub.errors import Fault, InputFault

VERSION: Final = "001"
"""The version of a policy that is new."""
MARK: Final = "REPLACE"
"""Stands wherever the starting file holds something made up."""
SCHEMA_FILE: Final = "policy-file.schema.json"
"""What the schema for editors is called; the starting file looks for it beside itself."""

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSIONED: Final = re.compile(r"(?P<id>.+)-\d+")
_PREFIX: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_LONGEST: Final = 60
# A plain YAML text: begins with a letter, holds nothing that YAML would read as more than text.
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ,.()'/-]*[\w.)'])?")


@dataclass(frozen=True, slots=True)
class Start:
    """What an author gives of a new policy: its id, council, title, the prefix of its facts, its controller, its first day."""

    id: str
    council: str
    title: str
    notice: str
    controller: str
    day: date

    @property
    def file_name(self) -> str:
        """What the file must be called to be found in a folder of policies."""
        return f"{self.id}-{VERSION}.yaml"


def starting_file(start: Start) -> str:
    """Return the text of the starting file. Raises InputFault with every fault of what was given."""
    faults = _faults(start)
    if faults:
        raise InputFault(*faults)
    text = resources.files(__package__).joinpath("skeleton.txt").read_text("utf-8")
    return Template(text).substitute(
        id=start.id,
        version=VERSION,
        file=start.file_name,
        schema=SCHEMA_FILE,
        council=start.council,
        title=start.title.strip(),
        title_text=_text(start.title),
        notice=start.notice,
        controller_text=_text(start.controller or f"{MARK} with the council's name and address"),
        day=start.day.isoformat(),
    )


# Private functions
# -----------------


def _faults(start: Start) -> list[Fault]:
    found = [
        *_slug("NAME", start.id, "example-borough-family-help"),
        *_slug("--council", start.council, "example-borough"),
        *_line("--title", start.title, required=True),
        *_line("--controller", start.controller, required=False),
        *_prefix(start.notice),
    ]
    versioned = _VERSIONED.fullmatch(start.id)
    if versioned:
        text = f"`{start.id}` ends like a version"
        found.append(Fault("BAD_NAME", "NAME", text, f"write `{versioned['id']}`; the version is {VERSION}"))
    return found


def _slug(place: str, value: str, like: str) -> list[Fault]:
    if len(value) > _LONGEST:
        return [Fault("BAD_NAME", place, f"the name is longer than {_LONGEST} letters", "shorten it")]
    if _SLUG.fullmatch(value):
        return []
    remedy = f"use small letters, digits and `-`, such as `{like}`"
    return [Fault("BAD_NAME", place, f"`{_shown(value)}` cannot be the name", remedy)]


def _prefix(value: str) -> list[Fault]:
    taken = sorted({name.partition("-")[0] for name in rule_texts()})
    if value in taken:
        text = f"`{value}` is the prefix of rules that stand behind every notice"
        return [Fault("BAD_PREFIX", "--notice", text, "take another, such as two letters of the council's name")]
    if _PREFIX.fullmatch(value):
        return []
    remedy = "use one to eight capital letters and digits, such as `EB`: its facts are then called `EB-01` and so on"
    return [Fault("BAD_PREFIX", "--notice", f"`{_shown(value)}` cannot be the prefix of the facts", remedy)]


def _line(place: str, value: str, *, required: bool) -> list[Fault]:
    if required and not value.strip():
        return [Fault("MISSING", place, "the text is empty", "say it in a few words")]
    if not value.isprintable():
        return [Fault("BAD_TEXT", place, "the text must be one line of plain characters", "leave line breaks out")]
    return []


def _shown(value: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in value[:_LONGEST])


def _text(value: str) -> str:
    """Return a text as YAML reads it back: plain where that is safe, else in double quotes."""
    plain = " ".join(value.split())
    return plain if _PLAIN.fullmatch(plain) else json.dumps(plain, ensure_ascii=False)
