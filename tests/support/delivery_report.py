"""`docs/delivery-report.md`: what the long delivery run did to the hub, and what the reconciliation found."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.support.reconcile import Findings

PAGE = Path(__file__).parents[2] / "docs" / "delivery-report.md"

_COMPARED = (
    ("inputs accepted", "inputs that were accepted"),
    ("inputs duplicate", "second copies of these, published again by the sender"),
    ("inputs refused", "inputs refused to their sender"),
    ("inputs buried", "inputs buried as dead letters"),
    ("inputs answered", "first answers to senders (accepted, refused), one for each input"),
    ("parts", "subject messages, one for each person"),
    ("decided", "disclosure messages"),
    ("records PERMIT", "disclosure records: permitted"),
    ("records DENY", "disclosure records: denied"),
    ("records REVIEW", "disclosure records: handed to a person"),
    ("releases", "filtered records released, each with its record, each record with its release"),
    ("record before release", "of these, releases that the broker took no earlier than their record"),
    ("commitments fit", "of these, releases whose bytes their record vouches for"),
    ("decisions are those of the replay", "messages equal, byte for byte, to a replay of the log from nothing"),
    ("register", "rows of the register, equal to the records of the log"),
    ("reviews", "reviews in the store, equal to those of the log"),
    ("messages", "messages that the hub wrote"),
    ("repeated", "copies written again after a crash, every one byte-equal to the first"),
)
"""What the findings count, in the order of travel, and what it is called."""


@dataclass(slots=True)
class Story:
    """One trial: its store, what was done to it, how many times what was killed, and what was found at its end."""

    store: str
    done: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)


def write(stories: Sequence[Story], minutes: float) -> None:
    """Write the page."""
    kills = sum(sum(story.kills.values()) for story in stories)
    differences = sum(len(story.findings.differences) for story in stories)
    sent = sum(_published(story) for story in stories)
    lines = [
        "# Delivery report",
        "",
        "Written by `make test-long`. Workers, broker and store are killed, stopped and starved under load; afterwards the",
        "whole log and the whole store are read and compared. What is compared and how is in `tests/support/reconcile.py`.",
        "",
        f"- run: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes",
        f"- machine: {_machine()}",
        f"- killed with SIGKILL: {kills} times; published: {sent} messages; **differences: {differences}**",
        "",
    ]
    for story in stories:
        lines += _told(story)
    PAGE.write_text("\n".join(lines), "utf-8")


# Private functions
# -----------------


def _told(story: Story) -> list[str]:
    numbers = story.findings.numbers
    return [
        f"## On {story.store}",
        "",
        *(f"- {one}" for one in story.done),
        "",
        "| killed | times |",
        "|---|---|",
        *(f"| {where} | {times} |" for where, times in sorted(story.kills.items())),
        f"| **all** | **{sum(story.kills.values())}** |",
        "",
        "| compared | number | differences |",
        "|---|---|---|",
        *(f"| {title} | {numbers[name]} | 0 |" for name, title in _COMPARED),
        "",
    ]


def _published(story: Story) -> int:
    return sum(number for name, number in story.findings.numbers.items() if name in _INPUTS)


_INPUTS = ("inputs accepted", "inputs duplicate", "inputs refused", "inputs buried")


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
