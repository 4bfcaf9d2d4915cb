"""Whatever a partner sends that fits a schema, the front door answers: with faults, or by taking it. It never falls over."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import RefusedMessage
from hub.flow.intake_ask import Arrival, ask_of
from hub.flow.intake_parts import parts_of
from hub.flow.validate import CHECKS, validate
from hub.ledger.ports import PersonResolution
from hub.schemas.codec import decode, encode
from hub.schemas.templates import template_names
from tests.strategies.bodies import bodies
from tests.support.partner import (
    KEYRING,
    MASH,
    NOW,
    REGISTRY,
    Body,
    filled,
    message_name,
    policies,
    publish,
    sender_for,
)

PATIENT = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", CHECKS)
@PATIENT
@given(data=st.data())
def test_any_message_that_decodes_is_answered(name: str, data: st.DataObject) -> None:
    """A body with odd values in every field gives faults, each with code, place and remedy; nothing is raised."""
    decoded = decode(encode(name, data.draw(bodies(name))))
    for fault in validate(REGISTRY, policies(), decoded, MASH, NOW):
        assert fault.code
        assert fault.text
        assert fault.remedy


@pytest.mark.parametrize("name", template_names())
@PATIENT
@given(data=st.data())
def test_template_with_parts_exchanged_is_taken_or_refused(name: str, data: st.DataObject) -> None:
    """A whole message with some fields replaced by odd ones is refused with faults, or cut into its parts; nothing else."""
    body = filled(name)
    odd = data.draw(bodies(message_name(body)))
    for field in data.draw(st.sets(st.sampled_from(sorted(odd)), max_size=3)) if odd else ():
        body[field] = odd[field]
    _answer(body)


def _answer(body: Body) -> None:
    agency = sender_for(filled("mash_referral")) if "form" in body else MASH
    message = publish(agency, body)
    decoded = decode(message.value)
    if validate(REGISTRY, policies(), decoded, agency, NOW):
        return
    try:
        asked = ask_of(Arrival(message, agency, NOW, decoded), KEYRING, REGISTRY)
    except RefusedMessage as error:
        assert error.faults
        return
    persons = [PersonResolution("ab" * 16, "conflict", ("cd" * 16,)) for _ in asked.ask.persons]
    for part in parts_of(asked, persons, REGISTRY):
        assert decoded.name == decode(part.payload).name
        assert part.subject_ref
