"""Whatever a decision may hold has words for people: no explanation ends in a bare code."""

from __future__ import annotations

import ast
import inspect

import pytest

from hub.policy import outcomes, rules
from hub.policy.facts import Consent, Facts, Instruction, OpenRequest
from hub.policy.reasons import REASONS
from hub.policy.vocabulary import LIMBS as ALL_LIMBS
from hub.policy.vocabulary import OBLIGATIONS as ALL_OBLIGATIONS
from hub.wiring import explaining
from hub.wiring.explaining import LIMBS, OBLIGATIONS, agency_name, known
from tests.support import partner
from tests.support.policies import lancashire


def obligations() -> set[str]:
    """Every obligation that the rules may add: the codes in what they append, extend or begin a list with."""
    found: set[str] = set()
    for module in (rules, outcomes):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and "obligations" in ast.unparse(node.func):
                found |= codes(node)
            if isinstance(node, ast.FunctionDef) and node.name == "_obligations":
                found |= codes(node)
    return found


def codes(node: ast.AST) -> set[str]:
    """The texts in capitals below a node."""
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return {text for text in texts if text.isupper()}


def test_each_obligation_has_words() -> None:
    """None more, none less than the rules know."""
    assert obligations() | set(ALL_OBLIGATIONS) == set(OBLIGATIONS)


def test_each_limb_has_words() -> None:
    """The grounds of an override."""
    assert set(ALL_LIMBS) == set(LIMBS)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_each_reason_can_be_traced_to_a_sentence(reason: object) -> None:
    """Its rule is quoted by the policy, or is one of the hub's own."""
    rule = getattr(reason, "rule", "")

    assert rule in dict(lancashire().quotes) or rule in explaining._INVARIANTS


def test_everything_that_is_known_is_said() -> None:
    """Each kind of fact has its sentence, and a subject of whom nothing is known has none."""
    facts = Facts(
        consents=(Consent("given", ("*",), ("contact",), ("name", "address"), expires_on="2027-01-01"),),
        contact="given",
        service="declined",
        instructions=(Instruction("all"), Instruction("agency", "dwp")),
        objections=("contact",),
        restricted=True,
        s17=True,
        s47=True,
        shields=("refuge",),
        requests=(OpenRequest("a", "b", "c", "d", "e"),),
        pending=True,
    )

    said = known(facts)

    assert () == known(Facts())
    assert 12 == len(said)
    assert "consent given: to everything, for contact, of name, address, until 2027-01-01" == said[0]
    assert {"instructed not to share with anybody", "instructed not to share with agency dwp"} <= set(said)


def test_an_agency_is_called_what_the_register_called_it_that_day() -> None:
    """A name outlives its row: an agency that has gone still has one; an unknown one keeps its id."""
    called = agency_name(partner.policies(), "lancashire", "lancashire-constabulary", "2026-11-22")

    assert "Lancashire Constabulary" == called
    assert called == agency_name(partner.policies(), "lancashire", "lancashire-constabulary", "1999-01-01")
    assert "nobody" == agency_name(partner.policies(), "lancashire", "nobody", "2026-11-22")
