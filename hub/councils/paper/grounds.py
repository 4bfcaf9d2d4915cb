"""The grounds of sharing as tables: purposes, lawful bases, conditions and Acts, for those who sign an agreement or keep a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.councils.paper.model import Block, Paragraph, Table, TableRow
from hub.councils.paper.words import article, capital, head, law, said, source
from hub.policy.model import Policy, Purpose, Sharing
from hub.policy.snapshot import in_force

_NATURES: Final = {
    "duty": "a duty",
    "power": "a power",
    "regard": "a duty of regard",
    "guidance": "guidance",
}


def purposes(policy: Policy, on: str) -> Table:
    """Return the purposes, each with the bases and conditions of the rules that serve it, and whether any is in force on a day."""
    rows = []
    for purpose in policy.purposes:
        rules = [rule for rule in policy.sharing if purpose.id in rule.purposes]
        because = [source("purposes", purpose.id, purpose.facts)]
        because += [
            source("bases", row.id, row.facts) for row in policy.bases if any(row.id in rule.bases for rule in rules)
        ]
        because += [
            source("conditions", row.id, row.facts)
            for row in policy.conditions
            if any(row.id in rule.conditions for rule in rules)
        ]
        cells = (capital(purpose.title), _bases(policy, purpose, rules, on), _conditions(policy, rules))
        rows.append(TableRow(cells, tuple(because)))
    headings = ("Purpose", "Lawful basis (UK GDPR Article 6)", "Condition (Articles 9 and 10)")
    return Table("Purposes, each with its basis and conditions", headings, tuple(rows))


def bases(policy: Policy) -> Table:
    """Return the lawful bases, with the Acts that open the road."""
    rows = tuple(
        TableRow(
            (capital(row.title), article(row.article), "\n".join(row.gateway) or "none is needed"),
            (source("bases", row.id, row.facts),),
        )
        for row in policy.bases
    )
    return Table("Lawful bases", ("Basis", "UK GDPR", "Acts, as they should be cited"), rows)


def conditions(policy: Policy) -> tuple[Block, ...]:
    """Return the conditions for special category and offence data, or that there is none."""
    if not policy.conditions:
        text = "The policy names no condition, so special category and offence data is not shared."
        return (Paragraph((said(text, head(policy), law("D-10")),)),)
    rows = tuple(
        TableRow((capital(row.title), row.article), (source("conditions", row.id, row.facts),))
        for row in policy.conditions
    )
    return (Table("Conditions for special category and offence data", ("Condition", "Article and paragraph"), rows),)


def acts(policy: Policy) -> Table:
    """Return the Acts as the notice prints them and as they should be cited, and whether anything rests on them."""
    rows = tuple(
        TableRow(
            (
                row.corrected,
                f"“{row.printed}”" if row.printed else "not in the notice",
                f"{'Used' if row.used else 'Not used'}; {_NATURES[row.nature]}. {row.reason}",
            ),
            (source("legislation", row.id, row.facts),),
        )
        for row in policy.legislation
    )
    return Table(
        "Acts, with corrections",
        ("As it should be cited", "As the notice prints it", "What rests on it, and why"),
        rows,
    )


def gateways(policy: Policy, rule: Sharing) -> Iterator[str]:
    """Yield each basis of a rule with its Article and its Acts."""
    rows = {row.id: row for row in policy.bases}
    for name in rule.bases:
        acts_ = f": {'; '.join(rows[name].gateway)}" if rows[name].gateway else ""
        yield f"{capital(rows[name].title)}, Article {rows[name].article}{acts_}"


# Private functions
# -----------------


def _bases(policy: Policy, purpose: Purpose, rules: list[Sharing], on: str) -> str:
    if purpose.anonymised_only:
        return "no identifiable data: aggregates only"
    named = [f"{row.article}, {row.title}" for row in policy.bases if any(row.id in rule.bases for rule in rules)]
    if rules and not any(rule.switched and in_force(rule.valid_from, rule.valid_to, on) for rule in rules):
        named.append("nothing goes now: its rules are switched off, have ended or have not begun")
    return "\n".join(named) or "no rule shares for this purpose"


def _conditions(policy: Policy, rules: list[Sharing]) -> str:
    named = [
        f"{row.article}, {row.title}" for row in policy.conditions if any(row.id in rule.conditions for rule in rules)
    ]
    return "\n".join(named) or "none: no such data goes"
