"""The notices that golden cases are about: a folder for each policy file, called as the file is.

`_about.yaml` of a folder says which policy it is about (`policy`, in full `<id>-<version>`), on which day a case is played that names none
(`day`), and, where the notice has lists of its own, what they hold (`lists`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from hub.flow.policies import Policies
from hub.policy.engine import Engine
from hub.policy.model import Policy
from hub.policy.snapshot import in_force
from hub.policy.vocabulary import CATEGORIES
from tests.support import policies
from tests.support.files import text_beside

Json = dict[str, Any]

CORPUS: Final = Path(__file__).parent
LISTS: Final[Json] = yaml.safe_load(text_beside(__file__, "lists.yaml"))
SAMPLE_DISTRICT: Final = "E07000123"


@dataclass(frozen=True)
class Notice:
    """One folder of cases: its name, the policy file it is about, the day of a case that names none, its own lists."""

    name: str
    policy: Policy
    day: str
    lists: Mapping[str, list[str]]

    def engine(self, *, every_version: bool = False) -> Engine:
        """The engine that a case is decided by: this policy file alone, or every version of it."""
        return policies.engine_of(self._files(every_version=every_version))

    def policies(self, *, every_version: bool = False) -> Policies:
        """What the front door judges by, likewise."""
        return policies.policies_of(self._files(every_version=every_version))

    def categories(self, words: list[str]) -> frozenset[str]:
        """The categories that a list of words names: a category, a named list, and `-x` to take one out again."""
        found: set[str] = set()
        for word in words:
            named = word.removeprefix("-")
            names = set(self.lists.get(named) or LISTS["categories"].get(named, [named]))
            if names - CATEGORIES.keys():
                raise ValueError(word)
            found = found - names if word != named else found | names
        return frozenset(found)

    def sender(self, kind: str, day: str, otherwise: str) -> str:
        """Who tells the hub of a control of this kind on a day: the first agency of the first role that may; else `otherwise`."""
        for role in dict(self.policy.controls).get(kind, ()):
            for row in self.policy.agencies:
                if role in row.roles and in_force(row.valid_from, row.valid_to, day):
                    return row.id
        return otherwise

    def district(self, name: str = "") -> str:
        """The code of the district with this name (an unknown name is taken as it is); without a name, one to live in."""
        if name:
            return next((code for code, title in self.policy.districts if title == name), name)
        codes = [code for code, _ in self.policy.districts]
        return SAMPLE_DISTRICT if SAMPLE_DISTRICT in codes or not codes else codes[0]

    def _files(self, *, every_version: bool) -> tuple[str, ...]:
        return policies.versions_of(self.policy.id) if every_version else (self.name,)


@cache
def notices() -> tuple[Notice, ...]:
    """Every folder of cases whose policy file is there, by name; that none is left out is a test of its own."""
    known = policies.packaged_names()
    return tuple(_notice(folder) for folder in folders() if folder in known)


@cache
def notice(name: str) -> Notice:
    """The notice of one folder. Raises StopIteration on one that is not there."""
    return next(found for found in notices() if found.name == name)


def folders() -> list[str]:
    """The folders of cases, by name: those with an `_about.yaml`."""
    return sorted(path.parent.name for path in CORPUS.glob("*/_about.yaml"))


# Private functions
# -----------------


def _notice(folder: str) -> Notice:
    about = yaml.load((CORPUS / folder / "_about.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  texts
    if not set(about) <= {"policy", "day", "lists"} or about["policy"] != folder:
        raise ValueError(folder)
    return Notice(folder, policies.named(folder), about["day"], about.get("lists") or {})
