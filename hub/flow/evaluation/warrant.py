"""Whether a council's notices let evaluation have figures at all, on each day of the period and on the day of the release.

A notice opens the road by naming the purpose `evaluation` and by saying that it is served with anonymised figures only; silence,
and a day without any notice, close it (rules S-14, D-27).
"""

from __future__ import annotations

from typing import Final

from hub.errors import Fault, InputFault
from hub.flow.evaluation.periods import Period
from hub.flow.policies import Policies
from hub.policy.model import Policy

EVALUATION: Final = "evaluation"
"""The purpose under which figures leave; an id of the shared vocabulary of policy files."""


def notices(policies: Policies, council: str, period: Period, today: str) -> tuple[Policy, ...]:
    """Return the notices that were in force in the period, in order.

    today: ISO day (UTC) of the release; a notice in force on it must allow the figures as well, and none need be in force any
    more (a council that has ended). Raises InputFault with every notice that does not, and for a day without a notice.
    """
    found: dict[str, Policy] = {}
    bare = []
    for day in period.days:
        policy = policies.at(council, day)
        if policy is None:
            bare.append(day)
        else:
            found[policy.digest] = policy
    now = policies.at(council, today)
    asked = {**found, **({now.digest: now} if now else {})}
    faults = [fault for policy in asked.values() for fault in _faults(policy)]
    if bare:
        text = f"no notice of `{council}` was in force on `{bare[0]}`, so nothing says what the figures may be used for"
        faults.append(Fault("NO_NOTICE", "--period", text, "see `hub policy list` for the days of each notice"))
    if faults:
        raise InputFault(*faults)
    return tuple(found.values())


# Private functions
# -----------------


def _faults(policy: Policy) -> list[Fault]:
    name = f"{policy.id}-{policy.version}"
    purpose = next((row for row in policy.purposes if row.id == EVALUATION), None)
    if purpose is None:
        text = f"the notice names no purpose `{EVALUATION}`"
        return [Fault("NOT_FOR_EVALUATION", name, text, "figures leave only where the notice tells people so")]
    if not purpose.anonymised_only:
        text = f"the purpose `{EVALUATION}` is not `anonymised_only`"
        return [Fault("NOT_FOR_EVALUATION", name, text, "the policy must promise anonymised figures before any leave")]
    return []
