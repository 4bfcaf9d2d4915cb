"""The ceiling on dead letters: a worker that buries everything is wrong itself, and stops before it buries more."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hub.errors import CeilingReached


class Ceiling:
    """Watches how many of the last messages of one agent were buried, in a row and as a share.

    run: buried in a row at which it is reached. ratio: share of the last `window` messages above which it is reached;
    it is looked at once that many have been seen.
    """

    def __init__(self, run: int, ratio: float, window: int) -> None:
        self._run = run
        self._ratio = ratio
        self._last: deque[bool] = deque(maxlen=window)
        self._in_row = 0

    def saw(self, buried: Iterable[bool]) -> None:
        """Take note of messages in order, True for a buried one.

        Raises CeilingReached; the caller has neither buried nor acknowledged the batch yet, and must not.
        """
        for is_buried in buried:
            self._in_row = self._in_row + 1 if is_buried else 0
            self._last.append(is_buried)
            if self._in_row >= self._run:
                raise CeilingReached.of("DEAD_LETTER_RUN", f"{self._in_row} messages in a row cannot be handled")
            if is_buried and len(self._last) == self._last.maxlen and sum(self._last) > self._ratio * len(self._last):
                raise CeilingReached.of(
                    "DEAD_LETTER_RATIO", f"{sum(self._last)} of {len(self._last)} cannot be handled"
                )
