"""The fail-closed matrix (`matrix.yaml`): what goes wrong, how it is brought about in the tests, and how it must end.

`docs/fail-closed.md` is made from it. The cases are carried out in `test_flow.py` (the real use cases on a real store) and in
`test_wired.py` (a real worker on a real broker); every case is carried out in exactly one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml


class Ending(StrEnum):
    """How a fault may end; no ending is a release. The value says where its record is."""

    REFUSED = "refused; its sender is told the code in the acknowledgement"
    BURIED = "dead letter, with the code as its reason"
    DENIED = "DENY, with the code in the disclosure record"
    REVIEW = "REVIEW, with the code in the disclosure record and in the review"
    WITHHELD = "the field is withheld, with the code in the disclosure record"
    STOPPED = "the worker stops, the message unacknowledged, with the code in its log"
    WAITS = "the worker keeps the message and tries again, with the code in its log and in `/ready`"
    OUTSIDE = "the broker does not take it; the sender's client says so"


@dataclass(frozen=True, slots=True)
class Case:
    """One way to go wrong. fault: the heading it stands under. how: what the test does. code: what the record says."""

    id: str
    fault: str
    how: str
    ending: Ending
    code: str


def _load() -> tuple[Case, ...]:
    faults = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return tuple(
        Case(name, fault, row["how"], Ending[row["ends"].upper()], row["code"])
        for fault, cases in faults.items()
        for name, row in cases.items()
    )


MATRIX = _load()
"""Every case, in the order of the page."""


def as_markdown() -> str:
    """Return `docs/fail-closed.md`."""
    rows = (f"| {c.fault} | {c.how} | {c.ending} | `{c.code}` | `{c.id}` |\n" for c in MATRIX)
    return (
        "# Fail closed\n\n"
        "What the hub does when something is wrong. No ending is a release. Made from `tests/failclosed/matrix.yaml` by\n"
        "`make docs`; every line is a test of the same name, on the real use cases and store or a real worker and broker.\n\n"
        "| fault | how it comes about | what happens | code | test |\n"
        "|---|---|---|---|---|\n" + "".join(rows)
    )
