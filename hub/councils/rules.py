"""The texts of the rules that stand behind every notice (S- and D-), written once in `rules.yaml`."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml


def rule_texts() -> dict[str, str]:
    """Return each rule's text by its id, in the file's order."""
    return dict(_read())


@cache
def _read() -> tuple[tuple[str, str], ...]:
    text = resources.files(__package__).joinpath("rules.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes text only
    return tuple(found.items())
