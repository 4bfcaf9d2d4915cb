"""A route: one form, purpose, sender and recipient under one policy on one stretch of days, with its table of outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hub.policy.model import Basis, Form, Override, Purpose, RecipientClass, Sharing

NOBODY: Final = "-"
"""The recipient of a decision where there is none to name; no agency slug may be this."""

Why = tuple[str, tuple[str, ...]]
"""A reason id with the facts behind it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a route and a state decide, with everything needed to explain it.

    open: categories that may go whatever the consent's scope; by_consent: those that go only as far as the consent covers
    them. reasons: every reason id, in the order of test, the deciding one first. why: per withheld category its reason.
    limb: the override limb relied on, joined by `+`, or "". would_permit: the smallest change codes that would permit.
    """

    decision: str
    reasons: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    basis: str = ""
    article: str = ""
    gateway: tuple[str, ...] = ()
    condition: str = ""
    limb: str = ""
    open: int = 0
    by_consent: int = 0
    why: tuple[tuple[str, Why], ...] = ()
    obligations: tuple[str, ...] = ()
    would_permit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Everything about a decision that no fact about the subject can change, precompiled.

    blocked: reasons that deny whatever the state. duty: Children Act 2004 s.16LA binds both sides for this purpose on these
    days (D-01). allow: mask of what the rule and the class of recipient admit. why: for each category outside `allow`, the
    reason. adverse: the recipient may turn it against the person. keep: (mask, obligation) for how long it may be kept (D-22).
    outcomes: the table, filled as states are met; it is the only mutable part and only ever gains entries.
    """

    form: Form | None
    purpose: Purpose | None
    recipient: str
    recipient_class: RecipientClass | None
    rule: Sharing | None
    override: Override
    blocked: tuple[Why, ...] = ()
    duty: bool = False
    bases: tuple[Basis, ...] = ()
    limb_bases: tuple[tuple[str, Basis], ...] = ()
    allow: int = 0
    why: tuple[tuple[str, Why], ...] = ()
    agreement: str = ""
    adverse: bool = False
    keep: tuple[tuple[int, str], ...] = ()
    outcomes: dict[int, Outcome] = field(default_factory=dict, compare=False, repr=False)


LAW_BASIS: Final = Basis("legal_obligation", "6(1)(c)", ("the enactment that the override names",), ("S-12",))
HARM_BASIS: Final = Basis(
    "public_task", "6(1)(e)", ("Children Act 1989 s.47", "Data Protection Act 2018 Sch 1 Pt 2 para 18"), ("S-12",)
)
CRIME_BASIS: Final = Basis("public_task", "6(1)(e)", ("Crime and Disorder Act 1998 s.115",), ("S-12",))
WELLBEING_BASIS: Final = Basis(
    "public_task", "6(1)(e)", ("Children Act 2004 s.10", "Data Protection Act 2018 Sch 1 Pt 2 para 18"), ("S-12",)
)
"""What an override limb rests on where the notice names no basis of that kind itself."""
