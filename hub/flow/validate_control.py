"""Control messages: exactly one record, whole, from a role that may send it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hub.errors import Fault
from hub.flow.validate_consent import blank, capture_faults, covered_faults, scope_faults
from hub.flow.validate_person import subject_faults
from hub.flow.validate_sender import Sender, control_faults
from hub.flow.validate_shape import parse_day
from hub.policy.model import Settings
from hub.policy.vocabulary import CONTROL_KINDS

Json = Mapping[str, Any]
Check = Callable[[Json, str, Sender], list[Fault]]

NO_SUBJECT: Final = frozenset({"ruling", "receipt"})
"""Kinds that name a review or a record instead of a person."""

_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
_LIFTING_TAKES: Final = 2


def control_message_faults(body: Json, sender: Sender) -> list[Fault]:
    """Return the faults of a control message. An unknown kind is a fault of its code, found with the other codes."""
    kind = body["kind"]
    if kind not in CONTROL_KINDS:
        return []
    faults = control_faults(sender, kind) + _record_faults(body, kind)
    faults += [] if kind in NO_SUBJECT else subject_faults(body.get("subject"), "subject")
    record, check = body.get(kind), _CHECKS.get(kind)
    return faults + check(record, kind, sender) if record and check else faults


# Private functions
# -----------------


def _record_faults(body: Json, kind: str) -> list[Fault]:
    faults = []
    if not body.get(kind):
        text = f"the record `{kind}` is missing"
        faults.append(Fault("RECORD_MISSING", kind, text, "fill the record that `kind` names"))
    others = [name for name in CONTROL_KINDS if name != kind and body.get(name)]
    text = "a record of another kind is filled too"
    return faults + [Fault("RECORD_UNEXPECTED", name, text, "send one message for each") for name in others]


def _missing(record: Json, place: str, **needed: str) -> list[Fault]:
    return [
        Fault("FIELD_MISSING", f"{place}.{name}", "the record is not complete", remedy)
        for name, remedy in needed.items()
        if blank(record.get(name))
    ]


def _consent(record: Json, place: str, sender: Sender) -> list[Fault]:
    """S-26 and D-13: who gave it, in what capacity, to which text, for whom, for what. An ending needs none of it."""
    faults = scope_faults(record, place, sender)
    if record["status"] != "given":
        return faults
    faults += capture_faults(record, place)
    faults += _missing(record, place, capacity="say in what capacity it was given")
    faults += covered_faults(record, place)
    if record.get("expires_on") and record["expires_on"] < record["date"]:
        text = "the consent ends before it begins"
        faults.append(Fault("DATES_CONTRADICT", f"{place}.expires_on", text, "correct one of the two dates"))
    return faults


def _instruct_not_to(record: Json, place: str, sender: Sender) -> list[Fault]:
    """S-11: a target that nobody knows would bar nobody, so it goes back to the sender."""
    scope, target = record["scope"], record.get("target") or ""
    where = f"{place}.target"
    if scope == "all":
        text = "an instruction about everybody names one target"
        return [Fault("TARGET_UNEXPECTED", where, text, "leave it out, or narrow the scope")] if target else []
    if not target:
        return [Fault("TARGET_MISSING", where, "the instruction does not say whom it bars", "name the class or agency")]
    return _target_faults(scope, target, where, sender)


def _target_faults(scope: str, target: str, where: str, sender: Sender) -> list[Fault]:
    """Return a fault when the council knows no class or agency (`scope`) of this id."""
    if sender.snapshot is None:
        return []
    policy = sender.snapshot.policy
    known = {c.id for c in policy.classes} if scope == "class" else {a.id for a in policy.agencies}
    remedy = f"use the id of a known {scope}"
    return [] if target in known else [Fault("TARGET_UNKNOWN", where, f"this council has no such {scope}", remedy)]


def _objection(record: Json, place: str, sender: Sender) -> list[Fault]:
    return scope_faults(record, place, sender)


def _threshold(record: Json, place: str, _sender: Sender) -> list[Fault]:
    return _missing(record, place, decided_by="say who decided")


def _shield(record: Json, place: str, _sender: Sender) -> list[Fault]:
    """Setting a shield is never held up; lifting one takes two people (D-18)."""
    people = {name.strip().casefold() for name in record.get("authorised_by") or () if not blank(name)}
    if record["status"] != "lifted" or len(people) >= _LIFTING_TAKES:
        return []
    return [Fault("TWO_NEEDED", f"{place}.authorised_by", "lifting a shield takes two people", "name both")]


def _informed(record: Json, place: str, sender: Sender) -> list[Fault]:
    """Being told is of somebody and of a purpose; taking it back without naming any takes back everything."""
    faults = scope_faults(record, place, sender)
    if record["status"] != "told":
        return faults
    return faults + covered_faults(record, place, "statement", ("recipients", "purposes"))


def _access_grant(record: Json, place: str, sender: Sender) -> list[Fault]:
    """S-15: access is one known agency's, for a stated reason, from one day to another that is not too far off."""
    faults = _target_faults("agency", record["agency"], f"{place}.agency", sender)
    if record["status"] != "given":
        return faults
    faults += _missing(
        record,
        place,
        starts_on="give the first day",
        until="give the last day",
        reason="say why the agency needs it",
        decided_by="say who decided",
    )
    return faults + _span_faults(record, place, sender)


def _span_faults(record: Json, place: str, sender: Sender) -> list[Fault]:
    first, last = (parse_day(record.get(name) or "") for name in ("starts_on", "until"))
    if first is None or last is None:
        return []
    where = f"{place}.until"
    if last < first:
        text = "the access ends before it begins"
        return [Fault("DATES_CONTRADICT", where, text, "correct one of the two dates")]
    longest = sender.snapshot.policy.settings.grant_days if sender.snapshot else Settings().grant_days
    if (last - first).days < longest:
        return []
    text = f"the access is for more than {longest} days, its first and last counted"
    return [Fault("GRANT_TOO_LONG", where, text, "end it sooner; give it anew when it is still needed")]


def _ruling(record: Json, place: str, _sender: Sender) -> list[Fault]:
    faults = _missing(record, place, by="say who ruled", reason="say why")
    if not _ID.match(record["review_id"]):
        text = "not the id of a review"
        faults.append(Fault("ID_MALFORMED", f"{place}.review_id", text, "copy it from the review"))
    if not record.get("held"):
        text = "the ruling does not carry the message that was held"
        faults.append(Fault("HELD_MISSING", f"{place}.held", text, "copy it from the review"))
    return faults + _second_faults(record, place)


def _second_faults(record: Json, place: str) -> list[Fault]:
    """An override is decided by two different people (S-12)."""
    where, second = f"{place}.second_by", record.get("second_by")
    if not blank(second) and str(second).strip().casefold() == str(record.get("by")).strip().casefold():
        return [Fault("TWO_NEEDED", where, "the second person is the first", "name somebody else")]
    if record.get("limb") and record["decision"] == "permit" and blank(second):
        return [Fault("TWO_NEEDED", where, "an override takes two people", "name the second")]
    return []


def _correction(record: Json, place: str, _sender: Sender) -> list[Fault]:
    if record.get("fields") or not blank(record.get("statement")):
        return []
    text = "the correction does not say what is wrong"
    return [Fault("FIELD_MISSING", f"{place}.fields", text, "name the fields, or say it in words")]


def _receipt(record: Json, place: str, _sender: Sender) -> list[Fault]:
    if _ID.match(record["record_id"]):
        return []
    return [Fault("ID_MALFORMED", f"{place}.record_id", "not the id of a record", "copy it from the filtered record")]


_CHECKS: Final[dict[str, Check]] = {
    "consent": _consent,
    "instruct_not_to": _instruct_not_to,
    "objection": _objection,
    "threshold": _threshold,
    "shield": _shield,
    "ruling": _ruling,
    "correction": _correction,
    "receipt": _receipt,
    "informed": _informed,
    "access_grant": _access_grant,
}
