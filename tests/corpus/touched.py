"""Which facts a golden case can prove: those behind the rows of the policy file that its decisions went through.

A case may cite what it likes; only a fact that a row cites, on the way of that very case, is proved by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hub.flow.judge import Judgement
from hub.policy.engine import Decision
from hub.policy.facts import NOTHING_KNOWN
from hub.policy.model import Policy
from hub.policy.route import Route
from tests.corpus.fragments import Json
from tests.corpus.golden import UNRESOLVED, Golden, Run
from tests.corpus.sentences import control

_ANY_DAY: Final = "2020-01-01"


def touched(case: Golden) -> frozenset[str]:
    """Return the facts of every row that the case's decisions went through: sender, form, purpose, recipient, rule, data, what was said."""
    run = Run(case.notice, case.given)
    judgement = run.judged(NOTHING_KNOWN)
    policy = judgement.policy or case.notice.policy
    kinds = set(_controls(case.given))
    rows = [*_register(policy, case, judgement), *_said(policy, kinds)]
    for decision in judgement.decisions:
        rows += [*_route(decision.route), *_data(policy, decision)]
    if {"instruct_not_to", "ruling"} & kinds or "override" in case.given:
        rows.append(policy.override.facts)
    return frozenset(fact for facts in rows for fact in facts)


# Private functions
# -----------------

Facts = Iterator[tuple[str, ...]]


def _controls(given: Json) -> Iterator[str]:
    """The kinds of control messages in a case's history, and its ruling."""
    lines: list[Any] = [*(given.get("history") or []), *(given.get("later") or [])]
    for line in lines:
        if isinstance(line, dict):
            yield from _controls(line)
        elif line != UNRESOLVED:
            yield control(line.rpartition(": ")[2] if line.startswith("on ") else line, _ANY_DAY)[0]
    yield from ["ruling"] if "ruling" in given else []


def _said(policy: Policy, kinds: set[str]) -> Facts:
    """The settings, which hold for every case, and the controls that the case's history is made of."""
    for name, facts in policy.row_facts:
        if name.startswith("settings.") or name.removeprefix("controls.") in kinds:
            yield facts


def _register(policy: Policy, case: Golden, judgement: Judgement) -> Facts:
    names = {case.given["from"], *(decision.recipient for decision in judgement.decisions)}
    roles = {role.id: role.facts for role in policy.roles}
    for row in policy.agencies:
        if row.id in names:
            yield row.facts
            yield from (roles[role] for role in row.roles)


def _route(route: Route) -> Facts:
    for row in (route.form, route.purpose, route.recipient_class, route.rule, *route.bases):
        if row is not None:
            yield row.facts


def _data(policy: Policy, decision: Decision) -> Facts:
    """What the outcome itself cites, the groups and conditions that it worked with, how long its data is kept."""
    rule, form = decision.route.rule, decision.route.form
    yield decision.outcome.facts
    yield from (facts for _, (_, facts) in decision.outcome.why)
    named = {*(rule.groups if rule else ()), *(form.collects if form else ())}
    closed = set(rule.only) if rule else set()
    yield from (group.facts for group in policy.groups if group.id in named or closed & set(group.categories))
    yield from (row.facts for row in policy.conditions if rule and row.id in rule.conditions)
    kept = {told.rpartition(":")[2] for told in decision.obligations if told.startswith("KEEP_AT_MOST")}
    yield from (row.facts for row in policy.retention if row.id in kept)
