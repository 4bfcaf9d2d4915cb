"""One decision, beside two general policy engines on the same rule set and the same cases, in one run.

The cases are those of the differential test (`tests/oracles`): the Lancashire policy, messages and facts drawn at random. Every
evaluator must give the same answer, or there is no figure. Times are processor time, the median of several runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.flow.case import read_case
from hub.flow.judge import judge
from hub.policy.engine import CompiledFacts, Engine, decide
from hub.policy.facts import NOTHING_KNOWN, Facts
from hub.policy.route import Route
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import names_of
from hub.schemas.codec import decode, encode
from tests.bench.traffic import referrals
from tests.oracles.cases import cases
from tests.oracles.cedar import Cedar
from tests.oracles.question import Question
from tests.oracles.rego import Rego
from tests.support.partner import REGISTRY, policies
from tests.support.policies import lancashire

Figures = dict[str, float]


class Asked(NamedTuple):
    """One decision as each evaluator is asked for it, and the answer."""

    question: Question
    facts: Facts
    recipient: str
    route: Route
    state: int
    consent: int
    present: int
    answer: tuple[str, frozenset[str]]


def questions(count: int) -> list[Asked]:
    """Return one decision of each of so many cases on a day with a policy, every state met before."""
    engine, found = Engine([lancashire()]), []
    for number, (question, facts) in enumerate(cases(lancashire(), 11, 2 * count)):
        situation = question.situation()
        snapshot = engine.at(question.day)
        chosen = snapshot.candidates(situation) if snapshot else []
        if snapshot is None or not chosen:
            continue
        recipient, bits = chosen[number % len(chosen)]
        route = snapshot.route(situation.form, situation.purpose, situation.sender, recipient)
        own, consent = CompiledFacts(snapshot, facts, question.day).of(recipient, situation.purpose)
        state = situation.bits | bits | own
        made = decide(recipient, route, state, consent, situation.present)
        answer = made.outcome.decision, frozenset(names_of(made.kept))
        found.append(Asked(question, facts, recipient, route, state, consent, situation.present, answer))
    return found[:count]


def measure(count: int, runs: int) -> Figures:
    """Return microseconds for one decision by each evaluator, and for the judging of a whole referral about one person."""
    asked = questions(count)
    return {
        "from compiled facts": compiled(asked, runs),
        "from raw facts": raw(asked, runs),
        "regorus": rego(asked[: count // 4], runs),
        "cedarpy": cedar(asked[: count // 10], runs),
        "a referral about one person, judged": judged(count // 2, runs),
        "all packaged policies read, checked and compiled, ms": compiling(runs) / 1000,
    }


def compiling(runs: int) -> float:
    """Return microseconds for every policy file that comes with the hub, together.

    From its text to a snapshot of its first day, with the routes of each form from a sender that may send it to every agency.
    """

    def all_of_them() -> int:
        for path in packaged().values():
            policy = load(path)
            snapshot = Snapshot(policy, policy.valid_from)
            for form in policy.forms:
                sender = next((a.id for a in snapshot.agencies.values() if set(a.roles) & set(form.sources)), "")
                for agency in snapshot.agencies:
                    snapshot.route(form.id, form.purposes[0], sender, agency)
        return 1

    return _us(all_of_them, runs)


def compiled(asked: Sequence[Asked], runs: int) -> float:
    """A decision from compiled facts: what one recipient costs when its state was met before."""
    given = [(a.recipient, a.route, a.state, a.consent, a.present) for a in asked]

    def all_of_them() -> int:
        for recipient, route, state, consent, present in given:
            decide(recipient, route, state, consent, present)
        return len(given)

    return _us(all_of_them, runs)


def raw(asked: Sequence[Asked], runs: int) -> float:
    """A decision from raw facts: every recipient of a message, facts compiled for it alone, divided by the recipients."""
    engine = Engine([lancashire()])
    given = [(a.question.situation(), a.facts) for a in asked]
    return _us(lambda: sum(len(engine.decide(situation, facts)) for situation, facts in given), runs)


def judged(count: int, runs: int) -> float:
    """All decisions of one subject message, from the message as it was decoded and a subject of whom nothing is known."""
    engine, cases_ = policies().engine("lancashire"), []
    for message in referrals(range(count), datetime(2026, 11, 22, 9, tzinfo=UTC)):
        agency = message.topic.split(".")[1]
        payload = decode(message.value)
        first = {**payload.body, "persons": payload.body["persons"][:1]}
        envelope = {
            "kind": "referral",
            "agency": agency,
            "received_at": "2026-11-22T09:00:00.000Z",
            "subject_message_id": "s",
            "resolution": "new",
            "parts": 1,
            "payload": encode("Referral", first),
        }
        cases_.append(read_case(envelope, REGISTRY))

    def all_of_them() -> int:
        for case in cases_:
            judge(case, NOTHING_KNOWN, engine)
        return len(cases_)

    return _us(all_of_them, runs)


def rego(asked: Sequence[Asked], runs: int) -> float:
    """The same by gordon-to-regorus: question and facts as JSON, policy loaded once."""
    oracle = Rego(lancashire())
    return _agreed(oracle.answer, asked, runs)


def cedar(asked: Sequence[Asked], runs: int) -> float:
    """The same by cedarpy: policy and entities parsed once."""
    oracle = Cedar(lancashire())
    return _agreed(oracle.answer, asked, runs)


def _agreed(answer: Callable[[Question, Facts, str], object], asked: Sequence[Asked], runs: int) -> float:
    wrong = [a for a in asked if answer(a.question, a.facts, a.recipient) != a.answer]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(asked)} answers differ: nothing is worth comparing")

    def all_of_them() -> int:
        for a in asked:
            answer(a.question, a.facts, a.recipient)
        return len(asked)

    return _us(all_of_them, runs)


def _us(work: Callable[[], int], runs: int) -> float:
    """Return the median microseconds for one unit of the work, which says how many it did; the first run does not count."""
    work()
    found = []
    for _ in range(runs):
        began = time.process_time()
        done = work()
        found.append((time.process_time() - began) / done * 1e6)
    return statistics.median(found)
