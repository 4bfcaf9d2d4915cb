"""`hub policy annex`: what it writes, where, again, and what it says of wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.councils.packaged import packaged
from tests.support.command_line import CommandLine

NAME = "cumbria-strengthening-families-001"
RULES = 6


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_paper_is_written_and_told(hub: CommandLine, tmp_path: Path) -> None:
    """Three pages, each as Markdown and as HTML, and a sharing policy a rule; the last line counts them."""
    done = hub("policy", "annex", NAME, "--on", "2022-06-06", "--to", "out")
    found = files(tmp_path / "out")

    assert 0 == done.code
    assert {f"{NAME}-{kind}.{form}" for kind in ("annex", "article30", "notice") for form in ("md", "html")} <= set(
        found
    )
    assert RULES == sum(name.startswith(f"{NAME}-mais/") for name in found)
    assert all(json.loads(body) for name, body in found.items() if name.endswith(".json"))
    assert len(found) + 1 == len(done.out.splitlines())
    assert f"{len(found)} files from {NAME}" in done.out


def test_a_second_run_writes_the_same_files_and_says_so(hub: CommandLine, tmp_path: Path) -> None:
    """The same bytes, nothing beside them, and each file told as written anew."""
    first = hub("policy", "annex", NAME, "--on", "2022-06-06", "--to", "out", "--json").json
    before = files(tmp_path / "out")
    second = hub("policy", "annex", NAME, "--on", "2022-06-06", "--to", "out", "--json").json

    assert before == files(tmp_path / "out")
    assert [False] * len(before) == [row["replaced"] for row in first["files"]]
    assert [True] * len(before) == [row["replaced"] for row in second["files"]]
    assert "written anew: " in hub("policy", "annex", NAME, "--on", "2022-06-06", "--to", "out").out


def test_one_kind_alone(hub: CommandLine, tmp_path: Path) -> None:
    """--what chooses."""
    assert 0 == hub("policy", "annex", NAME, "--what", "notice", "--to", "out").code
    assert [f"{NAME}-notice.html", f"{NAME}-notice.md"] == list(files(tmp_path / "out"))


def test_without_a_day_it_is_one_on_which_the_policy_is_in_force(hub: CommandLine, tmp_path: Path) -> None:
    """A council that is gone has its paper as it stood last."""
    assert "2023-03-31" == hub("policy", "annex", NAME, "--what", "notice", "--to", "out", "--json").json["day"]
    assert "31 March 2023" in (tmp_path / "out" / f"{NAME}-notice.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cumbria-strengthening-families-01",), NAME),
        ((NAME, "--what", "anex"), "annex"),
        ((NAME, "--on", "soon"), "2026-11-22"),
        ((NAME, "--to", "taken"), "folder"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(hub: CommandLine, words: tuple[str, ...], said: str) -> None:
    """An unknown policy or paper with the nearest name, a day that is none, a folder that cannot be written: code 2, no traceback."""
    hub.file("taken", "a file stands where a folder should")

    done = hub("policy", "annex", *words)

    assert 2 == done.code
    assert said in done.err
    assert "Traceback" not in done.err
    assert "" == done.out


def test_nothing_is_written_beside_the_folder(hub: CommandLine, tmp_path: Path) -> None:
    """A policy whose id leads elsewhere is refused before anything is written."""
    text = packaged()[NAME].read_text("utf-8").replace("  id: cumbria-strengthening-families", "  id: ../elsewhere", 1)
    hub.file("odd.yaml", text)

    done = hub("policy", "annex", "odd.yaml", "--to", "out")

    assert 2 == done.code
    assert "`../elsewhere` cannot be the `id` of a policy" in done.err
    assert ["odd.yaml"] == [path.name for path in tmp_path.iterdir()]
