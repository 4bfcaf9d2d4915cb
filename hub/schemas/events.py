"""CloudEvents 1.0 attributes as Kafka headers (binary content mode). Headers never hold personal data."""

from __future__ import annotations

from typing import Final

CONTENT_TYPE: Final = "application/avro"
SPEC_VERSION: Final = "1.0"


def headers(
    event_id: str,
    type: str,  # noqa: A002 - the name of the CloudEvents attribute
    source: str,
    time: str,
    traceparent: str | None = None,
) -> list[tuple[str, bytes]]:
    """Return the headers of one message.

    event_id: the message's own id; type: its name, such as `uk.hub.v1.Referral`; source: agency id or agent name;
    time: UTC, `2026-11-22T09:00:00Z`; traceparent: W3C trace context, left out when there is none.
    """
    attributes = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", event_id),
        ("ce_type", type),
        ("ce_source", source),
        ("ce_time", time),
        ("content-type", CONTENT_TYPE),
    ]
    if traceparent is not None:
        attributes.append(("traceparent", traceparent))
    return [(name, value.encode()) for name, value in attributes]


def attribute(pairs: tuple[tuple[str, bytes], ...] | list[tuple[str, bytes]], name: str) -> str | None:
    """Return a header's text, or None when it is absent or not UTF-8."""
    for key, value in pairs:
        if key == name:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None
