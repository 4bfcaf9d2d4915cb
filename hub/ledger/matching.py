"""Who a person in a message is: exact, explainable rules over keyed hashes. Pure; both store adapters use it.

A person is matched by keys only, never by likeness. `nhs_number` and `upn` are strong: two people never share one.

- No key: `unidentified`. Nothing found: `new`, with a ref derived from the strongest key.
- All that was found is one subject, who holds no other strong identifier of a kind the person has: `exact`.
- Nobody found agrees with the person's strong identifiers, or these lead to different subjects: `conflict`.
- More than one subject found: `ambiguous`; unless a strong key of the person leads to one of them, who holds every key
  that was found, and each of the others holds a different strong identifier (`exact`: nobody else is possible).
- Keys are made for one council and refs bear its mark: the same person at two councils is two subjects, whom nothing connects.
- Two persons of one message are never one subject: the second is a `conflict`.
- A ruling (`forced`) decides instead of the rules.

Only `exact`, `new` and ruled persons teach the index their keys; a guess is never learnt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from hub.ledger.ports import Key, Origin, PersonResolution, ResolveAsk, Resolved
from hub.policy.facts import from_json

KINDS: Final = ("nhs_number", "upn", "name_dob_postcode", "unborn")
"""Kinds of keys, strongest first. Their places are stored: INVARIANT: only ever append."""

STRONG: Final = frozenset(KINDS[:2])
"""Kinds that two people never share."""

EXACT: Final = "exact"
NEW: Final = "new"
AMBIGUOUS: Final = "ambiguous"
CONFLICT: Final = "conflict"
UNIDENTIFIED: Final = "unidentified"

REF_HEX: Final = 32
MARK_HEX: Final = 8
"""How many of a ref's digits are its council's mark."""

_NOBODY: Final[frozenset[str]] = frozenset()
_NOTHING: Final[frozenset[Key]] = frozenset()

MessageKey = tuple[str, str]
"""Agency and message id: what a kept resolution is found by."""


def person_ref(council: str, keys: Iterable[Key]) -> str:
    """Return the subject ref (32 hex digits) of a council's new subject, derived from the strongest of its keys."""
    strongest = min(keys, key=_strength)
    return _ref(council, "person", strongest.kind, strongest.digest)


def provisional_ref(council: str, agency: str, message_id: str, index: int) -> str:
    """Return the ref of a person whom nobody can tell yet: used by this message alone."""
    return _ref(council, "provisional", agency, message_id, str(index))


def ruled_ref(council: str, agency: str, message_id: str, index: int) -> str:
    """Return the ref of a subject whom a ruling declared to be new, though keys of others match."""
    return _ref(council, "ruled", agency, message_id, str(index))


def is_ref_of(ref: str, council: str) -> bool:
    """Whether a ref can be one of a council's subjects: it begins with the council's mark, so no other council's passes."""
    return len(ref) == REF_HEX and ref.startswith(_mark(council))


class Index:
    """The part of the identity index that a batch needs, and what the batch adds to it.

    rows: every (key, subject ref) of the keys asked for, and the strong keys of every ref that may be matched.
    """

    def __init__(self, rows: Iterable[tuple[Key, str]]) -> None:
        self._refs: dict[Key, set[str]] = {}
        self._strong: dict[str, set[Key]] = {}
        self.learnt: list[tuple[Key, str]] = []
        for key, ref in rows:
            self._add(key, ref)

    def refs(self, key: Key) -> AbstractSet[str]:
        """Return the subjects that hold a key."""
        return self._refs.get(key, _NOBODY)

    def strong(self, ref: str) -> AbstractSet[Key]:
        """Return the strong keys that a subject holds."""
        return self._strong.get(ref, _NOTHING)

    def learn(self, ref: str, keys: Iterable[Key]) -> None:
        """Add the keys that the subject does not hold yet; `learnt` lists them."""
        self.learnt += [(key, ref) for key in keys if self._add(key, ref)]

    def _add(self, key: Key, ref: str) -> bool:
        holders = self._refs.setdefault(key, set())
        if ref in holders:
            return False
        holders.add(ref)
        if key.kind in STRONG:
            self._strong.setdefault(ref, set()).add(key)
        return True


@dataclass(frozen=True, slots=True)
class Match:
    """What the rules say of one person: a status (never `unidentified`), and the refs it is about, sorted."""

    status: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """The resolution of a message as the store keeps it."""

    content: str
    first: Origin
    persons: tuple[PersonResolution, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A resolved batch: one answer per ask, and what must be written: new kept resolutions and learnt index rows."""

    resolved: tuple[Resolved, ...]
    kept: dict[MessageKey, Kept]
    learnt: tuple[tuple[Key, str], ...]


def wanted_keys(asks: Iterable[ResolveAsk], known: Mapping[MessageKey, Kept]) -> list[Key]:
    """Return the distinct keys of the messages that are not kept yet."""
    fresh = (ask for ask in asks if (ask.agency, ask.message_id) not in known)
    return list({key for ask in fresh for keys in ask.persons for key in keys})


def wanted_refs(rows: Iterable[tuple[Key, str]], asks: Iterable[ResolveAsk]) -> list[str]:
    """Return the refs whose strong keys are needed: those found, and those that rulings chose."""
    chosen = {choice for ask in asks for _, choice in ask.forced if choice != NEW}
    return list({ref for _, ref in rows} | chosen)


def wary_refs(
    asks: Iterable[ResolveAsk], known: Mapping[MessageKey, Kept], rows: Iterable[tuple[Key, str]]
) -> list[str]:
    """Return the refs whose facts are needed: those that wary persons of messages not kept yet may be."""
    fresh = (ask for ask in asks if (ask.agency, ask.message_id) not in known)
    keys = {key for ask in fresh for number in ask.wary for key in ask.persons[number]}
    return sorted({ref for key, ref in rows if key in keys})


def hides(facts: bytes | None) -> bool:
    """Whether what is known of a subject hides it: a shield, or what may be one (a control in doubt, facts nobody can read)."""
    if facts is None:
        return False
    try:
        known = from_json(facts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
    return bool(known.shields) or known.pending or known.unreadable


def settle(
    asks: Sequence[ResolveAsk],
    known: Mapping[MessageKey, Kept],
    index: Index,
    hidden: AbstractSet[str] = _NOBODY,
) -> Settled:
    """Resolve a batch in order; what an ask adds, the later ones see.

    known: the kept resolutions of messages seen before, which are given again whatever the index says now. hidden: of
    `wary_refs`, those that are hidden.
    """
    kept: dict[MessageKey, Kept] = {}
    resolved = []
    for ask in asks:
        place = (ask.agency, ask.message_id)
        first = known.get(place) or kept.get(place)
        if first is None:
            first = kept[place] = Kept(ask.content, ask.origin, _persons(ask, index, hidden))
        resolved.append(Resolved(ask.message_id, first.first, first.content == ask.content, first.persons))
    return Settled(tuple(resolved), kept, tuple(index.learnt))


def match(keys: Collection[Key], index: Index) -> Match:
    """Return what the rules (top of this file) say of a person with these keys, at least one."""
    found = {key: refs for key in keys if (refs := index.refs(key))}
    strong = {key for key in keys if key.kind in STRONG}
    refs = set[str]().union(*found.values())
    agreeing = {ref for ref in refs if _agrees(strong, index.strong(ref))}
    candidates = tuple(sorted(refs))
    if len(strong) != len({key.kind for key in strong}):
        return Match(CONFLICT, candidates)
    if not refs:
        return Match(NEW)
    if not agreeing:
        return Match(CONFLICT, candidates)
    if len(refs) == 1:
        return Match(EXACT, candidates)
    shared = refs.intersection(*found.values())
    strongly = not strong.isdisjoint(found)
    if strongly and len(agreeing) == 1 and agreeing <= shared:
        return Match(EXACT, tuple(agreeing))
    return Match(CONFLICT if strongly and not shared else AMBIGUOUS, candidates)


# Private functions


def _persons(ask: ResolveAsk, index: Index, hidden: AbstractSet[str]) -> tuple[PersonResolution, ...]:
    choices = dict(ask.forced)
    taken: set[str] = set()
    persons = []
    for number, keys in enumerate(ask.persons):
        choice = choices.get(number)
        person = _ruled(ask, number, choice) if choice else _matched(ask, number, keys, index, taken)
        if person.status in (EXACT, NEW):
            index.learn(person.subject_ref, keys)
        taken.add(person.subject_ref)
        if number in ask.wary and person.subject_ref in hidden:
            person = replace(person, hidden=True)
        persons.append(person)
    return tuple(persons)


def _ruled(ask: ResolveAsk, number: int, choice: str) -> PersonResolution:
    if choice == NEW:
        return PersonResolution(ruled_ref(ask.council, ask.agency, ask.message_id, number), NEW)
    return PersonResolution(choice, EXACT)


def _matched(ask: ResolveAsk, number: int, keys: tuple[Key, ...], index: Index, taken: set[str]) -> PersonResolution:
    if not keys:
        return PersonResolution(provisional_ref(ask.council, ask.agency, ask.message_id, number), UNIDENTIFIED)
    said = match(keys, index)
    if said.status in (EXACT, NEW):
        ref = said.refs[0] if said.status == EXACT else person_ref(ask.council, keys)
        if ref not in taken:
            return PersonResolution(ref, said.status)
        said = Match(CONFLICT, (ref,))
    return PersonResolution(provisional_ref(ask.council, ask.agency, ask.message_id, number), said.status, said.refs)


def _agrees(own: AbstractSet[Key], held: AbstractSet[Key]) -> bool:
    """Whether a subject's strong keys leave room for the person's: each kind is unknown on one side, or held too."""
    held_kinds = {key.kind for key in held}
    return all(key in held for key in own if key.kind in held_kinds)


def _strength(key: Key) -> tuple[int, str]:
    return (KINDS.index(key.kind), key.digest)


def _ref(council: str, label: str, *parts: str) -> str:
    # Each part is preceded by its length, so that none can be moved into its neighbour.
    framed = "".join([f"{len(part)}:{part}" for part in (council, *parts)])
    digest = hashlib.sha256(f"hub/subject-ref/{label}/v2/{framed}".encode()).hexdigest()
    return _mark(council) + digest[: REF_HEX - MARK_HEX]


@lru_cache(maxsize=256)
def _mark(council: str) -> str:
    return hashlib.sha256(f"hub/subject-ref/council/v2/{council}".encode()).hexdigest()[:MARK_HEX]
