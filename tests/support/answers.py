"""What people send back while the hub runs: rulings on reviews, answers to share requests, receipts for records."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from hub.schemas.codec import decode
from hub.schemas.topics import REVIEWS, outbox
from tests.support.load import GOVERNANCE, Load, Sent, now
from tests.support.log_reader import Log

Body = dict[str, Any]

_RECEIVERS = ("example-primary-school", "barnardos", "homestart", "lancashire-mash", "lancashire-cfw")
"""Agencies that may send receipts and answers."""


class Answers:
    """Reads the log as it is and answers what is new in it; each review and each request once."""

    def __init__(self, load: Load, seed: int) -> None:
        self._load = load
        self._dice = random.Random(seed)
        self._answered: set[str] = set()

    def to(self, log: Log) -> list[Sent]:
        """Return messages that answer what stands in the log."""
        rulings = [self._ruling(review) for review in _bodies(log[REVIEWS]) if self._is_new(review["review_id"])]
        records = [record for agency in _RECEIVERS for record in _bodies(log[outbox(agency)])]
        replies = [self._reply(record) for record in records if self._is_new(record["record_id"])]
        return [*rulings, *(reply for reply in replies if reply is not None)]

    # Private functions
    # -----------------

    def _is_new(self, one: str) -> bool:
        fresh = one not in self._answered
        self._answered.add(one)
        return fresh

    def _ruling(self, review: Body) -> Sent:
        decision = self._dice.choice(("permit", "refuse"))
        ruling = {
            "review_id": review["review_id"],
            "decision": decision,
            "reason": "looked at and decided",
            "by": "officer-1",
            "second_by": "officer-2",
            "limb": self._dice.choice(("RISK_OF_HARM", "LAW_REQUIRES")) if review["needs_two"] else None,
            "recipients": review["recipients"],
            "resolve_to": self._choice(review, decision) if review["identity"] else None,
            "held": review["held"],
        }
        body = {"council": review["council"], "kind": "ruling", "ruling": ruling}
        return self._load.plain("Control", body, GOVERNANCE)

    def _choice(self, review: Body, decision: str) -> str | None:
        if decision == "refuse" and self._dice.random() < 0.5:
            return None
        return str(self._dice.choice([*review["candidates"], "new"]))

    def _reply(self, record: Body) -> Sent | None:
        """An answer to a share request, found or not; to one record in five a receipt."""
        agency = record["recipient"]
        if record["kind"] != "share_request":
            receipt = {"record_id": record["record_id"], "status": "arrived", "at": now()}
            body = {"council": record["council"], "kind": "receipt", "receipt": receipt}
            return self._load.plain("Control", body, agency) if self._dice.random() < 0.2 else None
        found = record["person"] is not None and self._dice.random() < 0.8
        person = {**record["person"], "role": "child", "person_id": "p1"} if found else None
        response = {
            "council": record["council"],
            "request_id": record["request_id"],
            "outcome": "found" if found else "not_known",
            "persons": [person] if person else [],
        }
        return self._load.plain("ShareResponse", response, agency)


# Private functions
# -----------------


def _bodies(rows: Any) -> Iterator[Body]:
    seen = set()
    for row in rows:
        if row.event_id not in seen:
            seen.add(row.event_id)
            yield decode(row.value).body
