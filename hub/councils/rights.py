"""What a notice promises the person, and how the file reads it: retention, rights, contacts, choices."""

from __future__ import annotations

from hub.councils.reader import Row
from hub.policy.promises import Choice, Contact, Retention, Right
from hub.policy.vocabulary import CATEGORIES


def read_retention(top: Row) -> tuple[Retention, ...]:
    """Return how long records are kept; `unknown` is kept as unknown, never as zero."""
    return tuple(
        Retention(
            row.text("what"),
            row.text("starts"),
            row.span("minimum"),
            row.span("maximum"),
            row.because(),
            id=row.name,
            categories=row.words("categories", tuple(CATEGORIES), required=False),
            forms=row.names("forms", "form", required=False),
        )
        for row in top.rows("retention", "retention rule")
    )


def read_rights(top: Row) -> tuple[Right, ...]:
    """Return the subject's rights and their clocks."""
    return tuple(
        Right(row.name, row.text("title"), row.span("within"), row.span("extension"), row.because())
        for row in top.rows("rights", "right")
    )


def read_contacts(top: Row) -> tuple[Contact, ...]:
    """Return whom to write to, by role."""
    return tuple(
        Contact(
            row.name,
            row.text("title"),
            row.text("email", required=False),
            row.text("post", required=False),
            row.because(),
        )
        for row in top.rows("contacts", "contact")
    )


def read_choices(top: Row) -> tuple[Choice, ...]:
    """Return how the file settles what the notice leaves open."""
    return tuple(
        Choice(row.name, row.text("question"), row.text("answer"), row.text("reason"), row.because())
        for row in top.rows("choices", "choice", required=False)
    )
