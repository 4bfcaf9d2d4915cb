"""The morning's messages as they would be written under another council's notice: its agencies, its districts, its days.

An agency's counterpart is found from the registers alone: the same id, else the same class of recipient, else the same kind of body.
Where a notice knows no such body, form or purpose the message keeps its own word, and the hub answers as it would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from hub.councils.analysis.days import nearest
from hub.policy.model import AgencyRow, Policy
from hub.policy.snapshot import Snapshot

_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(T[0-9:.]+Z)?")
_NAMES: Final = frozenset({"recipients", "ask", "target", "school_id", "intended_school_id", "agency"})
"""Fields of messages that name agencies, or classes of them."""

NEED: Final = "It is needed to plan and give the support that the family needs."
"""What a sender writes where a notice's forms ask why the recipient needs it, and the morning's form did not."""

Json = dict[str, Any]


class Translation:
    """From the policy that the morning was written for to another one, on a day on which that one is in force."""

    def __init__(self, own: Snapshot, other: Snapshot, days: int) -> None:
        self._own, self._other, self._days = own, other, days
        self._quotes = dict(other.policy.quotes)
        codes = [code for code, _ in other.policy.districts]
        self._districts = {code: codes[0] if codes else "" for code, _ in own.policy.districts}

    def knows(self, form: str) -> bool:
        """Whether the notice has a form."""
        return self._other.form(form) is not None

    def sentence(self, facts: Iterable[str]) -> str:
        """Return the first of the facts that is a sentence of the notice, with its id, or ""."""
        found = next((fact for fact in facts if fact.startswith(f"{self._other.policy.notice}-")), "")
        return f"{found}: {self._quotes[found]}" if found else ""

    def agency(self, name: str) -> str:
        """Return the counterpart of an agency that receives, or its own id where there is none."""
        row = self._own.agencies.get(name)
        if row is None or name in self._other.agencies:
            return name
        return next((found.id for found in self._alike(row)), name)

    def sender(self, name: str, form: str) -> str:
        """Return who would send a form: the counterpart if it may, else whoever may and is most like the sender."""
        found = self.agency(name)
        wanted = self._other.form(form)
        sources = set(wanted.sources) if wanted else set()
        if not sources or set(self._other.roles_of(found)) & sources:
            return found
        able = [row for row in self._other.agencies.values() if set(row.roles) & sources]
        roles = set(self._own.roles_of(name))
        able.sort(key=lambda row: (self._kind_differs(name, row), not roles & set(row.roles)))
        return able[0].id if able else found

    def speaker(self, name: str, kind: str) -> str:
        """Return who would send a kind of control message: the counterpart if it may, else whoever may."""
        found = self.agency(name)
        roles = set(dict(self._other.policy.controls).get(kind, ()))
        able = [row.id for row in self._other.agencies.values() if set(row.roles) & roles]
        return found if found in able or not able else able[0]

    def body(self, body: Mapping[str, Any]) -> Json:
        """Return a message body, translated, with what the forms of the notice ask for besides."""
        found: Json = self._value(dict(body), "")
        found["council"] = self._other.policy.council
        if "policy" in found:
            found["policy"] = self._other.policy.id
        if found.get("recipients"):
            found["recipients"] = list(dict.fromkeys(found["recipients"]))
        if found.get("awareness"):
            found["awareness"] = self._awareness(found["awareness"])
        if found.get("override"):
            found["override"] = self._override(found["override"])
        return found

    # Private functions
    # -----------------

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._value(inner, key) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(inner, name) for inner in value]
        if not isinstance(value, str):
            return value
        if name == "district":
            return self._districts.get(value, value) or None
        return self.agency(value) if name in _NAMES else moved(value, self._days)

    def _awareness(self, said: Json) -> Json:
        """Return what the family knows and agreed to, as far as the notice knows the recipients and purposes that it names."""
        known = {*self._other.agencies, *self._other.classes, "*"}
        scopes = {"recipients": known, "purposes": {*(p.id for p in self._other.policy.purposes), "*"}}
        found = dict(said)
        for name, names in scopes.items():
            found[name] = list(dict.fromkeys(value for value in said.get(name) or () if value in names))
        if said.get("consent") == "yes" and not (found["recipients"] and found["purposes"]):
            found["consent"] = "not_known"
        if any("stated_reason" in rule.needs for rule in self._other.policy.sharing):
            found["need"] = said.get("need") or NEED
        return found

    def _override(self, claimed: Json) -> Json:
        limbs = self._other.policy.override.limbs
        harm = claimed.get("limb") == "RISK_OF_HARM" and "RISK_OF_HARM" not in limbs
        return claimed | {"limb": "RISK_TO_WELLBEING"} if harm and "RISK_TO_WELLBEING" in limbs else claimed

    def _alike(self, row: AgencyRow) -> Iterable[AgencyRow]:
        klass = self._own.classes.get(row.recipient_class)
        others = [other for other in self._other.agencies.values() if other.recipient_class and other.uk]
        if klass is None:
            return ()
        same = [other for other in others if other.recipient_class == klass.id]
        classes = self._other.classes
        kind = [
            o
            for o in others
            if (classes[o.recipient_class].kind, classes[o.recipient_class].internal) == (klass.kind, klass.internal)
        ]
        return (*same, *kind)

    def _kind_differs(self, name: str, row: AgencyRow) -> bool:
        own = self._own.classes.get(self._own.class_of(name))
        other = self._other.classes.get(row.recipient_class)
        return own is None or other is None or own.kind != other.kind


def moved(text: str, days: int) -> str:
    """Return an ISO day or time that many days later; any other text as it is."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    return (date.fromisoformat(found[1]) + timedelta(days=days)).isoformat() + (found[2] or "")


def day_in_force(policy: Policy, today: str) -> str:
    """Return today where the policy is in force and fresh, else the last day on which it was."""
    return min(nearest(policy, today), policy.settings.review_by or today)
