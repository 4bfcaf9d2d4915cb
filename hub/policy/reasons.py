"""The closed list of reasons: why something was denied, sent to a person, or withheld, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. rule: its id in the rule tables (S-, D-) or design (INV-). group: the metric label it counts under."""

    id: str
    rule: str
    group: str
    text: str


_ROWS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("NO_POLICY", "INV-1", "policy", "no policy is in force for this council on that day"),
    ("STALE_POLICY", "INV-1", "policy", "the policy is past its review date, so a person decides"),
    ("RULE_ERROR", "INV-1", "policy", "a rule could not be evaluated, so nothing is released"),
    ("FORM_UNKNOWN", "S-01", "policy", "the policy names no such form"),
    ("SENDER_UNKNOWN", "S-01", "sender", "the sender is not in the register on that day"),
    ("SENDER_NOT_SOURCE", "S-01", "sender", "the sender is not a registered source for this form"),
    ("NO_RECIPIENT", "S-02", "recipient", "the sender named no recipient and the form has none of its own"),
    ("RECIPIENT_UNKNOWN", "S-02", "recipient", "the recipient is not in the council's register"),
    ("RECIPIENT_INACTIVE", "S-02", "recipient", "the recipient's row in the register is not in force on that day"),
    ("RECIPIENT_NEVER_RECEIVES", "S-02", "recipient", "the register lists this agency as a source only"),
    ("NO_AGREEMENT", "S-05", "recipient", "no data sharing agreement with the recipient is on file for that day"),
    ("NOT_UK", "S-18", "recipient", "the recipient is outside the United Kingdom"),
    ("OWN_SENDER", "S-02", "recipient", "the recipient is the sender itself"),
    ("PURPOSE_UNKNOWN", "D-10", "purpose", "the policy does not name this purpose for this form"),
    ("NO_RULE", "INV-1", "purpose", "no sharing rule lets this form go to this recipient for this purpose"),
    ("SWITCHED_OFF", "INV-1", "purpose", "the notice states this road, and the council has not opened it"),
    ("ANONYMISED_ONLY", "S-14", "purpose", "for this purpose only anonymised aggregates may be used"),
    ("WRONG_DISTRICT", "S-03", "geography", "the recipient does not serve the subject's district"),
    ("WRONG_SCHOOL", "S-04", "geography", "the child neither attends nor is intending to attend this school"),
    ("DISTRICT_UNKNOWN", "S-03", "geography", "the subject's district is not known, so a person chooses the recipient"),
    ("NOT_INVOLVED", "S-02", "geography", "the message does not name the recipient as working with the family"),
    (
        "SCHOOL_UNKNOWN",
        "S-04",
        "geography",
        "the child's school is not known, so a person decides whether it is this one",
    ),
    ("IDENTITY_UNSURE", "INV-1", "identity", "the person could not be told apart with certainty, so a person decides"),
    ("FACTS_UNSURE", "INV-1", "facts", "what is known about the subject is incomplete, so a person decides"),
    ("CLOCK_SKEW", "INV-5", "facts", "the sender's clock and the broker's are too far apart, so a person decides"),
    ("REQUEST_UNKNOWN", "INV-3", "facts", "no share request that was passed on fits this response"),
    ("SERVICE_DECLINED", "S-09", "consent", "the family declined or left the support, so nothing goes on for it"),
    ("MORE_DETRIMENTAL", "D-03", "duty", "the sender judges disclosure more detrimental to the child (s.16LA(3))"),
    (
        "CONSENT_MISSING",
        "D-11",
        "consent",
        "consent is needed and has not been recorded for this recipient and purpose",
    ),
    (
        "CONSENT_ENDED",
        "S-10",
        "consent",
        "consent was refused, withdrawn or has expired for this recipient and purpose",
    ),
    ("CONTACT_MISSING", "S-07", "consent", "permission to be contacted is needed and has not been recorded"),
    ("OUT_OF_SCOPE", "D-10", "scope", "the form is for children with a care status, and none is on record"),
    ("NOT_INFORMED", "D-20", "need", "the person has not been told of this sharing, and has not consented to it"),
    ("NO_SERVICE_AGREEMENT", "S-17", "need", "the family's agreement to take part is needed and not on record"),
    ("NO_STATED_REASON", "S-20", "need", "the message does not say why the recipient needs it"),
    ("NO_GRANT", "S-15", "need", "no access has been granted to this recipient for this person"),
    ("GRANT_ENDED", "S-15", "need", "the access granted to this recipient is not in force on this day"),
    ("ALREADY_RETURNED", "S-16", "need", "this return was made for the person in this month already"),
    ("ADVERSE_USE", "D-10", "need", "the recipient may turn it against the person, so a person always decides"),
    ("NO_BASIS", "D-10", "basis", "none of the lawful bases that the rule names is available"),
    ("INSTRUCTED", "S-11", "instruction", "the person instructed that this recipient must not receive"),
    ("OVERRIDE_LIMB", "S-12", "instruction", "the override names a limb that the policy does not accept"),
    ("OVERRIDE_INCOMPLETE", "S-12", "instruction", "an override was claimed without limb, reason, decider or standing"),
    ("RESTRICTED", "D-21", "restriction", "processing is restricted (UK GDPR Article 18)"),
    ("OBJECTED", "D-21", "objection", "the person objected (UK GDPR Article 21), so a person weighs it"),
    ("THRESHOLD_FIRST", "D-11", "threshold", "a threshold decision must be recorded before the first outbound check"),
    ("RULED_REFUSE", "INV-3", "ruling", "a person ruled that it must not go"),
    ("NOTHING_LEFT", "S-06", "fields", "nothing in the message may go to this recipient"),
    ("SHIELDED", "D-18", "shield", "the subject is shielded: address, school and former names never leave"),
    ("NOT_COLLECTED", "S-06", "fields", "the form is not one that may carry this category"),
    ("NOT_SHARED", "S-06", "fields", "the category is not in what the rule shares"),
    ("ALLOW_LIST", "S-06", "fields", "the recipient has a closed allow-list and the category is not on it"),
    ("IDENTIFIER_RULE", "D-17", "fields", "this class of recipient may not hold the identifier"),
    ("CRIMINAL_ROUTE", "S-27", "fields", "offence and victim data go only by listed routes"),
    ("VISITORS_ONLY", "S-23", "fields", "risks to professionals go only to recipients who meet the family"),
    (
        "SENSITIVE_SERVICE",
        "D-19",
        "fields",
        "a sensitive service needs its own consent or a recorded cause of significant harm",
    ),
    ("NO_CONDITION", "D-10", "fields", "no Article 9 condition is available for special category data"),
    ("CONSENT_SCOPE", "D-13", "fields", "the consent given does not cover this category"),
    ("UNCLASSIFIED", "INV-10", "fields", "the field has no category that the hub knows"),
)

REASONS: Final[dict[str, Reason]] = {row[0]: Reason(*row) for row in _ROWS}
GROUPS: Final[tuple[str, ...]] = (*dict.fromkeys(r.group for r in REASONS.values()), "none")
"""Closed set of reason groups, as a metric label."""

CHANGES: Final[dict[str, str]] = {
    "GIVE_CONSENT": "record the person's consent for this recipient and purpose",
    "GIVE_CONTACT_PERMISSION": "record permission to be contacted",
    "LIFT_INSTRUCTION": "the person lifts the instruction",
    "OVERRIDE_LAW_REQUIRES": "record an override: the law requires it, with reason and decider",
    "OVERRIDE_RISK_OF_HARM": "record an override: risk of harm, with reason and decider",
    "OVERRIDE_CRIME_DISORDER": "record an override: crime or disorder, with reason and decider",
    "OVERRIDE_RISK_TO_WELLBEING": "record an override: risk to somebody's well-being, with reason and decider",
    "INFORM_PERSON": "tell the person of this sharing, and record it",
    "STATE_REASON": "the sender says why the recipient needs it",
    "GRANT_ACCESS": "record an access grant for this recipient, with its last day",
    "RECORD_STATUS": "record the child's care status",
    "WAIT_FOR_NEXT_MONTH": "send the return in the next calendar month",
    "NAME_INVOLVED": "the message names the recipient as working with the family",
    "SWITCH_ON": "the council switches the rule on, in a new version of its policy",
    "RECORD_S47": "record a section 47 threshold decision",
    "LIFT_RESTRICTION": "the restriction ends",
    "LIFT_OBJECTION": "the objection is lifted",
    "WITHDRAW_DETRIMENT": "the sender no longer judges disclosure more detrimental to the child",
    "AGREE_SERVICE": "the family agrees to support",
    "RESOLVE_IDENTITY": "a person rules who the subject is",
    "RESOLVE_FACTS": "the open question about the subject's facts is settled",
    "RULE_PERMIT": "a person rules that it may go",
    "NAME_DISTRICT": "the sender states the district of residence",
    "NAME_SERVING_AGENCY": "name the agency that serves the district",
    "NAME_SCHOOL": "the message names this school as attended or intended",
    "FIX_CLOCK": "the sender's clock is corrected and the message sent again",
    "REVIEW_POLICY": "the policy is reviewed and its review date moved",
    "REGISTER_AGENCY": "the council adds the agency to its register",
    "SIGN_AGREEMENT": "an agreement with the recipient is put on file",
    "USE_NAMED_PURPOSE": "the sender uses a purpose that the policy names for the form",
    "NAME_RECIPIENT": "the sender names a recipient from the register",
    "ADD_RULE": "the council adds a sharing rule, with its citation",
    "USE_REGISTERED_SOURCE": "a registered source for the form sends it",
    "USE_AGGREGATES": "use the anonymised aggregate instead",
    "PUBLISH_POLICY": "the council puts a policy in force",
    "ANSWER_A_REQUEST": "answer a share request that the hub passed on",
    "SEND_SHAREABLE": "the message holds something the recipient may see",
}
"""The changes that `would_permit` may name, in plain words."""

STATIC_REMEDY: Final[dict[str, str]] = {
    "NO_POLICY": "PUBLISH_POLICY",
    "RULE_ERROR": "REVIEW_POLICY",
    "FORM_UNKNOWN": "ADD_RULE",
    "SENDER_UNKNOWN": "USE_REGISTERED_SOURCE",
    "SENDER_NOT_SOURCE": "USE_REGISTERED_SOURCE",
    "NO_RECIPIENT": "NAME_RECIPIENT",
    "RECIPIENT_UNKNOWN": "REGISTER_AGENCY",
    "RECIPIENT_INACTIVE": "REGISTER_AGENCY",
    "RECIPIENT_NEVER_RECEIVES": "REGISTER_AGENCY",
    "NO_AGREEMENT": "SIGN_AGREEMENT",
    "NOT_UK": "REGISTER_AGENCY",
    "OWN_SENDER": "NAME_RECIPIENT",
    "PURPOSE_UNKNOWN": "USE_NAMED_PURPOSE",
    "NO_RULE": "ADD_RULE",
    "SWITCHED_OFF": "SWITCH_ON",
    "ANONYMISED_ONLY": "USE_AGGREGATES",
    "REQUEST_UNKNOWN": "ANSWER_A_REQUEST",
    "RULED_REFUSE": "RULE_PERMIT",
    "NOTHING_LEFT": "SEND_SHAREABLE",
}
"""The change that would lift a reason which no fact about the subject can lift."""
