"""The plain English that the paper is made of: what each thing of a policy is called for the people it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from hub.councils.coverage import fact_order
from hub.councils.paper.model import Because, Sentence
from hub.policy.model import Group, Policy, RecipientClass, Sharing
from hub.policy.promises import Retention
from hub.policy.vocabulary import CATEGORIES

NEEDS: Final = {
    "consent": "you have agreed to it",
    "informed": "we have told you about it",
    "informed_or_consent": "we have told you about it, or you have agreed to it",
    "service_agreement": "your family has agreed to take part",
    "service_not_declined": "your family has not turned the support down",
    "stated_reason": "the message says why they need it",
    "grant": "they have been let in for a set time",
}
"""What a rule may ask for besides a lawful basis, as a condition that a person can read."""

LIMBS: Final = {
    "LAW_REQUIRES": "the law says that we must",
    "RISK_OF_HARM": "somebody may come to harm",
    "CRIME_DISORDER": "it is needed to prevent crime or disorder",
    "RISK_TO_WELLBEING": "somebody's well-being is at risk",
}
"""What lets the council share although something else stands against it."""

DUTIES: Final = {
    "ASK_CONSENT": "We ask you to agree as soon as we can.",
    "INFORM_SUBJECT": "We tell you about it.",
    "NO_DETRIMENT": "Your support and your benefits stay the same.",
    "NO_ADVERSE_DECISION": "They may not decide against you because of it.",
}
"""What a rule lays on those who share and receive."""

CARE: Final = {
    "child_in_need": "children in need",
    "child_protection": "children with a protection plan",
    "looked_after": "children who are looked after",
}
"""What a form may be limited to."""


def source(section: str, row: str, facts: Iterable[str]) -> Because:
    """Return where a sentence comes from: a row of a section of the policy file, and what that row cites."""
    return Because(f"{section}.{row}" if row else section, tuple(sorted(set(facts), key=fact_order)))


def law(*facts: str) -> Because:
    """Return the source of what holds under every notice: the rules and the law above them."""
    return source("law", "", facts)


def setting(policy: Policy, name: str) -> Because:
    """Return the source of a setting; one that the file leaves to the hub has the rule behind it."""
    facts = dict(policy.row_facts).get(f"settings.{name}")
    return source("settings", name, facts) if facts else law("D-25")


def head(policy: Policy) -> Because:
    """Return the source of what the policy's first section says."""
    return source("policy", "", dict(policy.row_facts)["policy"])


def said(text: str, *because: Because) -> Sentence:
    """Return a sentence with its sources."""
    return Sentence(text, because)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as English lists them: `a, b and c`."""
    some = list(dict.fromkeys(names))
    if len(some) < 2:  # noqa: PLR2004 - one name needs no joining
        return "".join(some)
    return f"{', '.join(some[:-1])} {last} {some[-1]}"


def capital(text: str) -> str:
    """Return the text with its first letter large."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Return the text with its first letter small, unless it is a name of several large letters."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def day(iso: str, otherwise: str = "no end date") -> str:
    """Return an ISO day as people write it: 30 September 2026."""
    if not iso:
        return otherwise
    found = date.fromisoformat(iso)
    return f"{found.day} {found:%B %Y}"


def categories(names: Iterable[str]) -> list[str]:
    """Return what the categories of data are called."""
    return [CATEGORIES[name].title for name in names]


def data_of(policy: Policy, rule: Sharing) -> list[str]:
    """Return the categories that a rule shares, in the vocabulary's order."""
    groups = {group.id: group.categories for group in policy.groups}
    named = set(rule.only) or {name for group in rule.groups for name in groups[group]}
    return [name for name in CATEGORIES if name in named]


def classes_of(policy: Policy, names: Iterable[str]) -> list[RecipientClass]:
    """Return the classes with these ids, in the order of the ids."""
    rows = {row.id: row for row in policy.classes}
    return [rows[name] for name in names]


def groups_of(policy: Policy, names: Iterable[str]) -> list[Group]:
    """Return the groups with these ids, in the order of the ids."""
    rows = {row.id: row for row in policy.groups}
    return [rows[name] for name in names]


def plain(title: str) -> str:
    """Return a title without a remark in brackets at its end, which speaks to those who keep the policy."""
    return re.sub(r"\s*\([^()]*\)$", "", title)


def article(number: str) -> str:
    """Return an Article of the UK GDPR so that it is not broken over lines."""
    return f"Article\u00a0{number}".replace(")(", ")\u2060(")


def council(policy: Policy) -> str:
    """Return the council's name: the controller without its address."""
    return policy.controller.partition(",")[0]


def service(policy: Policy) -> str:
    """Return the service's name, without what it was called before."""
    return policy.service.partition(",")[0]


def span(row: Retention) -> str:
    """Return how long something is kept, in words."""
    if row.minimum and row.maximum and row.minimum != row.maximum:
        return f"between {row.minimum} and {row.maximum}"
    if row.maximum:
        return row.maximum if row.minimum else f"no longer than {row.maximum}"
    return f"at least {row.minimum}; the notice gives no longest time" if row.minimum else "the notice gives no number"
