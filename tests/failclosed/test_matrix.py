"""The matrix is whole: every fault of the hub's promise has its cases, and every case is carried out once."""

from __future__ import annotations

from tests.failclosed.flow_cases import CASES
from tests.failclosed.matrix import MATRIX, Ending
from tests.failclosed.wired_cases import CASES as WIRED

PROMISED = {
    *("no policy in force", "stale policy", "unknown field", "unclassified field", "unknown recipient"),
    *("unknown purpose", "unknown form", "a rule that raises", "missing key", "clock skew", "unreadable facts"),
    *("wrong schema id", "oversized message", "store down", "broker refusing"),
}
"""What must fail closed; the matrix may hold more."""


def test_every_promise_has_its_cases() -> None:
    """A fault without a case would be a promise without a test; an ending without a case, a word without meaning."""
    assert PROMISED <= {case.fault for case in MATRIX}
    assert set(Ending) == {case.ending for case in MATRIX}


def test_every_case_is_carried_out_once() -> None:
    """No line of the page is without a test, and no test without its line."""
    assert sorted(case.id for case in MATRIX) == sorted([*CASES, *WIRED])
