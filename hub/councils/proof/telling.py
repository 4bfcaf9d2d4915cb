"""A counterexample in words: who sent what to whom, what was on record, what went, and which sentences opened it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.councils.analysis.bits import words
from hub.councils.proof.verdict import Case
from hub.policy.model import Policy
from hub.policy.outcomes import evaluate
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import names_of


@dataclass(frozen=True, slots=True)
class Told:
    """A counterexample as plain values. on_record: what is on record where the data goes; otherwise: what is, where it does not.

    goes: categories by name. sentences: (id, text) behind the decision. otherwise is None for promises about one state.
    """

    day: str
    form: str
    purpose: str
    sender: str
    recipient: str
    recipient_class: str
    on_record: tuple[str, ...]
    otherwise: tuple[str, ...] | None
    goes: tuple[str, ...]
    rule: str
    rule_title: str
    basis: str
    limb: str
    condition: str
    sentences: tuple[tuple[str, str], ...]


def told(policy: Policy, case: Case) -> Told:
    """Return a case as the engine itself decides it: the example's own route is made and evaluated once more."""
    road, breach = case.road, case.breach
    route = Snapshot(policy, road.day).route(road.form.id, road.purpose.id, road.sender, road.recipient)
    outcome = evaluate(route, breach.state)
    quotes = dict(policy.quotes)
    return Told(
        day=road.day,
        form=road.form.id,
        purpose=road.purpose.id,
        sender=road.sender,
        recipient=road.recipient,
        recipient_class=road.row.id,
        on_record=words(breach.state),
        otherwise=None if breach.other is None else words(breach.other),
        goes=names_of(breach.mask),
        rule=route.rule.id if route.rule else "",
        rule_title=route.rule.title if route.rule else "",
        basis=outcome.basis,
        limb=outcome.limb,
        condition=outcome.condition,
        sentences=tuple((fact, quotes.get(fact, "")) for fact in outcome.facts),
    )


def as_lines(told: Told) -> list[str]:
    """Return the counterexample as sentences."""
    to = f"`{told.recipient}` (class `{told.recipient_class}`)"
    lines = [
        f"On {told.day} `{told.sender}` sends form `{told.form}` for `{told.purpose}` to {to}.",
        f"On record: {'; '.join(told.on_record) or 'nothing'}.",
        f"Then this goes: {', '.join(told.goes)}.",
    ]
    if told.otherwise is not None:
        lines.append(f"It does not go where this is on record instead: {'; '.join(told.otherwise) or 'nothing'}.")
    ground = [
        f"basis {told.basis}",
        f"override {told.limb}" if told.limb else "",
        told.condition and f"condition {told.condition}",
    ]
    lines.append(f"Opened by rule `{told.rule}` ({told.rule_title}): {', '.join(word for word in ground if word)}.")
    return lines
