"""What evaluation gets says nothing about anybody (D-27): the attack is carried out, by a solver and by hand.

The attacker knows every figure that is shown, exactly, though it is rounded besides; every total over it; and, in a table that
shows anything, which cells of the other rows are zero. Of people who are in several rows or cells he knows either nothing, or, where it is so, that there are
none: then figures add up, and he can subtract. He looks for what a suppressed figure can be.
"""

from __future__ import annotations

from itertools import product

import z3
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from hub.flow.evaluation.suppress import SMALLEST, SMALLEST_TOTAL, Row, Shown, table, together

COLUMNS = 3
# Around the thresholds, at zero, and well above.
count = st.one_of(st.just(0), st.integers(0, 4), st.integers(5, 14), st.integers(15, 60))
profile = st.lists(count, min_size=2**COLUMNS - 1, max_size=2**COLUMNS - 1)


def row_of(people: list[int], *, one_decision: bool) -> Row:
    """A row from how many people have each set of decisions in it; one_decision: nobody has more than one."""
    sets = [number for number in range(1, 2**COLUMNS) if not one_decision or number.bit_count() == 1]
    found = [(number, people[number - 1]) for number in sets]
    cells = tuple(sum(n for number, n in found if number >> column & 1) for column in range(COLUMNS))
    return Row(cells, sum(n for _, n in found))


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """A table that may be published: each column has people enough for its total to be shown."""
    one_decision = draw(st.booleans())
    rows = [row_of(people, one_decision=one_decision) for people in draw(st.lists(profile, min_size=1, max_size=6))]
    assume(all(sum(row.cells[column] for row in rows) >= SMALLEST_TOTAL for column in range(COLUMNS)))
    return rows


class Attack:
    """Everything the attacker knows, as constraints on unknown cells and totals.

    apart: nobody is in two rows, so that a column and the totals add up; else totals are the least that the rows allow, which binds most.
    """

    def __init__(self, rows: list[Row], shown: tuple[Shown, ...], *, apart: bool) -> None:
        self.rows, self.shows_something = rows, set(shown) != {Shown.NOTHING}
        self.cells = [[z3.Int(f"x{r}_{c}") for c in range(COLUMNS)] for r in range(len(rows))]
        self.totals = [z3.Int(f"y{r}") for r in range(len(rows))]
        self.solver = z3.Solver()
        for row, how, cells, total in zip(rows, shown, self.cells, self.totals, strict=True):
            self.solver.add(total <= z3.Sum(cells), *(cell >= 0 for cell in cells), *(cell <= total for cell in cells))
            if how >= Shown.TOTAL:
                self.solver.add(total == row.total)
            if how == Shown.WHOLE:
                self.solver.add(*(cell == true for cell, true in zip(cells, row.cells, strict=True)))
            if all(sum(row.cells) == row.total for row in rows):
                # Nobody is in two cells of a row, and he knows it.
                self.solver.add(total == z3.Sum(cells))
        for column in range(COLUMNS):
            self._over([cells[column] for cells in self.cells], [row.cells[column] for row in rows], apart=apart)
        self._over(self.totals, [row.total for row in rows], apart=apart)

    def _over(self, unknown: list[z3.ArithRef], true: list[int], *, apart: bool) -> None:
        """Add what the shown total of a line says."""
        total = sum(true) if apart else max(SMALLEST_TOTAL, *true)
        self.solver.add(*(figure <= total for figure in unknown))
        self.solver.add(z3.Sum(unknown) == total if apart else z3.Sum(unknown) >= total)

    def can_be(self, place: int, *conditions: z3.BoolRef) -> bool:
        """Whether figures of a row can fulfil conditions, the zeros of all other rows being known."""
        zeros = [
            cell == 0
            for other, (row, cells) in enumerate(zip(self.rows, self.cells, strict=True))
            for cell, true in zip(cells, row.cells, strict=True)
            if self.shows_something and other != place and true == 0
        ]
        return bool(self.solver.check(*conditions, *zeros) == z3.sat)


# A row that can have one decision only: with its total, and the zeros known, it would give away its neighbour in that column.
@example(rows=[Row((50, 30, 3), 83), Row((0, 0, 25), 25)], apart=True)
@given(tables(), st.booleans())
def test_each_suppressed_small_figure_can_be_ten_greater(rows: list[Row], apart: bool) -> None:  # noqa: FBT001
    """However much is known, what is under 10 may as well be 10 and more: nobody can say that it is small."""
    shown = table(rows)
    event(" ".join(sorted(how.name for how in set(shown))))
    attack = Attack(rows, shown, apart=apart)

    for place, (row, how) in enumerate(zip(rows, shown, strict=True)):
        if how == Shown.NOTHING and row.total < SMALLEST:
            total = attack.totals[place]
            assert attack.can_be(place, total >= row.total + SMALLEST), (rows, shown, place)
        for column, true in enumerate(row.cells):
            if how < Shown.WHOLE and true < SMALLEST:
                cell = attack.cells[place][column]
                assert attack.can_be(place, cell >= true + SMALLEST), (rows, shown, place, column)


@given(tables(), st.booleans())
def test_a_suppressed_figure_that_can_be_worked_out_is_no_small_one(rows: list[Row], apart: bool) -> None:  # noqa: FBT001
    """Of what is held back, all has at least two values that fit, but where everybody there is got the same: that is never small."""
    shown = table(rows)
    attack = Attack(rows, shown, apart=apart)

    for place, (row, how) in enumerate(zip(rows, shown, strict=True)):
        hidden = [*zip(attack.cells[place], row.cells, strict=True)] if how < Shown.WHOLE else []
        hidden += [(attack.totals[place], row.total)] if how == Shown.NOTHING else []
        for figure, true in hidden:
            assert true >= SMALLEST or attack.solver.check(figure != true) == z3.sat, (rows, shown)


@given(tables())
def test_nothing_small_is_shown(rows: list[Row]) -> None:
    """No figure under 10, and no total under 20 over a figure that is held back."""
    for row, how in zip(rows, table(rows), strict=True):
        if how == Shown.WHOLE:
            assert min(row.cells) >= SMALLEST
        if how == Shown.TOTAL:
            assert row.total >= SMALLEST_TOTAL


def test_every_line_of_four_keeps_its_small_figures() -> None:
    """By hand, for every line of four figures around the thresholds: what is held back sums to enough for any of them."""
    for values in product((0, 1, 9, 10, 11, 19, 20, 40), repeat=4):
        if sum(values) < SMALLEST_TOTAL:
            continue
        shown = table([Row((), value) for value in values])
        held = [value for value, how in zip(values, shown, strict=True) if how != Shown.WHOLE]
        # Each can be anything from nothing to the sum of all that are held back.
        assert all(value >= SMALLEST for value, how in zip(values, shown, strict=True) if how == Shown.WHOLE)
        assert all(sum(held) >= value + SMALLEST for value in held if value < SMALLEST)
        assert not held or min(held) < SMALLEST, "nothing is held back where nothing is small"


def test_every_small_two_way_table_by_exhaustion() -> None:
    """Every table of three rows and two columns around the threshold, each attacked by trying all tables that fit.

    Nobody is in two cells here, so that cells and totals add up: the attacker knows more than he ever will.
    """
    values = (0, 4, 14)
    for flat in product(values, repeat=6):
        rows = [Row(flat[n : n + 2], sum(flat[n : n + 2])) for n in (0, 2, 4)]
        if min(sum(row.cells[column] for row in rows) for column in (0, 1)) < SMALLEST_TOTAL:
            continue
        shown = table(rows)
        for place, column in product(range(3), range(2)):
            true = rows[place].cells[column]
            if shown[place] < Shown.WHOLE and true < SMALLEST:
                assert greatest(rows, shown, place, column) >= true + SMALLEST, (rows, shown, place, column)


def greatest(rows: list[Row], shown: tuple[Shown, ...], place: int, column: int) -> int:
    """The greatest value that a cell can have: the first column is tried whole, the second follows from it."""
    sums = [sum(row.cells[c] for row in rows) for c in (0, 1)]
    ranges = [
        [row.cells[0]] if how == Shown.WHOLE else range(sums[0] + 1) for row, how in zip(rows, shown, strict=True)
    ]
    best = -1
    for first in product(*ranges[:2]):
        xs = (*first, sums[0] - sum(first))
        if xs[2] not in ranges[2]:
            continue
        best = max(best, _best_of(rows, shown, xs, (place, column)))
    return best


def _best_of(rows: list[Row], shown: tuple[Shown, ...], xs: tuple[int, ...], target: tuple[int, int]) -> int:
    """The greatest value of the target for one first column; -1 where no second column fits."""
    place, column = target
    fixed = {
        r: row.total - xs[r] if how == Shown.TOTAL else row.cells[1]
        for r, (row, how) in enumerate(zip(rows, shown, strict=True))
        if how != Shown.NOTHING
    }
    left = sum(row.cells[1] for row in rows) - sum(fixed.values())
    free = [r for r in range(len(rows)) if r not in fixed]
    if min([*fixed.values(), left]) < 0 or (not free and left):
        return -1
    if column == 0:
        return xs[place]
    return left if place in free else fixed[place]


@given(st.lists(tables(), min_size=2, max_size=3))
def test_what_is_held_back_is_held_back_under_every_name(found: list[list[Row]]) -> None:
    """A row that has the counts of another table's row may be the same people: neither shows what the other holds back."""
    least: dict[Row, Shown] = {}
    for rows, shown in zip(found, together(found), strict=True):
        for row, how in zip(rows, shown, strict=True):
            assert least.setdefault(row, how) == how


def test_a_row_held_back_to_hide_another_is_not_shown_by_another_table() -> None:
    """The purpose that goes to one recipient: hidden beside a small purpose, it is hidden among the recipients too."""
    purposes = [Row((), 3), Row((), 12), Row((), 40)]
    recipients = [Row((), 12), Row((), 43)]

    by_purpose, by_recipient = together([purposes, recipients])

    assert (Shown.NOTHING, Shown.NOTHING, Shown.WHOLE) == by_purpose
    assert Shown.NOTHING == by_recipient[0]
