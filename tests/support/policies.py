"""The policies that tests judge by, loaded once."""

from __future__ import annotations

from functools import cache
from importlib import resources

from hub.councils.loader import load
from hub.policy.engine import Engine
from hub.policy.model import Policy


@cache
def lancashire() -> Policy:
    """The Lancashire notice, as the hub ships it."""
    text = resources.files("hub.councils").joinpath("policies/lancashire-cfw-001.yaml").read_text("utf-8")
    return load(text, "lancashire-cfw-001.yaml")


@cache
def lancashire_engine() -> Engine:
    """An engine with that policy alone; its tables fill as tests go, and never change an outcome."""
    return Engine([lancashire()])
