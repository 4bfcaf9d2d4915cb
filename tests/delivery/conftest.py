"""One hub for the delivery cases: they run one after the other on it, and each proves the whole log anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.trial import Trial

SEED = 20261122


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A hub with a broker and a SQLite store of its own, under a seeded load."""
    with Trial(tmp_path_factory.mktemp("trial") / "hub", SEED) as trial:
        yield trial
