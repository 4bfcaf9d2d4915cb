"""What docs/onboarding.md tells a partner's developer is true of the code."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import get_args

import hub.connectors.partner
import hub.errors
from hub.connectors.partner import PATIENCE, Status
from hub.schemas.topics import DAY_MS, catalogue

TEXT = (Path(__file__).parents[3] / "docs" / "onboarding.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that follows a heading, without its own headings; code marks are left out."""
    section = TEXT.split(heading, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_its_programs_name_what_there_is() -> None:
    """Every program in it is Python, and everything that it imports exists."""
    programs = [ast.parse(block) for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)]
    imports = [node for program in programs for node in ast.walk(program) if isinstance(node, ast.ImportFrom)]
    missing = [
        (node.module, alias.name)
        for node in imports
        for alias in node.names
        if not hasattr(importlib.import_module(str(node.module)), alias.name)
    ]

    assert len(programs) == 3
    assert [] == missing


def test_its_calls_are_the_clients() -> None:
    """Every method of the client that it names exists."""
    named = set(re.findall(r"client\.(\w+)\(", TEXT))

    assert {"publish", "wait_for", "records", "receipt", "answer"} <= named
    assert not [name for name in named if not hasattr(hub.connectors.partner.PartnerClient, name)]


def test_its_topics_are_the_catalogues() -> None:
    """Names and retention of an agency's topics are those of the catalogue."""
    topics = [topic for topic in catalogue(["agency"]) if topic.name.startswith("partner.")]
    told = {row[0].replace("<agency>", "agency"): row[3] for row in rows("## 3.")}

    assert {topic.name: f"{topic.retention_ms // DAY_MS} days" for topic in topics} == told


def test_it_explains_every_status() -> None:
    """Each status that an acknowledgement can have is explained, and no other."""
    assert set(get_args(Status)) == {row[0] for row in rows("## 5.")}


def test_its_errors_exist() -> None:
    """Each error that it tells what to do about is one that can be caught."""
    told = {row[0] for row in rows("## Errors")}

    assert not [name for name in told if not (hasattr(hub.errors, name) or hasattr(hub.connectors.partner, name))]
    assert f"({PATIENCE:g} s," in TEXT
