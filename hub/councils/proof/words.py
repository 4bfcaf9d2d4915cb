"""The words of the invariants file, and what each means to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.policy import law
from hub.policy import state as s
from hub.policy.model import Form, Purpose, RecipientClass
from hub.policy.vocabulary import (
    ALL,
    CRIMINAL,
    IDENTIFIERS,
    LIMBS,
    OBLIGATIONS,
    SENSITIVE,
    SHIELDED,
    SPECIAL,
)
from hub.policy.walk import Leaf

DATA: Final[dict[str, int]] = {
    "everything": ALL,
    "special": SPECIAL,
    "criminal": CRIMINAL,
    "identifiers": IDENTIFIERS,
    "sensitive": SENSITIVE,
    "shielded": SHIELDED,
}
"""Groups of data that the law fixes. A file adds its own under `data_groups`."""

ON_RECORD: Final[dict[str, int]] = {name.lower(): bit for name, bit in s.NAMES.items()}
"""What may be on record about a case: the bits of a state by their names. `no_` before one says that it is not on record."""

KINDS: Final = tuple(law.KINDS)

BODIES: Final[dict[str, Callable[[RecipientClass, bool], bool]]] = {
    "inside_council": lambda row, _bound: row.internal,
    "outside_council": lambda row, _bound: not row.internal,
    "in_duty": lambda _row, bound: bound,
    "outside_duty": lambda _row, bound: not bound,
    "confidential": lambda row, _bound: row.confidential,
    "not_confidential": lambda row, _bound: not row.confidential,
    "meets_family": lambda row, _bound: row.visits_family,
    "never_meets_family": lambda row, _bound: not row.visits_family,
}
"""What a recipient may be, beside its kind; the second value says whether the duty of s.16LA binds it."""

PURPOSES: Final[dict[str, Callable[[Purpose], bool]]] = {
    "safeguarding": lambda row: row.safeguarding,
    "not_safeguarding": lambda row: not row.safeguarding,
    "contact_only": lambda row: row.contact_only,
    "more_than_contact": lambda row: not row.contact_only,
    "anonymised_only": lambda row: row.anonymised_only,
}

FORMS: Final[dict[str, Callable[[Form], bool]]] = {
    "before_consent": lambda row: row.before_consent,
    "threshold_first": lambda row: row.threshold_first,
    "criminal": lambda row: row.criminal,
    "ordinary": lambda row: not row.criminal,
    "about_care_status": lambda row: bool(row.about_only),
}

Ground = Callable[[Leaf], int]
"""The categories that a release may rest on this ground for."""


def _bits(*names: str) -> Ground:
    mask = sum(s.NAMES[name] for name in names)
    return lambda leaf: ALL if leaf.set & mask else 0


def _basis(name: str) -> Ground:
    return lambda leaf: leaf.outcome.open if leaf.outcome.basis == name else 0


def _limb(name: str) -> Ground:
    return lambda leaf: ALL if name in leaf.outcome.limb.split("+") else 0


def _condition(name: str) -> Ground:
    return lambda leaf: ALL if name in leaf.outcome.condition.split("+") else 0


def _obligation(name: str) -> Ground:
    return lambda leaf: ALL if name in leaf.outcome.obligations else 0


def _significant_harm(leaf: Leaf) -> int:
    return _bits("S47")(leaf) | _limb("RISK_OF_HARM")(leaf)


GROUNDS: Final[dict[str, Ground]] = {
    "consent": lambda leaf: leaf.outcome.by_consent & ~leaf.outcome.open,
    "contact_permission": _basis("contact_permission"),
    "duty": _basis("duty_16la"),
    "under_duty": lambda leaf: ALL if leaf.outcome.basis == "duty_16la" else 0,
    "legal_obligation": _basis("legal_obligation"),
    "public_task": _basis("public_task"),
    "override": lambda leaf: ALL if leaf.outcome.limb else 0,
    **{name.lower(): _limb(name) for name in LIMBS},
    "significant_harm": _significant_harm,
    "section_47": _bits("S47"),
    "section_17": _bits("S17"),
    "paragraph_18": _bits("PARA18"),
    "care_status": _bits("IN_NEED", "PROTECTED", "LOOKED_AFTER", "S17", "S47"),
    "consent_on_record": _bits("CONSENT"),
    "contact_on_record": _bits("CONTACT"),
    "informed": _bits("INFORMED"),
    "service_agreement": _bits("SERVICE"),
    "stated_reason": _bits("STATED_REASON"),
    "grant": _bits("GRANTED"),
    "ruling": _bits("RULED_PERMIT"),
    **{name: _condition(name) for name in ("explicit_consent", "health_or_social_care", "criminal_offence")},
    "substantial_public_interest": _condition("substantial_public_interest"),
    **{
        name.lower(): _obligation(name) for name in (*OBLIGATIONS, "RECORD_LIMB", "CONFLICT_NOTE", "DUTY_NEGATIVE_TEST")
    },
}
"""What a release may rest on. `consent`: it goes only as far as a recorded consent covers it; the words of other bases hold for what
goes beyond, and `under_duty` for all that goes where the duty is the basis. Words of bits hold where the bit must be on record for the release; those of limbs where the override is accepted and
relied on; those of obligations where the obligation is laid on."""

PROMISES: Final = ("never", "only_if", "never_more", "never_less", "duty_adds_nothing")
