"""One person more or less: no figure of an extract moves by more than a step of rounding, and no small one appears (D-27)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.flow.evaluation.extract import DECISIONS_STEP, PERSONS_STEP, extract
from hub.flow.evaluation.periods import period_named
from hub.flow.evaluation.suppress import SMALLEST, SMALLEST_TOTAL
from hub.flow.evaluation.tables import ALL, DECISIONS, Counts, declared
from hub.ledger.ports import Tally
from tests.support.policies import lancashire

PERIOD = period_named("2024-Q2")
FREE_TEXT = "Canary of a sender"
TABLES = declared([lancashire()], lambda agency, _: agency, PERIOD)

tally = st.builds(
    Tally,
    day=st.sampled_from(["2024-04-01", "2024-05-31", "2024-06-30"]),
    form=st.sampled_from(["registration", "request_for_support", FREE_TEXT]),
    purpose=st.sampled_from(["contact", "early_help", FREE_TEXT]),
    recipient=st.sampled_from(["education", "voluntary", FREE_TEXT]),
    decision=st.sampled_from(DECISIONS),
    reason=st.sampled_from(["CONSENT_MISSING", "OBJECTED", "NO_RULE", FREE_TEXT]),
    decisions=st.integers(1, 60),
)
person = st.lists(tally, min_size=1, max_size=4)
alike = st.tuples(person, st.integers(1, 45))
"""How many people were treated alike."""
people = st.lists(alike, min_size=1, max_size=8).map(lambda found: [those for those, n in found for _ in range(n)])


def counted(found: list[list[Tally]]) -> Counts:
    """The true counts of these people."""
    counts = Counts(TABLES)
    for those in found:
        counts.add(those)
    return counts


def published(counts: Counts) -> dict[str, Any]:
    """What leaves of these counts."""
    body: dict[str, Any] = json.loads(extract("lancashire", PERIOD, ["notice"], TABLES, counts))
    return body


def figures(body: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], str, int | None]]:
    """Every figure: its place (table, row, decision), what it counts, and its value."""
    yield from _pair((ALL, ALL, ALL), body["total"])
    for row in body["decisions"]:
        yield from _pair((ALL, ALL, row["decision"]), row)
    for table in body["tables"]:
        for row in table["rows"]:
            if "persons" in row:
                yield from _pair((table["id"], row["row"], ALL), row)
            for decision, value in row.get("by_decision", {}).items():
                yield (table["id"], row["row"], decision), "persons", value


def _pair(place: tuple[str, str, str], row: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], str, int | None]]:
    yield place, "persons", row["persons"]
    yield place, "decisions", row["decisions"]


@given(people, person)
def test_one_person_moves_no_figure_by_more_than_a_step(found: list[list[Tally]], one: list[Tally]) -> None:
    """Who knows everybody else still learns nothing about the one, however much was decided about that one."""
    without, with_one = (list(figures(published(counted(those)))) for those in (found, [*found, one]))

    step = {"persons": PERSONS_STEP, "decisions": DECISIONS_STEP}
    for (place, what, before), (same, _, after) in zip(without, with_one, strict=True):
        assert place == same
        assert before is None or after is None or after - before in (0, step[what]), (place, what)


@given(people)
def test_what_is_shown_was_counted_over_ten_people_and_is_rounded(found: list[list[Tally]]) -> None:
    """No figure stands for fewer than ten people, people or decisions; none is exact; no text of a sender is a row."""
    counts = counted(found)
    body = published(counts)

    for place, what, value in figures(body):
        if value is not None:
            assert counts.persons[place] >= (SMALLEST if place[0] else SMALLEST_TOTAL), place
            step, true = (PERSONS_STEP, counts.persons) if what == "persons" else (DECISIONS_STEP, counts.decisions)
            assert value % step == 0
            assert abs(value - true[place]) <= step / 2
    assert FREE_TEXT not in json.dumps(body)


@given(people)
def test_the_rows_say_nothing_about_who_is_there(found: list[list[Tally]]) -> None:
    """Rows and columns are the notice's own: an extract over anybody has the same ones as an extract over nobody."""
    places = [(place, what) for place, what, _ in figures(published(counted(found)))]

    assert [(place, what) for place, what, _ in figures(published(Counts(TABLES)))] == places


@given(people, st.randoms(use_true_random=False))
def test_the_same_decisions_give_the_same_bytes(found: list[list[Tally]], chance: Any) -> None:
    """In whatever order the store hands people over."""
    before = extract("lancashire", PERIOD, ["notice"], TABLES, counted(found))
    chance.shuffle(found)

    assert before == extract("lancashire", PERIOD, ["notice"], TABLES, counted(found))


def test_the_tables_are_these_and_no_others() -> None:
    """A table more is a release more, to be subtracted from: whoever adds one has to prove it here."""
    assert ["form", "purpose", "recipient_class", "reason", "month"] == [table.id for table in TABLES]
    assert all(table.rows for table in TABLES)
    by_decision = {table.id: (table.by_decision, table.within_decision, table.only) for table in TABLES}
    assert (True, True, ("DENY", "REVIEW")) == by_decision["reason"]
    assert (False, False, DECISIONS) == by_decision["month"]


def test_few_people_are_no_figures() -> None:
    """Under twenty people in the period nothing is shown at all, not even how many; from twenty on, by decision only if each has twenty."""
    one = Tally("2024-04-01", "registration", "contact", "education", "PERMIT", "", 3)
    few = published(counted([[one]] * 19))
    more = published(counted([[one]] * 20))

    assert {None} == {value for _, _, value in figures(few)}
    assert {"persons": 20, "decisions": 60} == more["total"]
    assert {None} == {value for (_, _, decision), _, value in figures(more) if decision}
