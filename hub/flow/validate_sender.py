"""Who sends, and by which policy it is judged: the part of validation that only the register can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.errors import Fault
from hub.flow.policies import Policies
from hub.policy.model import Form
from hub.policy.snapshot import Snapshot

RULING_ROLE: Final = "information_governance"
"""The one role that may rule on reviews, whatever a policy file says."""


@dataclass(frozen=True, slots=True)
class Sender:
    """An agency, proved by its topic, on the day the broker took its message; snapshot None: no policy is in force."""

    agency: str
    snapshot: Snapshot | None

    @property
    def roles(self) -> frozenset[str]:
        """What the agency may send as on that day."""
        return frozenset(self.snapshot.roles_of(self.agency)) if self.snapshot else frozenset()

    def form(self, form: str) -> Form | None:
        """Return a form of the policy, or None."""
        return self.snapshot.form(form) if self.snapshot else None


def sender_of(policies: Policies, council: str, agency: str, day: str) -> Sender:
    """Return the sender of a message to a council on an ISO day."""
    engine = policies.engine(council)
    return Sender(agency, engine.at(day) if engine else None)


def register_faults(sender: Sender) -> list[Fault]:
    """Return a fault when no policy is in force, or the sender is not in the council's register on the day (S-01)."""
    if sender.snapshot is None:
        text = "no policy of this council is in force"
        return [Fault("NO_POLICY", "council", text, "check the council's id, or ask the council to publish its policy")]
    if sender.agency not in sender.snapshot.agencies:
        text = "the sender is not in this council's register on the day of the message"
        return [Fault("SENDER_UNKNOWN", "council", text, "ask the council to register the agency")]
    return []


def form_faults(sender: Sender, form_id: str, purpose: str, place: str) -> list[Fault]:
    """Return a fault for an unknown form, a sender that is no source for it (S-01), and a purpose that is not the form's.

    place: the field that names the form; "" for share requests and responses, which are their own form.
    """
    if sender.snapshot is None:
        return []
    form = sender.form(form_id)
    if form is None:
        known = ", ".join(sorted(f.id for f in sender.snapshot.policy.forms))
        return [Fault("FORM_UNKNOWN", place, "the policy names no such form", f"use one of {known}")]
    faults = []
    if not sender.roles & set(form.sources):
        text = f"the sender is not a registered source for `{form.id}`"
        faults.append(Fault("SENDER_NOT_SOURCE", place, text, f"it takes the role {' or '.join(form.sources)}"))
    if purpose and purpose not in form.purposes:
        text = f"`{form.id}` is not used for this purpose"
        faults.append(Fault("PURPOSE_UNKNOWN", "purpose", text, f"use one of {', '.join(form.purposes)}"))
    return faults


def control_faults(sender: Sender, kind: str) -> list[Fault]:
    """Return a fault when the sender's role may not send controls of this kind."""
    if sender.snapshot is None:
        return []
    allowed = set(dict(sender.snapshot.policy.controls).get(kind, ()))
    if kind == "ruling":
        allowed &= {RULING_ROLE}
    if sender.roles & allowed:
        return []
    remedy = f"it takes the role {' or '.join(sorted(allowed))}" if allowed else "nobody may send it under this policy"
    return [Fault("SENDER_NOT_ALLOWED", "kind", f"the sender may not send `{kind}` messages", remedy)]
