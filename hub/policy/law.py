"""The law above every notice: what each kind of body may at most be given, whatever a council's file says.

A file may narrow this and never widen it: the checker refuses a wider one, and the engine cuts it down all the same. Sources: Children
Act 2004 s.16LA and s.11 (the duty to share), rule D-17 (unique pupil number and NHS number), UK GDPR Articles 9(2)(h) and 10, rule S-27
(offence and victim data), UK GDPR Articles 22A to 22D (decisions with adverse effect).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hub.policy.model import AgencyRow, Form, Policy, RecipientClass
from hub.policy.vocabulary import CATEGORIES

DUTY_FROM: Final = "2026-09-30"
"""The first day of the duty of s.16LA, as announced; a file may set a later one or none, never an earlier one."""

REQUEST_FORM: Final = "share_request"
"""The form that asks another agency: it needs a threshold decision first (R (AB) v Haringey [2013] EWHC 416, rule D-11)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of body may at most have.

    identifiers: schemes it may hold (D-17). duty: `yes`, `no`, or `contract` (only by its own row in the register, s.16LA(4)(c)).
    confidential: works under a duty of confidence, Article 9(2)(h). criminal: may hold offence and victim data. adverse: may turn
    what it gets against the person, so that a person always decides.
    """

    id: str
    title: str
    identifiers: tuple[str, ...] = ()
    duty: str = "no"
    confidential: bool = False
    criminal: bool = False
    adverse: bool = False


_NHS: Final = ("nhs_number",)
_UPN: Final = ("upn",)
_BOTH: Final = ("nhs_number", "upn")

_ROWS: Final = (
    Kind("early_help", "early help service", _BOTH, "yes", confidential=True, criminal=True),
    Kind("social_care", "social care", _BOTH, "yes", confidential=True, criminal=True),
    Kind("screening", "multi-agency screening", _BOTH, "yes", confidential=True, criminal=True),
    Kind("youth_justice", "youth justice service", _BOTH, "yes", criminal=True),
    Kind("public_health", "public health", _NHS, "yes", confidential=True),
    Kind("council_service", "another service of the council", _UPN, "yes"),
    Kind("safeguarding_partnership", "safeguarding partnership", (), "yes", criminal=True),
    Kind("local_authority", "another council", _BOTH, "yes"),
    Kind("health", "health body", _NHS, "yes", confidential=True),
    Kind("education", "school, college, nursery or childcare", _UPN, "yes"),
    Kind("education_department", "Department for Education", _UPN),
    Kind("government", "another department of government"),
    Kind("inspectorate", "inspectorate"),
    Kind("police", "police", (), "yes", criminal=True),
    Kind("probation", "probation", (), "yes", criminal=True),
    Kind("prison", "prison or youth custody", (), "yes", criminal=True),
    Kind("court", "court", criminal=True),
    Kind("fire", "fire and rescue"),
    Kind("housing", "housing department or association"),
    Kind("voluntary", "voluntary, community or faith body without a contract"),
    Kind("voluntary_contracted", "voluntary, community or faith body under contract", (), "contract"),
    Kind("contractor", "contractor"),
    Kind("awarding_body", "awarding body"),
    Kind("funding_body", "funding body"),
    Kind("elected_member", "elected member"),
    Kind("fraud_prevention", "fraud prevention agency", adverse=True),
)

KINDS: Final[dict[str, Kind]] = {kind.id: kind for kind in _ROWS}
UNKNOWN_KIND: Final = Kind("", "unknown")
"""The kind of a class that names none: it may have nothing that the law reserves."""


def kind_of(row: RecipientClass) -> Kind:
    """Return the kind of a class of recipients; one that the law does not know may have nothing that it reserves."""
    return KINDS.get(row.kind, UNKNOWN_KIND)


def clamp(row: RecipientClass) -> RecipientClass:
    """Return the class with no more than the law leaves its kind."""
    kind = kind_of(row)
    return replace(
        row,
        in_duty=row.in_duty and kind.duty == "yes",
        confidential=row.confidential and kind.confidential,
        criminal=row.criminal and kind.criminal,
        identifiers=tuple(name for name in row.identifiers if name in kind.identifiers),
    )


def clamp_form(form: Form) -> Form:
    """Return the form as the law leaves it: who asks another agency needs a threshold decision first (D-11)."""
    return replace(form, threshold_first=True) if form.id == REQUEST_FORM else form


def duty_starts(policy: Policy) -> str:
    """Return the first day of the duty under a policy, "" for never; no file can bring it forward."""
    asked = policy.settings.duty_16la_from
    return max(asked, DUTY_FROM) if asked else ""


def bound(row: AgencyRow, klass: RecipientClass | None) -> bool:
    """Whether an agency is within the duty: by its row where that speaks, else by its class, and never beyond its kind."""
    kind = kind_of(klass) if klass is not None else None
    if row.in_duty:
        # A source that receives nothing has no class; its row alone says that it is, for instance, an NHS trust.
        return row.in_duty == "yes" and (kind is None or kind.duty != "no")
    return klass is not None and klass.in_duty


def widenings(row: RecipientClass) -> list[tuple[str, str]]:
    """Return (field, what the law says) for everything that a class claims beyond its kind."""
    kind = kind_of(row)
    found: list[tuple[str, str]] = []
    if row.in_duty and kind.duty == "contract":
        found.append(("in_duty", "a body under contract is bound by its own row in the register only (rule D-26)"))
    elif row.in_duty and kind.duty == "no":
        found.append(("in_duty", f"the duty of section 16LA does not bind a body of kind `{row.kind}` (rule D-01)"))
    if row.confidential and not kind.confidential:
        found.append(
            ("confidential", f"no duty of confidence is known for kind `{row.kind}` (UK GDPR Article 9(2)(h))")
        )
    if row.criminal and not kind.criminal:
        found.append(("criminal", f"kind `{row.kind}` may not hold offence or victim data (Article 10, rule S-27)"))
    for name in row.identifiers:
        if name not in kind.identifiers:
            title = CATEGORIES[name].title
            found.append(("identifiers", f"kind `{row.kind}` may not hold the {title} (rule D-17)"))
    return found


CONDITIONS: Final = {
    "safeguarding": (
        "safeguarding of children and of individuals at risk",
        "9(2)(g) with Data Protection Act 2018 Sch 1 Pt 2 para 18",
    ),
    "statutory_purposes": ("what an enactment requires", "9(2)(g) with Data Protection Act 2018 Sch 1 Pt 2 para 6"),
    "unlawful_acts": (
        "preventing or detecting unlawful acts",
        "9(2)(g) with Data Protection Act 2018 Sch 1 Pt 2 para 10",
    ),
}
"""The Article 9 conditions that an override brings with it, whether or not the notice prints them: title and article."""
