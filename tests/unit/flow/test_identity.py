"""Identity: what a message says of a person becomes keyed hashes, by exact rules, and nothing else is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import RefusedMessage
from hub.flow import identity, ids
from hub.ledger.keys import Keyring
from hub.ledger.ports import Key

KEYRING = Keyring(*(bytes([n]) * 32 for n in range(1, 5)))
COUNCIL = "lancashire"
NHS, OTHER_NHS, UPN = "9990000018", "9990000026", "B801200005001"


def person(**changes: Any) -> dict[str, Any]:
    """Return a synthetic child, with sections replaced."""
    return {
        "person_id": "p1",
        "role": "child",
        "identity": {"family_name": "Ashworth", "given_names": ["Nadia", "Rose"], "date_of_birth": "2020-03-01"},
        "identifiers": {"nhs_number": NHS, "upn": UPN},
        "address": {"postcode": "PR1 0AA"},
        **changes,
    }


def mother(**changes: Any) -> dict[str, Any]:
    """Return a synthetic mother."""
    own = {"family_name": "Ashworth", "given_names": ["Leila"], "date_of_birth": "1995-05-05"}
    return person(role="parent", identity=own, identifiers={"nhs_number": OTHER_NHS}, **changes)


def unborn(due: str | None = "2027-02-01") -> dict[str, Any]:
    """Return a synthetic unborn child."""
    return {"person_id": "p2", "role": "unborn", "identity": {"due_date": due}}


def keys(*persons: dict[str, Any]) -> list[dict[str, str]]:
    """Return each person's keys, digests by kind."""
    return [{key.kind: key.digest for key in found} for found in identity.keys_of_persons(KEYRING, COUNCIL, persons)]


def test_each_rule_gives_its_key() -> None:
    """NHS number, UPN, and name with date of birth and postcode each give one key."""
    assert ["nhs_number", "upn", "name_dob_postcode"] == list(keys(person())[0])


def test_same_person_from_two_agencies_has_the_same_keys() -> None:
    """How an agency writes a name or number does not matter: case, accents, spaces, hyphens, apostrophes."""
    theirs = person(
        identity={"family_name": " ASHWÖRTH ", "given_names": ["nadia-rose"], "date_of_birth": "2020-03-01"},
        identifiers={"nhs_number": "999 000 0018", "upn": "b801200005001"},
        address={"postcode": "pr10aa"},
    )

    assert keys(person()) == keys(theirs)


def test_names_that_differ_have_other_keys() -> None:
    """Matching is exact: a name that is only alike is another name."""
    theirs = person(identity={"family_name": "Ashwort", "given_names": ["Nadia"], "date_of_birth": "2020-03-01"})

    assert keys(person())[0]["name_dob_postcode"] != keys(theirs)[0]["name_dob_postcode"]


@pytest.mark.parametrize("gone", ["family_name", "given_names", "date_of_birth"])
def test_part_of_the_name_rule_is_no_key(gone: str) -> None:
    """A name without a date of birth, or the like, is never enough to call two records one person."""
    whole = person()
    del whole["identity"][gone]

    assert "name_dob_postcode" not in keys(whole)[0]


def test_person_of_whom_nothing_identifying_is_said_has_no_key() -> None:
    """Without keys nobody is guessed; the store calls such a person unidentified."""
    assert [{}] == keys({"person_id": "p1", "role": "child"})


@pytest.mark.parametrize(
    ("numbers", "place"),
    [
        ({"nhs_number": "9990000019"}, "persons[0].identifiers.nhs_number"),
        ({"nhs_number": "999000001"}, "persons[0].identifiers.nhs_number"),
        ({"nhs_number": ""}, "persons[0].identifiers.nhs_number"),
        ({"nhs_number": "1111111111"}, "persons[0].identifiers.nhs_number"),
        ({"upn": "A801200005001"}, "persons[0].identifiers.upn"),
        ({"upn": "A000000000000"}, "persons[0].identifiers.upn"),
    ],
)
def test_wrong_number_is_a_fault_and_is_not_quoted(numbers: dict[str, str], place: str) -> None:
    """A wrong check digit, and a filler that would make strangers one subject, go back to the sender."""
    with pytest.raises(RefusedMessage) as error:
        identity.keys_of_persons(KEYRING, COUNCIL, [person(identifiers=numbers)])

    assert [("IDENTIFIER_INVALID", place)] == [(f.code, f.place) for f in error.value.faults]
    assert not any(value and value in str(error.value) for value in numbers.values())


def test_every_wrong_number_of_a_message_is_named() -> None:
    """All faults come at once, over all persons."""
    wrong = person(identifiers={"nhs_number": "1", "upn": "1"}, address={"postcode": "nowhere"})
    with pytest.raises(RefusedMessage) as error:
        identity.keys_of_persons(KEYRING, COUNCIL, [wrong, wrong])

    assert 6 == len(error.value.faults)


def test_unborn_child_is_known_by_mother_and_due_date() -> None:
    """An unborn child has no name: its keys are its mother's, each with the due date."""
    found = keys(mother(), unborn())[1]

    assert ["unborn"] == list(found)
    assert found != keys(mother(), unborn("2027-02-02"))[1]
    assert 2 == len(identity.keys_of_persons(KEYRING, COUNCIL, [mother(), unborn()])[1])


def test_unborn_child_is_found_again_when_less_is_known_of_the_mother() -> None:
    """The second agency need not know the mother's NHS number."""
    first = set(identity.keys_of_persons(KEYRING, COUNCIL, [mother(), unborn()])[1])
    second = set(identity.keys_of_persons(KEYRING, COUNCIL, [unborn(), {**mother(), "identifiers": None}])[0])

    assert second < first


@pytest.mark.parametrize(
    "persons",
    [
        [unborn()],
        [unborn(None), mother()],
        [unborn(), mother(), mother()],
        [unborn(), person(role="other_adult")],
        [unborn(), {"person_id": "p", "role": "parent"}],
    ],
    ids=["no mother", "no due date", "two parents", "no parent", "unknown mother"],
)
def test_unborn_child_without_a_certain_mother_has_no_key(persons: list[dict[str, Any]]) -> None:
    """Nobody guesses whose child it is: a person decides."""
    assert {} == keys(*persons)[0]


def test_of_two_parents_the_pregnant_one_is_the_mother() -> None:
    """The form says who is pregnant; that is not a guess."""
    father = {**person(role="parent"), "identifiers": {}}
    pregnant = mother(characteristics={"pregnancy": "yes"})

    assert keys(mother(), unborn())[1] == keys(father, pregnant, unborn())[2]


def test_query_finds_the_person_of_a_referral() -> None:
    """A control message about a person reaches the subject that referrals made."""
    query = {
        "family_name": "ashworth",
        "given_names": ["Nadia"],
        "date_of_birth": "2020-03-01",
        "postcode": "PR1 0AA",
        "nhs_number": NHS,
        "upn": UPN,
    }

    assert identity.keys_of_persons(KEYRING, COUNCIL, [person()])[0] == identity.keys_of_query(
        KEYRING, COUNCIL, query, "subject"
    )


def test_query_with_a_due_date_is_about_the_unborn_child() -> None:
    """Whatever else such a query holds describes the mother."""
    query = {"nhs_number": OTHER_NHS, "due_date": "2027-02-01"}
    found = identity.keys_of_query(KEYRING, COUNCIL, query, "subject")

    assert set(found) < set(identity.keys_of_persons(KEYRING, COUNCIL, [mother(), unborn()])[1])


def test_query_faults_name_their_place() -> None:
    """The fault says which field of which query is wrong."""
    with pytest.raises(RefusedMessage) as error:
        identity.keys_of_query(KEYRING, COUNCIL, {"nhs_number": "1", "postcode": "1"}, "subject")

    assert ["subject.nhs_number", "subject.postcode"] == [f.place for f in error.value.faults]


def test_keys_need_the_secret() -> None:
    """With another key every digest differs, so an index cannot be searched by name without the key."""
    other = Keyring(*(bytes([n]) * 32 for n in range(11, 15)))
    mine, theirs = (identity.keys_of_persons(ring, COUNCIL, [person()])[0] for ring in (KEYRING, other))

    assert not {key.digest for key in mine} & {key.digest for key in theirs}


def test_two_councils_share_no_key() -> None:
    """The same person described alike is nobody whom the other council's index could find, born or unborn."""
    family = [mother(), unborn(), person()]
    ours, theirs = (identity.keys_of_persons(KEYRING, council, family) for council in (COUNCIL, "leicestershire"))

    assert [[key.kind for key in found] for found in ours] == [[key.kind for key in found] for found in theirs]
    assert not {key.digest for found in ours for key in found} & {key.digest for found in theirs for key in found}


def test_keys_of_the_time_without_councils_are_never_met() -> None:
    """The way keys are derived has changed, and its label with it: an index of old keys matches nobody."""
    found = {key.digest for key in keys_with(person())}

    assert not found & {ids.keyed(KEYRING.identity, "nhs_number", NHS), ids.keyed(KEYRING.identity, "upn", UPN)}


def keys_with(*persons: dict[str, Any]) -> list[Key]:
    """Return every key of some persons."""
    return [key for found in identity.keys_of_persons(KEYRING, COUNCIL, persons) for key in found]


def test_traits_never_show_themselves() -> None:
    """What identifies a person has no text form that could end up in a log."""
    assert NHS not in repr(identity.traits_of(person()))
    assert "ashworth" not in repr(identity.traits_of(person())).lower()


@given(st.text(max_size=30))
def test_plain_name_is_settled(text: str) -> None:
    """Normalising twice changes nothing, nor does the case or spacing it came in."""
    plain = identity.plain_name(text)

    assert plain == identity.plain_name(plain)
    assert plain == identity.plain_name(f" {text} ")
    assert not any(c.isspace() for c in plain)


@pytest.mark.parametrize(
    ("one", "other"),
    [("O'Brien", "OBRIEN"), ("Smith-Jones", "smith jones"), ("Zoë", "Zoe"), ("Weiß", "WEISS"), ("ﬁnn", "Finn")],
)
def test_ways_to_write_a_name(one: str, other: str) -> None:
    """The same name written in two ways is the same name."""
    assert identity.plain_name(one) == identity.plain_name(other)


def test_letters_of_other_scripts_are_kept() -> None:
    """A name that is not in Latin letters is still a name, with its vowel signs."""
    assert identity.plain_name("मीना") != identity.plain_name("मन")
    assert identity.plain_name("李") == "李"


@pytest.mark.parametrize("names", [[], ["", " "], ["-"], ["'"]])
def test_no_given_name(names: list[str]) -> None:
    """Blanks and dashes are no given name."""
    assert not identity.first_name(names)
