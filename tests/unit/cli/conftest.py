"""A command line on an empty data folder, and one whose register holds decisions that the hub's own code made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.flow.record import register_rows
from hub.ledger.ports import RegisterRow
from hub.ledger.sqlite import open_sqlite
from hub.schemas.registry import packaged
from hub.wiring.rehearsal import Sent, rehearse
from tests.support import partner
from tests.support.command_line import CommandLine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


@pytest.fixture
def hub(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line on an empty data folder."""
    return CommandLine(monkeypatch, tmp_path, {"HUB_DATA_FOLDER": str(folder)})


@pytest.fixture
def rows(folder: Path) -> list[RegisterRow]:
    """A register with the decisions on a consent-based assessment and on an early notification; its rows, as put."""
    found = [row for agency, name in _MESSAGES for body in _decided(agency, name) for row in register_rows(body)]
    folder.mkdir()
    asyncio.run(_put(folder / "hub.sqlite", found))
    return found


_MESSAGES = ((partner.CFW, "early_help_assessment"), (partner.MIDWIFE, "early_notification"))


def _decided(agency: str, name: str) -> list[Mapping[str, Any]]:
    body = partner.filled(name)
    if name == "early_help_assessment":
        # Nobody goes by the child's school whose place in the household is not stated: a person decides.
        body["persons"][1]["role"] = None
    sent = Sent("", agency, partner.message_name(body), body, partner.NOW)
    parts = asyncio.run(rehearse(partner.policies(), packaged(), (), sent))
    return [part.disclosures for part in parts if part.disclosures]


async def _put(path: Path, rows: list[RegisterRow]) -> None:
    stores = await open_sqlite(path)
    try:
        await stores.migrate()
        await stores.register.put(rows)
    finally:
        await stores.close()
