"""Differences and ways of data as `--json` writes them; what the names mean is in `docs/policy-tools.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.councils.analysis.difference import Difference
    from hub.councils.analysis.grouping import Change
    from hub.policy.model import Policy


def difference_json(a: Policy, b: Policy, found: Difference) -> dict[str, Any]:
    """Return a difference for programs: every form named, nothing put together."""
    from hub.policy.state import names

    return {
        "same": found.none,
        "a": _policy(a),
        "b": _policy(b),
        "days": found.pairs,
        "must_tell_people_first": found.must_tell,
        "new_recipient_classes": found.new_classes,
        "changes": [_change(change) for change in found.changes],
        "rare": [
            {
                "class": r.klass,
                "purpose": r.purpose,
                "form": r.form,
                "state": names(r.state),
                "was": r.before,
                "now": r.after,
            }
            for r in found.rare
        ],
        "register": found.register,
        "rows": found.plain,
    }


def term_json(term: Any) -> dict[str, Any]:
    """Return one way of data for programs: what it needs, what it rests on, what stops it."""
    from hub.policy.state import names

    return {
        "needs": names(term.needs),
        "basis": term.basis,
        "override_limb": term.limb,
        "as_far_as_consent_covers": term.narrowed,
        "condition": term.condition,
        "obligations": term.obligations,
        "stops": [{"if": names(bit)[0], "then": decision} for bit, decision in term.stops],
        "senders": term.sender,
    }


# Private functions
# -----------------


def _policy(policy: Policy) -> dict[str, str]:
    names = ("id", "version", "council", "valid_from", "valid_to", "digest")
    return {name: getattr(policy, name) for name in names}


def _change(change: Change) -> dict[str, Any]:
    from hub.policy.vocabulary import names_of

    return {
        "kind": change.kind,
        "aspects": change.aspects,
        "recipients": [{"class": klass, "agency": agency} for klass, agency in change.recipients],
        "purposes": change.purposes,
        "forms": change.forms,
        "categories": names_of(change.mask),
        "before": [term_json(term) for term in sorted(change.before)],
        "after": [term_json(term) for term in sorted(change.after)],
        "spans": change.spans,
    }
