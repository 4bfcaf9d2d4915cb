"""The Rego oracle (sharing*.rego): policy and question as data, evaluated by a general policy engine."""

from __future__ import annotations

import json
from pathlib import Path

import regorus  # type: ignore[import-untyped]

from hub.policy.facts import Facts
from hub.policy.model import Policy
from tests.oracles.as_data import policy_data, question_data
from tests.oracles.question import Question

RULES = sorted(Path(__file__).parent.glob("sharing*.rego"))


class Rego:
    """One policy, loaded once."""

    def __init__(self, policy: Policy) -> None:
        self._engine = regorus.Engine()
        for path in RULES:
            self._engine.add_policy_from_file(str(path))
        self._engine.add_data_json(json.dumps({"policy": policy_data(policy)}))

    def answer(self, question: Question, facts: Facts, agency: str) -> tuple[str, frozenset[str]]:
        """The decision for one agency and the categories kept."""
        self._engine.set_input_json(json.dumps(question_data(question, facts, agency)))
        found = self._engine.eval_rule("data.sharing.answer")
        return found["decision"], frozenset(found["kept"])
