"""The annex of a data sharing agreement, from the policy that the hub enforces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.councils.paper import grounds, parts
from hub.councils.paper.model import Because, Block, Listing, Paper, Paragraph, Section, Sentence, Table, TableRow
from hub.councils.paper.reach import Reached, groups_of_rule, letters, reach
from hub.councils.paper.terms import DUTY_TERMS, terms
from hub.councils.paper.words import (
    LIMBS,
    capital,
    council,
    day,
    head,
    law,
    listed,
    plain,
    said,
    service,
    setting,
    source,
)
from hub.policy.model import AgencyRow, Group, Policy, RecipientClass
from hub.policy.snapshot import in_force

_MARKS: Final = {
    "duty_16la": "D",
    "legal_obligation": "L",
    "public_task": "T",
    "consent": "C",
    "contact_permission": "P",
}
_ACROSS: Final = 5
"""How many classes of recipients stand side by side in a table, so that it fits an upright page."""


def annex(policy: Policy, on: str) -> Paper:
    """Return the annex as it stands on a day: parties, data, grounds, rules, duties, and a place to sign."""
    sections = [
        Section("Parties", tuple(_parties(policy, on))),
        Section("Purposes", (grounds.purposes(policy, on),)),
        Section("Data", (parts.groups(policy), *_grids(policy, on))),
        Section(
            "Lawful bases and conditions", (grounds.bases(policy), *grounds.conditions(policy), grounds.acts(policy))
        ),
        Section("Sharing rules", (Paragraph(_intro(policy)),)),
        *(Section(rule.title, (terms(policy, rule, on),), 3) for rule in policy.sharing),
        Section("Instructions and overrides", tuple(_override(policy))),
        Section("What every recipient undertakes", (_duties(policy),)),
        Section("Security and transfers", (_security(policy),)),
        Section("Retention", parts.retention(policy)),
        Section("Rights of the people concerned", parts.rights(policy)),
        Section("Contacts", (parts.contacts(policy),)),
        Section("Where the notice is silent", parts.silent(policy)),
        Section("Choices made for this policy", _choices(policy)),
        Section("Review", (Paragraph(tuple(_review(policy))),)),
        Section("Signatures", tuple(_signatures(policy, on))),
    ]
    text = f"This annex sets out what {council(policy)} shares through the hub, with whom, why, and under which rules."
    return Paper(
        "annex",
        council(policy),
        f"Annex to the data sharing agreement: {service(policy)}",
        said(text, head(policy)),
        parts.about(policy, on),
        parts.filled(sections),
        policy.quotes,
    )


# Private functions
# -----------------


def _parties(policy: Policy, on: str) -> Iterator[Block]:
    classes = {row.id: row for row in policy.classes}
    found = parts.in_register(policy, on)
    text = f"The controller is {policy.controller}. The service is the {policy.service}."
    yield Paragraph((said(text, head(policy)),))
    inside = [row for row in found if not row.recipient_class or classes[row.recipient_class].internal]
    for caption, rows, outside in (
        ("Inside the council, and those who only send", inside, False),
        ("Outside the council", [row for row in found if row not in inside], True),
    ):
        if rows:
            yield Table(
                caption,
                ("Party", "Receives as", "Agreement"),
                tuple(_party(classes, row, on, outside=outside) for row in rows),
            )


def _party(classes: dict[str, RecipientClass], row: AgencyRow, on: str, *, outside: bool) -> TableRow:
    klass = classes.get(row.recipient_class)
    because = [source("agencies", row.id, row.facts)]
    if klass is not None:
        because.append(source("recipient_classes", klass.id, klass.facts))
    receives = plain(klass.title) if klass else "nothing; it only sends"
    return TableRow((row.name, receives, _agreement(row, on, outside=outside)), tuple(because))


def _agreement(row: AgencyRow, on: str, *, outside: bool) -> str:
    if not row.agreement_id:
        return "none on file, so nothing is released" if outside else "none is needed"
    ends = f"until {day(row.agreement_to)}" if row.agreement_to else "no end date"
    text = f"{row.agreement_id}, from {day(row.agreement_from)}, {ends}"
    return (
        text if in_force(row.agreement_from, row.agreement_to, on) else f"{text}; not in force, so nothing is released"
    )


def _grids(policy: Policy, on: str) -> Iterator[Block]:
    used = [row for row in policy.bases if any(row.id in rule.bases for rule in policy.sharing)]
    legend = [said(f"{_MARKS[row.id]}: {row.title}.", source("bases", row.id, row.facts)) for row in used]
    legend.append(said("A star: only part of that kind of data.", law("S-06")))
    legend.append(said("A dash: it never goes there.", law("S-06")))
    intro = said(
        "The next tables show what may reach whom on the day above, and the basis that the hub then relies on.",
        head(policy),
    )
    yield Listing(intro, tuple(legend))
    columns = [row for row in policy.classes if any(row.id in rule.to for rule in policy.sharing)]
    reached = reach(policy, on)
    count = -(-len(columns) // _ACROSS)
    size = -(-len(columns) // count) if count else 1
    for number in range(count):
        part = columns[number * size : (number + 1) * size]
        caption = f"Data by kind and recipient, part {number + 1} of {count}"
        rows = tuple(_grid_row(policy, reached, group, part) for group in policy.groups)
        yield Table(caption, ("Kind of data", *(capital(plain(row.title)) for row in part)), rows, "grid")


def _grid_row(policy: Policy, reached: Reached, group: Group, part: list[RecipientClass]) -> TableRow:
    cells = [letters(policy, reached, group, row.id, _MARKS) or "-" for row in part]
    rules = [rule for rule in policy.sharing if group.id in groups_of_rule(policy, rule)]
    because = (source("groups", group.id, group.facts), *(Because(f"sharing.{rule.id}", ()) for rule in rules))
    return TableRow((capital(plain(group.title)), *cells), because)


def _intro(policy: Policy) -> tuple[Sentence, ...]:
    waived = (
        "What a rule needs is not asked for where the duty to share or a legal obligation is the basis, or where an accepted "
        "override is relied on. Only an access grant is asked for all the same, unless the duty to share is the basis."
    )
    return (
        said("Nothing is shared unless one of these rules says so.", head(policy), law("S-02", "S-06")),
        said(waived, law("D-04", "S-12", "S-15")),
    )


def _override(policy: Policy) -> Iterator[Block]:
    row = policy.override
    own = source("override", "", row.facts)
    bars = "bars sharing" if row.instructions == "bar" else "is put before a person, who decides"
    found = [said(f"A person's instruction not to share {bars}.", own)]
    if row.limbs:
        word = "or" if row.connective == "either" else "and"
        roles = listed((role.title for role in policy.roles if role.id in row.roles), "or")
        found.append(said(f"It may be overridden if {listed((LIMBS[limb] for limb in row.limbs), word)}.", own))
        found.append(
            said(
                f"Who asserts this must be: {roles}. The ground, a reason and the name of who decided are recorded.",
                own,
                law("S-12"),
            )
        )
    if row.limbs and row.inform:
        found.append(
            said(f"The person is informed within {row.inform_days} days, or the record says why not.", own, law("S-13"))
        )
    if row.reason:
        found.append(said(row.reason, own))
    yield Paragraph(tuple(found))


def _duties(policy: Policy) -> Listing:
    items = [
        said("Use what is received for the stated purpose, and for nothing else.", law("D-10")),
        said("Pass on no more than a limited amount, and only to agencies of the register.", law("S-25")),
        said(
            "Act on a withdrawal, a correction or a restriction as soon as it is told, and say so.", law("D-21", "S-10")
        ),
        said("Keep it no longer than the stated time, where a time travels with it.", law("S-21", "D-22")),
        said("Give access to those who are authorised and trained, each with a reason.", law("S-20")),
        said("Never disclose what shows where a shielded person lives or learns.", law("D-18")),
        said("Inform the person with care: look first at whether it is safe to contact them.", law("D-20")),
    ]
    for duty in dict.fromkeys(duty for rule in policy.sharing for duty in rule.obliges):
        rules = [source("sharing", rule.id, rule.facts) for rule in policy.sharing if duty in rule.obliges]
        items.append(said(f"Where the rule says so: {DUTY_TERMS[duty]}.", *rules))
    return Listing(
        said("Each recipient has accepted its data protection duties, and undertakes the following.", law("S-05")),
        tuple(items),
    )


def _security(policy: Policy) -> Paragraph:
    text = "Nothing leaves the United Kingdom." if policy.settings.uk_only else "Data may leave the United Kingdom."
    return Paragraph((*parts.security(), said(text, setting(policy, "uk_only"), law("S-18"))))


def _choices(policy: Policy) -> tuple[Block, ...]:
    rows = tuple(
        TableRow((row.question, row.answer, row.reason), (source("choices", row.id, row.facts),))
        for row in policy.choices
    )
    return (
        (Table("Points that the notice leaves open, and how they are settled", ("Question", "Answer", "Reason"), rows),)
        if rows
        else ()
    )


def _review(policy: Policy) -> Iterator[Sentence]:
    own = setting(policy, "review_by")
    if policy.settings.review_by:
        yield said(
            f"This policy is to be reviewed by {day(policy.settings.review_by)}. After that day a person decides every message.",
            own,
        )
    yield said("The policy in force when a message arrives decides it, also later.", law("D-25"))


def _signatures(policy: Policy, on: str) -> Iterator[Block]:
    yield Paragraph(
        (said("Signed for the controller and for each party outside the council.", head(policy), law("S-05")),)
    )
    classes = {row.id: row for row in policy.classes}
    outside = [
        row
        for row in parts.in_register(policy, on)
        if row.recipient_class and not classes[row.recipient_class].internal
    ]
    rows = [TableRow((council(policy), "", "", ""), (head(policy),))]
    rows += [TableRow((row.name, "", "", ""), (source("agencies", row.id, row.facts),)) for row in outside]
    yield Table("Signatures", ("For", "Name and role", "Signature", "Date"), tuple(rows), "form")
