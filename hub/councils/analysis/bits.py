"""The bits of a decision's state as people speak of them: what can open a way, what can close one, and words for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.policy import state as s

OPENING: Final[dict[int, str]] = {
    s.CONSENT: "consent on record",
    s.CONTACT: "permission to be contacted",
    s.SERVICE: "the family's agreement to take part",
    s.INFORMED: "the person told of it",
    s.STATED_REASON: "a stated reason why it is needed",
    s.GRANTED: "an access grant in force",
    s.IN_NEED: "care status child in need",
    s.PROTECTED: "care status child protection",
    s.LOOKED_AFTER: "care status looked after",
    s.S17: "section 17 threshold met",
    s.S47: "section 47 threshold met",
    s.PARA18: "a paragraph 18 reason for going without consent",
    s.OVERRIDE_HARM: "override: risk of harm",
    s.OVERRIDE_WELLBEING: "override: risk to well-being",
    s.OVERRIDE_LAW: "override: the law requires it",
    s.OVERRIDE_CRIME: "override: crime or disorder",
    s.RULED_PERMIT: "a person's ruling that it may go",
}
"""What can open a way, from the ordinary to the exceptional: the order in which ways are told."""

CLOSING: Final[dict[int, str]] = {
    s.CONSENT_BARRED: "consent refused, withdrawn or expired",
    s.CONTACT_BARRED: "permission to be contacted refused or withdrawn",
    s.SERVICE_DECLINED: "support declined",
    s.INSTRUCTED: "an instruction not to share",
    s.OBJECTED: "an objection",
    s.RESTRICTED: "processing restricted",
    s.SHIELDED: "the person shielded",
    s.DETRIMENT: "sharing judged to harm the child more",
    s.GRANT_ENDED: "the access grant ended",
    s.RETURNED: "already returned this month",
    s.NOT_INVOLVED: "the recipient not named as working with the family",
    s.DISTRICT_UNKNOWN: "district not known",
    s.WRONG_DISTRICT: "another district",
    s.SCHOOL_UNKNOWN: "school not known",
    s.WRONG_SCHOOL: "another school",
    s.OVERRIDE_INCOMPLETE: "an override that is not whole",
    s.RULED_REFUSE: "a person ruled that it must not go",
    s.IDENTITY_UNSURE: "not sure who the person is",
    s.FACTS_UNSURE: "an open question about the person's facts",
    s.CLOCK_SKEW: "the sender's clock out of step",
    s.REQUEST_UNKNOWN: "no request that it answers",
    s.STALE_POLICY: "the policy past its review day",
}
"""What can close a way, or take fields from it."""

ALWAYS: Final = (
    s.RULED_REFUSE | s.IDENTITY_UNSURE | s.FACTS_UNSURE | s.CLOCK_SKEW | s.REQUEST_UNKNOWN | s.STALE_POLICY
    | s.OVERRIDE_INCOMPLETE
)  # fmt: skip
"""Closing bits that the engine holds against every way of every policy: told once, not at each way."""

PLACE: Final = s.DISTRICT_UNKNOWN | s.WRONG_DISTRICT | s.SCHOOL_UNKNOWN | s.WRONG_SCHOOL | s.NOT_INVOLVED
"""Closing bits that only some recipients can meet: those that are chosen by district, by school, or by the message."""

OVERRIDES: Final = s.OVERRIDE_HARM | s.OVERRIDE_WELLBEING | s.OVERRIDE_LAW | s.OVERRIDE_CRIME
"""Opening bits that override a bar; `hub.policy.state.LIMB_BITS` has each limb's."""

MAY_OPEN: Final = sum(OPENING)
"""Mask of all opening bits."""

_WORDS: Final = {**OPENING, **CLOSING}


def single(mask: int) -> Iterator[int]:
    """Yield each bit of a mask by itself, in the order of `OPENING` and `CLOSING`."""
    return (bit for bit in _WORDS if mask & bit)


def words(mask: int) -> tuple[str, ...]:
    """Return what each bit of a mask means, in the same order."""
    return tuple(_WORDS[bit] for bit in single(mask))
