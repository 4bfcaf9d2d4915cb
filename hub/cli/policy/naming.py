"""Which policy a person means: a file, or one that comes with the hub."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.policy.model import Policy


def policy_named(word: str, place: str) -> Policy:
    """Return the policy in a file, or the packaged one with this id and version; an id alone is its newest version.

    place: what the argument is called in faults. Raises InputFault with the nearest name, PolicyFault with every fault of a file.
    """
    from hub.councils.loader import load
    from hub.councils.marks import nearest
    from hub.councils.packaged import packaged

    every = packaged()
    found = every.get(word) or next((every[name] for name in sorted(every, reverse=True) if _id(name) == word), None)
    if found is not None:
        return load(found)
    path = Path(word)
    if path.is_file():
        return load(path, word)
    if path.is_dir():
        raise InputFault.of("NOT_A_FILE", f"`{word}` is a folder", place, "name one policy file in it")
    remedy = nearest(word, sorted(every)) or f"name a policy file, or one of {', '.join(sorted(every))}"
    raise InputFault.of("NO_SUCH_POLICY", f"no policy file and no packaged policy is called `{word}`", place, remedy)


def day_named(text: str, place: str = "--on") -> str:
    """Return an ISO day. Raises InputFault on anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputFault.of("BAD_DAY", f"`{text}` is not a day", place, "write it as 2026-11-22") from None


# Private functions
# -----------------


def _id(name: str) -> str:
    return name.rpartition("-")[0]
