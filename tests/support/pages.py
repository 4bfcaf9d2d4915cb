"""Pages of `docs/` that are made from the code; `make docs` writes them, a test holds them to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import hub
from hub import settings
from hub.cli import page as cli
from hub.councils import editor
from hub.schemas import topics
from hub.telemetry import catalogue
from tests.corpus import page as notices
from tests.failclosed import matrix
from tests.support import notice_pairs

DOCS: Final = Path(hub.__file__).parent.parent / "docs"
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli.md": cli.as_markdown,
    "fail-closed.md": matrix.as_markdown,
    "five-notices.md": notices.as_markdown,
    "metrics.md": catalogue.as_markdown,
    "paper.md": notice_pairs.as_markdown,
    "policy-file.schema.json": editor.as_text,
    "settings.md": settings.as_markdown,
    "topics.md": topics.as_markdown,
}


def write() -> None:
    """Write every page anew."""
    for name, text in PAGES.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
