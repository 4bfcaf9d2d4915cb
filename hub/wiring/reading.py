"""Opening what a hub has left, for those who only look: nothing is made where nothing is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.errors import InputFault
from hub.ledger.ports import Stores
from hub.settings import Settings
from hub.wiring.parts import stores


@asynccontextmanager
async def existing_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the configured store of a hub that has run.

    Raises InputFault when the data folder holds no store, ConfigurationFault when it has no tables, StoreUnavailable.
    """
    if not settings.database.get_secret_value() and not settings.sqlite_path.exists():
        text, remedy = "no hub has run on this data folder", "name another with `--data`, or run `hub up`"
        raise InputFault.of("NO_STORE", text, str(settings.data_folder), remedy)
    async with stores(settings) as opened:
        await opened.ping()
        yield opened
