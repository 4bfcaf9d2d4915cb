"""A household grows from its parts, whatever their order, and never says why a part is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.messages import FilteredRecord, from_body
from hub.connectors.partner import Household, Households, households
from tests.support.client import person, record


def part(case: str, number: int, parts: int = 3, **changes: Any) -> FilteredRecord:
    """One record of a case."""
    body = record(
        "example-agency", case_id=case, part=number, parts=parts, **{"person": person(f"p{number}"), **changes}
    )
    made = from_body("FilteredRecord", body)
    assert isinstance(made, FilteredRecord)
    return made


PARTS = tuple(part("c1", number) for number in (1, 2, 3))


@given(st.lists(st.sampled_from(PARTS), max_size=8))
def test_order_and_repeats_do_not_matter(arrived: list[FilteredRecord]) -> None:
    """The same parts give the same household, in the sender's order of people; what is missing is the rest."""
    household = Household("c1", 3)
    for each in arrived:
        household = household.plus(each)

    present = sorted({each.part for each in arrived})
    assert tuple(present) == household.present
    assert tuple(number for number in (1, 2, 3) if number not in present) == household.missing
    assert [f"p{number}" for number in present] == [each.person_id for each in household.persons]


def test_a_repeat_changes_nothing() -> None:
    """A record that comes twice is no news."""
    known = Households()

    assert known.add(PARTS[0]) is not None
    assert known.add(PARTS[0]) is None


def test_a_newer_record_of_a_part_takes_its_place() -> None:
    """After a ruling or a replay the newest record of a part counts, and an old one that comes again does not win it back."""
    newer = part("c1", 1)

    household = Household("c1", 3).plus(PARTS[0]).plus(newer).plus(PARTS[0])

    assert (newer,) == household.records


def test_a_part_without_a_person_is_present() -> None:
    """A record of which no person may be shown still says that the part was allowed."""
    household = Household("c1", 3).plus(part("c1", 2, person=None))

    assert (2,) == household.present
    assert () == household.persons


def test_cases_do_not_mix() -> None:
    """A record of another case is refused by a household, and put into its own by `Households`."""
    known = Households()
    first, other = known.add(PARTS[0]), known.add(part("c2", 2, parts=2))

    assert first is not None and other is not None
    assert [("c1", (2, 3)), ("c2", (1,))] == [(each.case_id, each.missing) for each in (first, other)]
    with pytest.raises(ValueError, match="another case"):
        first.plus(part("c2", 1, parts=2))


def test_memory_is_bounded() -> None:
    """Beyond the limit the household that changed longest ago is forgotten; a later part of it begins anew."""
    known = Households(limit=2)
    for each in (PARTS[0], part("c2", 1), PARTS[1], part("c3", 1)):
        known.add(each)

    kept, begun = known.add(PARTS[2]), known.add(part("c2", 2))

    assert kept is not None and begun is not None
    assert () == kept.missing
    assert (1, 3) == begun.missing


async def test_a_stream_yields_each_growth() -> None:
    """Every record that is news gives its household as it is by then."""

    async def arrive() -> AsyncIterator[FilteredRecord]:
        for each in (PARTS[2], PARTS[2], PARTS[0]):
            yield each

    assert [(1, 2), (2,)] == [household.missing async for household in households(arrive())]
