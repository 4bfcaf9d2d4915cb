"""What every evaluator is asked: one message about one subject, in plain words, and what an evaluator answers."""

from __future__ import annotations

from dataclasses import dataclass

from hub.policy import state as s
from hub.policy.state import Situation
from hub.policy.vocabulary import mask_of

MESSAGE_FLAGS = (
    "OVERRIDE_LAW",
    "OVERRIDE_HARM",
    "OVERRIDE_CRIME",
    "OVERRIDE_WELLBEING",
    "OVERRIDE_INCOMPLETE",
    "STATED_REASON",
    "DETRIMENT",
    "PARA18",
    "RULED_PERMIT",
    "RULED_REFUSE",
    "IDENTITY_UNSURE",
    "CLOCK_SKEW",
)
"""What a message, or a ruling on it, says for itself; the rest of the state follows from policy, facts and day."""


@dataclass(frozen=True)
class Question:
    """A message as the policy sees it. flags: those of MESSAGE_FLAGS that hold. present: categories that hold data."""

    form: str
    purpose: str
    sender: str
    day: str
    flags: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    district: str = ""
    schools: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    ask_only: bool = False
    involved: tuple[str, ...] = ()

    def situation(self) -> Situation:
        """The same for the compiled engine."""
        bits = sum(s.NAMES[flag] for flag in self.flags)
        return Situation(
            form=self.form,
            purpose=self.purpose,
            sender=self.sender,
            day=self.day,
            bits=bits,
            present=mask_of(sorted(self.present)),
            district=self.district,
            schools=self.schools,
            requested=self.requested,
            ask_only=self.ask_only,
            involved=self.involved,
        )


@dataclass(frozen=True)
class Answer:
    """One recipient's decision. reason: the one that decided, "" for a PERMIT. kept: the categories that go."""

    decision: str
    reason: str = ""
    basis: str = ""
    limb: str = ""
    obligations: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
