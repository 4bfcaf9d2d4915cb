"""Referrals, share requests and share responses: what each must hold before anything is done with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.errors import Fault
from hub.flow.validate_consent import awareness_faults, blank, override_faults, stated_faults
from hub.flow.validate_person import persons_faults, subject_faults
from hub.flow.validate_sender import Sender, form_faults

Json = Mapping[str, Any]

SHARE_REQUEST: Final = "share_request"
SHARE_RESPONSE: Final = "share_response"
"""Share requests and responses are forms of the policy too: it says who may send them (S-01)."""

FOUND: Final = "found"
MAX_RECIPIENTS: Final = 100

_AGENCY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


def referral_faults(body: Json, sender: Sender) -> list[Fault]:
    """Return the faults of a referral. A recipient that nobody knows is none: the decision denies it, on record."""
    form = sender.form(body["form"])
    return [
        *form_faults(sender, body["form"], body["purpose"], "form"),
        *recipients_faults(body.get("recipients") or (), "recipients"),
        *awareness_faults(body, form, sender),
        *override_faults(body.get("override")),
        *persons_faults(body.get("persons") or ()),
    ]


def share_request_faults(body: Json, sender: Sender) -> list[Fault]:
    """Return the faults of a share request: the task, the policy and the need must be stated (MAIS Request)."""
    needed = (
        ("public_task_statement", "state the public task that it is needed for"),
        ("why_needed", "say why it is needed for this person"),
        ("policy", "name the sharing policy that you rely on"),
        ("ask", "name the agency to ask"),
    )
    faults = [
        Fault("REQUEST_INCOMPLETE", name, "the request does not say enough", remedy)
        for name, remedy in needed
        if blank(body.get(name))
    ]
    ask = body["ask"]
    if ask == sender.agency:
        faults.append(Fault("ASKS_ITSELF", "ask", "the agency asks itself", "name another agency"))
    return [
        *form_faults(sender, SHARE_REQUEST, body["purpose"], ""),
        *faults,
        *recipients_faults((ask,) if ask else (), "ask"),
        *stated_faults(body, sender),
        *override_faults(body.get("override")),
        *subject_faults(body.get("query"), "query"),
    ]


def share_response_faults(body: Json, sender: Sender) -> list[Fault]:
    """Return the faults of a share response: it holds people if, and only if, the person asked about was found."""
    persons = body.get("persons") or ()
    faults = [*form_faults(sender, SHARE_RESPONSE, "", ""), *stated_faults(body, sender)]
    if body["outcome"] == FOUND:
        return faults + persons_faults(persons)
    if persons:
        text = "the response is about people, though nobody was found or told of"
        faults.append(Fault("PERSONS_UNEXPECTED", "persons", text, "leave them out, or answer `found`"))
    return faults


def recipients_faults(named: Sequence[str], place: str) -> list[Fault]:
    """Return a fault for each name that cannot be an agency's id, and for a list without end.

    What passes is copied into records, so it must be a plain slug; whether such an agency exists is for the decision to say.
    """
    if len(named) > MAX_RECIPIENTS:
        text = f"more than {MAX_RECIPIENTS} recipients are named"
        return [Fault("TOO_MANY_RECIPIENTS", place, text, "name those that need it, or none for those of the form")]
    return [
        Fault("AGENCY_MALFORMED", place, "not an agency's id", "use lower-case letters, digits and hyphens")
        for name in named
        if not _AGENCY.match(name)
    ]
