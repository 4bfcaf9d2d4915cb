"""Two councils in one hub: Lancashire, and a made-up neighbour with the very same notice and register."""

from __future__ import annotations

from functools import cache

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.flow.policies import Policies
from hub.policy.model import Policy
from tests.support.policies import lancashire

OURS, THEIRS = "lancashire", "neighbourshire"


@cache
def neighbour() -> Policy:
    """The Lancashire notice as that of another council: every agency of the one register stands in the other too."""
    text = packaged()["lancashire-cfw-001"].read_text("utf-8")
    assert 1 == text.count(f"council: {OURS}\n")
    return load(text.replace(f"council: {OURS}\n", f"council: {THEIRS}\n"), "neighbourshire.yaml")


@cache
def both() -> Policies:
    """What a hub judges by that serves the two."""
    return Policies([lancashire(), neighbour()])
