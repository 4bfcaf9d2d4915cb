"""The record of processing that UK GDPR Article 30 asks for, from the policy that the hub enforces."""

from __future__ import annotations

from typing import Final

from hub.councils.paper import grounds, parts
from hub.councils.paper.model import Block, Paper, Paragraph, Section, Sentence, Table, TableRow
from hub.councils.paper.words import capital, council, day, head, law, plain, said, service, setting, source
from hub.policy.law import duty_starts
from hub.policy.model import Policy

_PEOPLE: Final = (
    ("Children, young people and adults who use the service", ("name", "date_of_birth", "assessment", "interventions")),
    ("Other members of the household and family", ("household", "due_date")),
    ("People who refer, and lead professionals", ("referrer", "lead_professional")),
    ("Staff and professionals who meet the family", ("worker_risk", "agencies_involved")),
    ("Young people with offences, and those in court proceedings", ("offences",)),
    ("Victims of crime", ("victim",)),
    ("People who answer a survey", ("opinions",)),
)
"""Categories of people, by the categories of data that are about them."""


def article30(policy: Policy, on: str) -> Paper:
    """Return the record as it stands on a day."""
    sections = [
        Section("Controller and contacts", (Paragraph(_controller(policy)), parts.contacts(policy))),
        Section("Purposes of the processing", (grounds.purposes(policy, on),)),
        Section(
            "Lawful bases and conditions", (grounds.bases(policy), *grounds.conditions(policy), grounds.acts(policy))
        ),
        Section("Categories of people", (_people(policy),)),
        Section("Categories of data", (parts.groups(policy),)),
        Section("Categories of recipients", (_recipients(policy), parts.agencies(policy, on))),
        Section("Transfers to other countries", _transfers(policy)),
        Section("Time limits for erasure", parts.retention(policy)),
        Section("Security measures, in general", (Paragraph((*parts.security(), *_more(policy))),)),
        Section("Rights of the people concerned", parts.rights(policy)),
        Section("Where the notice is silent", parts.silent(policy)),
        Section("What else the notice says", _informative(policy)),
    ]
    text = f"This is the record of processing of the {policy.service}, as UK GDPR Article 30 asks for it."
    return Paper(
        "article30",
        council(policy),
        f"Record of processing: {service(policy)}",
        said(text, head(policy)),
        parts.about(policy, on),
        parts.filled(sections),
        policy.quotes,
    )


# Private functions
# -----------------


def _controller(policy: Policy) -> tuple[Sentence, ...]:
    found = [said(f"The controller is {policy.controller}.", head(policy))]
    own = next((row for row in policy.contacts if row.id.startswith("data_protection")), None)
    if own is None:
        found.append(said("The notice names no contact for data protection.", head(policy)))
    else:
        because = source("contacts", own.id, own.facts)
        found.append(said(f"The contact for data protection: {own.title}.", because))
    return tuple(found)


def _informative(policy: Policy) -> tuple[Block, ...]:
    quotes = dict(policy.quotes)
    rows = tuple(
        TableRow((f"“{quotes[fact]}”", capital(reason)), (source("informative", fact, (fact,)),))
        for fact, reason in policy.informative
    )
    caption = "Sentences of the notice that no rule of the hub can hold"
    return (Table(caption, ("The notice says", "Why no rule holds it"), rows),) if rows else ()


def _people(policy: Policy) -> Table:
    rows = []
    for title, names in _PEOPLE:
        held = [group for group in policy.groups if set(group.categories) & set(names)]
        if held:
            because = tuple(source("groups", group.id, group.facts) for group in held)
            rows.append(TableRow((title, "; ".join(group.title for group in held)), because))
    return Table("People, and where the data speaks of them", ("People", "Kinds of data"), tuple(rows))


def _recipients(policy: Policy) -> Table:
    rows = tuple(
        TableRow(
            (
                capital(plain(row.title)),
                parts.kind(row.kind),
                "inside the council" if row.internal else "outside the council",
                "bound by it"
                if row.in_duty
                else "not bound, unless its row in the register says so"
                if row.kind == "voluntary_contracted"
                else "not bound",
            ),
            (source("recipient_classes", row.id, row.facts),),
        )
        for row in policy.classes
    )
    return Table(
        "Classes of recipients",
        ("Class", "Kind of body in law", "Where", "Duty to share (Children Act 2004 s.16LA)"),
        rows,
    )


def _transfers(policy: Policy) -> tuple[Block, ...]:
    own = setting(policy, "uk_only")
    text = (
        "There is no transfer to another country."
        if policy.settings.uk_only
        else "Data may be transferred to another country."
    )
    found = [said(text, own, law("S-18"))]
    reason = dict(policy.setting_reasons).get("uk_only")
    if reason:
        found.append(said(reason, own))
    return (Paragraph(tuple(found)),)


def _more(policy: Policy) -> tuple[Sentence, ...]:
    found = [
        said("Identifiers go only to bodies that may hold them.", law("D-17")),
        said("What shows where a shielded person is never leaves.", law("D-18")),
        said("Figures for operations carry no personal data.", law("D-29")),
    ]
    start = duty_starts(policy)
    if start:
        found.append(
            said(
                f"The duty to share for the welfare of a child is applied from {day(start)}.",
                setting(policy, "duty_16la_from"),
            )
        )
    return tuple(found)
