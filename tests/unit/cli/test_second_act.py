"""The demo's second act: the same morning under every notice, written as its own agencies would have written it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import cache

from hub.cli.demo.scenario import read_morning
from hub.cli.demo.side_by_side import OWN, SideBySide, side_by_side
from hub.cli.demo.translated import Translation, day_in_force, moved
from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy.model import Policy
from hub.policy.snapshot import Snapshot
from hub.schemas.registry import packaged as schemas

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = "2026-11-23"


@cache
def notice(name: str) -> Policy:
    """A packaged policy."""
    return load(packaged()[name])


@cache
def second_act() -> SideBySide:
    """The comparison, once."""
    return asyncio.run(side_by_side(read_morning(NOW), NOW, schemas()))


def between(other: str, day: str = TODAY) -> Translation:
    """The translation from the morning's own notice."""
    return Translation(Snapshot(notice(OWN), TODAY), Snapshot(notice(other), day), -1)


def test_every_notice_that_comes_with_the_hub_stands_beside_the_morning_s_own() -> None:
    """All packaged notices are there, the morning's first, each on a day on which it is in force."""
    found = second_act()

    assert OWN == found.notices[0].name
    assert set(packaged()) == {each.name for each in found.notices}
    for each in found.notices:
        policy = notice(each.name)
        assert policy.valid_from <= each.day <= (policy.valid_to or each.day)


def test_under_its_own_notice_no_message_is_turned_away() -> None:
    """The morning needs no translation under the notice that it was written for."""
    sent, _, _, fields, turned = second_act().totals[0]

    assert 0 == turned
    assert sent > 50 and fields > sent


def test_the_notices_part_and_each_cell_says_why() -> None:
    """Consent in Lancashire, necessity in Leicestershire, nobody outside in Cumbria: the table shows it, cell by cell."""
    found = second_act()
    cells = [cell for line in found.lines for cell in line.cells]

    assert len(found.different) > len(found.lines) / 2
    assert all(cell.words for cell in cells if cell.decision != "PERMIT")
    assert all(cell.fields for cell in cells if cell.decision == "PERMIT")
    assert any(cell.sentence.startswith("CU-") for cell in cells)


def test_an_agency_becomes_its_counterpart() -> None:
    """The same id, else the same class, else the same kind of body; a body that nobody names keeps its own name."""
    there = between("leicestershire-cfws-001")

    assert "example-primary-school" == there.agency("example-primary-school")
    assert "leics-childrens-social-care" == there.agency("lcc-childrens-social-care")
    assert "lune-valley-scouts" == there.agency("lune-valley-scouts")


def test_a_message_is_rewritten_for_the_notice() -> None:
    """Council, days, districts and recipients are the other notice's; a consent to nobody whom it names is none."""
    body = {
        "council": "lancashire",
        "sent_at": "2026-11-23T09:00:00Z",
        "recipients": ["lcc-childrens-social-care", "lcc-childrens-social-care"],
        "awareness": {"consent": "yes", "recipients": ["camhs"], "purposes": ["health"], "date": "2026-11-20"},
        "persons": [{"address": {"district": "E07000123"}, "identity": {"family_name": "Marsden"}}],
    }
    found = between("leicestershire-cfws-001").body(body)

    assert "leicestershire" == found["council"]
    assert "2026-11-22T09:00:00Z" == found["sent_at"]
    assert ["leics-childrens-social-care"] == found["recipients"]
    assert "not_known" == found["awareness"]["consent"]
    assert found["awareness"]["need"]
    assert "E07000123" != found["persons"][0]["address"]["district"]
    assert "Marsden" == found["persons"][0]["identity"]["family_name"]


def test_days_move_and_words_stay() -> None:
    """Only whole ISO days and times are moved."""
    assert "2026-02-28" == moved("2026-03-01", -1)
    assert "2026-03-02T08:00:00Z" == moved("2026-03-01T08:00:00Z", 1)
    assert "on 2026-03-01" == moved("on 2026-03-01", 1)


def test_a_notice_that_has_ended_judges_on_its_last_day() -> None:
    """An old notice is asked about a day on which it held; one in force about today."""
    assert "2020-12-31" == day_in_force(notice("lancashire-cfw-000"), TODAY)
    assert TODAY == day_in_force(notice(OWN), TODAY)
