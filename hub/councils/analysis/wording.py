"""Ways and terms in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.councils.analysis.bits import OVERRIDES, single, words
from hub.councils.analysis.profile import IN_DUTY, OUTSIDE_DUTY, Term
from hub.policy import state as s
from hub.policy.model import Policy
from hub.policy.vocabulary import mask_of, names_of

BASES: Final = {
    "duty_16la": "the duty to share (s.16LA)",
    "legal_obligation": "legal obligation",
    "public_task": "public task",
    "consent": "consent",
    "contact_permission": "permission to be contacted",
}
"""Lawful bases in a few words; a policy's own titles stand where one policy is explained."""

_OWN_NEED: Final = {"consent": s.CONSENT, "contact_permission": s.CONTACT}
"""Bases whose name says already what must be on record."""

_SENDERS: Final = {IN_DUTY: "from a sender within the duty", OUTSIDE_DUTY: "from a sender outside the duty"}


def sentences(terms: Iterable[Term]) -> list[str]:
    """Return the terms in words, those that differ only in what they need in one sentence; the ordinary ones first."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for term in sorted(terms, key=lambda t: (t.needs.bit_count(), list(single(t.needs)), t)):
        alike.setdefault(_rest(term), []).append(term.needs)
    return [_sentence(rest, needs) for rest, needs in alike.items()]


def needs_in_words(needs: int) -> str:
    """Return all that must be on record, joined by `and`; "nothing more" for nothing."""
    return " and ".join(words(needs)) or "nothing more"


def stops_in_words(term: Term) -> str:
    """Return what keeps a category back: what denies, then what sends it to a person."""
    denied = [word for bit, decision in term.stops if decision != "REVIEW" for word in words(bit)]
    asked = [
        f"{word} (a person decides)" for bit, decision in term.stops if decision == "REVIEW" for word in words(bit)
    ]
    return ", ".join((*denied, *asked))


def categories(mask: int, policy: Policy) -> str:
    """Return the categories of a mask; a group of the policy that is in it whole stands for its categories."""
    left, said = mask, []
    for group in sorted(policy.groups, key=lambda g: -len(g.categories)):
        whole = mask_of(group.categories)
        if len(group.categories) > _WORTH and whole & mask == whole and whole & left:
            said.append(f"all of {group.id}")
            left &= ~whole
    return ", ".join((*said, *names_of(left)))


def listed(names: Iterable[str], most: int = 0) -> str:
    """Return names with commas; most: how many are said before the rest is counted, 0 for all."""
    every = list(names)
    if most and len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return ", ".join(every)


def sides(term: Term) -> str:
    """Return which side of the duty the senders must be on, "" for any."""
    return _SENDERS.get(term.sender, "")


# Private functions
# -----------------

_WORTH: Final = 2
"""A group of no more categories is as short told by its categories."""


def _rest(term: Term) -> tuple[str, ...]:
    limb = "override" if term.limb else ""
    narrowed = "as far as the consent covers it" if term.narrowed else ""
    condition = f"under {term.condition.replace('_', ' ').replace('+', ' and ')}" if term.condition else ""
    kept = [o.partition(":")[2] for o in term.obligations if o.startswith("KEEP_AT_MOST:")]
    keep = f"kept at most {' or '.join(kept)}" if kept else ""
    return (
        BASES.get(term.basis, term.basis),
        limb,
        narrowed,
        condition,
        keep,
        _SENDERS.get(term.sender, ""),
        term.basis,
    )


def _sentence(rest: tuple[str, ...], needs: list[int]) -> str:
    basis, _, *details, basis_id = rest
    needed = [
        needs_in_words(need & ~_OWN_NEED.get(basis_id, 0)) for need in needs if need & ~_OWN_NEED.get(basis_id, 0)
    ]
    overrides = all(need & OVERRIDES for need in needs)
    said = f"{basis}, with {' or '.join(needed)}" if needed and len(needed) == len(needs) else basis
    if overrides and needed:
        said = f"{' or '.join(needed)} ({basis})"
    return ", ".join((said, *filter(None, details)))
