"""The policies that tests judge by, loaded once."""

from __future__ import annotations

from functools import cache

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.flow.policies import Policies
from hub.policy.engine import Engine
from hub.policy.model import Policy


@cache
def named(name: str) -> Policy:
    """A policy as the hub ships it, by `<policy id>-<version>`."""
    return load(packaged()[name])


@cache
def packaged_names() -> tuple[str, ...]:
    """Every policy file that the hub ships, by `<policy id>-<version>`."""
    return tuple(sorted(packaged()))


def versions_of(policy_id: str) -> tuple[str, ...]:
    """Every version of one policy, as names of its files."""
    return tuple(name for name in packaged_names() if name.rpartition("-")[0] == policy_id)


@cache
def engine_of(names: tuple[str, ...]) -> Engine:
    """An engine with these policy files alone; its tables fill as tests go, and never change an outcome."""
    return Engine([named(name) for name in names])


@cache
def policies_of(names: tuple[str, ...]) -> Policies:
    """What the front door judges by, with these policy files alone."""
    return Policies([named(name) for name in names])


def lancashire() -> Policy:
    """The Lancashire notice, as the hub ships it."""
    return named("lancashire-cfw-001")


def lancashire_engine() -> Engine:
    """An engine with that policy alone."""
    return engine_of(("lancashire-cfw-001",))
