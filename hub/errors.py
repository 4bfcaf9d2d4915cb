"""Errors of the hub, grouped by what happens next.

    HubError
    |-- MessageFault        the message is bad: bury it, or refuse it to its sender; never retried
    |   |-- UnreadableMessage   cannot be decoded: dead letter
    |   `-- RefusedMessage      decodes, but may not be handled: acknowledged to the sender with every fault
    |-- PassingFault        the world is not ready: the same batch is tried again, in place
    |   |-- StoreUnavailable
    |   `-- BrokerUnavailable
    |-- StopFault           going on would be unsafe: the process ends with the message unacknowledged
    |   |-- KeyMissing
    |   |-- CeilingReached
    |   `-- ConfigurationFault
    `-- InputFault          somebody at the keyboard gave wrong input: shown with place and remedy, exit code 2
        `-- PolicyFault         a policy file is wrong: all its faults at once

Texts are lower case, without a final period, with the offending name in backticks, and never hold personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it is, what it is, and what to do about it.

    `place` is a field path or `file:line`; none of the three ever holds a value from a message.
    """

    code: str
    place: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.place}: {self.text}" if self.place else self.text
        return f"{line} ({self.remedy})" if self.remedy else line


class HubError(Exception):
    """Base of every error the hub raises on purpose. `faults` holds at least one entry."""

    def __init__(self, *faults: Fault) -> None:
        self.faults: tuple[Fault, ...] = faults
        super().__init__("; ".join(str(fault) for fault in faults))

    @classmethod
    def of(cls, code: str, text: str, place: str = "", remedy: str = "") -> Self:
        """Return an error of this class with a single fault."""
        return cls(Fault(code, place, text, remedy))


class MessageFault(HubError):
    """The message is bad and stays bad: it is buried or refused, never retried."""


class UnreadableMessage(MessageFault):
    """The bytes cannot be decoded; the message goes to the dead letters with this reason."""


class RefusedMessage(MessageFault):
    """The message decodes but may not be handled; its sender is told every fault."""


class PassingFault(HubError):
    """Something outside is not ready; the batch is kept and tried again in place."""


class StoreUnavailable(PassingFault):
    """The store did not answer or is locked."""


class BrokerUnavailable(PassingFault):
    """The broker did not answer or did not accept a message."""


class StopFault(HubError):
    """Going on would be unsafe; the process ends with the message unacknowledged."""


class KeyMissing(StopFault):
    """A secret key is not configured or not readable."""


class CeilingReached(StopFault):
    """Too many messages were buried in a row: something is wrong with the hub, not with the messages."""


class ConfigurationFault(StopFault):
    """The hub was started with settings that contradict each other or the broker."""


class InputFault(HubError):
    """Wrong input from a person: shown with its place and remedy, exit code 2."""


class PolicyFault(InputFault):
    """A policy file is wrong; carries every fault found, each with its line."""
