"""What several papers have in common: who, which data, on what ground, how long, which rights, and where the notice is silent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.councils.paper.model import Because, Block, Paragraph, Section, Sentence, Table, TableRow
from hub.councils.paper.reach import served
from hub.councils.paper.words import capital, categories, day, head, law, plain, said, setting, source, span
from hub.policy.law import KINDS
from hub.policy.model import AgencyRow, Policy, RecipientClass
from hub.policy.snapshot import in_force
from hub.policy.vocabulary import CATEGORIES

_SILENT: Final = {
    "policy.from": "The notice has no date.",
    "override.instructions": "The notice does not say what happens when a person asks the council not to share.",
    "override.inform": "The notice does not say whether a person is told when the council shares all the same.",
    "setting.uk_only": "The notice does not say whether information goes abroad.",
    "setting.notify_new_recipients": "The notice does not say how people learn of a new kind of recipient.",
    "setting.grant_days": "The notice does not say how long somebody may be let in for.",
}
_SPECIAL: Final = {"art9": "special category (Article 9)", "art10": "offence data (Article 10)"}


def filled(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Return the sections that say something; a heading of level 3 may stand alone above others."""
    return tuple(section for section in sections if section.blocks or section.level == 3)  # noqa: PLR2004 - a heading's level


def about(policy: Policy, on: str) -> tuple[tuple[str, str], ...]:
    """Return which policy a page was made from, and the day that it speaks of."""
    return (
        ("Policy", f"{policy.id}, version {policy.version}"),
        ("In force", f"{day(policy.valid_from)} to {day(policy.valid_to)}"),
        ("As it stands on", day(on)),
        ("To be reviewed by", day(policy.settings.review_by, "no day is set")),
        ("Fingerprint", policy.digest[:16]),
    )


def agencies(policy: Policy, on: str) -> Table:
    """Return the agencies of the register that may receive on a day, by class."""
    rows = []
    receiving = served(policy, on)
    for row in policy.classes:
        found = [agency for agency in in_register(policy, on) if agency.recipient_class == row.id]
        names = "\n".join(
            f"{agency.name}{_districts(policy, agency)}{_gets_nothing(policy, agency, row, on, receives=row.id in receiving)}"
            for agency in found
        )
        where = "inside the council" if row.internal else "outside the council"
        because = [source("agencies", agency.id, agency.facts) for agency in found]
        rows.append(
            TableRow(
                (capital(plain(row.title)), names or "nobody is registered", where),
                tuple(dict.fromkeys((source("recipient_classes", row.id, row.facts), *because))),
            )
        )
    return Table("Everybody who may get information", ("Who", "By name", "Where"), tuple(rows))


def in_register(policy: Policy, on: str) -> list[AgencyRow]:
    """Return the rows of the register that are in force on a day."""
    return [row for row in policy.agencies if in_force(row.valid_from, row.valid_to, on)]


def groups(policy: Policy) -> Table:
    """Return the groups of data, what each holds, and what the law calls it."""
    rows = []
    for group in policy.groups:
        special = {CATEGORIES[name].special for name in group.categories} - {""}
        kinds = ", ".join(_SPECIAL[name] for name in sorted(special, reverse=True))
        some = kinds and any(not CATEGORIES[name].special for name in group.categories)
        rows.append(
            TableRow(
                (
                    capital(group.title),
                    ", ".join(categories(group.categories)),
                    f"in part {kinds}" if some else kinds or "ordinary",
                ),
                (source("groups", group.id, group.facts),),
            )
        )
    return Table("Kinds of information", ("Kind", "What it holds", "In law"), tuple(rows))


def security() -> tuple[Sentence, ...]:
    """Return the measures that hold whatever a file says."""
    return (
        said("Messages between partners are locked, so that others cannot read them.", law("S-19")),
        said("Staff need leave, training and a reason before they may look.", law("S-20")),
        said("Each time we share, or refuse to, we write it down.", law("D-24")),
        said("If you correct something or take back your yes, all who got it are told.", law("D-21")),
    )


def retention(policy: Policy) -> tuple[Block, ...]:
    """Return how long records are kept, or that the notice does not say."""
    if not policy.retention:
        return (Paragraph((said("The notice does not say how long anything is kept.", head(policy), law("D-22")),)),)
    rows = tuple(
        TableRow(
            (
                capital(row.category),
                "the notice does not say" if row.start.startswith("not stated") else row.start,
                span(row),
            ),
            (source("retention", row.id, row.facts),),
        )
        for row in policy.retention
    )
    return (Table("How long each kind of record is kept", ("Record", "Counted from", "How long"), rows),)


def rights(policy: Policy) -> tuple[Block, ...]:
    """Return the rights of the person, each with its clock."""
    rows = []
    for right in policy.rights:
        clock = right.within or "the notice gives no time"
        more = f"{right.extension} more if it is hard" if right.extension else "no"
        rows.append(
            TableRow((capital(f"the right {right.title}"), clock, more), (source("rights", right.id, right.facts),))
        )
    if not rows:
        return (Paragraph((said("The notice names no rights. The law gives them all the same.", head(policy)),)),)
    return (Table("Rights", ("Right", "Answered within", "Longer"), tuple(rows)),)


def contacts(policy: Policy) -> Table:
    """Return whom to write to."""
    rows = tuple(
        TableRow(
            (capital(row.title), row.email or "the notice gives none", row.post or "the notice gives none"),
            (source("contacts", row.id, row.facts),),
        )
        for row in policy.contacts
    )
    return Table("Whom to write to", ("Who", "Email", "Post"), rows)


def silent(policy: Policy) -> tuple[Block, ...]:
    """Return where the notice is silent, what the hub does then, and why."""
    rows = []
    reasons = dict(policy.setting_reasons)
    for key in policy.silent:
        section, _, name = key.partition(".")
        if section == "setting":
            rows.append(
                TableRow((_SILENT[key], f"{_value(policy, name)}. {reasons.get(name, '')}"), (setting(policy, name),))
            )
        elif section == "override":
            both = name == "inform" and "override.instructions" in policy.silent
            reason = "The reason stands in the next row." if both else policy.override.reason
            rows.append(TableRow((_SILENT[key], f"{_value(policy, name)}. {reason}"), (_override(policy),)))
        else:
            rows.append(TableRow((_SILENT[key], f"It is counted from {day(policy.valid_from)}."), (head(policy),)))
    unknown = [row for row in policy.retention if not row.maximum]
    rows += [
        TableRow(
            (
                f"The notice gives no longest time for this: {row.category}.",
                "Nothing is made up; the council's own schedule holds.",
            ),
            (source("retention", row.id, row.facts),),
        )
        for row in unknown
    ]
    if not rows:
        return ()
    return (
        Table("Points on which the notice says nothing", ("What is missing", "What happens, and why"), tuple(rows)),
    )


def kind(word: str) -> str:
    """Return what the law calls a kind of body."""
    return KINDS[word].title if word in KINDS else "unknown"


# Private functions
# -----------------


def _districts(policy: Policy, agency: AgencyRow) -> str:
    names = dict(policy.districts)
    return f" (for {', '.join(names.get(code, code) for code in agency.districts)})" if agency.districts else ""


def _gets_nothing(policy: Policy, agency: AgencyRow, klass: RecipientClass, on: str, *, receives: bool) -> str:
    """Return why an agency of the register gets nothing at all, as the engine has it (S-05, S-18); "" where it may get something."""
    if policy.settings.uk_only and not agency.uk:
        return ": gets nothing, as it is outside the UK"
    signed = agency.agreement_id and in_force(agency.agreement_from, agency.agreement_to, on)
    if not klass.internal and not signed:
        return ": gets nothing, as no agreement is in force"
    return "" if receives else ": gets nothing now, as no rule in force shares with it"


def _override(policy: Policy) -> Because:
    return source("override", "", policy.override.facts)


def _value(policy: Policy, name: str) -> str:
    match name:
        case "instructions":
            return "It is forbidden then" if policy.override.instructions == "bar" else "A person decides then"
        case "inform":
            return (
                f"They are told within {policy.override.inform_days} days"
                if policy.override.inform
                else "They are not told"
            )
        case "uk_only":
            return "Nothing leaves the United Kingdom" if policy.settings.uk_only else "It may leave the United Kingdom"
        case "notify_new_recipients":
            return "They are told first" if policy.settings.notify_new_recipients else "They are not told"
        case _:
            return f"The file takes {getattr(policy.settings, name)}"
