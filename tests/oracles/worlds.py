"""Small made-up policies, with every switch that a policy file has, so that a rule is tested beyond what one council chose."""

from __future__ import annotations

import random
from dataclasses import replace

from hub.policy.law import KINDS
from hub.policy.model import AgencyRow, Basis, Form, Group, Override, Policy, Purpose, RecipientClass, Settings, Sharing
from hub.policy.promises import Retention
from hub.policy.vocabulary import CARE_STATUSES, CATEGORIES, IDENTIFIERS, LIMBS, NEEDS, OBLIGATIONS, names_of

FACTS = ("X-1",)
ROLES = ("visitor", "desk", "partner")
DISTRICTS = ("E07000117", "E07000118")
CONDITIONS = (
    *("explicit_consent", "health_or_social_care", "safeguarding"),
    *("substantial_public_interest", "criminal_offence"),
)


def world(rng: random.Random) -> Policy:
    """A policy drawn at random. Consent stands last among the bases, as the notices have it: it never hides another."""
    classes = tuple(_class(rng, name) for name in ("alpha", "beta", "gamma"))
    purposes = (
        Purpose("contact", "contact", FACTS, contact_only=True),
        Purpose("help", "help", FACTS, safeguarding=rng.random() < 0.3),
        Purpose("welfare", "welfare", FACTS, safeguarding=True),
        Purpose("numbers", "numbers", FACTS, anonymised_only=True),
    )
    groups = tuple(_group(rng, name) for name in ("first", "second", "third"))
    forms = tuple(_form(rng, name, purposes, groups) for name in ("slip", "letter", "share_request"))
    return Policy(
        id="made-up",
        version="1",
        council="made-up",
        title="Made up",
        notice="X",
        controller="Made up",
        valid_from="2021-01-01",
        valid_to=rng.choice(("", "2027-06-30")),
        digest=f"{rng.getrandbits(64):x}",
        settings=Settings(
            duty_16la_from=rng.choice(("", "2026-06-01", "2026-09-30", "2026-11-22")),
            review_by=rng.choice(("", "2026-11-22", "2028-03-31")),
            uk_only=rng.random() < 0.7,
        ),
        override=_override(rng),
        groups=groups,
        purposes=purposes,
        forms=forms,
        classes=classes,
        agencies=_agencies(rng, classes),
        bases=tuple(Basis(name, "6(1)", ("an Act",), FACTS) for name in (*_FIRST, "consent", "contact_permission")),
        sharing=_rules(rng, classes, purposes, forms, groups),
        controls=(),
        retention=_retention(rng, forms),
        districts=tuple((code, code) for code in DISTRICTS),
    )


_COMMON_KINDS = (
    *("early_help", "social_care", "health", "police", "police", "court"),
    *("voluntary_contracted", "voluntary_contracted", "fraud_prevention", "fraud_prevention", "made_up"),
)
"""Those that the law treats each in its own way, and one that it does not know."""
_FIRST = ("duty_16la", "legal_obligation", "public_task")


def _class(rng: random.Random, name: str) -> RecipientClass:
    often = [rng.random() < odds for odds in (0.4, 0.7, 0.5, 0.5, 0.6)]
    return RecipientClass(
        name,
        name,
        FACTS,
        internal=often[0],
        in_duty=often[1],
        visits_family=often[2],
        confidential=often[3],
        criminal=often[4],
        identifiers=tuple(n for n in names_of(IDENTIFIERS) if rng.random() < 0.5),
        select=rng.choice(("all", "all", "district", "school", "involved")),
        kind=rng.choice((*_COMMON_KINDS, *_COMMON_KINDS, *KINDS)),
    )


def _form(rng: random.Random, name: str, purposes: tuple[Purpose, ...], groups: tuple[Group, ...]) -> Form:
    return Form(
        name,
        name,
        sources=tuple(sorted(rng.sample(ROLES, 2))),
        purposes=tuple(p.id for p in purposes if rng.random() < (0.2 if p.anonymised_only else 0.8)) or ("help",),
        recipients=tuple(rng.sample(("alpha", "beta", "gamma"), rng.randint(0, 2))),
        facts=FACTS,
        before_consent=rng.random() < 0.3,
        threshold_first=rng.random() < 0.4,
        collects=tuple(g.id for g in rng.sample(groups, 2)) if rng.random() < 0.3 else (),
        about_only=tuple(sorted(rng.sample(CARE_STATUSES, 2))) if rng.random() < 0.25 else (),
        criminal=rng.random() < 0.6,
    )


def _retention(rng: random.Random, forms: tuple[Form, ...]) -> tuple[Retention, ...]:
    return (
        Retention(
            "some data",
            "end",
            "",
            "6 years",
            FACTS,
            "some-data",
            categories=rng.choice((("name",), ("send", "medical"))),
        ),
        Retention("a form", "end", "", rng.choice(("", "6 months")), FACTS, "a-form", forms=(rng.choice(forms).id,)),
        Retention("everything", "end", "", "75 years", FACTS, "everything"),
    )


def _group(rng: random.Random, name: str) -> Group:
    return Group(name, name, tuple(sorted(rng.sample(tuple(CATEGORIES), 14))), FACTS)


def _override(rng: random.Random) -> Override:
    limbs = tuple(limb for limb in LIMBS if rng.random() < 0.6)
    weigh = rng.choice(("bar", "weigh"))
    return Override(limbs, rng.choice(("either", "both")), ROLES, FACTS, inform=rng.random() < 0.7, instructions=weigh)


def _agencies(rng: random.Random, classes: tuple[RecipientClass, ...]) -> tuple[AgencyRow, ...]:
    rows: list[AgencyRow] = []
    for klass in (*classes, *classes, *classes, None):
        name = f"{klass.id if klass else 'source'}-{len(rows)}"
        row = AgencyRow(
            id=name,
            name=name,
            recipient_class=klass.id if klass else "",
            roles=tuple(sorted(rng.sample(ROLES, 2))),
            valid_from="2021-01-01",
            valid_to=rng.choice(("", "", "", "2026-11-21", "2026-11-22")),
            facts=FACTS,
            districts=DISTRICTS[:1] if rng.random() < 0.3 else (),
            uk=rng.random() < 0.9,
            agreement_id="A-1" if rng.random() < 0.9 else "",
            agreement_from="2021-01-01",
            agreement_to=rng.choice(("", "", "", "", "2026-11-22", "2026-11-21")),
            in_duty=rng.choice(("", "", "yes", "no")),
            codes=(("urn", f"9{len(rows)}"),),
        )
        rows.append(row)
        if row.valid_to and rng.random() < 0.5:
            later = "2026-11-22" if row.valid_to == "2026-11-21" else "2026-11-23"
            rows.append(replace(row, valid_from=later, valid_to="", in_duty="yes"))
    return tuple(rows)


def _rules(
    rng: random.Random,
    classes: tuple[RecipientClass, ...],
    purposes: tuple[Purpose, ...],
    forms: tuple[Form, ...],
    groups: tuple[Group, ...],
) -> tuple[Sharing, ...]:
    rules: list[Sharing] = []
    for klass in classes:
        for purpose in purposes[:3]:
            if rng.random() < 0.8:
                rules.append(_rule(rng, len(rules), klass, purpose, (), groups))
            if rng.random() < 0.3:
                rules.append(_rule(rng, len(rules), klass, purpose, (rng.choice(forms).id,), groups))
    return tuple(rules)


def _rule(
    rng: random.Random,
    number: int,
    klass: RecipientClass,
    purpose: Purpose,
    forms: tuple[str, ...],
    groups: tuple[Group, ...],
) -> Sharing:
    lawful = [name for name in _FIRST if rng.random() < 0.35]
    asked = "contact_permission" if purpose.contact_only and rng.random() < 0.5 else "consent"
    closed = rng.random() < 0.25
    return Sharing(
        id=f"rule-{number:02}",
        title="made up",
        purposes=(purpose.id,),
        to=(klass.id,),
        bases=tuple([*lawful, asked] if rng.random() < 0.8 or not lawful else lawful),
        groups=() if closed else tuple(g.id for g in rng.sample(groups, 2)),
        facts=FACTS,
        forms=forms,
        conditions=tuple(rng.sample(CONDITIONS, rng.randint(0, 4))),
        only=tuple(sorted(rng.sample(tuple(CATEGORIES), 8))) if closed else (),
        valid_from=rng.choice(("", "", "", "2026-11-22")),
        valid_to=rng.choice(("", "", "", "2026-11-22")),
        needs=tuple(rng.sample(NEEDS, rng.randint(1, 3))) if rng.random() < 0.4 else (),
        every="month" if rng.random() < 0.2 else "",
        switched=rng.random() < 0.95,
        obliges=tuple(rng.sample(OBLIGATIONS, 1)) if rng.random() < 0.3 else (),
        override="law" if rng.random() < 0.2 else "any",
    )
