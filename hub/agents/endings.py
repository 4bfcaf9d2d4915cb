"""How each fault ends, and how the process ends: the table that the loop, the worker and the supervisor share.

fault                      ending
MessageFault               buried: a dead letter in stage 0, then acknowledged
PassingFault               the same batch is tried again, in place, until it goes or the worker is stopped
StopFault, anything else   the process ends, the batch unacknowledged
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, NoReturn

from hub.errors import (
    BrokerUnavailable,
    CeilingReached,
    HubError,
    MessageFault,
    RefusedMessage,
    StopFault,
    StoreUnavailable,
    UnreadableMessage,
)
from hub.telemetry import logs

EXIT_OK: Final = 0
EXIT_CEILING: Final = 65
"""Too many dead letters (`EX_DATAERR`): a person must look; the supervisor does not start the part again."""
EXIT_FAULT: Final = 70
"""A fault nobody foresaw (`EX_SOFTWARE`): the supervisor starts the part again."""
EXIT_CLIENT: Final = 71
"""The Kafka client gave up (`EX_OSERR`): the supervisor starts the part again."""
EXIT_FORCED: Final = 75
"""The worker was told to stop and a part of it did not end in time (`EX_TEMPFAIL`)."""
EXIT_CONFIGURATION: Final = 78
"""Settings, keys or broker rights are wrong (`EX_CONFIG`): a person must look."""

HALTS: Final = frozenset({EXIT_CEILING, EXIT_CONFIGURATION})
"""Exit codes after which starting again would change nothing."""

End = Callable[[int], NoReturn]
"""Ends the process at once with an exit code."""


class EmitTooLarge(MessageFault):
    """What a message asks to be emitted is larger than the broker takes; the message is buried."""


def exit_code(error: BaseException) -> int:
    """Return the exit code of a process that ends because of this error."""
    if isinstance(error, CeilingReached):
        return EXIT_CEILING
    return EXIT_CONFIGURATION if isinstance(error, StopFault) else EXIT_FAULT


def fault_label(error: HubError) -> str:
    """Return the metric label of a passing fault: `store`, `broker` or `other`."""
    if isinstance(error, StoreUnavailable):
        return "store"
    return "broker" if isinstance(error, BrokerUnavailable) else "other"


def burial_label(fault: MessageFault) -> str:
    """Return the metric label of a burial: `unreadable`, `refused`, `too_large` or `other`."""
    if isinstance(fault, UnreadableMessage):
        return "unreadable"
    if isinstance(fault, RefusedMessage):
        return "refused"
    return "too_large" if isinstance(fault, EmitTooLarge) else "other"


def describe(error: BaseException) -> dict[str, str]:
    """Return what may be logged of an error: the hub's own text, or the type and place of any other."""
    if isinstance(error, HubError):
        codes = ",".join(fault.code for fault in error.faults)
        return {"error": type(error).__name__, "code": codes, "text": str(error)}
    return logs.where(error)


def end_process(code: int) -> NoReturn:
    """End the process now, without running what a framework would still do (acknowledge, for one)."""
    logs.flush()
    os._exit(code)
