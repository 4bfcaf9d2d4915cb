"""What a proof finds: for each invariant and policy whether it holds, and where it does not, a case that a person can read."""

from __future__ import annotations

from dataclasses import dataclass

from hub.councils.proof.model import Excuse, Invariant
from hub.councils.proof.roads import Road
from hub.policy.walk import Leaf

HOLDS = "holds"
EXCUSED = "holds with exception"
FAILS = "FAILS"
NO_ROAD = "no such road"
NOT_PROVED = "NOT PROVED"
BAD = frozenset({FAILS, NOT_PROVED})


class Undecided(Exception):
    """The solver gave no answer, so nothing is proved."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A state in which a promise is broken, the leaf it lies in, and the categories it is broken for.

    other: of a promise about two states, the one in which these categories do not go.
    """

    state: int
    leaf: Leaf
    mask: int
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A breach on a road: the counterexample."""

    road: Road
    breach: Breach


@dataclass(frozen=True, slots=True)
class Verdict:
    """One invariant under one policy. states: how many states of how many routes were covered. used: the excuses that were needed.

    case: the counterexample, where it fails. breaches: on how many kinds of roads it fails. NOT_PROVED: the solver gave no answer.
    """

    invariant: Invariant
    status: str
    routes: int
    states: int
    used: tuple[Excuse, ...] = ()
    case: Case | None = None
    breaches: int = 0
