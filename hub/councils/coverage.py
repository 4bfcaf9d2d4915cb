"""Which rule of a policy file enforces each sentence of its notice, and which golden case proves it.

Pure: a policy and the cases' facts in, rows out. A fact is

- `enforced`: a row that decides cites it, and a golden case proves it;
- `stated`: only rows that decide nothing cite it (rights, contacts, legislation, ...); the paper made from the policy shows it;
- `informative`: the file says why nothing can enforce it;
- `open`: nothing cites it, or a row that decides cites it and no case proves it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hub.policy.model import Policy
from hub.policy.promises import Retention

ENFORCED: Final = "enforced"
STATED: Final = "stated"
INFORMATIVE: Final = "informative"
OPEN: Final = "open"
STATUSES: Final = (ENFORCED, STATED, INFORMATIVE, OPEN)

Cited = Iterator[tuple["Rule", Iterable[str]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a policy file: its section and name, and whether anything is decided by it."""

    section: str
    name: str
    decides: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A golden case: its file and title, and the facts that it proves."""

    file: str
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of one fact. rules: those that cite it, deciding ones first; reason: why it is informative or open, else ""."""

    fact: str
    sentence: str
    status: str
    rules: tuple[Rule, ...]
    cases: tuple[Case, ...]
    reason: str = ""


def coverage(policy: Policy, cases: Iterable[Case]) -> tuple[Row, ...]:
    """Return a row for each fact of the policy's notice, in the notice's order of ids."""
    known = tuple(cases)
    rules = _rules_by_fact(policy)
    quotes = {fact: text for fact, text in policy.quotes if fact.startswith(f"{policy.notice}-")}
    explained = dict(policy.informative)
    return tuple(
        _row(fact, quotes[fact], tuple(rules.get(fact, ())), tuple(c for c in known if fact in c.facts), explained)
        for fact in sorted(quotes, key=fact_order)
    )


def tally(rows: Iterable[Row]) -> dict[str, int]:
    """Return how many facts have each status; every status is there, in the order of `STATUSES`."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in STATUSES}


def fact_order(fact: str) -> tuple[str, int, str]:
    """Return what puts ids of facts into the order of their notice: `LN-9` before `LN-57a` before `LN-100`."""
    found = re.fullmatch(r"(.*?)(\d+)(\D*)", fact)
    return (found[1], int(found[2]), found[3]) if found else (fact, 0, "")


# Private functions
# -----------------


def _row(fact: str, sentence: str, rules: tuple[Rule, ...], cases: tuple[Case, ...], explained: dict[str, str]) -> Row:
    if any(rule.decides for rule in rules):
        if cases:
            return Row(fact, sentence, ENFORCED, rules, cases)
        return Row(fact, sentence, OPEN, rules, cases, "no golden case proves it")
    if rules:
        return Row(fact, sentence, STATED, rules, cases)
    if fact in explained:
        return Row(fact, sentence, INFORMATIVE, rules, cases, explained[fact])
    return Row(fact, sentence, OPEN, rules, cases, "no row cites it")


def _rules_by_fact(policy: Policy) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule, facts in (*_deciding(policy), *_stating(policy)):
        for fact in facts:
            rules = found.setdefault(fact, [])
            # A dated row of the register is one of several with the same name.
            if rule not in rules:
                rules.append(rule)
    return found


def _deciding(policy: Policy) -> Cited:
    """The rows by which the engine or the front door decides; the register last, since it repeats what its classes say."""
    for section, rows in (
        ("sharing", policy.sharing),
        ("forms", policy.forms),
        ("purposes", policy.purposes),
        ("groups", policy.groups),
        ("bases", policy.bases),
        ("conditions", policy.conditions),
        ("recipient_classes", policy.classes),
        ("roles", policy.roles),
    ):
        yield from ((Rule(section, row.id), row.facts) for row in rows)
    yield Rule("override", "override"), policy.override.facts
    for name, facts in policy.row_facts:
        section, _, row = name.partition(".")
        if row:
            yield Rule(section, row), facts
    yield from ((_kept(row), row.facts) for row in policy.retention if _decides(row))
    yield from ((Rule("agencies", row.id), row.facts) for row in policy.agencies)


def _stating(policy: Policy) -> Cited:
    """The rows that decide nothing: what they say stands in the paper that is made from the policy."""
    yield from ((_kept(row), row.facts) for row in policy.retention if not _decides(row))
    for section, rows in (("rights", policy.rights), ("contacts", policy.contacts), ("choices", policy.choices)):
        yield from ((Rule(section, row.id, decides=False), row.facts) for row in rows)
    yield from ((Rule("legislation", row.id, decides=False), row.facts) for row in policy.legislation)
    yield from (
        (Rule("policy", policy.id, decides=False), facts) for name, facts in policy.row_facts if name == "policy"
    )


def _kept(row: Retention) -> Rule:
    return Rule("retention", row.id, decides=_decides(row))


def _decides(row: Retention) -> bool:
    """A retention row travels with releases, as an obligation, once it says which data or forms it is about."""
    return bool(row.categories or row.forms)
