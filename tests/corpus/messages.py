"""The messages that golden cases stand for: real bodies, as a partner's client would send them."""

from __future__ import annotations

from typing import Any, Final

from hub.flow import ids
from hub.policy.facts import Facts
from hub.schemas.codec import decode, encode
from hub.schemas.registry import Registry
from tests.corpus.fragments import ABOUT, DETAILS, QUERY, Json, merged
from tests.corpus.notice import Notice

SUBJECT: Final = "c" * 32
NO_REQUEST: Final = "0" * 32
KINDS: Final = {"Referral": "referral", "ShareRequest": "share_request", "ShareResponse": "share_response"}


class Message:
    """One message, from the words of a case: `name` of its schema, `body`, `sender`, and the day it arrives."""

    def __init__(self, notice: Notice, given: Json, facts: Facts) -> None:
        self._notice, self._given = notice, given
        self.sender = str(given["from"])
        self.day = str(given.get("day", notice.day))
        self.name, self.body = self._made(facts)

    def _made(self, facts: Facts) -> tuple[str, Json]:
        if self._given["form"] == "share_request":
            return "ShareRequest", self._request()
        if self._given["form"] == "share_response":
            return "ShareResponse", self._response(facts)
        return "Referral", self._referral()

    def subject_message(self, registry: Registry) -> Json:
        """The part of it that is about the first person, as it stands on the subjects topic."""
        body = {**self.body, "persons": self.body["persons"][:1]} if "persons" in self.body else self.body
        parts = max(1, len(self.body.get("persons", ())))
        resolution = str(self._given.get("person is", "exact"))
        return subject_message(self.name, body, self.sender, self.day, registry, (parts, resolution))

    def _common(self, message_id: str) -> Json:
        return common(self._notice.policy.council, message_id, self.day, self._given.get("sent at"))

    def _referral(self) -> Json:
        given = self._given
        others = (
            {"person_id": f"p{n + 2}", "role": "parent", **ABOUT["name"]}
            for n in range(int(given.get("with others", 0)))
        )
        return {
            **self._common("message"),
            "form": given["form"],
            "purpose": given.get("purpose", ""),
            "recipients": given.get("to") or [],
            "awareness": self._awareness(),
            "override": self._override(),
            "details": merged([DETAILS[name] for name in self._holds() if name in DETAILS]) or None,
            "persons": [self._person(), *others],
        }

    def _request(self) -> Json:
        return {
            **self._common("question"),
            "purpose": self._given.get("purpose", ""),
            "policy": self._notice.policy.id,
            "public_task_statement": "needed for the requester's task",
            "why_needed": "reason-sample",
            "ask": self._given["ask"],
            "query": merged([*(QUERY[name] for name in self._holds() if name in QUERY), self._known_school()]),
            "awareness": self._awareness(),
            "override": self._override(),
            "requester": {"name": "Referrer-Sample", "role": "referrer-role-sample"},
        }

    def _response(self, facts: Facts) -> Json:
        asked = self._given.get("answers", "the question") == "the question"
        return {
            **self._common("message"),
            "request_id": f"{facts.requests[-1].request_id if asked else NO_REQUEST}.ticket",
            "outcome": "found",
            "how_known": "how-known-sample" if "history" in self._holds() else None,
            "awareness": self._awareness(),
            "persons": [self._person()],
        }

    def _holds(self) -> list[str]:
        return sorted(self._notice.categories(self._given.get("holds") or ["name"]))

    def _person(self) -> Json:
        about = self._given.get("about") or {}
        held = merged([ABOUT["name"], *(ABOUT[name] for name in self._holds() if name in ABOUT)])
        person = merged([held, {"person_id": "p1", "role": about.get("role", "child")}])
        if "district" in about or "district" in self._holds():
            person = merged([person, {"address": {"district": self._notice.district(about.get("district", ""))}}])
        working = self._given.get("working with")
        if working:
            involved = [{"agency": agency, "role": "agency-role-sample"} for agency in working]
            person = merged([person, {"early_help": {"agencies_involved": involved}}])
        if about.get("role") == "unborn":
            person["identity"] = {"due_date": "2027-02-14"}
        schools = {"school_id": about.get("school"), "intended_school_id": about.get("intended school")}
        named = {name: value for name, value in schools.items() if value}
        return merged([person, {"education": named}]) if named else person

    def _known_school(self) -> Json:
        school = (self._given.get("about") or {}).get("school")
        return {"school_id": school} if school else {}

    def _awareness(self) -> Json:
        given, scope = self._given, self._given.get("consent")
        found: Json = {"aware": given.get("aware", "yes"), "consent": "no", "signed": given.get("signed", "no")}
        if scope or found["signed"] == "yes":
            found |= {"giver": "parent", "capacity": "pr_holder", "method": "signature", "date": self.day}
            found |= {"text_version": f"{self._notice.policy.notice}-1"}
        if scope:
            found |= {"consent": "yes", "recipients": _all(scope["to"]), "purposes": _all(scope["for"])}
            found |= {"categories": _all(scope.get("covering", ["everything"])), "expires_on": scope.get("until")}
            found |= {"covers": scope.get("whose", [])}
        found |= self._told(scope)
        found |= {"no_consent_reason": given.get("without consent because"), "para18_reason": given.get("paragraph 18")}
        told = given.get("detriment")
        return found | ({"detriment": "yes", "detriment_reason": told} if told else {})

    def _told(self, consent: Json | None) -> Json:
        """What the form says that the family was told, and why the recipient needs it. A form has one place for the scope of both."""
        found: Json = {"need": "need-sample"} if self._given.get("reason stated") == "yes" else {}
        informed = self._given.get("informed")
        if not informed:
            return found
        scope = {"recipients": _all(informed["to"]), "purposes": _all(informed["for"])}
        if consent and scope != {"recipients": _all(consent["to"]), "purposes": _all(consent["for"])}:
            raise ValueError(informed)
        return found | {"aware": "yes", **scope}

    def _override(self) -> Json | None:
        claim = self._given.get("override")
        return {"limb": None, "reason": None, "decided_by": None, **claim} if claim else None


def control_body(council: str, kind: str, record: Json, day: str) -> Json:
    """A control message about the subject."""
    subject = merged([QUERY["name"], QUERY["date_of_birth"]])
    return {**common(council, "control", day, None), "kind": kind, "subject": subject, kind: record}


def common(council: str, message_id: str, day: str, sent_at: str | None) -> Json:
    """What every message starts with; half a minute on its way unless the case says otherwise."""
    return {"message_id": message_id, "council": council, "sent_at": sent_at or f"{day}T08:59:30Z"}


def received(day: str) -> str:
    """When the broker takes the messages of a day."""
    return f"{day}T09:00:00Z"


def subject_message(
    name: str, body: Json, sender: str, day: str, registry: Registry, about: tuple[int, str] = (1, "exact")
) -> Json:
    """A SubjectMessage body, through its own bytes; about: how many parts, how the person was resolved."""
    envelope = {
        "subject_message_id": ids.subject_message_id(sender, body["message_id"], 0),
        "message_id": body["message_id"],
        "subject_ref": SUBJECT,
        "part": 1,
        "parts": about[0],
        "council": body["council"],
        "agency": sender,
        "kind": KINDS.get(name, "control"),
        "received_at": received(day),
        "origin": {"topic": f"partner.{sender}.in.v1", "partition": 0, "offset": 0},
        "resolution": about[1],
        "candidates": [],
        "person_index": 0,
        "payload": encode(name, body, registry),
    }
    opened: dict[str, Any] = decode(encode("SubjectMessage", envelope, registry), registry).body
    return opened


def _all(words: list[str]) -> list[str]:
    return ["*" if word in ("anybody", "anything", "everything") else word for word in words]
