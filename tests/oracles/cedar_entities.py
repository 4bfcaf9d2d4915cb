"""What Cedar knows of the world before any question: forms, purposes, categories in their groups, the law's kinds, the register."""

from __future__ import annotations

from typing import Any

from hub.policy.law import KINDS
from hub.policy.model import AgencyRow, Form, Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.cedar_words import number

OPEN = 99_999_999
NO_CLASS = "of a source that receives nothing"
UNKNOWN = "unknown to the law"
Json = dict[str, Any]


def entities(policy: Policy) -> list[Json]:
    """Everything of a policy that its text only points at."""
    return [
        *(_made("Form", f.id, _form(f)) for f in policy.forms),
        *(
            _made("Purpose", p.id, _attrs(p, "id", "safeguarding", "anonymised_only", "contact_only"))
            for p in policy.purposes
        ),
        *(_made("Group", g.id, {}) for g in policy.groups),
        *(_category(name, policy) for name in CATEGORIES),
        *_kinds(),
        *(_made("Row", row_id(r), _row(r, policy)) for r in policy.agencies),
    ]


def row_id(row: AgencyRow) -> str:
    """One dated row of an agency."""
    return f"{row.id} from {row.valid_from}"


def last(day: str) -> int:
    """The last day of something, which may be open."""
    return number(day) if day else OPEN


def _made(kind: str, name: str, attrs: Json, parents: tuple[Json, ...] = ()) -> Json:
    return {"uid": {"type": kind, "id": name}, "attrs": attrs, "parents": list(parents)}


def _attrs(thing: object, *names: str) -> Json:
    return {name: getattr(thing, name) for name in names}


def _category(name: str, policy: Policy) -> Json:
    groups = tuple({"type": "Group", "id": g.id} for g in policy.groups if name in g.categories)
    attrs = _attrs(CATEGORIES[name], "name", "special", "identifier", "sensitive", "shielded")
    return _made("Category", name, attrs, groups)


def _kinds() -> list[Json]:
    """The law's kinds of bodies, one that it does not know, and one for agencies without a class, bound by their own row only."""
    known = [
        _made(
            "Kind",
            kind.id,
            _attrs(kind, "duty", "confidential", "criminal", "adverse") | {"identifiers": list(kind.identifiers)},
        )
        for kind in KINDS.values()
    ]
    nothing = {"confidential": False, "criminal": False, "adverse": False, "identifiers": []}
    strange = _made("Kind", UNKNOWN, nothing | {"duty": "no"})
    return [*known, strange, _made("Kind", NO_CLASS, nothing | {"duty": "contract"})]


def _form(form: Form) -> Json:
    return _attrs(form, "id", "before_consent", "threshold_first", "criminal") | {
        "sources": list(form.sources),
        "purposes": list(form.purposes),
        "about_only": list(form.about_only),
        "collects": [_pointer("Group", group) for group in form.collects],
    }


def _row(row: AgencyRow, policy: Policy) -> Json:
    klass = next((c for c in policy.classes if c.id == row.recipient_class), None)
    found: Json = {
        "id": row.id,
        "roles": list(row.roles),
        "from": number(row.valid_from),
        "until": last(row.valid_to),
        "uk": row.uk,
        "agreement": bool(row.agreement_id),
        "agreed_from": number(row.agreement_from or "0"),
        "agreed_until": last(row.agreement_to),
        "districts": list(row.districts),
        "names": [row.id, *(code for _, code in row.codes)],
        "says_of_duty": row.in_duty,
        "class_in_duty": klass is not None and klass.in_duty,
        "kind": _pointer("Kind", NO_CLASS if klass is None else klass.kind if klass.kind in KINDS else UNKNOWN),
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


def _pointer(kind: str, name: str) -> Json:
    return {"__entity": {"type": kind, "id": name}}
