"""Promises of IdentityStore."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hub.ledger.ports import Key, PersonResolution, Position, ResolveAsk, Stores, SubjectEvent
from hub.policy.facts import Facts
from tests.support.identity import ask, named, nhs, unborn, upn
from tests.support.places import Place


async def resolve_one(stores: Stores, asked: ResolveAsk) -> PersonResolution:
    """Resolve a message about one person."""
    (resolved,) = await stores.identity.resolve([asked])
    (person,) = resolved.persons
    return person


async def test_first_sight_makes_a_new_subject_and_second_sight_finds_it(stores: Stores) -> None:
    """Whoever holds a known key is the subject that holds it."""
    first = await resolve_one(stores, ask("m1", (nhs("ada"), named("ada"))))
    by_number = await resolve_one(stores, ask("m2", (nhs("ada"),)))
    by_name = await resolve_one(stores, ask("m3", (named("ada"),), agency="school"))

    assert first.status == "new"
    assert by_number == by_name == PersonResolution(first.subject_ref, "exact")


async def test_exact_person_teaches_new_keys(stores: Stores) -> None:
    """A key that comes with an exact match leads to the same subject from then on."""
    first = await resolve_one(stores, ask("m1", (named("ada"),)))
    await resolve_one(stores, ask("m2", (named("ada"), nhs("ada"), upn("ada"))))

    assert PersonResolution(first.subject_ref, "exact") == await resolve_one(stores, ask("m3", (upn("ada"),)))


async def test_person_without_keys_is_unidentified_and_of_this_message_alone(stores: Stores) -> None:
    """Nobody is guessed where nothing identifies; each such person has a ref of its own."""
    (one, two) = await stores.identity.resolve([ask("m1", (), ()), ask("m2", ())])

    persons = (*one.persons, *two.persons)
    assert [person.status for person in persons] == ["unidentified"] * 3
    assert len({person.subject_ref for person in persons}) == 3


async def test_later_ask_of_a_batch_sees_what_an_earlier_one_added(stores: Stores) -> None:
    """Asks are taken in order: within a batch, a second message finds the person that the first one made known."""
    keys = (nhs("ada"), named("ada"))
    first, second, third = await stores.identity.resolve(
        [ask("m1", (named("ada"),)), ask("m2", keys), ask("m3", (nhs("ada"),))]
    )

    assert [r.persons[0].status for r in (first, second, third)] == ["new", "exact", "exact"]
    assert len({r.persons[0].subject_ref for r in (first, second, third)}) == 1


async def test_redelivery_and_duplicate_get_the_first_resolution_and_the_first_origin(stores: Stores) -> None:
    """A message seen before is resolved as it was then, whatever was learnt since; its first origin tells which it is."""
    message = ask("m1", (named("ada"),), offset=7)
    (first,) = await stores.identity.resolve([message])
    await stores.identity.resolve(
        [ask("m2", (nhs("ada"), named("ada"))), ask("r", (named("ada"),), forced=((0, "new"),))]
    )

    (redelivered,) = await stores.identity.resolve([message])
    (duplicate,) = await stores.identity.resolve([ask("m1", (named("ada"),), offset=9)])

    assert first.first == message.origin
    assert redelivered == duplicate == first


async def test_same_id_with_other_content_is_told_and_changes_nothing(stores: Stores) -> None:
    """An id used again for other content gets the first resolution, marked; its persons teach nothing."""
    (first,) = await stores.identity.resolve([ask("m1", (named("ada"),), content="a")])
    (reused,) = await stores.identity.resolve([ask("m1", (nhs("ben"),), (nhs("cy"),), content="b")])

    assert (True, False) == (first.same_content, reused.same_content)
    assert first.persons == reused.persons
    assert (await resolve_one(stores, ask("m2", (nhs("ben"),)))).status == "new"


async def test_message_twice_in_one_batch_is_resolved_once(stores: Stores) -> None:
    """The second of two equal ids in one batch gets what the first got."""
    first, again = await stores.identity.resolve(
        [ask("m1", (named("ada"),), content="a", offset=1), ask("m1", (nhs("ben"),), content="b", offset=2)]
    )

    assert first.persons == again.persons
    assert first.first == again.first
    assert not again.same_content


async def test_message_ids_belong_to_their_agency(stores: Stores) -> None:
    """Two agencies may use the same message id for different messages."""
    one, two = await stores.identity.resolve(
        [ask("m1", (nhs("ada"),), ()), ask("m1", (nhs("ben"),), (), agency="school")]
    )

    assert one.persons[0].subject_ref != two.persons[0].subject_ref
    assert one.persons[1].subject_ref != two.persons[1].subject_ref
    assert two.same_content


async def test_strong_identifiers_of_two_subjects_are_a_conflict(stores: Stores) -> None:
    """An NHS number of one subject with the UPN of another is for a person to decide; candidates come sorted."""
    ada = await resolve_one(stores, ask("m1", (nhs("ada"),)))
    ben = await resolve_one(stores, ask("m2", (upn("ben"),)))
    both = await resolve_one(stores, ask("m3", (nhs("ada"), upn("ben"))))

    assert both.status == "conflict"
    assert both.candidates == tuple(sorted((ada.subject_ref, ben.subject_ref)))
    assert both.subject_ref not in both.candidates


async def test_name_of_a_subject_with_another_nhs_number_is_a_conflict_and_teaches_nothing(stores: Stores) -> None:
    """A weak key never outweighs a different strong identifier, and what is in doubt is not learnt."""
    ada = await resolve_one(stores, ask("m1", (nhs("ada"), named("ada"))))
    doubtful = await resolve_one(stores, ask("m2", (nhs("other"), named("ada"))))

    assert (doubtful.status, doubtful.candidates) == ("conflict", (ada.subject_ref,))
    assert (await resolve_one(stores, ask("m3", (nhs("other"),)))).status == "new"


async def test_ruled_new_subject_makes_its_shared_key_ambiguous(stores: Stores) -> None:
    """After a ruling that two people share a key, the key alone leads to neither; both are candidates."""
    ada = await resolve_one(stores, ask("m1", (named("ada"),)))
    twin = await resolve_one(stores, ask("ruling", (named("ada"),), forced=((0, "new"),)))
    later = await resolve_one(stores, ask("m2", (named("ada"),)))

    assert twin.status == "new"
    assert twin.subject_ref != ada.subject_ref
    assert (later.status, later.candidates) == ("ambiguous", tuple(sorted((ada.subject_ref, twin.subject_ref))))


async def test_ruling_for_a_subject_settles_what_comes_later(stores: Stores) -> None:
    """A ruling that a new NHS number belongs to a known subject is learnt: the number leads there from then on."""
    ada = await resolve_one(stores, ask("m1", (nhs("before"), named("ada"))))
    assert (await resolve_one(stores, ask("m2", (nhs("after"), named("ada"))))).status == "conflict"
    await resolve_one(stores, ask("ruling", (nhs("after"), named("ada")), forced=((0, ada.subject_ref),)))

    for message, keys in {"m3": (nhs("after"), named("ada")), "m4": (nhs("before"),), "m5": (named("ada"),)}.items():
        assert PersonResolution(ada.subject_ref, "exact") == await resolve_one(stores, ask(message, keys))


async def test_ruling_that_parts_two_people_settles_what_comes_later(stores: Stores) -> None:
    """Two people of one name whom a ruling parted are each found by their own NHS number, though the name fits both."""
    ada = await resolve_one(stores, ask("m1", (nhs("ada"), named("same"))))
    eve = await resolve_one(stores, ask("ruling", (nhs("eve"), named("same")), forced=((0, "new"),)))

    assert PersonResolution(eve.subject_ref, "exact") == await resolve_one(
        stores, ask("m2", (nhs("eve"), named("same")))
    )
    assert PersonResolution(ada.subject_ref, "exact") == await resolve_one(
        stores, ask("m3", (nhs("ada"), named("same")))
    )
    assert (await resolve_one(stores, ask("m4", (named("same"),)))).status == "ambiguous"


async def test_ruling_counts_for_its_person_only(stores: Stores) -> None:
    """A ruling names the person by place; the others of the message are matched as always."""
    (resolved,) = await stores.identity.resolve([ask("ruling", (nhs("ada"),), (nhs("ben"),), forced=((1, "c" * 32),))])

    assert [person.status for person in resolved.persons] == ["new", "exact"]
    assert resolved.persons[1].subject_ref == "c" * 32
    assert PersonResolution("c" * 32, "exact") == await resolve_one(stores, ask("m2", (nhs("ben"),)))


async def test_two_persons_of_one_message_are_never_one_subject(stores: Stores) -> None:
    """Unborn twins share every key they have: the second is for a person to decide."""
    (twins,) = await stores.identity.resolve([ask("m1", (unborn("due"),), (unborn("due"),))])

    first, second = twins.persons
    assert (first.status, second.status) == ("new", "conflict")
    assert second.candidates == (first.subject_ref,)


async def test_two_workers_that_meet_a_new_person_at_once_agree(stores: Stores, others: Stores) -> None:
    """Whichever worker is first, one person known by different keys ends with one ref, and each key with one subject."""
    keys: list[tuple[Key, ...]] = [(nhs("ada"), named("ada")), (named("ada"), nhs("ada"), upn("ada"))]

    async def worker(store: Stores, number: int) -> set[str]:
        asks = [ask(f"m{number}.{n}", keys[number]) for n in range(20)]
        answers = [await store.identity.resolve(asks[n : n + 2]) for n in range(0, 20, 2)]
        return {resolved.persons[0].subject_ref for answer in answers for resolved in answer}

    refs = await asyncio.gather(worker(stores, 0), worker(others, 1))

    assert len(set().union(*refs)) == 1
    assert (await resolve_one(others, ask("last", (upn("ada"),)))).status == "exact"


async def test_two_workers_that_meet_overlapping_keys_at_once_never_split_a_key(stores: Stores, others: Stores) -> None:
    """One worker sees number and name, another the name alone: afterwards the name leads to one subject."""
    people = [f"p{n}" for n in range(60)]
    strong = [ask(f"s{name}", (nhs(name), named(name))) for name in people]
    weak = [ask(f"w{name}", (named(name),)) for name in people]

    async def worker(store: Stores, asks: list[ResolveAsk]) -> None:
        for start in range(0, len(asks), 5):
            await store.identity.resolve(asks[start : start + 5])

    await asyncio.gather(worker(stores, strong), worker(others, weak))
    checked = await stores.identity.resolve([ask(f"c{name}", (named(name),)) for name in people])

    assert {resolved.persons[0].status for resolved in checked} == {"exact"}


async def test_same_message_at_two_workers_gets_one_resolution(stores: Stores, others: Stores) -> None:
    """After a rebalance two workers may hold the same message: both are given the resolution that was kept first."""
    batch = [ask(f"m{n}", (named(f"p{n}"),), ()) for n in range(30)]
    one, two = await asyncio.gather(stores.identity.resolve(batch), others.identity.resolve(batch))

    assert one == two


async def test_empty_batch_is_nothing(stores: Stores) -> None:
    """No asks, no answers."""
    assert await stores.identity.resolve([]) == []


async def test_ids_of_any_text_are_kept_apart(stores: Stores) -> None:
    """A message id is the sender's own text: hex, upper case, accents or a NUL character are four different ids."""
    ids = ["ab" * 16, "AB" * 16, "\u00e9", "a\x00b", "a", ""]
    made = await stores.identity.resolve([ask(name, ()) for name in ids])
    again = await stores.identity.resolve([ask(name, ()) for name in ids])

    assert made == again
    assert len({resolved.persons[0].subject_ref for resolved in made}) == len(ids)
    assert [resolved.message_id for resolved in again] == ids


async def test_nothing_but_keyed_hashes_is_kept(stores: Stores, place: Place) -> None:
    """The index holds digests and refs: nothing in it can be read back as an identifier."""
    await stores.identity.resolve([ask("m1", (nhs("ada"), named("ada")))])
    columns = {len(value) for row in await place.run("SELECT digest, subject_ref FROM identity_keys") for value in row}

    assert columns == {33, 17}


async def test_a_person_to_be_wary_of_is_hidden_as_the_facts_stood_then(stores: Stores) -> None:
    """A shield on record hides a known person, asked for or not known to be; what was resolved once stays as it was."""
    (first,) = await stores.identity.resolve([ask("m1", (nhs("a"),), (nhs("b"),))])
    ref = first.persons[0].subject_ref
    wary = [replace(ask(f"m{n}", (nhs("a"),), (nhs("b"),), offset=n), wary=who) for n, who in ((2, (0, 1)), (3, ()))]
    await stores.identity.resolve([replace(one, message_id=f"before-{one.message_id}") for one in wary])
    shielded = [Facts(shields=("refuge",)), Facts(), Facts(shields=("adopted",))]
    places = [Position("log", 0, 5), Position("log", 1, 1), Position("next log", 0, 0)]
    events = zip(places, shielded, strict=True)
    await stores.events.append([SubjectEvent(ref, at, "e", "shield", facts.to_json()) for at, facts in events])

    async def hidden(asks: list[ResolveAsk]) -> list[list[bool]]:
        return [[one.hidden for one in found.persons] for found in await stores.identity.resolve(asks)]

    assert [[True, False], [False, False]] == await hidden(wary)
    assert [[True, False], [False, False]] == await hidden(wary)
    await stores.events.append([SubjectEvent(ref, Position("next log", 0, 9), "e2", "shield", Facts().to_json())])
    assert [[True, False], [False, False]] == await hidden(wary)
    assert [[False, False]] == await hidden([replace(wary[0], message_id="later")])
    assert [[False, False]] == await hidden([replace(wary[0], message_id="before-m2")])
