"""The Cedar oracle: the policy as Cedar text, the register as entities, one message as the context of each question."""

from __future__ import annotations

import json
from typing import Any

from cedarpy import Entities, PolicySet, is_authorized_batch

from hub.policy.facts import Facts
from hub.policy.model import AgencyRow, Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.cedar_text import number, policy_text
from tests.oracles.question import Question

OPEN = 99_999_999
Json = dict[str, Any]


class Cedar:
    """One policy, parsed once; the handles are kept, since parsing costs thirty times a decision."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._text = PolicySet.from_str(policy_text(policy))
        self._entities = Entities.from_json_str(json.dumps(_entities(policy)))

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
        return {"type": "Row", "id": _row_id((on or rows)[0]) if rows else "unknown"}

    def _context(self, question: Question, facts: Facts, agency: str) -> Json:
        policy, day = self._policy, number(question.day)
        classes = {row.recipient_class for row in policy.agencies if row.id == agency and _holds(row, question.day)}
        return {
            "day": day,
            "in_force": number(policy.valid_from) <= day <= _last(policy.valid_to),
            "duty_from": number(policy.settings.duty_16la_from or "0"),
            "review_by": number(policy.settings.review_by or "0"),
            "uk_only": policy.settings.uk_only,
            "form": _entity("Form", question.form),
            "purpose": _entity("Purpose", question.purpose),
            "sender": {"__entity": self._row(question.sender, question.day)},
            "flags": sorted(question.flags),
            "district": question.district,
            "schools": list(question.schools),
            "everybody": "*",
            "barred": sorted({i.target or "*" for i in facts.instructions}),
            "objections": list(facts.objections),
            "restricted": facts.restricted,
            "s47": facts.s47,
            "pending": facts.pending or facts.unreadable,
            "shielded": bool(facts.shields),
            "contact": facts.contact,
            "service": facts.service,
            "consented": sorted(_consented(facts, {"*", agency, *classes}, question)),
        }


def _about(action: str, category: str = "") -> Json:
    resource = {"type": "Category", "id": category} if category else {"type": "Message", "id": "it"}
    return {"action": {"type": "Action", "id": action}, "resource": resource}


def _entity(kind: str, name: str) -> Json:
    return {"__entity": {"type": kind, "id": name}}


def _entities(policy: Policy) -> list[Json]:
    forms = [_made("Form", f.id, _form(f.id, policy)) for f in policy.forms]
    purposes = [
        _made(
            "Purpose",
            p.id,
            {"id": p.id, "safeguarding": p.safeguarding, "anonymised_only": p.anonymised_only},
        )
        for p in policy.purposes
    ]
    categories = [
        _made(
            "Category",
            c.name,
            {
                "name": c.name,
                "special": c.special,
                "identifier": c.identifier,
                "sensitive": c.sensitive,
                "shielded": c.shielded,
            },
        )
        for c in CATEGORIES.values()
    ]
    return [*forms, *purposes, *categories, *(_made("Row", _row_id(r), _row(r, policy)) for r in policy.agencies)]


def _made(kind: str, name: str, attrs: Json) -> Json:
    return {"uid": {"type": kind, "id": name}, "attrs": attrs, "parents": []}


def _form(name: str, policy: Policy) -> Json:
    form = next(f for f in policy.forms if f.id == name)
    return {
        "id": name,
        "sources": list(form.sources),
        "purposes": list(form.purposes),
        "before_consent": form.before_consent,
        "threshold_first": form.threshold_first,
    }


def _row(row: AgencyRow, policy: Policy) -> Json:
    klass = next((c for c in policy.classes if c.id == row.recipient_class), None)
    found: Json = {
        "id": row.id,
        "roles": list(row.roles),
        "from": number(row.valid_from),
        "until": _last(row.valid_to),
        "uk": row.uk,
        "agreement": bool(row.agreement_id),
        "agreed_from": number(row.agreement_from or "0"),
        "agreed_until": _last(row.agreement_to),
        "districts": list(row.districts),
        "names": [row.id, *(code for _, code in row.codes)],
        "bound": row.in_duty == "yes" or (not row.in_duty and klass is not None and klass.in_duty),
    }
    if klass is None:
        return found
    # An agency that never receives has no class: a permit that asks for it fails, and nothing is released.
    return found | {
        "class": klass.id,
        "internal": klass.internal,
        "confidential": klass.confidential,
        "criminal": klass.criminal,
        "visits": klass.visits_family,
        "identifiers": list(klass.identifiers),
        "select": klass.select,
    }


def _row_id(row: AgencyRow) -> str:
    return f"{row.id} from {row.valid_from}"


def _last(day: str) -> int:
    return number(day) if day else OPEN


def _holds(row: AgencyRow, day: str) -> bool:
    return row.valid_from <= day and (not row.valid_to or day <= row.valid_to)


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
