"""Policy and question as plain JSON, for engines that know nothing of Python."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hub.policy.facts import Facts
from hub.policy.law import KINDS
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.question import Question

Json = dict[str, Any]


def policy_data(policy: Policy) -> Json:
    """The policy's rows as they stand, by id where they have one, the law's kinds of bodies, and the vocabulary."""
    return {
        "settings": asdict(policy.settings),
        "override": asdict(policy.override),
        "groups": {g.id: list(g.categories) for g in policy.groups},
        "purposes": {p.id: asdict(p) for p in policy.purposes},
        "forms": {f.id: asdict(f) for f in policy.forms},
        "classes": {c.id: asdict(c) for c in policy.classes},
        "agencies": {row.id: [asdict(r) for r in policy.agencies if r.id == row.id] for row in policy.agencies},
        "sharing": [asdict(r) for r in policy.sharing],
        "kinds": {kind.id: asdict(kind) for kind in KINDS.values()},
        "categories": {c.name: asdict(c) for c in CATEGORIES.values()},
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
    }


def question_data(question: Question, facts: Facts, agency: str) -> Json:
    """One message, what is known of its subject, and the agency to be decided."""
    return {
        "form": question.form,
        "purpose": question.purpose,
        "sender": question.sender,
        "recipient": agency,
        "day": question.day,
        "flags": dict.fromkeys(sorted(question.flags), True),
        "present": sorted(question.present),
        "district": question.district,
        "schools": list(question.schools),
        "involved": list(question.involved),
        "facts": asdict(facts),
    }
