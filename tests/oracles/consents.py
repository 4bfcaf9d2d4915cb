"""The naive reading of consents and of what the law leaves a class: plain loops, read from top to bottom."""

from __future__ import annotations

from dataclasses import replace

from hub.policy.facts import Consent, Facts
from hub.policy.model import RecipientClass
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.register import kind

SENSITIVE = {c.name for c in CATEGORIES.values() if c.sensitive}


def lawful(klass: RecipientClass) -> RecipientClass:
    """The class with what the law leaves its kind, and nothing that its file claims beyond."""
    most = kind(klass)
    return replace(
        klass,
        in_duty=klass.in_duty and most.duty == "yes",
        confidential=klass.confidential and most.confidential,
        criminal=klass.criminal and most.criminal,
        identifiers=tuple(sorted(set(klass.identifiers) & set(most.identifiers))),
    )


def consent(facts: Facts, names: set[str], purpose: str, day: str) -> tuple[set[str], bool]:
    """The categories that consent covers for a recipient and purpose, and whether any consent for them has ended.

    The last word about a category counts (S-10). A consent past its last day speaks as an ending of its own scope.
    """
    about = [c for c in facts.consents if names & set(c.recipients) and {"*", purpose} & set(c.purposes)]
    covered = set()
    for category in CATEGORIES:
        words = [given(c, day) for c in about if names_category(c, category, day)]
        if words and words[-1]:
            covered.add(category)
    return covered, any(not given(c, day) for c in about)


def given(event: Consent, day: str) -> bool:
    """Whether a consent event still gives."""
    return event.status == "given" and (not event.expires_on or day <= event.expires_on)


def names_category(event: Consent, category: str, day: str) -> bool:
    """Whether an event speaks of a category. A sensitive service must be named to be given (D-19), never to be ended."""
    if given(event, day):
        return category in event.categories or ("*" in event.categories and category not in SENSITIVE)
    unknown = any(name not in CATEGORIES for name in event.categories)
    return category in event.categories or unknown
