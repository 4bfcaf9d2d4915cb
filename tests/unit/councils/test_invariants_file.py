"""A faulty invariants file is refused whole, with every fault at its line and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.councils.proof.model import Change
from hub.councils.proof.reading import PACKAGED, InvariantsFault, read
from hub.policy import state as s
from hub.policy.vocabulary import CATEGORIES, SENSITIVE
from tests.support.policies import named, packaged_names

SMALL = """\
data_groups:
  health:
    title: health
    categories: [medical, pregnancy]
invariants:
  first:
    says: Nothing of the kind.
    reason: It would do harm.
    because: [D-11, our-own]
    promise: only_if
    data: [health, sensitive]
    not_data: [pregnancy]
    to: [voluntary]
    given: [instructed, no_s47]
    only_if: [consent]
    exceptions:
      lancashire-cfw-001:
        because: [LN-70]
        says: The notice says otherwise.
        for: [safeguarding]
        if_any: [law_requires]
  second:
    says: Saying no never opens.
    reason: No is no.
    because: [S-10]
    promise: never_more
    data: [everything]
    change: {recorded: [consent_barred], ended: [consent]}
rules:
  our-own: a rule of our own
"""


def reading(tmp_path: Path, text: str) -> tuple[list[str], list[str]]:
    """What is said of a file with this text, and the lines."""
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvariantsFault) as caught:
        read(file, [named("lancashire-cfw-001")])
    faults = caught.value.faults
    return [f"{f.code}: {f.text}" + (f" ({f.remedy})" if f.remedy else "") for f in faults], [f.place for f in faults]


def test_what_the_words_mean(tmp_path: Path) -> None:
    """Groups, single categories and what is taken out make one mask; records become bits; exceptions keep their limits."""
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL, encoding="utf-8")
    first, second = read(file, [named("lancashire-cfw-001")])
    (excuse,) = first.excuses

    assert CATEGORIES["medical"].mask | SENSITIVE == first.selection.data
    assert (s.INSTRUCTED, s.S47) == first.given
    assert ("consent",) == first.if_any
    assert ("lancashire-cfw-001", ("LN-70",), ("law_requires",)) == (excuse.policy, excuse.sentences, excuse.if_any)
    assert ("safeguarding",) == excuse.selection.purposes
    assert Change(recorded=s.CONSENT_BARRED, ended=s.CONSENT) == second.change


def test_the_packaged_file_is_sound() -> None:
    """The invariants that come with the hub can be read."""
    assert read(PACKAGED, [named(name) for name in packaged_names()])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[health, sensitive]", "[helth]", "UNKNOWN_NAME: `data` cannot hold `helth` (did you mean `health`?)"),
        ("[medical, pregnancy]", "[medicine]", "UNKNOWN_NAME: `categories` cannot hold `medicine`"),
        (
            "to: [voluntary]",
            "to: [volunteer]",
            "UNKNOWN_NAME: `to` cannot hold `volunteer` (did you mean `voluntary`?)",
        ),
        ("for: [safeguarding]", "for: [safegarding]", "UNKNOWN_NAME: `for` cannot hold `safegarding`"),
        ("no_s47]", "no_s48]", "UNKNOWN_NAME: `given` cannot hold `no_s48` (did you mean `no_s47`?)"),
        (
            "no_s47]",
            "no_instructed]",
            "CONTRADICTION: `given` says of something that it is on record and that it is not",
        ),
        ("only_if: [consent]", "only_if: [concent]", "UNKNOWN_NAME: `only_if` cannot hold `concent`"),
        ("only_if: [consent]", "only_if: []", "MISSING: `only_if` names no ground"),
        ("    only_if: [consent]\n", "", "MISSING: invariant `first` has no `only_if`"),
        ("promise: only_if", "promise: never", "CONTRADICTION: `never` knows no grounds"),
        ("promise: only_if", "promise: always", "WRONG_TYPE: `promise` cannot be `always`"),
        ("    says: Nothing of the kind.\n", "", "MISSING: invariant `first` has no `says` (add `says:`)"),
        ("because: [D-11, our-own]", "because: []", "NO_CITATION: `because` is empty"),
        ("[D-11, our-own]", "[D-11]", "UNUSED_FACT: no invariant cites `our-own`"),
        ("[D-11, our-own]", "[D-111, our-own]", "UNKNOWN_NAME: citation `D-111` is not defined"),
        ("our-own: a rule", "S-10: a rule", "DUPLICATE: `S-10` is explained with the hub's rules already"),
        ("  health:\n", "  special:\n", "DUPLICATE: `special` is a group of data already"),
        ("lancashire-cfw-001:", "lancashire-cfw-002:", "UNKNOWN_NAME: there is no policy `lancashire-cfw-002`"),
        ("because: [LN-70]", "because: [LN-700]", "UNKNOWN_NAME: `because` cannot hold `LN-700`"),
        (
            "ended: [consent]}",
            "endet: [consent]}",
            "UNKNOWN_KEY: the change has no field `endet` (did you mean `ended`?)",
        ),
        ("{recorded: [consent_barred], ended: [consent]}", "{}", "MISSING: `change` changes nothing"),
        (
            "    change: {recorded: [consent_barred], ended: [consent]}\n",
            "",
            "MISSING: invariant `second` has no `change`",
        ),
        ("promise: never_more", "promise: never", "CONTRADICTION: `never` is about no change"),
        (
            "    data: [everything]\n",
            "    data: [everything]\n    too: [police]\n",
            "UNKNOWN_KEY: invariant `second` has no field `too`",
        ),
    ],
)
def test_every_kind_of_fault_is_told_with_its_line(old: str, new: str, fault: str, tmp_path: Path) -> None:
    """Each fault names the offender, and most of them the word that may have been meant."""
    assert old in SMALL
    told, places = reading(tmp_path, SMALL.replace(old, new, 1))

    assert any(line.startswith(fault) for line in told), told
    assert all(place.startswith("mine.yaml:") for place in places)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Three mistakes are three faults, in the order of their lines."""
    text = (
        SMALL.replace("[medical, pregnancy]", "[medicine]")
        .replace("to: [voluntary]", "to: [x]")
        .replace("S-10", "S-99")
    )
    _, places = reading(tmp_path, text)
    lines = [int(place.rpartition(":")[2]) for place in places]

    assert 3 == len(lines)
    assert sorted(lines) == lines


@pytest.mark.parametrize("text", ["", "- one\n- two\n", "invariants: [", "rules: *other\n"])
def test_what_is_no_invariants_file_is_refused(text: str, tmp_path: Path) -> None:
    """Nothing, a list, broken YAML and references are faults, not crashes."""
    told, _ = reading(tmp_path, text)

    assert told
