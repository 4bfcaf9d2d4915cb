"""The policies that tests judge by, loaded once."""

from __future__ import annotations

from functools import cache

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy.engine import Engine
from hub.policy.model import Policy


@cache
def lancashire() -> Policy:
    """The Lancashire notice, as the hub ships it."""
    return load(packaged()["lancashire-cfw-001"])


@cache
def lancashire_engine() -> Engine:
    """An engine with that policy alone; its tables fill as tests go, and never change an outcome."""
    return Engine([lancashire()])
