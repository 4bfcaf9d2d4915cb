"""One broker per folder: a lock that lasts exactly as long as the processes that hold it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from hub.errors import ConfigurationFault

_LOOK_EVERY_SECONDS: Final = 0.05


class FolderLock:
    """The lock on a broker's folder.

    The kernel keeps it with the open file, which the broker's processes inherit: it cannot go stale, and it stays
    while any of them still writes. The file names the hub process that started them.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self, wait_seconds: float) -> int:
        """Take the lock and return its file descriptor, to be passed on and then closed.

        Waits, up to the given time, for the processes of a hub that is gone; refuses at once when the hub that holds
        the folder is alive. Raises ConfigurationFault.
        """
        deadline = time.monotonic() + wait_seconds
        while (descriptor := self._try()) is None:
            owner = self._owner()
            if _is_alive(owner) or time.monotonic() > deadline:
                raise ConfigurationFault.of(
                    "FOLDER_IN_USE",
                    f"another broker runs on this folder (process `{owner}`)",
                    place=str(self._file.parent),
                    remedy="stop that hub first, or choose another data folder",
                )
            time.sleep(_LOOK_EVERY_SECONDS)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def wait_until_free(self, wait_seconds: float) -> bool:
        """Wait until no process holds the lock; say whether that came true in time."""
        deadline = time.monotonic() + wait_seconds
        while (descriptor := self._try()) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_EVERY_SECONDS)
        os.close(descriptor)
        return True

    def _try(self) -> int | None:
        """Return the descriptor if the lock is ours now."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _owner(self) -> int:
        """Return the process that the file names, 0 if none."""
        text = self._file.read_text(encoding="ascii").strip()
        return int(text) if text.isdigit() else 0


def _is_alive(process: int) -> bool:
    """Say whether a process of this number exists."""
    if process == 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
