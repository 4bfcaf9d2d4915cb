"""Files that stand beside a test."""

from __future__ import annotations

from pathlib import Path


def text_beside(module: str, name: str) -> str:
    """The text of a file in the folder of a module; pass `__file__`."""
    return Path(module).with_name(name).read_text("utf-8")
