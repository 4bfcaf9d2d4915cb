"""What tests of intake share: a real SQLite store of their own, and intake over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.flow.intake import Intake
from hub.ledger.ports import Stores
from hub.ledger.sqlite import open_sqlite
from tests.support.partner import KEYRING, REGISTRY, policies


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    """An empty store."""
    stores = await open_sqlite(tmp_path / "hub.db")
    await stores.migrate()
    yield stores
    await stores.close()


@pytest.fixture
async def intake(stores: Stores) -> Intake:
    """Intake under the Lancashire policy."""
    return Intake(policies(), stores.identity, KEYRING, REGISTRY)
