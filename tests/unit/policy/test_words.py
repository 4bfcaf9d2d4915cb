"""The closed lists of the policy layer: each word is defined once, explained, and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub
from hub.policy import state as s
from hub.policy.outcomes import _CHANGES, _OVERRIDES
from hub.policy.reasons import CHANGES, GROUPS, REASONS, STATIC_REMEDY, Reason
from hub.policy.rules import NEVER_RULED
from hub.policy.vocabulary import ALL, CATEGORIES, CONTROL_KINDS, LIMBS, SENSITIVE, SHIELDED, mask_of, names_of

SOURCES = {path: path.read_text("utf-8") for path in Path(hub.__file__).parent.rglob("*.py")}
LAST = {"S": 27, "D": 29, "INV": 11}
"""The rule tables end here: S- and D- rules, and the invariants of the design."""


def used(word: str, *, outside: str) -> bool:
    """Whether a word stands in quotes anywhere in the hub but in the module that defines it."""
    return any(f'"{word}"' in text for path, text in SOURCES.items() if path.name != outside)


@pytest.mark.parametrize("reason", REASONS.values(), ids=lambda reason: reason.id)
def test_a_reason_names_a_rule_that_exists(reason: Reason) -> None:
    """Each reason comes from a rule of the tables, says so in words, and is given somewhere."""
    kind, _, number = reason.rule.rpartition("-")

    assert 1 <= int(number) <= LAST[kind]
    assert reason.text == reason.text.strip().rstrip(".")
    assert reason.group in GROUPS
    assert used(reason.id, outside="reasons.py")


@pytest.mark.parametrize("code", CHANGES)
def test_a_change_is_explained_and_can_be_named(code: str) -> None:
    """Each change is explained in words, and there is a case in which the hub names it."""
    named = {c for c, _, _ in (*_CHANGES, *_OVERRIDES)} | set(STATIC_REMEDY.values())

    assert CHANGES[code] == CHANGES[code].strip().rstrip(".")
    assert code in named or used(code, outside="reasons.py")


def test_every_change_that_is_named_is_explained() -> None:
    """No decision names a change that nobody explains, nor a remedy for a reason that does not exist."""
    assert {code for code, _, _ in (*_CHANGES, *_OVERRIDES)} <= set(CHANGES)
    assert set(STATIC_REMEDY.values()) <= set(CHANGES)
    assert set(STATIC_REMEDY) <= set(REASONS)
    assert set(REASONS) >= NEVER_RULED


def test_a_change_touches_bits_that_exist_and_never_sets_a_bar() -> None:
    """What a change sets opens, what it clears bars: no change sets what another must clear."""
    sets = [opens for _, opens, _ in (*_CHANGES, *_OVERRIDES)]
    clears = [bars for _, _, bars in (*_CHANGES, *_OVERRIDES)]
    every = sum(s.NAMES.values())

    assert all(not (mask & ~every) for mask in (*sets, *clears))
    assert not any(one & other for one in sets for other in clears)


def test_state_bits_are_one_bit_each_and_none_twice() -> None:
    """A state is a set of bits; two facts in one bit would decide each other."""
    assert sorted(s.NAMES.values()) == [1 << n for n in range(len(s.NAMES))]
    assert set(LIMBS) == set(s.LIMB_BITS)


@pytest.mark.parametrize("name", s.NAMES)
def test_a_bit_has_the_name_it_is_explained_by(name: str) -> None:
    """Explanations name the bits of a state, each by its own name."""
    assert (name,) == s.names(s.NAMES[name])


def test_categories_are_one_bit_each_and_none_twice() -> None:
    """Keeping and withholding is arithmetic on these bits."""
    assert sorted(c.mask for c in CATEGORIES.values()) == [1 << n for n in range(len(CATEGORIES))]
    assert tuple(CATEGORIES) == names_of(ALL)
    assert all(c.mask == mask_of([c.name]) for c in CATEGORIES.values())


def test_a_mask_of_a_name_that_nobody_knows_is_refused() -> None:
    """A misspelt category is an error, never an empty mask."""
    with pytest.raises(KeyError):
        mask_of(["surname"])


def test_what_could_find_a_hidden_child_is_shielded() -> None:
    """D-18: address, school and former names, and whatever else leads to where the child is or was."""
    hidden = [
        "address",
        "district",
        "school",
        "former_name",
        "contact",
        "gp",
        "attendance",
        "photograph",
        "safe_contact",
    ]

    assert mask_of([*hidden, "other_identifier"]) == SHIELDED
    assert not SHIELDED & mask_of(["name", "date_of_birth"])


def test_sensitive_services_are_those_of_the_rule() -> None:
    """D-19 names four."""
    assert ("sexual_health", "termination", "substance_misuse", "counselling") == names_of(SENSITIVE)


def test_control_kinds_are_words_that_can_name_a_record() -> None:
    """Each kind is the name of a field of the control message."""
    assert all(re.fullmatch(r"[a-z_]+", kind) for kind in CONTROL_KINDS)
