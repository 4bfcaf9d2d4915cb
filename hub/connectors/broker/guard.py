"""Runs one command so that it never outlives the process that asked for it.

    python guard.py PARENT GRACE COMMAND...

Run as a file, with the standard library only. The guard ends the command (SIGTERM, then SIGKILL after GRACE seconds)
when it is told to stop or when its parent, the process PARENT, is gone, even by SIGKILL. The kernel ends the command if
the guard itself is killed. Exit code: that of the command.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from typing import Final

_WATCHED: Final = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_LOOK_EVERY_SECONDS: Final = 0.5
_PR_SET_PDEATHSIG: Final = 1


def main(arguments: list[str]) -> int:
    """Run the command of the arguments and return its exit code."""
    parent, grace, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    libc = ctypes.CDLL(None)
    # preexec_fn is safe here: the guard has one thread. The lock's descriptor is meant to be inherited.
    with subprocess.Popen(command, close_fds=False, preexec_fn=lambda: _enter(libc)) as child:  # noqa: PLW1509
        while child.poll() is None:
            if os.getppid() != parent or _told_to_stop():
                return _end(child, grace)
        return child.returncode


def _enter(libc: ctypes.CDLL) -> None:
    """Prepare the child: signals as usual, and death together with the guard."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _told_to_stop() -> bool:
    """Wait a moment; say whether a signal to stop came."""
    came = signal.sigtimedwait(_WATCHED, _LOOK_EVERY_SECONDS)
    return came is not None and came.si_signo != signal.SIGCHLD


def _end(child: subprocess.Popen[bytes], grace: float) -> int:
    """End the child, politely first."""
    child.terminate()
    try:
        return child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
