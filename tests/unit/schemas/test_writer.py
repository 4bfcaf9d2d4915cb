"""The compiled writer: the same bytes as the general one, and the same refusals."""

from __future__ import annotations

import copy
import random
from io import BytesIO
from typing import Any

import pytest
from fastavro import schemaless_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import InputFault
from hub.schemas.codec import decode, encode
from hub.schemas.registry import packaged
from tests.strategies.bodies import bodies, drifted

NAMES = packaged().names()
SPOILERS: tuple[Any, ...] = (
    None,
    True,
    1,
    1 << 70,
    0.5,
    "x",
    "\ud800",
    b"x",
    [],
    ["x"],
    [None],
    {},
    {"x": 1},
    object(),
)


def general(name: str, body: Any) -> bytes:
    """What the general writer makes of a body."""
    schema = packaged().by_name(name)
    out = BytesIO()
    out.write(b"\x00" + schema.schema_id.to_bytes(4, "big"))
    schemaless_writer(out, schema.parsed, body, strict_allow_default=True, disable_tuple_notation=True)
    return out.getvalue()


def spoilt(node: Any, dice: random.Random) -> Any:
    """A copy of a body with one value, somewhere in it, replaced, removed or added."""
    spoiler = dice.choice(SPOILERS)
    if isinstance(node, dict) and node and dice.random() < 0.8:
        name = dice.choice(sorted(node))
        inner = spoilt(node[name], dice)
        return {**node, name: inner} if dice.random() < 0.9 else {key: node[key] for key in node if key != name}
    if isinstance(node, dict) and dice.random() < 0.5:
        return {**node, "extra": spoiler}
    if isinstance(node, list) and node and dice.random() < 0.8:
        return [*node[:-1], spoilt(node[-1], dice)]
    return spoiler


@pytest.mark.parametrize("name", NAMES)
def test_the_hubs_own_schemas_are_compiled(name: str) -> None:
    """No message falls back to the slow writer unnoticed."""
    assert packaged().by_name(name).write is not None


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_bytes_are_those_of_the_general_writer(name: str, data: st.DataObject) -> None:
    """For any body of any message, with defaults left out or written."""
    body = data.draw(bodies(name))

    assert encode(name, body) == general(name, body)
    assert encode(name, decode(encode(name, body)).body) == general(name, body)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(0, 2**32))
def test_what_is_taken_is_what_the_general_writer_takes(data: st.DataObject, seed: int) -> None:
    """A spoilt body is refused with its faults, or taken by both writers with the same bytes: never something between."""
    name = data.draw(st.sampled_from(NAMES))
    body = spoilt(copy.deepcopy(data.draw(bodies(name))), random.Random(seed))
    try:
        written = encode(name, body)
    except InputFault as refused:
        assert refused.faults
        return
    assert written == general(name, body)


def test_a_schema_beyond_the_compiled_writer_is_written_all_the_same() -> None:
    """A schema from outside may use maps and wider unions: the general writer takes over."""
    field = {"name": "extra", "type": {"type": "map", "values": ["null", "string", "int"]}, "default": {}}
    registry = drifted("Notice", "Notice", field)
    body = {"notice_id": "n", "subject_ref": "s", "reason": "r", "opened_at": "o", "due_on": "d", "message_id": "m",
            "may_delay": False, "extra": {"a": 1, "b": "x", "c": None}}  # fmt: skip

    assert registry.by_name("Notice").write is None
    assert decode(encode("Notice", body, registry), registry).body["extra"] == body["extra"]
