"""The Cedar oracle: the policy as Cedar text, the register as entities, one message as the context of each question."""

from __future__ import annotations

import json
from typing import Any

from cedarpy import Entities, PolicySet, is_authorized_batch

from hub.policy.facts import Facts
from hub.policy.model import AgencyRow, Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.cedar_entities import entities, last, row_id
from tests.oracles.cedar_text import policy_text
from tests.oracles.cedar_words import number
from tests.oracles.question import Question

Json = dict[str, Any]


class Cedar:
    """One policy, parsed once; the handles are kept, since parsing costs thirty times a decision."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._text = PolicySet.from_str(policy_text(policy))
        self._entities = Entities.from_json_str(json.dumps(entities(policy)))

    def answer(self, question: Question, facts: Facts, agency: str) -> tuple[str, frozenset[str]]:
        """The decision for one agency and the categories kept."""
        base = {
            "principal": self._row(agency, question.day),
            "context": json.dumps(self._context(question, facts, agency)),
        }
        release, hold = self._ask([{**base, **_about(action)} for action in ("release", "hold")])
        if not release:
            return ("REVIEW" if hold else "DENY"), frozenset()
        names = sorted(question.present)
        goes = self._ask([{**base, **_about("keep", name)} for name in names])
        kept = frozenset(name for name, yes in zip(names, goes, strict=True) if yes)
        return ("PERMIT" if kept else "DENY"), kept

    def _ask(self, requests: list[Json]) -> list[bool]:
        return [found.allowed for found in is_authorized_batch(requests, self._text, self._entities)]

    def _row(self, agency: str, day: str) -> Json:
        rows = [row for row in self._policy.agencies if row.id == agency]
        on = [row for row in rows if row.valid_from <= day and (not row.valid_to or day <= row.valid_to)]
        return {"type": "Row", "id": row_id((on or rows)[0]) if rows else "unknown"}

    def _context(self, question: Question, facts: Facts, agency: str) -> Json:
        policy, day = self._policy, number(question.day)
        names = {
            "*",
            agency,
            *(r.recipient_class for r in policy.agencies if r.id == agency and _holds(r, question.day)),
        }
        return {
            "day": day,
            "in_force": number(policy.valid_from) <= day <= last(policy.valid_to),
            "duty_from": number(policy.settings.duty_16la_from or "0"),
            "review_by": number(policy.settings.review_by or "0"),
            "uk_only": policy.settings.uk_only,
            "form": _entity("Form", question.form),
            "purpose": _entity("Purpose", question.purpose),
            "sender": {"__entity": self._row(question.sender, question.day)},
            "flags": sorted(question.flags),
            "district": question.district,
            "schools": list(question.schools),
            "involved": list(question.involved),
            "everybody": "*",
            "barred": sorted({"*" if i.scope == "all" else i.target for i in facts.instructions}),
            "objections": list(facts.objections),
            "restricted": facts.restricted,
            "s17": facts.s17,
            "s47": facts.s47,
            "statuses": list(facts.statuses),
            "pending": facts.pending or facts.unreadable,
            "shielded": bool(facts.shields),
            "contact": facts.contact,
            "service": facts.service,
            "consented": sorted(_consented(facts, names, question)),
            "told": sorted({p for i in facts.informed if names & set(i.recipients) for p in i.purposes}),
            "month": question.day[:7],
            "returned": [r.month for r in facts.returns if (r.recipient, r.purpose) == (agency, question.purpose)],
            **_access(facts, agency),
        }


def _about(action: str, category: str = "") -> Json:
    resource = {"type": "Category", "id": category} if category else {"type": "Message", "id": "it"}
    return {"action": {"type": "Action", "id": action}, "resource": resource}


def _entity(kind: str, name: str) -> Json:
    return {"__entity": {"type": kind, "id": name}}


def _holds(row: AgencyRow, day: str) -> bool:
    return row.valid_from <= day and (not row.valid_to or day <= row.valid_to)


def _access(facts: Facts, agency: str) -> Json:
    """When the agency's access begins and ends; nothing at all where none was granted."""
    granted = [{"from": number(g.starts_on), "until": number(g.until)} for g in facts.grants if g.agency == agency]
    return {"access": granted[0]} if granted else {}


def _consented(facts: Facts, names: set[str], question: Question) -> set[str]:
    """Cedar has no loops: the consents are read here, from the last to the first; the first word on a category decides."""
    decided: dict[str, bool] = {}
    for event in reversed(facts.consents):
        if not names & set(event.recipients) or not {"*", question.purpose} & set(event.purposes):
            continue
        gives = event.status == "given" and question.day <= (event.expires_on or question.day)
        sweeping = not gives and any(name not in CATEGORIES for name in event.categories)
        for category in CATEGORIES.values():
            every = gives and "*" in event.categories and not category.sensitive
            if category.name in event.categories or every or sweeping:
                decided.setdefault(category.name, gives)
    return {name for name, gives in decided.items() if gives}
