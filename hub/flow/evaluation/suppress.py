"""Which figures of a table are held back, so that no small number can be read or worked out.

The attacker knows every figure that is shown, exactly (the rounding that comes after is an extra), every total above it, how
many people were counted in more than one row, the rules below, and which cells of other rows are zero. For every figure under
`SMALLEST` there must still be a table that fits all of this in which the figure is at least `SMALLEST` greater. Such a table
comes about when people are moved, in thought, from one row into another and nothing that is shown changes; the rules see to it
that there are always enough people to move. tests/property/test_evaluation.py asks a solver for that table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

SMALLEST: Final = 10
"""A count below this is suppressed, zero included (threshold of the ONS longitudinal study and of UK LLC)."""
SMALLEST_TOTAL: Final = 20
"""A total over suppressed figures is shown from here on: below, it would say how great a small figure can be at most."""


class Shown(Enum):
    """How much of a row is shown."""

    WHOLE = "whole"
    TOTAL = "total"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Row:
    """True counts of one row. total: how many there are in the row; a person may be in several cells, so it is no sum."""

    cells: tuple[int, ...]
    total: int


def line(values: Sequence[int]) -> tuple[bool, ...]:
    """Return which figures of one line under one total may be shown.

    The total must be at least `SMALLEST_TOTAL`, and no greater than the sum of the figures. Figures under `SMALLEST` are held
    back; where the others that are held back could not hide one of them, the smallest figure shown is held back as well.
    """
    held = {place for place, value in enumerate(values) if value < SMALLEST}
    small = sorted(held)
    shown = sorted((value, place) for place, value in enumerate(values) if value >= SMALLEST)
    if shown and any(sum(values[other] for other in held if other != place) < SMALLEST for place in small):
        # One figure of SMALLEST or more beside them is enough for all of them.
        held.add(shown[0][1])
    return tuple(place not in held for place in range(len(values)))


def table(rows: Sequence[Row]) -> tuple[Shown, ...]:
    """Return how much of each row of a two-way table may be shown; the columns' totals are shown.

    Each column's total, and that of the table, must be at least `SMALLEST_TOTAL`. A row shows its cells only when each is at least
    `SMALLEST`: with one of them held back, the others and the row's total would give it away. Its total alone
    is shown from `SMALLEST_TOTAL` on. Then more rows are held back, until each small figure has company enough in its column.
    """
    shown = [_first(row) for row in rows]
    while (lonely := _lonely(rows, shown)) and _hold_back(rows, shown, Shown.WHOLE):
        continue
    if lonely:
        # No row has people to spare whose cells may not be known to be zero: then no row's total is shown either.
        return (Shown.NOTHING,) * len(rows)
    while _without_company(rows, shown) and _hold_back(rows, shown, Shown.TOTAL, Shown.WHOLE):
        continue
    return tuple(shown)


# Private functions
# -----------------


def _first(row: Row) -> Shown:
    if min(row.cells) >= SMALLEST:
        return Shown.WHOLE
    return Shown.TOTAL if row.total >= SMALLEST_TOTAL else Shown.NOTHING


def _lonely(rows: Sequence[Row], shown: Sequence[Shown]) -> bool:
    """Whether some small cell lacks, in its column, other cells held back from which `SMALLEST` people could come.

    A row gives people of one cell and may have to take those of another: only a row without zeros can, since a cell that is
    zero may be known to be so (evaluation, for one, is never permitted).
    """
    giving = [place for place, row in enumerate(rows) if shown[place] is not Shown.WHOLE and min(row.cells) > 0]
    for column in range(len(rows[0].cells)):
        supply = sum(rows[place].cells[column] for place in giving)
        for place, row in enumerate(rows):
            small = shown[place] is not Shown.WHOLE and row.cells[column] < SMALLEST
            if small and supply - (row.cells[column] if place in giving else 0) < SMALLEST:
                return True
    return False


def _without_company(rows: Sequence[Row], shown: Sequence[Shown]) -> bool:
    """Whether some small total lacks other totals held back from which `SMALLEST` people could come."""
    held = [row.total for row, how in zip(rows, shown, strict=True) if how is Shown.NOTHING]
    return any(total < SMALLEST_TOTAL and sum(held) - total < SMALLEST for total in held)


def _hold_back(rows: Sequence[Row], shown: list[Shown], *of: Shown) -> bool:
    """Hold back more of the row with the smallest total among those shown in one of these ways; False where there is none.

    A whole row keeps its total where it can, if it is only its cells that are needed.
    """
    places = [(row.total, place) for place, row in enumerate(rows) if shown[place] in of]
    if not places:
        return False
    total, place = min(places)
    keeps_total = Shown.TOTAL not in of and total >= SMALLEST_TOTAL
    shown[place] = Shown.TOTAL if keeps_total else Shown.NOTHING
    return True
