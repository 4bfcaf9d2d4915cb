"""Pages that are made from the code say what the code says."""

from __future__ import annotations

import pytest

from hub.schemas.topics import catalogue
from tests.support.pages import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_makes(name: str) -> None:
    """A page that lags behind is written anew by `make docs`."""
    assert PAGES[name]() == (DOCS / name).read_text(encoding="utf-8")


def test_every_topic_has_its_row() -> None:
    """Each topic of the catalogue is documented once."""
    page = (DOCS / "topics.md").read_text(encoding="utf-8")

    for topic in catalogue(["agency"]):
        assert 1 == page.count(f"| `{topic.name.replace('.agency.', '.<agency>.')}` |")
