"""The sharing section of a privacy notice, in plain English, from the policy that the hub enforces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.councils.paper import parts
from hub.councils.paper.model import (
    Because,
    Block,
    Columns,
    Listing,
    Paper,
    Paragraph,
    Section,
    Sentence,
    Table,
    TableRow,
)
from hub.councils.paper.words import (
    CARE,
    DUTIES,
    LIMBS,
    NEEDS,
    article,
    capital,
    categories,
    classes_of,
    council,
    data_of,
    day,
    groups_of,
    head,
    law,
    listed,
    plain,
    said,
    setting,
    source,
)
from hub.policy.model import Policy, Purpose, Sharing
from hub.policy.snapshot import in_force

_BASES: Final = {
    "duty_16la": "a law tells us to share for a child's good",
    "legal_obligation": "a law says that we must",
    "public_task": "it is our job by law",
    "consent": "you agree",
    "contact_permission": "you said that we may contact you",
}
_WHY: Final = {
    "duty_16la": "A law tells us to share what matters for a child's safety and welfare.",
    "legal_obligation": "Some laws say that we must share. Then we name the law.",
    "public_task": "Some sharing is part of the job that the law gives us.",
    "consent": "Some sharing needs you to agree. You may say no. You may change your mind at any time.",
    "contact_permission": "You may let us contact you. That allows contact, and nothing more.",
}


_ASKED: Final = frozenset({"consent", "informed_or_consent", "service_agreement"})
"""What a rule may need that the person or the family gives."""


def notice(policy: Policy, on: str) -> Paper:
    """Return how the council shares on a day, for the people whose data it is."""
    live = [rule for rule in policy.sharing if rule.switched and in_force(rule.valid_from, rule.valid_to, on)]
    sections = [
        _short(policy),
        _why(policy),
        Section("What we share, and with whom", (Paragraph(tuple(_aims(policy, live))),)),
        *_purposes(policy, live),
        _closed(policy, on),
        Section("Who they are", (Paragraph((_signed(policy),)), parts.agencies(policy, on))),
        Section("What each kind of information holds", (parts.groups(policy),)),
        _never(policy),
        _against(policy),
        _abroad(policy),
        Section("How we keep it safe", (Paragraph(parts.security()),)),
        Section("How long it is kept", (_kept(policy), *parts.retention(policy))),
        Section("Your rights", parts.rights(policy)),
        Section("Whom to ask", (parts.contacts(policy),)),
        Section("Where our notice is silent", parts.silent(policy)),
    ]
    return Paper(
        "notice",
        council(policy),
        "Who we share your information with",
        said(f"This page is about the {policy.service}. Our sharing hub follows the rules on this page.", head(policy)),
        parts.about(policy, on),
        parts.filled(sections),
        policy.quotes,
    )


# Private functions
# -----------------


def _short(policy: Policy) -> Section:
    sentences = [
        said(f"{council(policy)} is in charge of your information.", head(policy)),
        said("We share only what a rule on this page allows. The rest stays with us.", law("S-02", "S-06")),
    ]
    asks = [basis for basis in policy.bases if basis.id == "consent"]
    if asks:
        text = "We often ask you first. You are free to say no."
        sentences.append(said(text, *(source("bases", basis.id, basis.facts) for basis in asks)))
    else:
        others = [source("bases", basis.id, basis.facts) for basis in policy.bases]
        first = "" if any(set(rule.needs) & _ASKED for rule in policy.sharing) else "We do not ask you to agree first. "
        sentences.append(said(f"{first}We share because the law lets us or tells us to.", *others))
    if policy.settings.notify_new_recipients:
        text = "We tell you before a new kind of group gets your information."
        sentences.append(said(text, setting(policy, "notify_new_recipients")))
    return Section("In short", (Paragraph(tuple(sentences)),))


def _why(policy: Policy) -> Section:
    rows = tuple(
        TableRow(
            (_WHY[basis.id], article(basis.article), "; ".join(basis.gateway) or "no Act is needed"),
            (source("bases", basis.id, basis.facts),),
        )
        for basis in policy.bases
    )
    intro = said("We may share for these reasons.", *(because for row in rows for because in row.because))
    return Section(
        "Why we may share", (Paragraph((intro,)), Table("Reasons in law", ("Reason", "UK GDPR", "Acts"), rows))
    )


def _aims(policy: Policy, live: list[Sharing]) -> Iterator[Sentence]:
    aims = [source("purposes", row.id, row.facts) for row in policy.purposes if not row.anonymised_only]
    yield said("We share for the aims below. For each aim you see who gets what.", *aims)
    if any(rule.needs for rule in live):
        text = "Some rules ask for one more thing first. We do not wait for it if the law tells us to share."
        yield said(text, law("D-04", "S-12"))


def _purposes(policy: Policy, live: list[Sharing]) -> Iterator[Section]:
    named = {purpose.id: purpose for purpose in policy.purposes}
    for key in sorted({rule.purposes for rule in live}, key=lambda key: _order(named, key)):
        purposes = [named[name] for name in key]
        yield Section(capital("; ".join(purpose.title for purpose in purposes)), (), 3)
        for rule in (rule for rule in live if rule.purposes == key):
            yield Section(rule.title, tuple(_rule(policy, rule, purposes)), 4)


def _order(named: dict[str, Purpose], key: tuple[str, ...]) -> tuple[bool, bool, bool, tuple[str, ...]]:
    first = named[key[0]]
    return (not first.contact_only, not first.safeguarding, "early_help" not in key, key)


def _rule(policy: Policy, rule: Sharing, purposes: list[Purpose]) -> Iterator[Block]:
    own = source("sharing", rule.id, rule.facts)
    aims = [source("purposes", purpose.id, purpose.facts) for purpose in purposes]
    yield Paragraph(tuple(_when(policy, rule, own)))
    to = [said(plain(row.title), source("recipient_classes", row.id, row.facts)) for row in classes_of(policy, rule.to)]
    yield Columns(
        (
            Listing(said("They may get it:", own, *aims), tuple(to)),
            Listing(said("This is what they may get:", own), tuple(_what(policy, rule, own))),
        )
    )


def _what(policy: Policy, rule: Sharing, own: Because) -> Iterator[Sentence]:
    if rule.only:
        yield from (said(title, own) for title in categories(data_of(policy, rule)))
        return
    for group in groups_of(policy, rule.groups):
        yield said(group.title, source("groups", group.id, group.facts))


def _when(policy: Policy, rule: Sharing, own: Because) -> Iterator[Sentence]:
    bases = [basis for name in rule.bases for basis in policy.bases if basis.id == name]
    ways = listed((_BASES[name] for name in rule.bases), "or")
    yield said(f"We may do this if {ways}.", own, *(source("bases", basis.id, basis.facts) for basis in bases))
    if rule.needs:
        yield said(f"We do it only when {listed(NEEDS[need] for need in rule.needs)}.", own)
    forms = [form for form in policy.forms if form.id in rule.forms]
    if forms and all(form.about_only for form in forms):
        kinds = listed((CARE[status] for form in forms for status in form.about_only), "or")
        because = [source("forms", form.id, form.facts) for form in forms]
        yield said(f"We do it only for {kinds}.", own, *because)
    if rule.every:
        yield said("We do it at most once a month.", own)
    for duty in rule.obliges:
        yield said(DUTIES[duty], own)
    if rule.valid_to:
        yield said(f"This ends on {day(rule.valid_to)}.", own)


def _closed(policy: Policy, on: str) -> Section:
    items = []
    for rule in policy.sharing:
        own = source("sharing", rule.id, rule.facts)
        if not rule.switched:
            items.append(said(f"{rule.title}: this is switched off.", own))
        elif not in_force(rule.valid_from, rule.valid_to, on):
            late = bool(rule.valid_to) and rule.valid_to < on
            text = f"this ended on {day(rule.valid_to)}." if late else f"this starts on {day(rule.valid_from)}."
            items.append(said(f"{rule.title}: {text}", own))
    if not items:
        return Section("What we do not share now", ())
    because = tuple(dict.fromkeys(each for item in items for each in item.because))
    return Section(
        "What we do not share now",
        (Listing(Sentence("Our notice names these. We do not do them now.", because), tuple(items)),),
    )


def _signed(policy: Policy) -> Sentence:
    text = "Each one outside the council must sign an agreement with us. It says how they keep your information safe."
    outside = [source("recipient_classes", row.id, row.facts) for row in policy.classes if not row.internal]
    return said(text, law("S-05"), *outside)


def _never(policy: Policy) -> Section:
    items = [
        said(
            "If a child is kept hidden for safety, we tell nobody the address, the school or a former name.",
            law("D-18"),
        ),
        said("Only schools, councils and the Department for Education may get a pupil number.", law("D-17")),
        said("Only health services and councils may get an NHS number.", law("D-17")),
        said(
            "Sexual health, the end of a pregnancy, drugs, drink and counselling stay with us. We share them only if you name them "
            "when you agree, or a child may come to great harm.",
            law("D-19"),
        ),
        said("Crimes and victims go by a path of their own, or not at all.", law("S-27")),
        said("A partner may pass on only a little of it, and only to others on this page.", law("S-25")),
        said("Your yes is about you. It does not cover another adult.", law("D-14")),
        said("Notes on risks to staff go only to those who meet your family.", law("S-23")),
    ]
    for purpose in policy.purposes:
        if purpose.anonymised_only:
            text = f"For this aim we use numbers that name nobody: {purpose.title}."
            items.append(said(text, source("purposes", purpose.id, purpose.facts), law("D-27")))
    return Section(
        "What we hold back",
        (Listing(said("Some things are held back, whatever a rule says.", law("D-10")), tuple(items)),),
    )


def _against(policy: Policy) -> Section:
    row = policy.override
    own = source("override", "", row.facts)
    tell = _control(policy, "instruct_not_to")
    found = []
    if row.instructions == "bar":
        found.append(said("You can tell us not to share with somebody. Then we do not.", own, tell))
    else:
        found.append(said("You can ask us not to share with somebody. Then one of our staff decides.", own, tell))
    if any(basis.id == "consent" for basis in policy.bases):
        found.append(
            said(
                "You can take back your yes at any time. From then on we stop.",
                _control(policy, "consent"),
                law("S-10"),
            )
        )
    if row.limbs:
        word = "or" if row.connective == "either" else "and"
        found.append(said(f"We may still share if {listed((LIMBS[limb] for limb in row.limbs), word)}.", own))
        found.append(said("A named person decides this. We write down who and why.", own, law("S-12")))
    if row.limbs and row.inform:
        text = f"We tell you within {row.inform_days} days. We wait only if telling you would put somebody at risk."
        found.append(said(text, own, law("S-13", "D-20")))
    return Section("When you do not want us to share", (Paragraph(tuple(found)),))


def _control(policy: Policy, kind: str) -> Because:
    return source("controls", kind, dict(policy.row_facts)[f"controls.{kind}"])


def _abroad(policy: Policy) -> Section:
    text = (
        "We do not send your information out of the UK." if policy.settings.uk_only else "We may send it out of the UK."
    )
    return Section("Sending it abroad", (Paragraph((said(text, setting(policy, "uk_only")),)),))


def _kept(policy: Policy) -> Paragraph:
    because = [source("retention", row.id, row.facts) for row in policy.retention] or [law("D-22")]
    return Paragraph((said("We keep each kind of record for its own time.", *because),))
