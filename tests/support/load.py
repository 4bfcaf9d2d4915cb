"""A seeded mix of what partners publish, each message with what must become of it."""

from __future__ import annotations

import copy
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hub.connectors.messages.convert import parse_json
from hub.schemas.codec import encode
from hub.schemas.templates import template
from tests.support.people import Family, Human, families

Body = dict[str, Any]

ACCEPTED, DUPLICATE, REFUSED, BURIED = "accepted", "duplicate", "refused", "buried"

MASH, CFW, SCHOOL, DESK = "lancashire-mash", "lancashire-cfw", "example-primary-school", "lancashire-cfw-registration"
GOVERNANCE = "lcc-information-governance"
_FORMS = (
    ("early_notification", "east-lancashire-midwifery"),
    ("mini_membership", "lscft-health-visiting"),
    ("registration", DESK),
    ("request_for_support", "barnardos"),
    ("request_for_support", "homestart"),
    ("mash_referral", MASH),
    ("safeguarding_referral", SCHOOL),
    ("safeguarding_referral", "lancashire-constabulary"),
    ("early_help_assessment", CFW),
    ("community_offer", SCHOOL),
)
_ASKED = ("barnardos", "lscft-school-nursing", "lancashire-constabulary", "lscft-health-visiting", "no-such-agency")
_PURPOSES = ("early_help", "education", "health", "housing_support", "family_hubs", "safeguarding")


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as an agency publishes it. persons: how many people a referral or response is about, else 0."""

    agency: str
    message_id: str
    value: bytes
    becomes: str
    persons: int = 0


class Load:
    """An endless stream of messages, the same for the same seed but for the time of sending."""

    def __init__(self, seed: int, households: int = 40) -> None:
        self._dice = random.Random(seed)
        self._families = families(households, self._dice)
        self._last: list[Sent] = []
        self._kinds: list[tuple[int, Callable[[Family], Sent]]] = [
            (34, self._referral),
            (26, self._consent),
            (7, self._instruct),
            (6, self._other_control),
            (6, self._share_request),
            (4, self._unsure),
            (6, self._again),
            (2, self._reused),
            (5, self._refused),
            (4, self._garbage),
        ]

    def messages(self) -> Iterator[Sent]:
        """Yield messages for ever."""
        weights = [weight for weight, _ in self._kinds]
        makers = [maker for _, maker in self._kinds]
        while True:
            family = self._dice.choice(self._families)
            sent = self._dice.choices(makers, weights)[0](family)
            if sent.becomes == ACCEPTED:
                self._last = [*self._last[-200:], sent]
            yield sent

    def plain(self, name: str, body: Body, agency: str, becomes: str = ACCEPTED) -> Sent:
        """Return a body as a message with an id and a time of sending of its own."""
        body = {**body, "message_id": self._id(), "sent_at": now()}
        return Sent(agency, body["message_id"], encode(name, body), becomes, len(body.get("persons") or ()))

    # Private functions
    # -----------------

    def _id(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def _referral(self, family: Family) -> Sent:
        form, agency = self._dice.choice(_FORMS)
        body = self._form(form, family)
        if form == "early_help_assessment":
            body["purpose"] = self._dice.choice(("early_help", "safeguarding", "education", "health"))
            body["recipients"] = self._dice.sample(_ASKED, self._dice.randint(1, 3))
        if form == "mash_referral":
            body["purpose"] = self._dice.choice(("contact", "early_help"))
        if self._dice.random() < 0.1:
            limb = self._dice.choice(("LAW_REQUIRES", "RISK_OF_HARM", "CRIME_DISORDER"))
            body["override"] = {"limb": limb, "reason": "a reason that is written down", "decided_by": "manager-1"}
        return self.plain("Referral", body, agency)

    def _form(self, form: str, family: Family) -> Body:
        body = _filled(form)
        humans = {"child": family.child, "parent": family.parent}
        for person in body["persons"]:
            human = humans.pop(person["role"], None)
            if human is not None:
                human.fill(person)
        return body

    def _consent(self, family: Family) -> Sent:
        body = self._control("consent", family.child if self._dice.random() < 0.8 else family.parent)
        scope = {
            "recipients": self._dice.choice((["*"], ["voluntary"], ["cfw", "school_nurse"])),
            "purposes": self._dice.choice((["*"], ["early_help"], self._dice.sample(_PURPOSES, 2))),
            "categories": self._dice.choice((["*"], ["name", "date_of_birth", "address"])),
        }
        if self._dice.random() < 0.5:
            body["consent"] |= {"expires_on": _day(365), **scope}
        else:
            status = self._dice.choice(("withdrawn", "withdrawn", "refused", "expired"))
            body["consent"] = {"status": status, "date": _day(0), **scope}
        return self.plain("Control", body, self._dice.choice((DESK, CFW, MASH)))

    def _instruct(self, family: Family) -> Sent:
        body = self._control("instruct_not_to", family.child)
        scope, target = self._dice.choice((("all", None), ("class", "school_nurse"), ("agency", "barnardos")))
        status = self._dice.choice(("set", "lifted"))
        body["instruct_not_to"] |= {"scope": scope, "target": target, "status": status}
        return self.plain("Control", body, self._dice.choice((DESK, CFW)))

    def _other_control(self, family: Family) -> Sent:
        kind, agency, statuses = self._dice.choice(
            (
                ("contact_permission", CFW, ("given", "withdrawn")),
                ("service_agreement", MASH, ("given", "declined", "withdrawn")),
                ("objection", GOVERNANCE, ("set", "lifted")),
                ("restriction", GOVERNANCE, ("set", "lifted")),
                ("threshold", MASH, ("met", "ended")),
                ("shield", MASH, ("set", "lifted")),
                ("correction", SCHOOL, ()),
            )
        )
        body = self._control(kind, family.child)
        if statuses:
            body[kind]["status"] = self._dice.choice(statuses)
        if kind == "shield":
            body[kind]["authorised_by"] = ["manager-1", "manager-2"]
        return self.plain("Control", body, agency)

    def _control(self, kind: str, human: Human) -> Body:
        return {**_filled(kind), "subject": human.query()}

    def _share_request(self, family: Family) -> Sent:
        body = _filled("share_request")
        body |= {"query": family.child.query(), "ask": self._dice.choice((SCHOOL, *_ASKED))}
        body["purpose"] = self._dice.choice(("safeguarding", "early_help"))
        return self.plain("ShareRequest", body, self._dice.choice((MASH, CFW)))

    def _unsure(self, family: Family) -> Sent:
        """One whom nobody can tell: a name that several have, two people's numbers, or no number at all."""
        other = self._dice.choice(self._families)
        if self._dice.random() < 0.5:
            body = _filled("consent") | {"subject": family.child.query(number=False)}
            body["consent"] = {"status": "withdrawn", "date": _day(0)}
            return self.plain("Control", body, CFW)
        body = self._form("request_for_support", family)
        numbers = {"nhs_number": family.child.nhs_number, "upn": other.child.upn}
        body["persons"][0]["identifiers"] = self._dice.choice((numbers, None))
        return self.plain("Referral", body, "homestart")

    def _again(self, family: Family) -> Sent:
        if not self._last:
            return self._referral(family)
        first = self._dice.choice(self._last)
        return Sent(first.agency, first.message_id, first.value, DUPLICATE, first.persons)

    def _reused(self, family: Family) -> Sent:
        if not self._last:
            return self._referral(family)
        first = self._dice.choice(self._last)
        body = self._form("safeguarding_referral", family)
        body |= {"message_id": first.message_id, "sent_at": now(), "case_ref": self._id()}
        fits = first.agency in (SCHOOL, "barnardos", "homestart", MASH, CFW)
        return Sent(first.agency, first.message_id, encode("Referral", body), REFUSED) if fits else self._again(family)

    def _refused(self, family: Family) -> Sent:
        body = self._form("safeguarding_referral", family)
        wrong = self._dice.randrange(5)
        if wrong == 0:
            body["form"] = "mash_referral"
        elif wrong == 1:
            body["persons"][0]["identifiers"] = {"nhs_number": "9990000019"}
        elif wrong == 2:
            body["persons"] = []
        elif wrong == 3:
            body["council"] = "nowhere"
        else:
            body["awareness"] = None
        return self.plain("Referral", body, SCHOOL, REFUSED)

    def _garbage(self, family: Family) -> Sent:
        whole = self._referral(family)
        framed = whole.value
        value = self._dice.choice(
            (
                self._dice.randbytes(40),
                b"",
                b"\x00\x00\x00\xff\xff" + framed[5:],
                framed[: len(framed) // 2],
                framed + b"\x00",
            )
        )
        return Sent(whole.agency, "", value, BURIED)


def now() -> str:
    """Return the time of sending, in the form that messages have."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Private functions
# -----------------


def _day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


@cache
def _parsed(name: str) -> str:
    return json.dumps(parse_json(template(name))[1])


def _filled(name: str) -> Body:
    body: Body = copy.deepcopy(json.loads(_parsed(name)))
    return body
