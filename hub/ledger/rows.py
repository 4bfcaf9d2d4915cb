"""How values lie in a database, the same in both adapters: ids packed to bytes, rows as tuples in column order.

Almost every id of the hub is hex, and half as long in bytes; other ids keep their UTF-8 form. One leading byte tells
which, so no two ids share a packed form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from hub.ledger.ports import PersonResolution, RegisterQuery, RegisterRow, ReviewRow

_HEX_DIGITS: Final = 32
_IS_TEXT: Final = b"\x00"
_IS_HEX: Final = b"\x01"

REGISTER_COLUMNS: Final = (
    "disclosure_id",
    "disclosures_id",
    "subject_ref",
    "message_id",
    "agency",
    "recipient",
    "decision",
    "form",
    "purpose",
    "received_at",
    "record_id",
    "review_id",
    "body",
    "council",
)
REVIEW_COLUMNS: Final = (
    "review_id",
    "subject_ref",
    "message_id",
    "opened_at",
    "due_at",
    "needs_two",
    "identity_case",
    "status",
    "held_partition",
    "held_offset",
    "body",
    "council",
)


def pack(text: str) -> bytes:
    """Return an id as bytes. Different ids give different bytes; hex ids keep their order."""
    if len(text) >= _HEX_DIGITS:
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            return _IS_TEXT + text.encode()
        # Upper case and spaces are read as hex too, but are another text.
        if raw.hex() == text:
            return _IS_HEX + raw
    return _IS_TEXT + text.encode()


def unpack(packed: bytes) -> str:
    """Return the id that was packed."""
    return packed[1:].hex() if packed[:1] == _IS_HEX else packed[1:].decode()


def plain(text: str) -> str:
    """Return a text as both databases can hold it: PostgreSQL knows no NUL character, so it becomes U+FFFD."""
    return text.replace("\x00", "\ufffd")


def dump_persons(persons: Sequence[PersonResolution]) -> bytes:
    """Return the persons of a kept resolution as JSON."""
    return orjson.dumps([(one.subject_ref, one.status, one.candidates, one.hidden) for one in persons])


def load_persons(data: bytes) -> tuple[PersonResolution, ...]:
    """Return the persons of a kept resolution."""
    return tuple(
        PersonResolution(ref, status, tuple(candidates), *hidden)
        for ref, status, candidates, *hidden in orjson.loads(data)
    )


def register_values(row: RegisterRow) -> tuple[Any, ...]:
    """Return a register row in the order of REGISTER_COLUMNS."""
    return (
        pack(row.disclosure_id),
        pack(row.disclosures_id),
        pack(row.subject_ref),
        pack(row.message_id),
        plain(row.agency),
        plain(row.recipient),
        plain(row.decision),
        plain(row.form),
        plain(row.purpose),
        plain(row.received_at),
        pack(row.record_id),
        pack(row.review_id),
        row.body,
        plain(row.council),
    )


def register_row(values: Iterable[Any]) -> RegisterRow:
    """Return the row that REGISTER_COLUMNS hold."""
    disclosure, disclosures, subject, message, agency, recipient, decision, form, purpose, *more = values
    at, record, review, body, council = more
    return RegisterRow(
        disclosure_id=unpack(disclosure),
        disclosures_id=unpack(disclosures),
        subject_ref=unpack(subject),
        message_id=unpack(message),
        council=council,
        agency=agency,
        recipient=recipient,
        decision=decision,
        form=form,
        purpose=purpose,
        received_at=at,
        record_id=unpack(record),
        review_id=unpack(review),
        body=body,
    )


def register_filters(query: RegisterQuery) -> list[tuple[str, Any]]:
    """Return the conditions of a query as (`column operator`, value); empty fields make none."""
    wanted = [
        ("subject_ref =", query.subject_ref and pack(query.subject_ref)),
        ("message_id =", query.message_id and pack(query.message_id)),
        ("recipient =", plain(query.recipient)),
        ("council =", plain(query.council)),
        ("agency =", plain(query.agency)),
        ("decision =", plain(query.decision)),
        ("received_at >=", plain(query.since)),
    ]
    return [(condition, value) for condition, value in wanted if value]


def review_filters(status: str, council: str) -> list[tuple[str, str]]:
    """Return the conditions of a query of reviews, as `register_filters`."""
    return [(name, value) for name, value in (("status =", plain(status)), ("council =", plain(council))) if value]


def review_values(row: ReviewRow) -> tuple[Any, ...]:
    """Return a review in the order of REVIEW_COLUMNS."""
    return (
        pack(row.review_id),
        pack(row.subject_ref),
        pack(row.message_id),
        plain(row.opened_at),
        plain(row.due_at),
        row.needs_two,
        row.identity,
        row.status,
        *row.held_at,
        row.body,
        plain(row.council),
    )


def review_row(values: Iterable[Any]) -> ReviewRow:
    """Return the review that REVIEW_COLUMNS hold."""
    review, subject, message, opened, due, needs_two, identity, status, partition, offset, body, council = values
    return ReviewRow(
        review_id=unpack(review),
        subject_ref=unpack(subject),
        message_id=unpack(message),
        council=council,
        opened_at=opened,
        due_at=due,
        needs_two=bool(needs_two),
        identity=bool(identity),
        status=status,
        held_at=(partition, offset),
        body=body,
    )
