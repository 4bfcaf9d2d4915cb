"""What a message holds for each data category: synthetic people only, and every text unique to its category.

`about` is the part of a message that concerns the person, `details` the part that concerns the referral.
"""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]


def said(text: str) -> list[Json]:
    """A statement of fact about the child."""
    return [{"text": text, "kind": "fact", "source": f"source of: {text}", "date": "2017-06-15", "about": "child"}]


ABOUT: Final[dict[str, Json]] = {
    "name": {"identity": {"family_name": "Hollinshead-Sample", "given_names": ["Robin"], "known_as": ["Rob-Sample"]}},
    "former_name": {"identity": {"former_names": ["Formerly-Known-Sample"]}},
    "date_of_birth": {"identity": {"date_of_birth": "2017-04-03"}},
    "due_date": {"identity": {"due_date": "2027-02-14"}},
    "gender": {"identity": {"gender": "female-sample"}},
    "nhs_number": {"identifiers": {"nhs_number": "9990000018", "nhs_number_status": "traced"}},
    "upn": {"identifiers": {"upn": "B801200005001"}},
    "other_identifier": {"identifiers": {"other": [{"scheme": "scheme-sample", "value": "other-id-sample"}]}},
    "address": {
        "address": {"line1": "7 Sample Row", "city": "Sampleton", "postcode": "PR1 0AA", "uprn": "100000000777"}
    },
    "district": {"address": {"district": "E07000123"}},
    "contact": {"contact": {"phone": "01632 960777", "mobile": "07700 900777", "email": "sample@example.org"}},
    "safe_contact": {"contact": {"safe_to_contact": "yes", "safe_contact_notes": "weekday mornings, sample"}},
    "ethnicity": {"characteristics": {"ethnicity": {"code_set": "nhs_2001", "code": "A"}}},
    "religion": {"characteristics": {"religion": "religion-sample"}},
    "communication": {"characteristics": {"first_language": "language-sample", "interpreter": "no"}},
    "disability": {"characteristics": {"disability": "yes", "disability_detail": "disability-sample"}},
    "employment": {"characteristics": {"employment_status": "employment-sample"}},
    "pregnancy": {"characteristics": {"pregnancy": "no"}},
    "financial": {"characteristics": {"financial": "financial-sample"}},
    "housing": {"characteristics": {"housing_needs": "housing-sample"}},
    "lifestyle": {"characteristics": {"lifestyle": "lifestyle-sample"}},
    "gp": {"health": {"gp_practice": "practice-sample"}},
    "medical": {"health": {"medical": said("medical-sample")}},
    "emergency_medical": {"health": {"emergency_medical": "emergency-sample"}},
    "school": {"education": {"school_name": "school-name-sample"}},
    "attendance": {"education": {"attendance_percent": 88.5, "exclusions": said("exclusion-sample")}},
    "education_status": {"education": {"status": "status-sample"}},
    "send": {"send": {"support": "K", "primary_need": "SEMH", "detail": said("send-sample")}},
    "household": {"role": "child", "relationship": "relationship-sample", "lives_in_home": "yes"},
    "history": {"early_help": {"history": said("history-sample")}},
    "interventions": {"early_help": {"interventions": said("intervention-sample")}},
    "assessment": {"early_help": {"needs": said("needs-sample"), "views_of_child": "child-view-sample"}},
    "worker_risk": {"early_help": {"worker_risks": said("worker-risk-sample")}},
    "agencies_involved": {
        "early_help": {"agencies_involved": [{"agency": "agency-sample", "role": "agency-role-sample"}]}
    },
    "sexual_health": {"sensitive": {"sexual_health": said("sexual-health-sample")}},
    "termination": {"sensitive": {"termination": said("termination-sample")}},
    "substance_misuse": {"sensitive": {"substance_misuse": said("substance-sample")}},
    "counselling": {"sensitive": {"counselling": said("counselling-sample")}},
    "offences": {"justice": {"offences": said("offence-sample")}},
    "victim": {"justice": {"victim": said("victim-sample")}},
    "opinions": {"opinions": ["opinion-sample"]},
    "photograph": {"photograph": b"photograph-sample"},
}

DETAILS: Final[dict[str, Json]] = {
    "referral_type": {"referral_type": "early_help", "level": 2},
    "referral_reason": {"reasons": said("reason-sample"), "outcome_wanted": "outcome-sample"},
    "referrer": {"referrer": {"name": "Referrer-Sample", "role": "referrer-role-sample", "phone": "01632 960778"}},
    "lead_professional": {"lead_professional": {"name": "Lead-Sample", "role": "lead-role-sample"}},
}

QUERY: Final[dict[str, Json]] = {
    "name": {"family_name": "Hollinshead-Sample", "given_names": ["Robin"]},
    "date_of_birth": {"date_of_birth": "2017-04-03"},
    "due_date": {"due_date": "2027-02-14"},
    "address": {"postcode": "PR1 0AA"},
    "nhs_number": {"nhs_number": "9990000018"},
    "upn": {"upn": "B801200005001"},
}
"""What a share request may say of the person it asks about."""


def merged(parts: list[Json]) -> Json:
    """One record out of several, section by section."""
    whole: Json = {}
    for part in parts:
        for name, value in part.items():
            whole[name] = merged([whole[name], value]) if name in whole and isinstance(value, dict) else value
    return whole


def marks(category: str) -> tuple[str, ...]:
    """The texts by which a category's data would be recognised wherever it turned up."""
    return tuple(_texts(ABOUT.get(category) or DETAILS[category]))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) and "ample" in value else []
