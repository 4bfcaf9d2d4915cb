"""Each sharing rule is a MAIS sharing policy that the draft standard accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hub.councils.paper.mais import sharing_policies
from tests.support.paper_check import TODAY, day_of
from tests.support.policies import named, packaged_names

STANDARD = Path(__file__).parents[2] / "data" / "standards" / "sharing-policy.json"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
URI: dict[str, Any] = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:\\S+$"}
TYPES: dict[str, dict[str, Any]] = {
    "String": TEXT,
    "URI": URI,
    "String or URI": TEXT,
    "Code": TEXT,
    "SharingPurpose": TEXT,
    "DateStamp": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
    # its parts stand in the standard's Request, beside which this one is read
    "APICatalogueID": {
        "type": "object",
        "properties": {"value": TEXT, "system": URI},
        "required": ["value", "system"],
        "additionalProperties": False,
    },
}


def schema(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON Schema of a list of fields: `1..1` and `1..*` must be there, `..*` is a list; nothing else may be there."""
    properties = {}
    for field in fields:
        one = schema(field["children"]) if "children" in field else TYPES[field["type"]]
        least, most = field["cardinality"].split("..")
        properties[field["name"]] = {"type": "array", "items": one, "minItems": int(least)} if most == "*" else one
    required = [field["name"] for field in fields if field["cardinality"].startswith("1")]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The standard as a JSON Schema."""
    (entity,) = json.loads(STANDARD.read_text("utf-8"))["entities"]
    assert "SharingPolicy" == entity["name"]
    return jsonschema.Draft202012Validator(schema(entity["fields"]))


@pytest.mark.parametrize("name", packaged_names())
def test_each_rule_is_a_valid_sharing_policy(name: str, validator: jsonschema.Draft202012Validator) -> None:
    """One object a rule, with all that the standard requires and nothing that it does not know."""
    policy = named(name)
    found = sharing_policies(policy, day_of(name))

    assert [rule.id for rule in policy.sharing] == list(found)
    for rule, value in found.items():
        assert [] == [f"{rule}: {error.message}" for error in validator.iter_errors(value)]
        assert value["StartDate"] <= value["EndDate"]
        assert value["URI"].endswith(f":sharing:{rule}")
        assert f"{name}/sharing.{rule}" == value["Identifier"]["value"]


def test_the_check_refuses_what_the_standard_refuses(validator: jsonschema.Draft202012Validator) -> None:
    """A field that is missing, one that is unknown, an empty list of parties, a date that is none."""
    value = next(iter(sharing_policies(named("lancashire-cfw-001"), TODAY).values()))

    for wrong in (
        {key: part for key, part in value.items() if key != "Purpose"},
        {**value, "Source": "x"},
        {**value, "Party": []},
        {**value, "EndDate": "open"},
    ):
        assert not validator.is_valid(wrong)


def test_dates_data_and_grounds_are_those_of_the_rule() -> None:
    """The programme's rule has its own end; an open one ends with the day of review; only the listed data, its basis and its Acts."""
    found = sharing_policies(named("lancashire-cfw-001"), TODAY)

    assert ("2021-01-01", "2025-03-31") == (found["programme-audit"]["StartDate"], found["programme-audit"]["EndDate"])
    assert "2028-03-31" == found["housing"]["EndDate"]
    assert [
        f"{part} [sharing.housing]"
        for part in ("name", "date of birth", "address", "role and relationship in the household")
    ] == (found["housing"]["Data"])
    assert "UK GDPR Article 6(1)(a) [bases.consent]" in found["housing"]["LegalCompliance"]
    assert "TRANSFER_OUTSIDE_UK [settings.uk_only]" in found["housing"]["Restrictions"]


def test_needs_duties_and_switches_are_restrictions_and_responsibilities() -> None:
    """What a rule asks for, lays on the recipient, or keeps closed, is in the object by its row."""
    former = sharing_policies(named("lancashire-cfw-000"), day_of("lancashire-cfw-000"))
    cheshire = sharing_policies(named("cheshire-west-supporting-families-001"), TODAY)

    assert "NEEDS_SERVICE_AGREEMENT [sharing.ministry-set]" in former["ministry-set"]["Restrictions"]
    assert "ONCE_A_MONTH [sharing.monthly-report]" in former["monthly-report"]["Restrictions"]
    assert "NO_DETRIMENT" in former["ministry-set"]["DataRecipientResponsibilities"]
    assert "SWITCHED_OFF [sharing.fraud-prevention]" in cheshire["fraud-prevention"]["Restrictions"]
