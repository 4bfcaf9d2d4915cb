"""`hub policy coverage`: a table for people, JSON for programs, and an exit code for a build."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.notice import CORPUS
from tests.support.command_line import CommandLine
from tests.support.policies import packaged_names

NAME = "lancashire-cfw-001"


def test_coverage_is_shown_for_people_and_for_programs(hub: CommandLine) -> None:
    """Each fact has its status, its rule and its case; the last line of a notice counts them."""
    shown = hub("policy", "coverage", NAME, "--cases", str(CORPUS))
    data = hub("policy", "coverage", NAME, "--cases", str(CORPUS), "--json")

    assert "LN-57c stated" in shown.words
    assert shown.out.splitlines()[-1].startswith(f"{NAME}: 123 facts: ")
    (found,) = data.json
    assert (NAME, 123) == (found["policy"], len(found["facts"]))
    assert found["tally"]["enforced"] == sum(row["status"] == "enforced" for row in found["facts"])
    assert all(row["cases"] and row["rules"] for row in found["facts"] if row["status"] == "enforced")


def test_every_packaged_policy_is_covered_where_none_is_named(hub: CommandLine) -> None:
    """One table for each policy file that comes with the hub."""
    data = hub("policy", "coverage", "--cases", str(CORPUS), "--json")

    assert list(packaged_names()) == [found["policy"] for found in data.json]


def test_what_is_open_ends_with_1(hub: CommandLine, tmp_path: Path) -> None:
    """Without cases nothing is proved: a build that asks for coverage fails."""
    (tmp_path / "none").mkdir()

    done = hub("policy", "coverage", "lancashire-cfw", "--cases", "none")

    assert 1 == done.code
    assert "no golden case proves it" in done.words


def test_wrong_input_ends_with_2(hub: CommandLine, tmp_path: Path) -> None:
    """An unknown policy, a folder that is not there, a file that holds no cases: each with its remedy."""
    unknown = hub("policy", "coverage", "elsewhere", "another", "--cases", str(CORPUS))
    assert (2, 2) == (unknown.code, unknown.err.count("no packaged policy is called"))
    missing = hub("policy", "coverage", NAME)
    assert (2, "error: --cases: there is no folder `tests/corpus` of golden cases\n  name the folder\n") == (
        missing.code,
        missing.err,
    )
    (tmp_path / "cases" / NAME).mkdir(parents=True)
    for text in ("a: [", "title: x", "- title: x", "- facts: x"):
        (tmp_path / "cases" / NAME / "bad.yaml").write_text(text, "utf-8")
        bad = hub("policy", "coverage", NAME, "--cases", "cases")
        assert (2, True) == (bad.code, "bad.yaml: this is no file of golden cases" in bad.err), text
