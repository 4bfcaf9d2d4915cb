"""CloudEvents headers."""

from __future__ import annotations

from hub.schemas.events import attribute, headers


def test_headers_carry_the_cloudevents_attributes() -> None:
    """Binary content mode: the attributes are headers, the value is the bare message."""
    expected = [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"m1"),
        ("ce_type", b"uk.hub.v1.Referral"),
        ("ce_source", b"lancashire-constabulary"),
        ("ce_time", b"2026-11-22T09:00:00Z"),
        ("content-type", b"application/avro"),
    ]

    assert expected == headers("m1", "uk.hub.v1.Referral", "lancashire-constabulary", "2026-11-22T09:00:00Z")


def test_a_trace_goes_along_where_there_is_one() -> None:
    """`traceparent` is passed on as it came, and never made up."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    assert ("traceparent", trace.encode()) in headers("m1", "t", "s", "2026-11-22T09:00:00Z", trace)


def test_an_attribute_is_read_or_absent() -> None:
    """A missing header, or one that is not UTF-8, is None and no error."""
    pairs = [("ce_id", b"m1"), ("ce_type", b"\xff")]

    assert (attribute(pairs, "ce_id"), attribute(pairs, "ce_type"), attribute(pairs, "ce_time")) == ("m1", None, None)
