"""Promises of EvaluationStore, and that both databases give evaluation the same bytes."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.errors import ConfigurationFault, InputFault
from hub.flow.evaluation.extract import digest, extract
from hub.flow.evaluation.periods import period_named
from hub.flow.evaluation.tables import Counts, declared
from hub.ledger.ports import Extract, Stores, Tally
from hub.wiring.evaluating import released
from tests.contract.conftest import OpenStores
from tests.support.figures import CANARY, COUNCIL, MONTH, register, tallies
from tests.support.places import Place
from tests.support.policies import policies_of

PERIOD = period_named(MONTH)
NOW = datetime(2024, 7, 9, tzinfo=UTC)
POLICIES = policies_of(("lancashire-cfw-001", "leicestershire-cfws-001"))
KEPT = Extract(COUNCIL, MONTH, (MONTH,), "2024-06-02T00:00:00.000Z", digest(b"{}"), b"{}")


async def persons(stores: Stores, since: str = PERIOD.since, until: str = PERIOD.until) -> list[list[Tally]]:
    """All persons that the store hands over, each as a sorted list."""
    found: list[list[Tally]] = []

    def take(those: Sequence[Tally]) -> None:
        found.append(sorted(those, key=repr))

    await stores.evaluation.persons(COUNCIL, since, until, take)
    return found


def summed(those: list[Tally]) -> tuple[tuple[Tally, int], ...]:
    """One person's tallies with equal ones put together."""
    sums: Counter[Tally] = Counter()
    for tally in those:
        sums[replace(tally, decisions=0)] += tally.decisions
    return tuple(sorted(sums.items(), key=repr))


async def test_each_person_is_handed_over_once_and_whole(stores: Stores) -> None:
    """Whatever was decided about one person comes in one call, counted, without the ref."""
    rows = register()
    await stores.register.put(rows)

    expected = Counter(summed(those) for those in tallies(rows))
    assert expected == Counter(summed(those) for those in await persons(stores))


async def test_only_the_council_and_the_days_that_were_asked_for(stores: Stores) -> None:
    """The first day counts, the last does not; another council's records are not there."""
    base = register()[0]
    times = (
        "2024-04-30T23:59:59.999Z",
        "2024-05-01T00:00:00.000Z",
        "2024-05-31T23:59:59.999Z",
        "2024-06-01T00:00:00.000Z",
    )
    rows = [
        replace(base, disclosure_id=f"{n:032x}", subject_ref=f"{n:032x}", received_at=at) for n, at in enumerate(times)
    ]
    rows.append(replace(rows[1], disclosure_id="f" * 32, council="leicestershire"))
    await stores.register.put(rows)

    assert ["2024-05-01", "2024-05-31"] == sorted(those[0].day for those in await persons(stores))
    assert [] == await persons(stores, "2020-01-01", "2020-02-01")


async def test_the_first_extract_of_a_month_stays(stores: Stores, others: Stores) -> None:
    """Whoever comes second, with the same period or one that overlaps, is given the first; other councils and months are free."""
    assert None is await stores.evaluation.kept(COUNCIL, (MONTH,))
    assert KEPT == await stores.evaluation.keep(KEPT)

    again = replace(KEPT, body=b"[]", released_at="later")
    quarter = replace(KEPT, period="2024-Q2", months=("2024-04", "2024-05", "2024-06"))
    assert KEPT == await others.evaluation.keep(again)
    assert KEPT == await others.evaluation.keep(quarter)
    assert None is await others.evaluation.kept(COUNCIL, ("2024-04", "2024-06"))
    assert KEPT == await others.evaluation.kept(COUNCIL, quarter.months)
    elsewhere = replace(quarter, council="leicestershire")
    assert elsewhere == await others.evaluation.keep(elsewhere)


async def test_two_that_release_at_once_leave_one(stores: Stores, others: Stores) -> None:
    """A quarter and its months, all at once: one of them is kept, and everybody who overlaps is given it."""
    quarter = replace(KEPT, period="2024-Q2", months=("2024-04", "2024-05", "2024-06"))
    months = [replace(KEPT, period=month, months=(month,)) for month in quarter.months]
    asked = [quarter, *months, quarter, *months]
    kept = await asyncio.gather(
        *((stores if place % 2 else others).evaluation.keep(one) for place, one in enumerate(asked))
    )

    assert {one.period for one in kept} in ({"2024-Q2"}, {month.period for month in months} | {kept[0].period})
    found = await stores.evaluation.kept(COUNCIL, quarter.months)
    assert found in kept
    assert ("2024-Q2" in {one.period for one in kept[1:4]}) == (found == quarter)


async def test_the_extract_is_the_same_from_every_store(stores: Stores) -> None:
    """The bytes are those that the plainest count over the rows gives, whichever database counted."""
    rows = register()
    await stores.register.put([*rows, *register("2024-04", first=500), *register(council="leicestershire")])

    found = await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)

    policy = POLICIES.at(COUNCIL, PERIOD.since)
    engine = POLICIES.engine(COUNCIL)
    assert policy is not None and engine is not None
    snapshot = engine.at(PERIOD.since)
    assert snapshot is not None
    tables = declared([policy], lambda agency, _: snapshot.class_of(agency), PERIOD)
    counts = Counts(tables)
    for those in tallies(rows):
        counts.add(those)
    expected = extract(COUNCIL, PERIOD, ["lancashire-cfw-001"], tables, counts)
    assert (expected, True) == (found.extract.body, found.first)
    assert digest(expected) == found.extract.digest


async def test_the_same_period_gives_the_first_extract_whatever_comes_later(stores: Stores) -> None:
    """Two releases of one period over changed data could be subtracted: the second is the first, byte by byte."""
    await stores.register.put(register())
    first = await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)
    await stores.register.put(register(first=5_000))

    again = await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)

    assert (first.extract, False) == (again.extract, again.first)
    with pytest.raises(InputFault) as caught:
        await released(stores.evaluation, POLICIES, COUNCIL, period_named("2024-Q2"), NOW)
    assert "OVERLAPS" == caught.value.faults[0].code


async def test_an_extract_that_was_changed_on_record_is_not_given(stores: Stores, place: Place) -> None:
    """Its digest tells: the process stops rather than release a second version."""
    await stores.register.put(register())
    await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)
    await place.run("UPDATE evaluation_extracts SET digest = 'other'")

    with pytest.raises(ConfigurationFault) as caught:
        await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)
    assert "EXTRACT_CHANGED" == caught.value.faults[0].code


async def test_councils_extracts_are_apart(stores: Stores) -> None:
    """Nothing in one council's extract names or counts another's, though one store holds both."""
    await stores.register.put([*register(), *register(council="leicestershire", first=7_000)[:150]])

    found = await released(stores.evaluation, POLICIES, COUNCIL, PERIOD, NOW)
    theirs = await released(stores.evaluation, POLICIES, "leicestershire", PERIOD, NOW)

    own = {COUNCIL: found.extract.body, "leicestershire": theirs.extract.body}
    for council, other in ((COUNCIL, "leicestershire"), ("leicestershire", COUNCIL)):
        assert other.encode() not in own[council] and CANARY.encode() not in own[council]
        assert council == json.loads(own[council])["council"]
    assert json.loads(own[COUNCIL])["total"] != json.loads(own["leicestershire"])["total"]


async def test_a_count_that_fails_leaves_the_store_usable(stores: Stores) -> None:
    """What goes wrong while people are counted comes out as it is, and nothing stays open behind it."""
    await stores.register.put(register())

    def take(those: Sequence[Tally]) -> None:
        raise LookupError(len(those))

    with pytest.raises(LookupError):
        await stores.evaluation.persons(COUNCIL, PERIOD.since, PERIOD.until, take)
    await stores.register.put(register("2024-07", first=900))
    assert len({each.subject_ref for each in register()}) == len(await persons(stores))


async def test_a_store_without_tables_is_a_wrong_set_up(open_stores: OpenStores) -> None:
    """Nobody migrated it: nothing is counted, and nothing passes for an empty register."""
    stores = await open_stores()

    for call in (persons(stores), stores.evaluation.keep(KEPT), stores.evaluation.kept(COUNCIL, (MONTH,))):
        with pytest.raises(ConfigurationFault) as caught:
            await call
        assert "STORE_NOT_MIGRATED" == caught.value.faults[0].code
