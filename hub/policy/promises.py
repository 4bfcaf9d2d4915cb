"""What a notice states beside who may share what: the law it names, how long it keeps, rights, contacts, and how a file reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Legislation:
    """A provision that the notice prints, or that the law adds to it.

    printed: the notice's own words, "" when it does not name it. corrected: the Act and section as they should be cited.
    nature: `duty`, `power`, `regard` or `guidance`. used: whether a basis rests on it here. reason: why, or why not.
    """

    id: str
    printed: str
    corrected: str
    nature: str
    used: bool
    reason: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a kind of record is kept; empty values are unknown, not zero (D-22).

    categories, forms: what it is about; where either is given, the maximum travels with each release.
    """

    category: str
    start: str
    minimum: str
    maximum: str
    facts: tuple[str, ...]
    id: str = ""
    categories: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """A right of the subject with its clock; within and extension are spans such as `1 month`, "" when there is none."""

    id: str
    title: str
    within: str
    extension: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to write to, by role: never an officer's name. email and post may each be ""."""

    id: str
    title: str
    email: str
    post: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """How the file settles a point where the notice is silent, odd or contradicts itself, and why."""

    id: str
    question: str
    answer: str
    reason: str
    facts: tuple[str, ...]
