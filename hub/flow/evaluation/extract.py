"""From true counts to what may leave: small figures held back, the others rounded, and nothing else.

Invariant: what is shown was counted over at least `SMALLEST` people, and every figure is rounded by itself, totals too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import orjson

from hub.flow.evaluation.periods import Period
from hub.flow.evaluation.suppress import SMALLEST, SMALLEST_TOTAL, Row, Shown, table, together
from hub.flow.evaluation.tables import ALL, DECISIONS, MOST_OF_ONE, Counts, Table

VERSION: Final = 1
PERSONS_STEP: Final = 5
DECISIONS_STEP: Final = MOST_OF_ONE
"""Decisions are rounded to as many as one person may count for: whoever joins or leaves moves a figure by one step at most."""

METHOD: Final = {
    "smallest_count": SMALLEST,
    "smallest_total": SMALLEST_TOTAL,
    "persons_rounded_to": PERSONS_STEP,
    "decisions_rounded_to": DECISIONS_STEP,
    "most_decisions_of_one_person": MOST_OF_ONE,
}
Place = tuple[str, str, str]
Figure = dict[str, int | None]


def extract(council: str, period: Period, notices: Sequence[str], tables: Sequence[Table], counts: Counts) -> bytes:
    """Return the extract of a council and period as canonical JSON: the same counts give the same bytes. `null`: suppressed."""
    enough = counts.persons[ALL, ALL, ALL] >= SMALLEST_TOTAL
    by_decision = enough and all(counts.persons[ALL, ALL, decision] >= SMALLEST_TOTAL for decision in DECISIONS)
    body = {
        "extract": "evaluation",
        "version": VERSION,
        "council": council,
        "period": period.name,
        "months": period.months,
        "notices": sorted(notices),
        "method": METHOD,
        "total": _figure(counts, (ALL, ALL, ALL), shown=enough),
        "decisions": [{"decision": name, **_figure(counts, (ALL, ALL, name), shown=by_decision)} for name in DECISIONS],
        "tables": _tables(tables, counts, enough, by_decision),
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def digest(body: bytes) -> str:
    """Return the digest under which an extract is on record: SHA-256 of its bytes, as hex."""
    return hashlib.sha256(body).hexdigest()


def rounded(number: int, step: int) -> int:
    """Return a count rounded to the nearest multiple of a step, upwards from half."""
    return (number + step // 2) // step * step


# Private functions
# -----------------


def _tables(
    tables: Sequence[Table],
    counts: Counts,
    enough: bool,  # noqa: FBT001
    by_decision: bool,  # noqa: FBT001
) -> list[dict[str, Any]]:
    spread = [spec for spec in tables if not spec.within_decision]
    true = [_true(spec, counts, by_decision=by_decision) for spec in spread]
    nothing = [(Shown.NOTHING,) * len(rows) for rows in true]
    shown = dict(zip((spec.id for spec in spread), together(true) if enough else nothing, strict=True))
    rows = {spec.id: _rows(spec, counts, shown[spec.id], by_decision=by_decision) for spec in spread}
    rows |= {spec.id: _within(spec, counts, shown=by_decision) for spec in tables if spec.within_decision}
    return [{"id": spec.id, "title": spec.title, "rows": rows[spec.id]} for spec in tables]


def _true(spec: Table, counts: Counts, *, by_decision: bool) -> list[Row]:
    split = DECISIONS if spec.by_decision and by_decision else ()
    return [
        Row(tuple(counts.persons[spec.id, row, name] for name in split), counts.persons[spec.id, row, ALL])
        for row in spec.rows
    ]


def _rows(spec: Table, counts: Counts, shown: Sequence[Shown], *, by_decision: bool) -> list[dict[str, Any]]:
    rows = []
    for row, how in zip(spec.rows, shown, strict=True):
        whole, place = how == Shown.WHOLE, (spec.id, row, ALL)
        filled: dict[str, Any] = {
            "row": row,
            "persons": _persons(counts, place, shown=how >= Shown.TOTAL),
            # Decisions stand beside people only where nothing of the row is held back: they would narrow what is.
            "decisions": _decisions(counts, place, shown=whole),
        }
        if spec.by_decision:
            filled["by_decision"] = {
                name: _persons(counts, (spec.id, row, name), shown=whole and by_decision) for name in DECISIONS
            }
        rows.append(filled)
    return rows


def _within(spec: Table, counts: Counts, *, shown: bool) -> list[dict[str, Any]]:
    """Return a table in which each decision is a line of its own."""
    may: dict[str, Sequence[Shown]] = {}
    for name in spec.only:
        true = [Row((), counts.persons[spec.id, row, name]) for row in spec.rows]
        may[name] = table(true) if shown else (Shown.NOTHING,) * len(true)
    return [
        {
            "row": row,
            "by_decision": {
                name: _persons(counts, (spec.id, row, name), shown=may[name][place] == Shown.WHOLE)
                for name in spec.only
            },
        }
        for place, row in enumerate(spec.rows)
    ]


def _figure(counts: Counts, place: Place, *, shown: bool) -> Figure:
    return {"persons": _persons(counts, place, shown=shown), "decisions": _decisions(counts, place, shown=shown)}


def _persons(counts: Counts, place: Place, *, shown: bool) -> int | None:
    return rounded(counts.persons[place], PERSONS_STEP) if shown else None


def _decisions(counts: Counts, place: Place, *, shown: bool) -> int | None:
    return rounded(counts.decisions[place], DECISIONS_STEP) if shown else None
