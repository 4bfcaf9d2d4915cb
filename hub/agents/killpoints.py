"""Named points of the loop at which a test can kill the process; without the setting, passing one does nothing."""

from __future__ import annotations

import os
import signal
from typing import Final

from hub.errors import ConfigurationFault

POINTS: Final = (
    "before-handle",
    "after-store",
    "before-stage-0",
    "between-stages",
    "after-stage-1-before-ack",
    "after-ack",
)
"""In the order in which a batch passes them; `between-stages` once between each two, the one before it after the last."""


class KillPoints:
    """Kills the process with SIGKILL at the nth passage of one point.

    `HUB_FAULT_POINT` says which: `name`, or `agent/name` for one agent's passages only, then `:n` unless n is 1.
    """

    def __init__(self, setting: str = "") -> None:
        """Raises ConfigurationFault when the name is none of POINTS or n is not a number above 0."""
        place, _, nth = setting.partition(":")
        agent, _, name = place.rpartition("/")
        if setting and (name not in POINTS or not (nth or "1").isdigit() or int(nth or "1") < 1):
            raise ConfigurationFault.of("BAD_SETTING", f"use one of {', '.join(POINTS)}", "HUB_FAULT_POINT")
        self._agent = agent
        self._name = name
        self._left = int(nth or "1")

    def passing(self, name: str, agent: str) -> None:
        """Say that an agent reaches the point; does not return when this is the passage to be killed at."""
        if name != self._name or self._agent not in ("", agent):
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
