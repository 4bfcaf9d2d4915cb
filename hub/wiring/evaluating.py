"""The only road by which evaluation gets anything: one extract for a council and period, the same one for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from hub.councils.marks import nearest
from hub.errors import ConfigurationFault, InputFault
from hub.flow.evaluation.extract import digest, extract
from hub.flow.evaluation.periods import Period, ended
from hub.flow.evaluation.tables import Counts, declared
from hub.flow.evaluation.warrant import notices
from hub.flow.moments import iso
from hub.flow.policies import Policies
from hub.ledger.ports import EvaluationStore, Extract
from hub.settings import Settings
from hub.wiring.parts import load_policies
from hub.wiring.reading import existing_stores


@dataclass(frozen=True, slots=True)
class Released:
    """What left. first: whether it was counted now; else it is the one that left before, whatever the register holds today."""

    extract: Extract
    first: bool


async def release(settings: Settings, council: str, period: Period) -> Released:
    """Return the extract of a council and period as of now; see `released`.

    Raises InputFault also for a council that this hub does not serve and for a data folder without a store.
    """
    policies = load_policies(settings)
    if policies.engine(council) is None:
        remedy = nearest(council, settings.councils) or f"this hub serves {', '.join(settings.councils)}"
        raise InputFault.of("COUNCIL_UNKNOWN", f"this hub does not serve `{council}`", "--council", remedy)
    now = datetime.now(UTC)
    ended(period, now.date().isoformat())
    async with existing_stores(settings) as stores:
        return await released(stores.evaluation, policies, council, period, now)


async def released(store: EvaluationStore, policies: Policies, council: str, period: Period, now: datetime) -> Released:
    """Return the extract that was released for this period, or count, keep and return it if none was.

    Raises InputFault when the notices do not allow it, and when a month of the period left in another extract: from a
    quarter and two of its months, the third could be worked out. Raises ConfigurationFault when a kept extract was changed.
    """
    allowed = notices(policies, council, period, now.date().isoformat())
    before = await store.kept(council, period.months)
    if before is not None:
        return Released(_same(before, period), first=False)
    tables = declared(allowed, lambda agency, day: _class_of(policies, council, agency, day), period)
    counts = Counts(tables)
    await store.persons(council, period.since, period.until, counts.add)
    body = extract(council, period, [f"{policy.id}-{policy.version}" for policy in allowed], tables, counts)
    made = Extract(council, period.name, period.months, iso(now), digest(body), body)
    kept = await store.keep(made)
    return Released(_same(kept, period), first=kept == made)


# Private functions
# -----------------


def _same(kept: Extract, period: Period) -> Extract:
    if kept.period != period.name:
        text = f"`{period.name}` overlaps `{kept.period}`, which was released: subtracting the two would show small numbers"
        raise InputFault.of("OVERLAPS", text, "--period", f"use the extract of `{kept.period}`, or another period")
    if digest(kept.body) != kept.digest:
        text = "the extract on record is not the one that was released"
        raise ConfigurationFault.of("EXTRACT_CHANGED", text, kept.period, "restore the store from its backup")
    return kept


def _class_of(policies: Policies, council: str, agency: str, day: str) -> str:
    engine = policies.engine(council)
    snapshot = engine.at(day) if engine else None
    return snapshot.class_of(agency) if snapshot else ""
