"""Rules of identity matching, on generated histories of messages about people who share some of their keys."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.matching import (
    Index,
    Kept,
    MessageKey,
    is_ref_of,
    match,
    person_ref,
    provisional_ref,
    ruled_ref,
    settle,
    wanted_keys,
    wanted_refs,
)
from hub.ledger.ports import Key, Origin, PersonResolution, ResolveAsk, Resolved
from tests.support.identity import ask, key, nhs, unborn, upn

Row = tuple[Key, str]

# Few values of each kind, so that persons often share some keys and differ in others.
KEYS = [key(kind, str(n)) for kind in ("nhs_number", "upn", "name_dob_postcode", "unborn") for n in range(3)]
PERSON = st.lists(st.sampled_from(KEYS), max_size=4, unique=True).map(tuple)


@st.composite
def messages(draw: st.DrawFn, min_size: int = 1) -> list[ResolveAsk]:
    """Draw a history: messages with one to three persons, some of them rulings, some ids used again."""
    asks = []
    for number in range(draw(st.integers(min_size, 10))):
        persons = draw(st.lists(PERSON, min_size=1, max_size=3))
        choice = draw(st.sampled_from(["", "", "", "new", person_ref("lancashire", [KEYS[0]]), "e" * 32]))
        forced = ((draw(st.integers(0, len(persons) - 1)), choice),) if choice else ()
        message_id = draw(st.sampled_from([f"m{number}", f"m{number}", "m0"]))
        asks.append(ask(message_id, *persons, offset=number, forced=forced))
    return asks


@dataclass
class Memory:
    """A store of plain sets: what an adapter does, as simply as can be."""

    rows: set[Row] = field(default_factory=set)
    kept: dict[MessageKey, Kept] = field(default_factory=dict)

    def resolve(self, asks: list[ResolveAsk]) -> list[Resolved]:
        """Resolve a batch with the whole index at hand."""
        return self._settle(asks, list(self.rows))

    def resolve_with_what_is_wanted(self, asks: list[ResolveAsk]) -> list[Resolved]:
        """Resolve a batch with only the rows that the adapters fetch."""
        wanted = set(wanted_keys(asks, self.kept))
        rows = [row for row in self.rows if row[0] in wanted]
        refs = set(wanted_refs(rows, asks))
        held = [row for row in self.rows if row[1] in refs and row[0].kind in ("nhs_number", "upn")]
        return self._settle(asks, rows + held)

    def _settle(self, asks: list[ResolveAsk], rows: list[Row]) -> list[Resolved]:
        settled = settle(asks, self.kept, Index(rows))
        assert not self.rows & set(settled.learnt)
        self.rows |= set(settled.learnt)
        self.kept |= settled.kept
        return list(settled.resolved)


@given(messages(), st.randoms(use_true_random=False))
def test_order_of_keys_is_irrelevant(asks: list[ResolveAsk], rng: random.Random) -> None:
    """A person is who they are in whatever order their keys are written."""
    shuffled = [replace(a, persons=tuple(tuple(rng.sample(keys, len(keys))) for keys in a.persons)) for a in asks]
    one, two = Memory(), Memory()

    assert one.resolve(asks) == two.resolve(shuffled)
    assert one == two


@given(messages(), st.integers(1, 4))
def test_batches_are_irrelevant(asks: list[ResolveAsk], size: int) -> None:
    """A history gives the same resolutions whole, in pieces, and with only the rows that the adapters fetch."""
    whole, pieces, fetched = Memory(), Memory(), Memory()
    expected = whole.resolve(asks)

    assert expected == [r for start in range(0, len(asks), size) for r in pieces.resolve(asks[start : start + size])]
    assert expected == [
        r
        for start in range(0, len(asks), size)
        for r in fetched.resolve_with_what_is_wanted(asks[start : start + size])
    ]
    assert whole == pieces == fetched


@given(messages())
def test_message_resolved_again_is_resolved_as_it_was(asks: list[ResolveAsk]) -> None:
    """Whatever was learnt since, the same messages get the same resolutions, and teach nothing more."""
    memory = Memory()
    first = memory.resolve(asks)
    rows = set(memory.rows)

    assert first == memory.resolve(asks)
    assert rows == memory.rows


@given(messages())
def test_only_certain_persons_teach(asks: list[ResolveAsk]) -> None:
    """A ref that was given in doubt holds no key and is never met again."""
    memory = Memory()
    persons = [person for resolved in memory.resolve(asks) for person in resolved.persons]
    certain = {person.subject_ref for person in persons if person.status in ("exact", "new")}
    doubtful = {person.subject_ref for person in persons} - certain

    assert {ref for _, ref in memory.rows} <= certain
    assert not doubtful & {candidate for person in persons for candidate in person.candidates}


@given(messages())
def test_candidates_are_given_in_doubt_only_sorted_and_known(asks: list[ResolveAsk]) -> None:
    """A person who must choose sees each candidate once, in a fixed order, and each was a subject before."""
    memory = Memory()
    certain: set[str] = set()
    for asked in asks:
        (resolved,) = memory.resolve([asked])
        for person in resolved.persons:
            assert person.candidates == tuple(sorted(set(person.candidates)))
            assert not person.candidates or person.status in ("ambiguous", "conflict")
        certain |= {person.subject_ref for person in resolved.persons if person.status in ("exact", "new")}
        assert {candidate for person in resolved.persons for candidate in person.candidates} <= certain


@given(messages())
def test_two_persons_of_one_message_are_never_one_subject(asks: list[ResolveAsk]) -> None:
    """Only a ruling can say that a sender listed one person twice."""
    for asked, resolved in zip(asks, Memory().resolve(asks), strict=True):
        refs = [person.subject_ref for person in resolved.persons]
        assert asked.forced or resolved.first != asked.origin or len(refs) == len(set(refs))


@given(st.sets(st.tuples(st.sampled_from(KEYS), st.sampled_from(["a" * 32, "b" * 32, "c" * 32]))), PERSON.filter(bool))
def test_rules_agree_with_a_slow_and_obvious_reading_of_them(rows: set[Row], keys: tuple[Key, ...]) -> None:
    """The rules as prose, one after the other, over every row."""
    said = match(keys, Index(rows))

    assert obvious(rows, keys) == (said.status, said.refs)


def obvious(rows: set[Row], keys: tuple[Key, ...]) -> tuple[str, tuple[str, ...]]:
    """Return status and refs by the rules as they are written down, without any cleverness."""
    found = sorted({ref for k, ref in rows if k in keys})
    met = [k for k in keys if any(k == row_key for row_key, _ in rows)]
    strong_met = [k for k in met if k.kind in ("nhs_number", "upn")]
    if any(k != other and k.kind == other.kind and k.kind in ("nhs_number", "upn") for k in keys for other in keys):
        return "conflict", tuple(found)
    if not found:
        return "new", ()
    agreeing = [ref for ref in found if not disagrees(rows, ref, keys)]
    if not agreeing:
        return "conflict", tuple(found)
    if len(found) == 1:
        return "exact", tuple(found)
    holding_all = [ref for ref in found if all((k, ref) in rows for k in met)]
    if strong_met and len(agreeing) == 1 and agreeing[0] in holding_all:
        return "exact", tuple(agreeing)
    return ("conflict" if strong_met and not holding_all else "ambiguous"), tuple(found)


def disagrees(rows: set[Row], ref: str, keys: tuple[Key, ...]) -> bool:
    """Whether a subject holds another strong identifier of a kind that the person has, and not the person's own."""
    for k in keys:
        held = [row_key for row_key, holder in rows if holder == ref and row_key.kind == k.kind]
        if k.kind in ("nhs_number", "upn") and held and k not in held:
            return True
    return False


@given(st.sets(st.tuples(st.sampled_from(KEYS), st.sampled_from(["a" * 32, "b" * 32, "c" * 32]))), PERSON.filter(bool))
def test_exact_subject_never_disagrees_and_nobody_else_is_possible(rows: set[Row], keys: tuple[Key, ...]) -> None:
    """Who is called exact holds no different strong identifier, and everybody else who was found does."""
    said = match(keys, Index(rows))
    if said.status == "exact":
        (ref,) = said.refs
        assert not disagrees(rows, ref, keys)
        assert all(disagrees(rows, other, keys) for k, other in rows if k in keys and other != ref)


def test_new_subject_is_named_by_its_strongest_key() -> None:
    """NHS number, UPN, name with date of birth and postcode, unborn, in that order."""
    strongest_first = [nhs("a"), upn("a"), key("name_dob_postcode", "a"), unborn("a")]
    for place, strongest in enumerate(strongest_first):
        assert person_ref("a", [strongest]) == person_ref("a", reversed(strongest_first[place:]))
    assert len({person_ref("a", [k]) for k in strongest_first}) == 4


def test_refs_of_different_origin_never_meet() -> None:
    """A ref is 32 hex digits, and its label and the length of each part go into it."""
    refs = [
        person_ref("c", [nhs("a")]),
        person_ref("d", [nhs("a")]),
        provisional_ref("c", "a", "b", 0),
        provisional_ref("c", "a", "b", 1),
        provisional_ref("c", "ab", "", 0),
        provisional_ref("c", "", "ab", 0),
        provisional_ref("d", "a", "b", 0),
        ruled_ref("c", "a", "b", 0),
        ruled_ref("d", "a", "b", 0),
    ]

    assert len(set(refs)) == len(refs)
    assert all(len(ref) == 32 and int(ref, 16) >= 0 for ref in refs)


def test_a_ref_bears_its_councils_mark() -> None:
    """Whatever a ref was derived from, its council can be told, and no other council takes it for its own."""
    mine = "lancashire"
    for ref in (person_ref(mine, [nhs("a")]), provisional_ref(mine, "a", "b", 0), ruled_ref(mine, "a", "b", 0)):
        assert is_ref_of(ref, "lancashire")
        assert not is_ref_of(ref, "leicestershire")
        assert not is_ref_of(ref[:-1], "lancashire")


def test_refs_stay_what_they_are() -> None:
    """Refs are kept in stores and topics: the way they are derived cannot change any more."""
    assert person_ref("lancashire", [Key("nhs_number", "ab" * 32)]) == "a066c1cb02e5e1cb194ab6892e89a4a9"
    assert provisional_ref("lancashire", "a", "m1", 1) == "a066c1cb6b4eb3fe0a9963b7187df14a"


def test_ruling_for_an_unidentified_person_teaches_nothing() -> None:
    """A ruling can say who somebody without keys is; there is nothing to remember but that message's resolution."""
    memory = Memory()
    ruled = ResolveAsk("lancashire", "trust", "r", "c", Origin("t", 0, 0), ((),), ((0, "d" * 32),))

    (resolved,) = memory.resolve([ruled])
    assert resolved.persons == (PersonResolution("d" * 32, "exact"),)
    assert not memory.rows
