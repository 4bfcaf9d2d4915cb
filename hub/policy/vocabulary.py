"""The closed list of data categories that schemas, policies and the engine share.

Each Avro field names one of these in its `category` attribute; a field that names none, or another, is withheld
(invariant 10). A category is one bit of a mask, so that keeping and withholding is integer arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ART9: Final = "art9"
ART10: Final = "art10"


@dataclass(frozen=True, slots=True)
class Category:
    """One data category: its name, its bit, and what the law or the design adds to it.

    special: "" or `art9` (UK GDPR Article 9) or `art10` (Article 10). identifier: the identifier scheme it holds, or "".
    shielded: never leaves for a shielded subject (invariant 11). sensitive: a sensitive service (rule D-19).
    """

    name: str
    title: str
    bit: int
    special: str = ""
    identifier: str = ""
    shielded: bool = False
    sensitive: bool = False

    @property
    def mask(self) -> int:
        """The category as a one-bit mask."""
        return 1 << self.bit


# name, title, special, identifier, shielded, sensitive
_ROWS: Final[tuple[tuple[str, str, str, str, bool, bool], ...]] = (
    ("name", "name", "", "", False, False),
    ("former_name", "former names and adoption links", "", "", True, False),
    ("date_of_birth", "date of birth", "", "", False, False),
    ("due_date", "expected due date", ART9, "", False, False),
    ("address", "address", "", "", True, False),
    ("district", "district of residence", "", "", True, False),
    ("contact", "telephone and email", "", "", True, False),
    ("safe_contact", "safe-to-contact notes", "", "", True, False),
    ("nhs_number", "NHS number", "", "nhs_number", False, False),
    ("upn", "unique pupil number", "", "upn", False, False),
    ("other_identifier", "other identifiers", "", "other", True, False),
    ("gender", "gender", "", "", False, False),
    ("ethnicity", "ethnicity", ART9, "", False, False),
    ("religion", "religion", ART9, "", False, False),
    ("communication", "first language and interpreter", "", "", False, False),
    ("disability", "disability", ART9, "", False, False),
    ("employment", "employment status", "", "", False, False),
    ("pregnancy", "pregnancy", ART9, "", False, False),
    ("medical", "medical information", ART9, "", False, False),
    ("emergency_medical", "emergency medical information", ART9, "", False, False),
    ("gp", "general practitioner", "", "", True, False),
    ("school", "school or nursery", "", "", True, False),
    ("attendance", "attendance and exclusions", "", "", True, False),
    ("send", "special educational needs and disability", ART9, "", False, False),
    ("household", "role and relationship in the household", "", "", False, False),
    ("history", "historical involvement", "", "", False, False),
    ("interventions", "historical support and interventions", "", "", False, False),
    ("assessment", "assessment of need and agreed actions", "", "", False, False),
    ("worker_risk", "risks to professionals", "", "", False, False),
    ("agencies_involved", "other agencies working with the family", "", "", False, False),
    ("referral_type", "type of referral (section 17 or 47)", "", "", False, False),
    ("referral_reason", "reasons for the referral", "", "", False, False),
    ("referrer", "details of the person making the referral", "", "", False, False),
    ("lead_professional", "lead professional", "", "", False, False),
    ("sexual_health", "sexual health", ART9, "", False, True),
    ("termination", "termination of pregnancy", ART9, "", False, True),
    ("substance_misuse", "substance misuse", ART9, "", False, True),
    ("counselling", "counselling", ART9, "", False, True),
    ("offences", "offences and court information", ART10, "", False, False),
    ("victim", "victim details", ART10, "", False, False),
    ("financial", "financial details", "", "", False, False),
    ("housing", "housing needs", "", "", False, False),
    ("photograph", "photograph", ART9, "", True, False),
    ("education_status", "education, employment or training status", "", "", False, False),
    ("lifestyle", "lifestyle and social circumstances", "", "", False, False),
    ("opinions", "opinions given in a survey", "", "", False, False),
)

CATEGORIES: Final[dict[str, Category]] = {
    name: Category(name, title, bit, special, identifier, shielded, sensitive)
    for bit, (name, title, special, identifier, shielded, sensitive) in enumerate(_ROWS)
}

ENVELOPE: Final = "envelope"
"""The category of fields that carry no personal data (ids, versions, counts); never subject to withholding."""


def mask_of(names: frozenset[str] | tuple[str, ...] | list[str]) -> int:
    """Return the mask of the named categories. Raises KeyError on a name that is not in the vocabulary."""
    mask = 0
    for name in names:
        mask |= CATEGORIES[name].mask
    return mask


def names_of(mask: int) -> tuple[str, ...]:
    """Return the category names in a mask, in the vocabulary's order."""
    return tuple(name for name, category in CATEGORIES.items() if mask & category.mask)


ALL: Final = (1 << len(_ROWS)) - 1
SHIELDED: Final = mask_of([c.name for c in CATEGORIES.values() if c.shielded])
SENSITIVE: Final = mask_of([c.name for c in CATEGORIES.values() if c.sensitive])
SPECIAL: Final = mask_of([c.name for c in CATEGORIES.values() if c.special == ART9])
CRIMINAL: Final = mask_of([c.name for c in CATEGORIES.values() if c.special == ART10])
IDENTIFIERS: Final = mask_of([c.name for c in CATEGORIES.values() if c.identifier])

DECISIONS: Final = ("PERMIT", "DENY", "REVIEW")
LIMBS: Final = ("LAW_REQUIRES", "RISK_OF_HARM", "CRIME_DISORDER", "RISK_TO_WELLBEING")
"""Override limbs (S-12). Risk to well-being is a lower word than risk of harm, and holds only where a policy lists it."""

NO_CONSENT_REASONS: Final = (
    "RISK_TO_CHILD",
    "RISK_TO_OTHER",
    "PREJUDICE_INVESTIGATION",
    "EVIDENCE_LOSS",
    "UNDUE_DELAY",
    "CANNOT_CONTACT",
    "LACKS_CAPACITY",
)
"""Reason codes for not seeking consent or not informing: the union of the forms (`uk-domain.md` section 2)."""

PARA18_REASONS: Final = ("CANNOT_BE_GIVEN", "CANNOT_BE_OBTAINED", "WOULD_PREJUDICE")
"""DPA 2018 Schedule 1 paragraph 18: why the processing is without consent."""

SHIELD_KINDS: Final = ("shielded", "adopted", "refuge", "witness")
CONTROL_KINDS: Final = (
    "consent",
    "service_agreement",
    "contact_permission",
    "instruct_not_to",
    "objection",
    "restriction",
    "threshold",
    "shield",
    "ruling",
    "correction",
    "receipt",
    "informed",
    "care_status",
    "access_grant",
)

CARE_STATUSES: Final = ("child_in_need", "child_protection", "looked_after")
"""What a child may be recorded as under the Children Act 1989 (sections 17, 47, 20 and 31)."""

NEEDS: Final = (
    *("consent", "informed", "informed_or_consent", "service_agreement", "service_not_declined", "stated_reason"),
    "grant",
)
"""What a sharing rule may ask for besides a lawful basis."""

OBLIGATIONS: Final = ("ASK_CONSENT", "INFORM_SUBJECT", "NO_DETRIMENT", "NO_ADVERSE_DECISION")
"""What a sharing rule may lay on those who share and receive."""
