"""The ceiling on dead letters: a worker that buries everything is wrong itself, and stops before it buries more."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from hub.errors import CeilingReached


class Ceiling:
    """Watches how many of the last messages of one agent were buried, in a row and as a share.

    run: buried in a row at which it is reached. ratio: share of the last `window` messages above which it is reached;
    it is looked at once that many have been seen. sources: how many topics must share in it, each counting for no more than
    its part: what one sender alone sends speaks against that sender, and must not stop the hub for all others.
    """

    def __init__(self, run: int, ratio: float, window: int, sources: int = 1) -> None:
        self._run, self._most = run, ratio * window
        self._part_of_row, self._part_of_window = -(-run // sources), self._most / sources + 1
        self._last: deque[str] = deque(maxlen=window)
        self._row: Counter[str] = Counter()

    def saw(self, messages: Iterable[tuple[str, bool]]) -> None:
        """Take note of messages in order: the topic of each, and whether it was buried.

        Raises CeilingReached; the caller has neither buried nor acknowledged the batch yet, and must not.
        """
        for topic, is_buried in messages:
            self._last.append(topic if is_buried else "")
            if is_buried:
                self._row[topic] += 1
                self._judge()
            elif self._row:
                self._row.clear()

    def _judge(self) -> None:
        row = _counted(self._row, self._part_of_row)
        if row >= self._run:
            raise CeilingReached.of("DEAD_LETTER_RUN", f"{self._row.total()} messages in a row cannot be handled")
        if len(self._last) < (self._last.maxlen or 0):
            return
        buried = Counter(topic for topic in self._last if topic)
        if _counted(buried, self._part_of_window) > self._most:
            text = f"{buried.total()} of {len(self._last)} cannot be handled"
            raise CeilingReached.of("DEAD_LETTER_RATIO", text)


# Private functions
# -----------------


def _counted(buried: Counter[str], part: float) -> float:
    return sum(min(number, part) for number in buried.values())
