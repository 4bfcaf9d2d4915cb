"""The state of one decision as bits: everything that may differ between two decisions on the same route.

A route (form, purpose, sender, recipient) and a state decide the outcome completely; that is what lets the engine keep
outcomes in a table and lets a proof walk all states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHIELDED: Final = 1 << 0
RESTRICTED: Final = 1 << 1
OBJECTED: Final = 1 << 2
INSTRUCTED: Final = 1 << 3
CONSENT: Final = 1 << 4
CONSENT_BARRED: Final = 1 << 5
CONTACT: Final = 1 << 6
CONTACT_BARRED: Final = 1 << 7
SERVICE: Final = 1 << 8
SERVICE_DECLINED: Final = 1 << 9
S17: Final = 1 << 10
S47: Final = 1 << 11
OVERRIDE_LAW: Final = 1 << 12
OVERRIDE_HARM: Final = 1 << 13
OVERRIDE_CRIME: Final = 1 << 14
OVERRIDE_INCOMPLETE: Final = 1 << 15
DETRIMENT: Final = 1 << 16
PARA18: Final = 1 << 17
RULED_PERMIT: Final = 1 << 18
RULED_REFUSE: Final = 1 << 19
IDENTITY_UNSURE: Final = 1 << 20
FACTS_UNSURE: Final = 1 << 21
STALE_POLICY: Final = 1 << 22
CLOCK_SKEW: Final = 1 << 23
REQUEST_UNKNOWN: Final = 1 << 24
DISTRICT_UNKNOWN: Final = 1 << 25
WRONG_DISTRICT: Final = 1 << 26
WRONG_SCHOOL: Final = 1 << 27
SCHOOL_UNKNOWN: Final = 1 << 28
OVERRIDE_WELLBEING: Final = 1 << 29
INFORMED: Final = 1 << 30
STATED_REASON: Final = 1 << 31
GRANTED: Final = 1 << 32
GRANT_ENDED: Final = 1 << 33
RETURNED: Final = 1 << 34
IN_NEED: Final = 1 << 35
PROTECTED: Final = 1 << 36
LOOKED_AFTER: Final = 1 << 37
NOT_INVOLVED: Final = 1 << 38

LIMB_BITS: Final = {
    "LAW_REQUIRES": OVERRIDE_LAW,
    "RISK_OF_HARM": OVERRIDE_HARM,
    "CRIME_DISORDER": OVERRIDE_CRIME,
    "RISK_TO_WELLBEING": OVERRIDE_WELLBEING,
}
"""Override limb (S-12) to its bit."""

STATUS_BITS: Final = {
    "child_in_need": IN_NEED | S17,
    "child_protection": PROTECTED | S47,
    "looked_after": LOOKED_AFTER,
}
"""Care status to the bits that show it: the status on record, or the threshold that comes before it."""

NAMES: Final = {
    name: value
    for name, value in globals().items()
    if name.isupper() and isinstance(value, int) and not isinstance(value, bool)
}
"""Every bit by its name, for proofs, tests and explanations."""


def names(state: int) -> tuple[str, ...]:
    """Return the names of the bits set in a state."""
    return tuple(name for name, bit in NAMES.items() if state & bit)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a message contributes to its decisions, read once per subject message.

    day: ISO day on which the broker received it. bits: message-level state bits. present: mask of the categories that hold
    data. district: GSS code or "". schools: ids of the schools attended or intended. requested: agencies the sender named.
    involved: agencies that the message names as working with the family.
    ask_only: the agencies are those of `requested` alone (share requests and responses), no default recipients.
    """

    form: str
    purpose: str
    sender: str
    day: str
    bits: int = 0
    present: int = 0
    district: str = ""
    schools: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    ask_only: bool = False
    involved: tuple[str, ...] = ()
