"""The table of endings: exit codes, metric labels, and what may be logged of an error."""

from __future__ import annotations

import pytest

from hub.agents.endings import (
    EXIT_CEILING,
    EXIT_CONFIGURATION,
    EXIT_FAULT,
    HALTS,
    EmitTooLarge,
    burial_label,
    describe,
    exit_code,
    fault_label,
)
from hub.errors import (
    BrokerUnavailable,
    CeilingReached,
    ConfigurationFault,
    HubError,
    KeyMissing,
    MessageFault,
    PassingFault,
    RefusedMessage,
    StoreUnavailable,
    UnreadableMessage,
)
from hub.telemetry.catalogue import BURIALS, FAULTS


@pytest.mark.parametrize(
    ("kind", "code", "halts"),
    [
        (CeilingReached, EXIT_CEILING, True),
        (ConfigurationFault, EXIT_CONFIGURATION, True),
        (KeyMissing, EXIT_CONFIGURATION, True),
        (StoreUnavailable, EXIT_FAULT, False),
    ],
)
def test_what_starting_again_cannot_mend_is_not_started_again(kind: type[HubError], code: int, halts: bool) -> None:  # noqa: FBT001
    """A person must look at a ceiling or a wrong setting; everything else is tried again."""
    assert code == exit_code(kind.of("X", "text"))
    assert halts == (code in HALTS)


def test_every_fault_has_its_metric_label() -> None:
    """The labels are closed: what has none of its own counts as `other`."""
    passing = [kind.of("X", "x") for kind in (StoreUnavailable, BrokerUnavailable, PassingFault)]
    burials = [kind.of("X", "x") for kind in (UnreadableMessage, RefusedMessage, EmitTooLarge, MessageFault)]

    assert list(FAULTS) == [fault_label(fault) for fault in passing]
    assert list(BURIALS) == [burial_label(fault) for fault in burials]


def test_the_text_of_an_unforeseen_error_is_not_told() -> None:
    """It may quote a message; the type and the place are enough to find the fault."""

    def fail() -> None:
        raise ValueError("Canary-Quillfeather")

    with pytest.raises(ValueError, match="Canary") as caught:
        fail()
    told = describe(caught.value)

    assert "ValueError" == told["error"]
    assert "test_endings.py" in told["where"]
    assert "Canary" not in str(told)
