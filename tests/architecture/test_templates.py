"""Templates and policies belong together: what a policy takes has an example, and the example is taken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import hub.councils
from hub.connectors.messages import parse_json
from hub.councils.loader import load
from hub.flow.policies import Policies
from hub.flow.validate import validate
from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas.codec import decode, encode
from hub.schemas.registry import packaged
from hub.schemas.templates import template, template_names

FILES = sorted(Path(hub.councils.__file__).parent.glob("policies/*.yaml"))
POLICIES = Policies([load(file) for file in FILES])


def test_each_form_of_each_policy_has_a_template() -> None:
    """A newcomer finds an example of everything a policy takes, and of nothing else."""
    forms = {form.id for policy in POLICIES.all() for form in policy.forms}

    assert set(template_names()) == forms | set(CONTROL_KINDS)


@pytest.mark.parametrize("name", template_names())
def test_each_template_passes_the_front_door(name: str) -> None:
    """Published as it stands, on its own day, by an agency that may send it, it is accepted without a fault."""
    kind, body = parse_json(template(name))
    received = datetime.fromisoformat(body["sent_at"])
    decoded = decode(encode(kind, body))

    assert any(not validate(packaged(), POLICIES, decoded, agency, received) for agency in POLICIES.agencies())
