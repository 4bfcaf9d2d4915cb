"""Which figures of a table are held back, so that no small number can be read or worked out.

The attacker knows every figure that is shown, exactly (the rounding that comes after is an extra), every total over it, the rules
below, which cells of other rows are zero, and, where it is so, that nobody is in two rows. For every figure under `SMALLEST` there
must still be a table that fits all of this in which the figure is at least `SMALLEST` greater. Such a table comes about when people
are moved, in thought, from one row into another and nothing that is shown changes; the rules see to it that there are always
enough people to move, or that the table shows nothing at all. tests/property/test_evaluation.py asks a solver for that table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

SMALLEST: Final = 10
"""A count below this is suppressed, zero included (threshold of the ONS longitudinal study and of UK LLC)."""
SMALLEST_TOTAL: Final = 20
"""A total over suppressed figures is shown from here on: below, it would say how great a small figure can be at most."""


class Shown(IntEnum):
    """How much of a row is shown; less is smaller."""

    NOTHING = 0
    TOTAL = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Row:
    """True counts of one row. cells: by column, () in a table of one column.

    total: how many people there are in the row; a person may be in several cells, so it is no sum.
    """

    cells: tuple[int, ...]
    total: int


def together(tables: Sequence[Sequence[Row]]) -> list[tuple[Shown, ...]]:
    """Return for several tables over the same people how much of each row may be shown.

    A row that has the same counts as one of another table may be the same people under another name (a purpose that has
    one recipient): what is held back of the one is held back of the other.
    """
    most = [(Shown.WHOLE,) * len(rows) for rows in tables]
    while True:
        shown = [table(rows, limits) for rows, limits in zip(tables, most, strict=True)]
        least: dict[Row, Shown] = {}
        for rows, states in zip(tables, shown, strict=True):
            for row, state in zip(rows, states, strict=True):
                least[row] = min(state, least.get(row, state))
        most = [tuple(least[row] for row in rows) for rows in tables]
        if most == shown:
            return shown


def table(rows: Sequence[Row], most: Sequence[Shown] = ()) -> tuple[Shown, ...]:
    """Return how much of each row of a table may be shown, at most what `most` says; the columns' totals are shown.

    Each column's total, and that of the table, must be at least `SMALLEST_TOTAL`. A row shows its cells only when each is at least
    `SMALLEST`: with one of them held back, the others and the row's total would give it away. Its total alone
    is shown from `SMALLEST_TOTAL` on. Then more rows are held back, until each small figure has company enough in its column.
    """
    limits = most or (Shown.WHOLE,) * len(rows)
    shown = [min(_first(row), limit) for row, limit in zip(rows, limits, strict=True)]
    while (lonely := _lonely(rows, shown)) and _hold_back(rows, shown, Shown.WHOLE):
        continue
    if lonely:
        # No row has people to spare whose cells may not be known to be zero: then the table shows nothing.
        return (Shown.NOTHING,) * len(rows)
    while _without_company(rows, shown) and _hold_back(rows, shown, Shown.TOTAL, Shown.WHOLE):
        continue
    return tuple(shown)


# Private functions
# -----------------


def _first(row: Row) -> Shown:
    if min(row.cells, default=row.total) >= SMALLEST:
        return Shown.WHOLE
    return Shown.TOTAL if row.cells and row.total >= SMALLEST_TOTAL else Shown.NOTHING


def _lonely(rows: Sequence[Row], shown: Sequence[Shown]) -> bool:
    """Whether some small cell lacks, in its column, other cells held back from which `SMALLEST` people could come.

    A row gives people of one cell and may have to take those of another: only a row without zeros can, since a cell that is
    zero may be known to be so (evaluation, for one, is never permitted).
    """
    giving = {place for place, row in enumerate(rows) if shown[place] < Shown.WHOLE and min(row.cells, default=0) > 0}
    for column in range(len(rows[0].cells)):
        supply = sum(rows[place].cells[column] for place in giving)
        for place, row in enumerate(rows):
            small = shown[place] < Shown.WHOLE and row.cells[column] < SMALLEST
            if small and supply - (row.cells[column] if place in giving else 0) < SMALLEST:
                return True
    return False


def _without_company(rows: Sequence[Row], shown: Sequence[Shown]) -> bool:
    """Whether a row too small to show its total lacks others, held back too, from which `SMALLEST` people could come."""
    held = [row for row, how in zip(rows, shown, strict=True) if how == Shown.NOTHING]
    everybody = sum(row.total for row in held)
    return any(_first(row) == Shown.NOTHING and everybody - row.total < SMALLEST for row in held)


def _hold_back(rows: Sequence[Row], shown: list[Shown], *of: Shown) -> bool:
    """Hold back more of the row with the smallest total among those shown in one of these ways; False where there is none.

    A whole row keeps its total where it can, if it is only its cells that are needed.
    """
    places = [(row.total, place) for place, row in enumerate(rows) if shown[place] in of]
    if not places:
        return False
    total, place = min(places)
    keeps_total = Shown.TOTAL not in of and bool(rows[place].cells) and total >= SMALLEST_TOTAL
    shown[place] = Shown.TOTAL if keeps_total else Shown.NOTHING
    return True
