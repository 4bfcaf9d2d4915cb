"""The ceiling on dead letters."""

from __future__ import annotations

import pytest

from hub.agents.ceiling import Ceiling
from hub.errors import CeilingReached


def of(topic: str, buried: list[bool]) -> list[tuple[str, bool]]:
    """Return what the loop saw of one topic."""
    return [(topic, one) for one in buried]


def test_a_run_of_burials_is_reached_over_several_batches() -> None:
    """What counts is the order of messages, not how they were batched."""
    ceiling = Ceiling(run=4, ratio=1.0, window=1000)
    ceiling.saw(of("one", [True, True]))
    ceiling.saw(of("one", [True]))

    with pytest.raises(CeilingReached):
        ceiling.saw(of("one", [True]))


def test_one_good_message_ends_the_run() -> None:
    """A single bad sender between good ones does not stop the hub."""
    ceiling = Ceiling(run=3, ratio=1.0, window=1000)

    for _ in range(50):
        ceiling.saw(of("one", [True, True, False]))


def test_the_share_counts_once_the_window_is_full() -> None:
    """Half of all messages buried is too many, but not when only a few have been seen."""
    ceiling = Ceiling(run=1000, ratio=0.5, window=10)
    ceiling.saw(of("one", [True, True, True, False]))
    ceiling.saw(of("one", [False, True, False, True, False]))

    with pytest.raises(CeilingReached):
        ceiling.saw(of("one", [True]))


def test_good_messages_never_reach_it() -> None:
    """A recovered hub is not stopped for what it buried before, by a message that it can handle."""
    ceiling = Ceiling(run=1000, ratio=0.5, window=10)
    ceiling.saw(of("one", [True] * 5 + [False] * 5))

    ceiling.saw(of("one", [False] * 100))


def test_one_sender_alone_never_reaches_the_ceiling_of_all() -> None:
    """A partner whose software sends nothing but rubbish fills the dead letters; the others' referrals go on."""
    ceiling = Ceiling(run=4, ratio=0.5, window=10, sources=2)

    ceiling.saw(of("one", [True] * 1000))
    ceiling.saw(of("other", [True]))


def test_burials_of_several_senders_reach_it() -> None:
    """When nobody's messages can be read, the fault is the hub's own."""
    ceiling = Ceiling(run=4, ratio=1.0, window=1000, sources=2)
    ceiling.saw([*of("one", [True] * 3), *of("other", [True])])

    with pytest.raises(CeilingReached):
        ceiling.saw(of("other", [True]))
