"""Invariants as frozen types: what the reader makes and the proofs run."""

from __future__ import annotations

from dataclasses import dataclass

from hub.councils.proof.words import BODIES, FORMS, GROUNDS, PURPOSES
from hub.policy.model import Form, Purpose, RecipientClass
from hub.policy.walk import Leaf


@dataclass(frozen=True, slots=True)
class Selection:
    """Which data on which roads. An empty tuple takes all; of `that_are` all must hold, of the other lists any one.

    data: mask of categories. to, not_to: kinds of bodies. to_classes: ids of recipient classes. purposes, forms: words or ids.
    """

    data: int
    to: tuple[str, ...] = ()
    not_to: tuple[str, ...] = ()
    to_classes: tuple[str, ...] = ()
    that_are: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()

    def takes(self, form: Form, purpose: Purpose, row: RecipientClass, *, bound: bool) -> bool:
        """Whether it is about this form and purpose to this class. bound: the duty of s.16LA binds the recipient."""
        named = row.kind in self.to or row.id in self.to_classes or not (self.to or self.to_classes)
        return (
            named
            and row.kind not in self.not_to
            and all(BODIES[word](row, bound) for word in self.that_are)
            and (not self.purposes or any(_for(word, purpose) for word in self.purposes))
            and (not self.forms or any(_by(word, form) for word in self.forms))
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What happens between two states: bits that are recorded, any of some, and bits that are on record no more."""

    recorded: int = 0
    any_of: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Excuse:
    """Where a notice itself says otherwise: the policy, the sentences that state it, and how far it goes.

    if_any: grounds that the release must rest on for the excuse to hold; () for none.
    """

    policy: str
    sentences: tuple[str, ...]
    says: str
    selection: Selection
    if_any: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise. given: bits that are on record, and bits that are not. rests_on: only releases with any of these grounds.

    if_any: the grounds of `only_if`, and those on which more may go after a change. because: ids explained in the file's `rules`.
    """

    id: str
    says: str
    reason: str
    because: tuple[str, ...]
    promise: str
    selection: Selection
    given: tuple[int, int] = (0, 0)
    rests_on: tuple[str, ...] = ()
    if_any: tuple[str, ...] = ()
    change: Change = Change()
    excuses: tuple[Excuse, ...] = ()


def goes(leaf: Leaf) -> int:
    """Return the categories that may go in the states of a leaf, with a consent that covers them where one is needed."""
    return leaf.outcome.open | leaf.outcome.by_consent if leaf.outcome.decision == "PERMIT" else 0


def grounded(leaf: Leaf, words: tuple[str, ...]) -> int:
    """Return the categories that rest on any of these grounds in the states of a leaf."""
    mask = 0
    for word in words:
        mask |= GROUNDS[word](leaf)
    return mask


# Private functions
# -----------------


def _for(word: str, purpose: Purpose) -> bool:
    return PURPOSES[word](purpose) if word in PURPOSES else word == purpose.id


def _by(word: str, form: Form) -> bool:
    return FORMS[word](form) if word in FORMS else word == form.id
