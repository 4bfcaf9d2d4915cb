"""`hub policy prove`: the stated invariants hold, a policy that breaks one is found out, and the case can be read."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import z3

from hub.cli.app import run_line
from hub.councils.proof import onestate, twostates
from hub.councils.proof.model import Change, Invariant, Selection, goes, grounded
from hub.councils.proof.prove import Prover
from hub.councils.proof.reading import PACKAGED, read
from hub.councils.proof.roads import Stretch, roads, stretches
from hub.councils.proof.telling import as_lines, told
from hub.councils.proof.verdict import BAD, EXCUSED, FAILS, HOLDS, NO_ROAD, Undecided, Verdict
from hub.councils.proof.words import DATA, GROUNDS
from hub.policy import state as s
from hub.policy.model import Policy
from hub.policy.outcomes import evaluate
from hub.policy.overrides import Trail
from hub.policy.route import Route
from hub.policy.rules import RULES
from hub.policy.snapshot import Snapshot, in_force
from hub.policy.unknown import BITS
from hub.policy.vocabulary import CATEGORIES, mask_of
from hub.policy.walk import leaves, shape
from tests.support.policies import lancashire, named, packaged_names

DAY = "2026-11-22"
LEAST = 18
LEAST_EVERYWHERE = 15


@cache
def invariants() -> tuple[Invariant, ...]:
    """The invariants that come with the hub."""
    return read(PACKAGED, [named(name) for name in packaged_names()])


@cache
def verdicts(name: str) -> tuple[Verdict, ...]:
    """What is proved of a packaged policy on all its days."""
    return prove(named(name), invariants(), stretches(named(name)))


@cache
def prover() -> Prover:
    """One prover for all, so that a shape is walked once. What it keeps goes by the shape, never by the policy."""
    return Prover()


def prove(policy: Policy, stated: tuple[Invariant, ...], days: tuple[Stretch, ...]) -> tuple[Verdict, ...]:
    """What is proved, with nobody looking on."""
    return prover().prove(policy, stated, days, lambda _done, _of: None)


def on(policy: Policy, *stated: str) -> dict[str, Verdict]:
    """What is proved of some invariants on one day, by their ids."""
    some = tuple(i for i in invariants() if i.id in stated)
    return {v.invariant.id: v for v in prove(policy, some, (Stretch(DAY, DAY),))}


def with_rule(policy: Policy, rule_id: str, **changes: Any) -> Policy:
    """The policy with one sharing rule changed past the checker."""
    sharing = tuple(replace(row, **changes) if row.id == rule_id else row for row in policy.sharing)
    assert sharing != policy.sharing
    return replace(policy, sharing=sharing)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", packaged_names())
def test_every_invariant_holds_for_every_notice(name: str) -> None:
    """On every stretch of days of every packaged policy; where a notice says otherwise, its sentence is stated."""
    found = verdicts(name)

    assert not [(v.invariant.id, told(named(name), v.case) if v.case else v.status) for v in found if v.status in BAD]
    assert LEAST_EVERYWHERE <= sum(v.status == HOLDS for v in found)


def test_there_are_enough_invariants_and_all_say_why() -> None:
    """At least eighteen promises, each with its reason and its source."""
    assert LEAST <= len(invariants())
    assert all(i.says and i.reason and i.because for i in invariants())


@pytest.mark.timeout(300)
def test_each_exception_is_needed() -> None:
    """An exception that nothing needs would only hide a later breach."""
    stated = {(i.id, e.policy) for i in invariants() for e in i.excuses}
    used = {(v.invariant.id, e.policy) for name in packaged_names() for v in verdicts(name) for e in v.used}

    assert used == stated


@pytest.mark.timeout(300)
def test_each_invariant_meets_a_road_somewhere() -> None:
    """A promise about roads that no notice has would prove nothing."""
    met = {v.invariant.id for name in packaged_names() for v in verdicts(name) if v.status != NO_ROAD}

    assert {i.id for i in invariants()} == met


# What is broken is found.


def test_health_data_for_a_charity_is_found_and_can_be_read() -> None:
    """A rule that gives a charity health data on the public task fails, with a case that names all of it."""
    broken = with_rule(
        lancashire(),
        "early-help-reduced",
        bases=("public_task", "consent"),
        only=("name", "medical"),
        conditions=("substantial_public_interest",),
    )
    verdict = on(broken, "health-to-voluntary")["health-to-voluntary"]
    assert verdict.case is not None
    case = told(broken, verdict.case)
    lines = " ".join(as_lines(case))

    assert FAILS == verdict.status
    assert ("medical",) == case.goes
    assert "early-help-reduced" == case.rule
    assert ("LN-68", dict(broken.quotes)["LN-68"]) in case.sentences
    for word in (case.form, case.sender, case.recipient, "On record: nothing.", "medical", "public_task"):
        assert word in lines


@pytest.mark.parametrize(
    ("broken_rule", "invariant"),
    [
        ({"bases": ("public_task",)}, "nothing-outside-without-ground"),
        ({"bases": ("legal_obligation", "consent")}, "nothing-outside-without-ground"),
        ({"bases": ("consent", "public_task")}, "nothing-outside-without-ground"),
    ],
)
def test_a_rule_without_a_ground_is_found(broken_rule: dict[str, Any], invariant: str) -> None:
    """A body outside the council and the duty may not be served on the council's own task."""
    assert FAILS == on(with_rule(lancashire(), "early-help-reduced", **broken_rule), invariant)[invariant].status


def test_a_basis_behind_consent_is_found_by_the_solver() -> None:
    """Health data on consent only, name on the public task behind it: withdrawing consent would let the name go. No checker is asked."""
    broken = with_rule(lancashire(), "early-help-partners", bases=("consent", "public_task"), groups=("personal",))
    verdict = on(broken, "withdrawing-consent")["withdrawing-consent"]
    assert verdict.case is not None
    case = told(broken, verdict.case)

    assert FAILS == verdict.status
    assert case.otherwise is not None
    assert any("consent" in word for word in case.otherwise)
    assert "It does not go where this is on record instead" in " ".join(as_lines(case))


def test_a_duty_that_widens_is_found_by_the_solver() -> None:
    """Where the duty is the only basis of a rule, nothing else would let its fields go: the invariant says so."""
    broken = with_rule(lancashire(), "safeguarding-partners", bases=("duty_16la",))

    assert FAILS == on(broken, "duty-adds-nothing")["duty-adds-nothing"].status


def test_an_exception_covers_its_own_ground_and_nothing_else() -> None:
    """The former notice's exception lets telling stand for consent; a rule that asks for neither still fails."""
    policy = named("lancashire-cfw-000")
    (stated,) = (i for i in invariants() if i.id == "nothing-outside-without-ground")
    days = (Stretch("2019-06-03", "2019-06-03"),)
    informed = next(r for r in policy.sharing if "informed_or_consent" in r.needs and "voluntary" in r.to)
    (sound,) = prove(policy, (stated,), days)
    (broken,) = prove(with_rule(policy, informed.id, needs=()), (stated,), days)

    assert EXCUSED == sound.status
    assert FAILS == broken.status


# The answers are exact.


def _some_shapes() -> tuple[Route, ...]:
    found = dict.fromkeys(road.shape for road in roads(lancashire(), (Stretch(DAY, DAY),)) if not road.shape.blocked)
    return tuple(found)[::9]


@pytest.mark.parametrize("words", [("consent",), ("consent", "duty"), ("override", "significant_harm"), ()])
def test_one_state_answers_agree_with_the_engine(words: tuple[str, ...]) -> None:
    """What is reported as a breach is one, by the engine; where none is reported, random states show none."""
    rng = random.Random(4)
    for shaped in _some_shapes():
        cut = leaves(shaped)
        breach = onestate.look(cut, DATA["special"], (0, 0), words, ())
        if breach is not None:
            outcome = evaluate(shaped, breach.state)
            assert breach.mask == breach.mask & (outcome.open | outcome.by_consent) & DATA["special"]
            continue
        for _ in range(300):
            state = rng.getrandbits(64) & rng.getrandbits(64) & BITS
            (leaf,) = (leaf for leaf in cut if leaf.holds(state))
            assert not goes(leaf) & DATA["special"] & ~grounded(leaf, words)


def _opens_when_instructed(_route: Route, state: int, trail: Trail) -> None:
    """A rule that is wrong on purpose: for somebody shielded, an instruction lifts the lack of a basis."""
    if state & s.SHIELDED and not state & s.INSTRUCTED:
        trail.deny("NO_BASIS")


def test_the_solver_finds_the_one_state_in_which_a_bar_opens() -> None:
    """A wrong rule is found by its least state: what it asks for, and nothing beside."""
    shaped = next(shape_ for shape_ in _some_shapes() if [b.id for b in shape_.bases] == ["consent"])
    cut = leaves(shaped, (*(rule for rule in RULES if rule.__name__ != "instruction"), _opens_when_instructed))
    before, after = twostates.Table(cut, "a"), twostates.Table(cut, "b")
    link = twostates.linked(before, after, Change(recorded=s.INSTRUCTED), (0, 0))
    breach = twostates.search(before, after, link, DATA["everything"], (), ())

    assert breach is not None
    assert s.names(breach.state)[:2] == ("SHIELDED", "INSTRUCTED")
    assert 3 == breach.state.bit_count()
    assert breach.state & ~s.INSTRUCTED == breach.other


def test_two_state_answers_agree_with_trying_all() -> None:
    """On the bits that play a part for one route, all pairs of states are tried; the solver says the same for each bar."""
    bits = [s.CONSENT, s.INSTRUCTED, s.OBJECTED, s.RESTRICTED, s.SHIELDED, s.S47, s.OVERRIDE_HARM, s.DETRIMENT]
    for shaped in _some_shapes()[:4]:
        cut = leaves(shaped)
        before, after = twostates.Table(cut, "a"), twostates.Table(cut, "b")
        for bit in (s.INSTRUCTED, s.S47, s.OVERRIDE_HARM, s.DETRIMENT):
            link = twostates.linked(before, after, Change(recorded=bit), (0, 0))
            only = [z3.Not(name) for b, name in before.bits.items() if b not in bits]
            found = twostates.search(before, after, [*link, *only], DATA["everything"], (), ())
            assert (found is not None) == _opens(shaped, bits, bit)


def _opens(shaped: Route, bits: list[int], bit: int) -> bool:
    for chosen in product((False, True), repeat=len(bits)):
        state = sum(b for b, yes in zip(bits, chosen, strict=True) if yes)
        less, more = evaluate(shaped, state), evaluate(shaped, state | bit)
        scoped = more.by_consent & ~less.by_consent if (state | bit) & s.CONSENT else 0
        if (more.open & ~less.open) | (scoped & ~less.open):
            return True
    return False


def test_an_unknown_answer_is_no_proof() -> None:
    """Where the solver gives up, nothing passes."""

    class GivesUp:
        def check(self, *_assumed: object) -> Any:
            return z3.unknown

        def reason_unknown(self) -> str:
            return "timeout"

    with pytest.raises(Undecided, match="timeout"):
        twostates._satisfiable(GivesUp())


# Roads and stretches.


def test_every_day_is_in_one_stretch() -> None:
    """The stretches follow each other from the first day of the policy to its last, without a gap."""
    for name in packaged_names():
        found = stretches(named(name))
        assert (named(name).valid_from, named(name).valid_to) == (found[0].first, found[-1].last)
        assert all(one.last < other.first for one, other in pairwise(found))


@pytest.mark.parametrize("name", packaged_names())
def test_every_route_is_on_a_road(name: str) -> None:
    """Agencies that are taken together are alike: any pair's route has the shape of a road of its form, purpose and class."""
    policy, rng = named(name), random.Random(name)
    day = DAY if in_force(policy.valid_from, policy.valid_to, DAY) else policy.valid_to
    stretch = next(x for x in stretches(policy) if in_force(x.first, x.last, day))
    found = {(road.form.id, road.purpose.id, road.row.id, road.shape) for road in roads(policy, (stretch,))}
    snapshot = Snapshot(policy, day)
    names = list(snapshot.agencies)
    for form in policy.forms:
        able = [a for a in names if set(snapshot.agencies[a].roles) & set(form.sources)]
        for purpose, sender in product(form.purposes, rng.sample(able, min(4, len(able)))):
            for recipient in rng.sample(names, min(12, len(names))):
                route = snapshot.route(form.id, purpose, sender, recipient)
                if route.recipient_class is not None and recipient != sender:
                    assert (form.id, purpose, route.recipient_class.id, shape(route)) in found


def test_the_number_of_routes_is_what_there_is() -> None:
    """Every pair of a sender that may send the form and another agency that receives is counted, once for each form and purpose."""
    snapshot = Snapshot(lancashire(), DAY)
    receiving = [a for a, row in snapshot.agencies.items() if row.recipient_class]
    pairs = sum(
        len(form.purposes) * sum(1 for b in receiving if a != b)
        for form in lancashire().forms
        for a, row in snapshot.agencies.items()
        if set(row.roles) & set(form.sources)
    )
    assert pairs == sum(road.routes for road in roads(lancashire(), (Stretch(DAY, DAY),)))


def test_a_selection_takes_what_it_names() -> None:
    """Lists widen within and narrow between each other; what is left out takes all."""
    road = next(
        r for r in roads(lancashire(), (Stretch(DAY, DAY),)) if r.row.id == "voluntary" and r.purpose.safeguarding
    )

    def takes(**words: Any) -> bool:
        return Selection(0, **words).takes(road.form, road.purpose, road.row, bound=road.bound)

    assert takes()
    assert takes(to=("voluntary", "police"), purposes=("safeguarding",), that_are=("outside_council", "outside_duty"))
    assert takes(to_classes=("voluntary",), forms=(road.form.id,))
    assert not takes(not_to=("voluntary",))
    assert not takes(to=("police",))
    assert not takes(that_are=("outside_council", "in_duty"))
    assert not takes(purposes=("not_safeguarding",))
    assert not takes(forms=("criminal",))


def test_every_ground_can_be_met() -> None:
    """A ground on which nothing goes under any notice is a word that means nothing. One road that lays on its duty is switched off."""
    met = dict.fromkeys(GROUNDS, 0)
    for name in packaged_names():
        for shaped in dict.fromkeys(road.shape for road in roads(named(name), stretches(named(name))[-1:])):
            for leaf in leaves(shaped):
                for word, ground in GROUNDS.items():
                    met[word] |= ground(leaf) if goes(leaf) else 0
    unmet = {word for word, mask in met.items() if not mask}

    assert {"no_adverse_decision"} == unmet


def test_no_category_is_left_out_of_everything() -> None:
    """`everything` is the whole vocabulary."""
    assert mask_of(tuple(CATEGORIES)) == DATA["everything"]


# The command.


def test_the_command_proves_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, a table of invariants, exceptions with their sentence."""
    assert 0 == run_line(["policy", "prove", "cumbria-strengthening-families-001", "--on", "2022-06-06"])
    out = capsys.readouterr().out
    assert "holds with exception" in out
    assert "CU-15" in out
    assert "shielded" in out


def test_the_command_ends_with_1_where_a_promise_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A promise that no policy keeps: nothing at all goes to the service itself. The case is there for programs too."""
    file = tmp_path / "mine.yaml"
    file.write_text(
        "invariants:\n  nothing:\n    says: Nothing goes.\n    reason: To see it fail.\n    because: [D-10]\n"
        "    promise: never\n    data: [everything]\n",
        encoding="utf-8",
    )
    line = ["policy", "prove", "lancashire-cfw-001", "--on", DAY, "--invariants", str(file), "--json"]
    assert 1 == run_line(line)
    (found,) = json.loads(capsys.readouterr().out)
    (verdict,) = found["invariants"]
    assert FAILS == verdict["status"]
    assert verdict["case"]["goes"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (["nobody-001"], "no policy file"),
        (["lancashire-cfw-001", "--on", "someday"], "is not a day"),
        (["lancashire-cfw-001", "--on", "1999-01-01"], "in force"),
        (["lancashire-cfw-001", "--invariants", "/nowhere.yaml"], "no such invariants file"),
    ],
)
def test_wrong_input_is_told(line: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, with what is wrong."""
    assert 2 == run_line(["policy", "prove", *line])
    assert text in capsys.readouterr().err
