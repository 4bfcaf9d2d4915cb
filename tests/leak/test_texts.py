"""Texts of errors hold no value, whatever is wrong with a message (INV-7)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from hub.connectors.messages.convert import parse_json
from hub.errors import HubError
from hub.schemas.codec import decode, encode
from tests.leak.planting import MARK, Plant, Planter, needles

MESSAGES = (
    ("early_help_assessment", "Referral"),
    ("share_request", "ShareRequest"),
    ("share_response", "ShareResponse"),
    ("correction", "Control"),
)


@pytest.fixture(params=MESSAGES, ids=[name for name, _ in MESSAGES])
def plant(request: pytest.FixtureRequest) -> Plant:
    """A planted message."""
    return Planter().template(*request.param)


def test_writing_what_does_not_fit_quotes_nothing(plant: Plant) -> None:
    """Each field in turn holds a record, a list, or a field of its own that nobody knows."""
    for where, name in places(plant.body):
        for wrong in ({MARK: MARK}, [[MARK]], 7.5j):
            body = copy.deepcopy(plant.body)
            reach(body, where)[name] = wrong
            assert_quotes_nothing(plant, lambda body=body: encode(plant.name, body))


def test_reading_what_is_damaged_quotes_nothing(plant: Plant) -> None:
    """A message that is cut off, or damaged, anywhere."""
    whole = encode(plant.name, plant.body)
    for place in range(5, len(whole), 7):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        assert_quotes_nothing(plant, lambda place=place: decode(whole[:place]))
        assert_quotes_nothing(plant, lambda damaged=damaged: decode(damaged), may_pass=True)


def test_json_that_does_not_fit_quotes_nothing(plant: Plant) -> None:
    """What a person writes, with a value where a record should be, and a field that nobody knows."""
    for where, name in places(plant.body):
        body = copy.deepcopy(plant.body)
        reach(body, where)[name] = {MARK: MARK}
        text = json.dumps({"type": plant.name, **without_bytes(body)})
        assert_quotes_nothing(plant, lambda text=text: parse_json(text), may_pass=True)


def assert_quotes_nothing(plant: Plant, attempt: Any, *, may_pass: bool = False) -> None:
    """The attempt fails with an error of the hub whose text, and whose cause's text, hold nothing planted."""
    try:
        attempt()
    except HubError as error:
        said = f"{error} {error!r} {error.__cause__}".lower().encode()
        values = [needle for needle in needles([plant]) if needle != MARK.lower().encode() or not unknown(error)]
        assert [] == [needle for needle in values if needle in said], said
    else:
        assert may_pass


def unknown(error: HubError) -> bool:
    """Whether the error names a field that the test itself made up; the name of a field is no value."""
    return any(MARK in fault.place or MARK in fault.text for fault in error.faults)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield (path to the holder, name) of every field of a body."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, inner in items:
        if isinstance(node, dict):
            yield path, name
        yield from places(inner, (*path, name))


def reach(body: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for step in path:
        body = body[step]
    return body


def without_bytes(node: Any) -> Any:
    """Return a body as JSON can hold it."""
    if isinstance(node, dict):
        return {name: without_bytes(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [without_bytes(inner) for inner in node]
    return None if isinstance(node, bytes) else node
