"""The points at which a test may kill the process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from hub.agents.killpoints import POINTS, KillPoints
from hub.errors import ConfigurationFault


def test_without_the_setting_passing_a_point_does_nothing() -> None:
    """In production no point is set."""
    points = KillPoints()

    for name in POINTS:
        points.passing(name, "decide")


@pytest.mark.parametrize("setting", ["nowhere", "after-ack:0", "after-ack:x", ":2", "decide/nowhere"])
def test_a_setting_that_names_no_point_is_refused(setting: str) -> None:
    """A kill test that kills nothing would prove nothing."""
    with pytest.raises(ConfigurationFault):
        KillPoints(setting)


def test_the_process_is_killed_at_the_nth_passage() -> None:
    """SIGKILL, at the passage of the agent that was asked for, and no other."""
    code = (
        "from hub.agents.killpoints import KillPoints as K\n"
        "k = K('decide/after-ack:2')\n"
        "k.passing('before-handle', 'decide'); k.passing('after-ack', 'intake'); k.passing('after-ack', 'decide')\n"
        "print('once', flush=True); k.passing('after-ack', 'decide'); print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert -signal.SIGKILL == done.returncode
    assert b"once\n" == done.stdout
