"""A faulty policy file is refused whole, with every fault at its line (design section 6, `docs/policy-files.md`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.councils.loader import load
from hub.errors import PolicyFault

DATA = Path(__file__).parents[2] / "data"
SMALL = (DATA / "small-policy.yaml").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = yaml.safe_load((DATA / "policy-faults.yaml").read_text(encoding="utf-8"))


def broken(case: dict[str, Any]) -> str:
    """Return the small policy with the case's change made; the place to change must be there exactly as the case says."""
    if "append" in case:
        return SMALL + str(case["append"])
    assert case["replace"] in SMALL, case["rule"]
    return SMALL.replace(case["replace"], case["with"], 1)


def faults_of(text: str) -> tuple[list[str], list[str]]:
    """Return what the loader says of a text as `CODE: text (remedy)`, and the places."""
    with pytest.raises(PolicyFault) as caught:
        load(text, "file.yaml")
    faults = caught.value.faults
    told = [f"{f.code}: {f.text}" + (f" ({f.remedy})" if f.remedy else "") for f in faults]
    return told, [f.place for f in faults]


def test_the_small_policy_is_sound() -> None:
    """The file that the fault cases break loads as it stands, so that each case shows its own fault only."""
    assert "sample-families" == load(SMALL).id


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["rule"]).replace(" ", "-"))
def test_every_kind_of_fault_is_told_with_its_line(case: dict[str, Any]) -> None:
    """Each kind of fault is refused with a text that names the offender, and at the line where it stands."""
    text = broken(case)
    told, places = faults_of(text)

    line = text[: text.index(case["at"])].count("\n") + 1
    assert sorted(case["faults"]) == sorted(told)
    assert f"file.yaml:{line}" in places


def test_all_faults_are_told_at_once() -> None:
    """A file with many faults is refused once, with all of them in the order of their lines."""
    chosen = [
        case for case in CASES if case["rule"].startswith(("an unknown category", "a length of time", "a number"))
    ]
    text = SMALL
    for case in chosen:
        text = text.replace(case["replace"], case["with"], 1)
    told, places = faults_of(text)

    assert sorted(fault for case in chosen for fault in case["faults"]) == sorted(told)
    lines = [int(place.rpartition(":")[2]) for place in places]
    assert sorted(lines) == lines


def test_two_rules_of_different_width_do_not_contradict() -> None:
    """A rule that names its forms goes before one for every form, so the two may stand side by side."""
    narrow = (
        "  narrow:\n    title: narrow\n    forms: [assessment]\n    purposes: [support]\n    to: [nurses]\n"
        "    bases: [consent]\n    only: [name]\n    because: [D-01]\n"
    )
    assert load(SMALL.replace("sharing:\n", "sharing:\n" + narrow)).sharing


def test_deep_input_is_refused_before_it_is_parsed() -> None:
    """Input nested without end is a fault, not a crash of the parser."""
    told, _ = faults_of("[" * 100_000)

    assert ["NOT_YAML: this is nested deeper than any policy (keep to sections, rows and lists)"] == told


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "word"])
def test_a_file_without_sections_is_refused(text: str) -> None:
    """A text that is no mapping of sections is no policy."""
    told, _ = faults_of(text)

    assert ["WRONG_TYPE: a policy file is a list of named sections (start with the section `policy:`)"] == told


def test_an_empty_mapping_misses_every_section() -> None:
    """A file that says nothing is told every section that it lacks: there is no policy by default."""
    told, _ = faults_of("{}")

    assert len(told) > 15
    assert {"MISSING"} == {fault.partition(":")[0] for fault in told}


def test_a_missing_or_unreadable_file_is_a_fault_with_its_name(tmp_path: Path) -> None:
    """A file that is not there, or is no text, is refused by name and without a traceback."""
    with pytest.raises(PolicyFault, match=r"nowhere\.yaml:1: there is no such policy file"):
        load(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyFault, match=r"bytes\.yaml:1: the policy file cannot be read as UTF-8 text"):
        load(tmp_path / "bytes.yaml")
