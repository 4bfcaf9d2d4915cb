"""What a message says of awareness, consent and override: never blank, and recorded so that it can be shown later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.errors import Fault
from hub.flow.validate_sender import Sender
from hub.policy.facts import EVERYTHING
from hub.policy.model import Form
from hub.policy.vocabulary import CATEGORIES

Json = Mapping[str, Any]

CAPTURE: Final = {
    "giver": "say who gave it",
    "date": "give the day on which it was given",
    "text_version": "name the version of the text that the giver saw",
    "method": "say how it was given",
}
"""What must be recorded of every consent (S-26, LN-60, LN-61): field and remedy. A signature on the form is a method."""

_ANSWER_REMEDY: Final = "answer yes, no, not_known or not_applicable"
_SEVERE_LEVEL: Final = 4


def blank(value: Any) -> bool:
    """Whether a text is absent or holds nothing but spaces."""
    return not (value or "").strip()


def awareness_faults(body: Json, form: Form | None, sender: Sender) -> list[Fault]:
    """Return the faults of a referral's awareness section, as its form needs it.

    Blank is not an answer (D-12). A form that carries an agreement must say whether it is signed. The signature answers for
    the family's awareness; it answers for consent only where contact is all that it permits (LN-62).
    """
    awareness = body.get("awareness") or {}
    faults = [
        Fault("ANSWER_MISSING", f"awareness.{name}", "the form needs an answer", _ANSWER_REMEDY)
        for name in _needed(awareness, form)
        if awareness.get(name) is None
    ]
    return faults + stated_faults(body, sender, form) + _reason_faults(body, awareness)


def stated_faults(body: Json, sender: Sender, form: Form | None = None) -> list[Fault]:
    """Return the faults of whatever consent and detriment an awareness section states, in any kind of message."""
    awareness = body.get("awareness") or {}
    faults = scope_faults(awareness, "awareness", sender) + _cover_faults(awareness, body.get("persons") or ())
    signed = awareness.get("signed") == "yes"
    if awareness.get("consent") == "yes" or (signed and form and form.agreement):
        faults += capture_faults(awareness, "awareness", signed=signed)
    if awareness.get("consent") == "yes":
        faults += covered_faults(awareness, "awareness")
    if awareness.get("consent") == "yes" and awareness.get("aware") == "no":
        text = "the family cannot consent to what it does not know of"
        faults.append(Fault("ANSWERS_CONTRADICT", "awareness.consent", text, "correct one of the two answers"))
    if awareness.get("detriment") == "yes" and blank(awareness.get("detriment_reason")):
        text = "disclosure is judged more detrimental to the child, without a reason"
        faults.append(Fault("REASON_MISSING", "awareness.detriment_reason", text, "say why (D-03)"))
    return faults


def capture_faults(record: Json, place: str, *, signed: bool = False) -> list[Fault]:
    """Return a fault for each part of a consent that was not recorded; signed: the form itself is, so its method is known."""
    return [
        Fault("CONSENT_CAPTURE", f"{place}.{name}", "the consent is not fully recorded", remedy)
        for name, remedy in CAPTURE.items()
        if blank(record.get(name)) and not (signed and name == "method")
    ]


def covered_faults(
    record: Json, place: str, what: str = "consent", scopes: Sequence[str] = ("recipients", "purposes", "categories")
) -> list[Fault]:
    """Return a fault for each empty scope of a consent that was given (D-13): it would cover nothing, and nobody would know.

    what, scopes: for other records with scopes, what they are called and which they have.
    """
    text = f"the {what} does not say what it covers"
    return [
        Fault("SCOPE_MISSING", f"{place}.{name}", text, "list what it covers, or `*` for all")
        for name in scopes
        if not record.get(name)
    ]


def override_faults(claim: Json | None) -> list[Fault]:
    """Return a fault for each missing part of an override claim: limb, reason and who decided (S-12)."""
    if claim is None:
        return []
    return [
        Fault("OVERRIDE_INCOMPLETE", f"override.{name}", "the override is not complete", f"give the {word}")
        for name, word in (("limb", "limb"), ("reason", "reason"), ("decided_by", "decision maker"))
        if blank(claim.get(name))
    ]


def scope_faults(record: Json, place: str, sender: Sender) -> list[Fault]:
    """Return a fault for each recipient, purpose or category of a scope that nobody knows: it would cover nothing."""
    if sender.snapshot is None:
        return []
    policy = sender.snapshot.policy
    faults = _unknown(record, "recipients", place, sender.snapshot.classes.keys() | {a.id for a in policy.agencies})
    faults += _unknown(record, "purposes", place, {p.id for p in policy.purposes})
    return faults + _unknown(record, "categories", place, CATEGORIES.keys())


# Private functions
# -----------------


def _needed(awareness: Json, form: Form | None) -> list[str]:
    if form is None:
        return []
    signed = bool(form.agreement) and awareness.get("signed") == "yes"
    needed = ["signed"] if form.agreement else []
    needed += [] if signed else ["aware"]
    return needed + ([] if signed and form.agreement == "contact_permission" else ["consent"])


def _unknown(record: Json, name: str, place: str, known: Any) -> list[Fault]:
    return [
        Fault("SCOPE_UNKNOWN", f"{place}.{name}[{i}]", "no such name in this policy", "use a known id, or `*` for all")
        for i, value in enumerate(record.get(name) or ())
        if value != EVERYTHING and value not in known
    ]


def _cover_faults(awareness: Json, persons: Sequence[Json]) -> list[Fault]:
    labels = {person["person_id"] for person in persons}
    return [
        Fault("LABEL_UNKNOWN", f"awareness.covers[{i}]", "no person has this label", "use a person_id of the message")
        for i, label in enumerate(awareness.get("covers") or ())
        if label not in labels
    ]


def _reason_faults(body: Json, awareness: Json) -> list[Fault]:
    """Return a fault where consent or informing was left out without a reason code (D-11)."""
    details = body.get("details") or {}
    severe = details.get("referral_type") == "s47" or details.get("level") == _SEVERE_LEVEL
    unasked = severe and awareness.get("consent") not in (None, "yes")
    if awareness.get("no_consent_reason") or not (unasked or awareness.get("aware") == "no"):
        return []
    text = "consent or informing was left out without a reason"
    return [Fault("REASON_MISSING", "awareness.no_consent_reason", text, "give a reason code")]
