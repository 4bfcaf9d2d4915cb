"""A hub that is sent planted messages of every kind, good and bad, and everything that it says or keeps afterwards."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer

from hub.schemas.codec import decode, encode
from hub.schemas.topics import REVIEWS, inbox, outbox
from tests.leak.planting import Body, Plant, Planted, Planter
from tests.support.load import CFW, DESK, GOVERNANCE, MASH, SCHOOL, now
from tests.support.log_reader import read_log
from tests.support.partner import filled
from tests.support.whole_hub import WholeHub

Headers = list[tuple[str, str | bytes | None]]

FORMS = (
    ("early_notification", "east-lancashire-midwifery"),
    ("mini_membership", "lscft-health-visiting"),
    ("registration", DESK),
    ("request_for_support", "barnardos"),
    ("mash_referral", MASH),
    ("safeguarding_referral", SCHOOL),
    ("community_offer", SCHOOL),
)
TEAMS = (
    ("early_help", ("lcc-adult-social-care", "lscft-school-nursing", "lancashire-constabulary", "barnardos")),
    ("early_help", ("lancashire-mash", "lcc-childrens-social-care", "lscft-camhs", "example-family-charity")),
    ("safeguarding", ("lcc-childrens-social-care", "lscft-camhs", "lancashire-constabulary", "blackpool-council")),
    ("health", ("lscft-school-nursing", "lscft-camhs")),
    ("education", ("dfe", SCHOOL)),
    ("housing_support", ("example-housing-association",)),
    ("employment_support", ("dwp",)),
    ("family_hubs", ("lancashire-family-hubs",)),
)
"""Purposes and recipients of assessments: between them, every sharing rule but contact."""

CONTROLS = (
    ("consent", CFW),
    ("service_agreement", MASH),
    ("contact_permission", CFW),
    ("instruct_not_to", CFW),
    ("objection", GOVERNANCE),
    ("restriction", GOVERNANCE),
    ("threshold", MASH),
    ("shield", MASH),
    ("correction", SCHOOL),
    ("informed", CFW),
    ("care_status", "lcc-childrens-social-care"),
)
_KEPT_SCHOOL = ("persons[].education.school_id", "persons[].address.district")
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """One planted message as it was published. accepted: whether it may go further than the front door."""

    agency: str
    plant: Plant
    value: bytes
    accepted: bool = True


class Stage:
    """Publishes planted messages to a running hub and remembers them."""

    def __init__(self, hub: WholeHub) -> None:
        self.hub = hub
        self.planter = Planter()
        self.said: list[Said] = []
        self._producer = Producer({"bootstrap.servers": hub.bootstrap, "message.max.bytes": 8_000_000, "log_level": 0})

    def say(self, agency: str, plant: Plant, *, accepted: bool = True, **changes: Any) -> Said:
        """Publish a planted message, with changes to its envelope; it gets an id of its own."""
        plant.body |= {"message_id": str(uuid.uuid4()), "sent_at": now(), **changes}
        said = Said(agency, plant, encode(plant.name, plant.body), accepted)
        self.publish(said, key=plant.body["message_id"])
        return said

    def publish(self, said: Said, key: str, headers: Headers | None = None) -> None:
        """Publish bytes as they are."""
        self._producer.produce(inbox(said.agency), said.value, key=key, headers=headers or [])
        assert not self._producer.flush(_SECONDS)
        self.said.append(said)

    def everything_good(self) -> None:
        """Every form, every purpose, every control, a question, and an override."""
        for name, agency in FORMS:
            self.say(agency, self.planter.template(name, "Referral"))
        for purpose, recipients in TEAMS:
            plant = self.planter.template("early_help_assessment", "Referral", _KEPT_SCHOOL)
            plant.body["awareness"] |= {"purposes": ["*"]}
            self.say(CFW, plant, purpose=purpose, recipients=list(recipients))
        for name, agency in CONTROLS:
            self.say(agency, self.planter.template(name, "Control"))
        self.say(MASH, self._question(("query.school_id", "query.due_date")))
        self.say(MASH, self._question(()))
        for limb, agency in (("RISK_OF_HARM", MASH), ("CRIME_DISORDER", "barnardos")):
            self.say(agency, self._overriding(limb), recipients=["lcc-childrens-social-care"])

    def everything_unsure(self) -> None:
        """A person with two people's numbers, in a referral, a question and a control."""
        first, second = [one.plant.body["persons"][0] for one in self.said if one.plant.name == "Referral"][-2:]
        numbers = {"upn": first["identifiers"]["upn"], "nhs_number": second["identifiers"]["nhs_number"]}
        referral = self.planter.template("safeguarding_referral", "Referral")
        self._borrow(referral, numbers)
        control = self.planter.template("consent", "Control")
        control.body["subject"] |= numbers
        control.body["consent"] |= {"status": "withdrawn"}
        self.say(SCHOOL, referral)
        self.say(CFW, control)

    def everything_bad(self) -> None:
        """Values where codes, names, numbers, days and ids should be; messages that cannot be read."""
        for place in ("form", "purpose", "council"):
            plant = self.planter.template("safeguarding_referral", "Referral")
            self.say(SCHOOL, plant, accepted=False, **{place: self.planter.value()})
        # This notice lets nobody grant access, so what such a message says must show in its refusal least of all.
        self.say(GOVERNANCE, self.planter.template("access_grant", "Control"), accepted=False)
        for agency, plant in self._wrong():
            self.say(agency, plant, accepted=False)
        named = self.planter.template("safeguarding_referral", "Referral")
        named.body |= {"message_id": named.body["persons"][0]["identifiers"]["nhs_number"], "sent_at": now()}
        self.publish(Said(SCHOOL, named, encode("Referral", named.body), accepted=False), key=self.planter.value())
        for value in self._unreadable():
            plant = Plant("", {})
            headers: Headers = [(name, self.planter.value()) for name in ("ce_id", "ce_source", "traceparent", "note")]
            self.publish(Said(SCHOOL, plant, value, accepted=False), key=self.planter.value(), headers=headers)

    def answers(self) -> None:
        """What the agencies and the desk send back: an answer to the question, and a ruling on every review."""
        log = read_log(self.hub.bootstrap, [REVIEWS, outbox(SCHOOL)])
        for record in (decode(row.value).body for row in log[outbox(SCHOOL)]):
            if record["kind"] == "share_request":
                answer = filled("share_response") | {"awareness": {"aware": "yes"}}
                plant = self.planter.body("ShareResponse", answer)
                self._borrow(plant, {name: self._asked()[name] for name in ("upn", "nhs_number")})
                self.say(SCHOOL, plant, request_id=record["request_id"])
        for review in (decode(row.value).body for row in log[REVIEWS]):
            self.say(GOVERNANCE, self._ruling(review))

    # Private functions
    # -----------------

    def _asked(self) -> Body:
        """Return the first question's description of the person."""
        question = next(one for one in self.said if one.plant.name == "ShareRequest")
        return dict(question.plant.body["query"])

    def _borrow(self, plant: Plant, numbers: dict[str, str]) -> None:
        """Give the first person of a message numbers that were planted in another."""
        plant.body["persons"][0]["identifiers"] |= numbers
        plant.planted += [Planted(f"persons[].identifiers.{name}", value, 0) for name, value in numbers.items()]

    def _question(self, keep: tuple[str, ...]) -> Plant:
        plant = self.planter.template("share_request", "ShareRequest", keep)
        claim = {"limb": "RISK_OF_HARM", "decided_by": "manager-1", "reason": self.planter.value()}
        plant.body["override"] = claim
        return plant

    def _overriding(self, limb: str) -> Plant:
        template = self.planter.template("request_for_support", "Referral")
        template.body["awareness"] |= {"consent": "no", "signed": "no"}
        claim = {"limb": limb, "decided_by": "manager-1", "reason": self.planter.value()}
        template.body["override"] = claim
        template.body |= {"form": "safeguarding_referral", "purpose": "safeguarding"}
        return template

    def _wrong(self) -> Iterator[tuple[str, Plant]]:
        """Messages that are refused, each with a value in the place that is wrong."""
        for section, name in (
            ("identifiers", "nhs_number"),
            ("identifiers", "upn"),
            ("address", "postcode"),
            ("identity", "date_of_birth"),
            ("send", "support"),
        ):
            plant = self.planter.template("safeguarding_referral", "Referral")
            plant.body["persons"][0][section][name] = self.planter.value()
            yield SCHOOL, plant
        plant = self.planter.template("safeguarding_referral", "Referral")
        plant.body["persons"][0] |= {"role": self.planter.value(), "person_id": f"{self.planter.value()} !"}
        plant.body["recipients"] = [f"{self.planter.value()} !"]
        yield SCHOOL, plant
        plant = self.planter.template("instruct_not_to", "Control")
        plant.body["instruct_not_to"] |= {"scope": "agency", "target": self.planter.value()}
        yield CFW, plant
        plant = self.planter.template("share_response", "ShareResponse")
        yield SCHOOL, plant
        plant = self.planter.template("receipt", "Control")
        plant.body["receipt"]["record_id"] = self.planter.value()
        yield SCHOOL, plant
        plant = self.planter.template("consent", "Control")
        plant.body["kind"] = self.planter.value()
        yield CFW, plant

    def _unreadable(self) -> Sequence[bytes]:
        plant = self.planter.template("safeguarding_referral", "Referral")
        plant.body |= {"message_id": str(uuid.uuid4()), "sent_at": now()}
        whole = encode("Referral", plant.body)
        return (
            whole[: len(whole) * 2 // 3],
            whole + plant.body["persons"][0]["identity"]["family_name"].encode(),
            b"\x00\x00\x00\xff\xff" + whole[5:],
            json.dumps({"family_name": self.planter.value()}).encode(),
            whole[:5] + self.planter.value().encode() * 3,
            whole[:5] + self.planter.value().encode() * 55_000,
        )

    def _ruling(self, review: Body) -> Plant:
        plant = self.planter.template("ruling", "Control")
        plant.body["ruling"] |= {
            "review_id": review["review_id"],
            "held": review["held"],
            "recipients": review["recipients"],
            "limb": "RISK_OF_HARM" if not review["identity"] else None,
            "resolve_to": review["candidates"][0] if review["identity"] else None,
        }
        return plant


def said_by(said: Sequence[Said]) -> dict[str, Said]:
    """Return the accepted messages by their ids."""
    return {one.plant.body["message_id"]: one for one in said if one.accepted}
