"""The sentences of a golden case's history, and the control messages they stand for.

Lists are words joined by commas or `and`; `anybody`, `anything` and `everything` mean all of them. Who sends the control is
looked up in the notice, by kind; a sentence never says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]
Control = tuple[str, Json]
"""Kind and record."""

_SCOPE: Final = (
    r"(?: to (?P<to>.+?))?(?: for (?P<purpose>.+?))?(?: covering (?P<covering>.+?))?(?: until (?P<until>\S+))?"
)


def control(sentence: str, day: str) -> Control:
    """Return the control message that a sentence stands for. Raises ValueError on one that nobody taught it."""
    for pattern, make in _SENTENCES:
        found = pattern.fullmatch(sentence)
        if found:
            return make(found.groupdict(), day)
    raise ValueError(sentence)


def listed(text: str | None) -> list[str]:
    """The words of a list; nothing for None."""
    if text is None:
        return []
    words = re.split(r",\s*|\s+and\s+", text)
    return ["*" if word in ("anybody", "anything", "everything") else word for word in words]


# Private functions
# -----------------


def _consent(said: Json, day: str) -> Control:
    record = {
        "status": said["status"],
        "giver": "parent",
        "capacity": "pr_holder",
        "method": "signature",
        "date": day,
        "text_version": "notice-1",
        "recipients": listed(said["to"]),
        "purposes": listed(said["purpose"]),
        "categories": listed(said["covering"]),
        "expires_on": said["until"],
    }
    if said["status"] == "given":
        record["categories"] = record["categories"] or ["*"]
    return "consent", record


def _status(kind: str) -> Callable[[Json, str], Control]:
    return lambda said, day: (kind, {"status": said["status"], "date": day})


def _instruction(said: Json, day: str) -> Control:
    scope, _, target = str(said["whom"]).partition(" ")
    scope = "all" if scope == "anybody" else scope
    status = "lifted" if said["lifted"] else "set"
    return "instruct_not_to", {"status": status, "scope": scope, "target": target or None, "date": day}


def _objection(said: Json, day: str) -> Control:
    status = "lifted" if said["lifted"] else "set"
    return "objection", {"status": status, "purposes": listed(said["purpose"]), "date": day}


def _threshold(said: Json, day: str) -> Control:
    record = {"section": f"s{said['section']}", "status": said["status"], "date": day, "decided_by": "team manager"}
    return "threshold", record


def _shield(said: Json, day: str) -> Control:
    people = ["team manager", "data protection officer"]
    return "shield", {"status": said["status"], "kind": said["kind"], "date": day, "authorised_by": people}


def _informed(said: Json, day: str) -> Control:
    record = {"status": "retracted" if said["retracted"] else "told", "date": day}
    return "informed", {**record, "recipients": listed(said["to"]), "purposes": listed(said["purpose"])}


def _care_status(said: Json, day: str) -> Control:
    return "care_status", {"status": said["status"], "kind": said["kind"], "date": day}


def _granted(said: Json, day: str) -> Control:
    days = {"starts_on": said["start"] or day, "until": said["until"]}
    return "access_grant", {"status": "given", "agency": said["agency"], **days, **_DECIDED}


def _grant_ended(said: Json, day: str) -> Control:
    return "access_grant", {"status": "ended", "agency": said["agency"], "starts_on": None, "until": day, **_DECIDED}


def _correction(said: Json, _day: str) -> Control:
    return "correction", {"fields": listed(said["fields"]), "statement": "correction-sample"}


_DECIDED: Final = {"reason": "inspection", "decided_by": "head of service"}

_SENTENCES: Final[tuple[tuple[re.Pattern[str], Callable[[Json, str], Control]], ...]] = (
    (re.compile(r"consent (?P<status>given|refused|withdrawn|expired)" + _SCOPE), _consent),
    (re.compile(r"permission to be contacted (?P<status>given|withdrawn)"), _status("contact_permission")),
    (re.compile(r"support (?P<status>given|declined|withdrawn)"), _status("service_agreement")),
    (
        re.compile(r"instruction not to share with (?P<whom>anybody|class \S+|agency \S+)(?P<lifted> lifted)?"),
        _instruction,
    ),
    (re.compile(r"objection to (?P<purpose>.+?)(?P<lifted> lifted)?"), _objection),
    (re.compile(r"restriction (?P<status>set|lifted)"), _status("restriction")),
    (re.compile(r"section (?P<section>17|47) threshold (?P<status>met|ended)"), _threshold),
    (re.compile(r"informed about (?P<to>.+?)(?: for (?P<purpose>.+?))?(?P<retracted> retracted)?"), _informed),
    (re.compile(r"care status (?P<kind>\S+) (?P<status>set|ended)"), _care_status),
    (re.compile(r"access granted to (?P<agency>\S+)(?: from (?P<start>\S+))? until (?P<until>\S+)"), _granted),
    (re.compile(r"access of (?P<agency>\S+) ended"), _grant_ended),
    (re.compile(r"correction of (?P<fields>.+)"), _correction),
    (re.compile(r"shield (?P<status>set|lifted): (?P<kind>\S+)"), _shield),
)
