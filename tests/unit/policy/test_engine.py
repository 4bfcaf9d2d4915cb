"""The compiled engine: who is decided, by what of the facts, and what it keeps between decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.policy import state as s
from hub.policy.engine import CompiledFacts, Engine, decide, decide_all
from hub.policy.facts import NOTHING_KNOWN, Consent, Facts, Instruction
from hub.policy.snapshot import Snapshot
from hub.policy.state import Situation
from hub.policy.vocabulary import ALL, SENSITIVE, mask_of
from tests.support.policies import lancashire, lancashire_engine

DAY = "2026-11-22"


def snapshot() -> Snapshot:
    """Lancashire on the day."""
    found = lancashire_engine().at(DAY)
    assert found is not None
    return found


def asked(**changes: object) -> Situation:
    """An assessment of the service, changed."""
    return replace(Situation("early_help_assessment", "early_help", "lancashire-cfw", DAY), **changes)  # type: ignore[arg-type]


def compiled(*consents: Consent, recipient: str = "barnardos", day: str = DAY) -> tuple[int, int]:
    """The bits and the consent mask of a recipient for early help."""
    return CompiledFacts(snapshot(), Facts(consents=consents), day).of(recipient, "early_help")


def consent(status: str = "given", *, to: str = "*", purpose: str = "*", of: str = "*", until: str = "") -> Consent:
    """A consent event."""
    return Consent(status, (to,), (purpose,), (of,), expires_on=until)


def test_a_form_goes_to_its_own_recipients_and_to_those_named() -> None:
    """First those of the form, then those of the sender, none twice."""
    situation = asked(form="safeguarding_referral", purpose="safeguarding", requested=("barnardos", "lancashire-mash"))

    assert ["lancashire-mash", "barnardos"] == [agency for agency, _ in snapshot().candidates(situation)]


def test_a_question_goes_only_to_the_one_asked() -> None:
    """`ask_only` leaves the form's own recipients out."""
    situation = asked(form="safeguarding_referral", purpose="safeguarding", requested=("barnardos",), ask_only=True)

    assert ["barnardos"] == [agency for agency, _ in snapshot().candidates(situation)]


def test_the_sender_is_not_a_recipient_of_its_own_form() -> None:
    """A form that goes to the hub, sent by the hub, goes to nobody by itself."""
    situation = asked(form="safeguarding_referral", purpose="safeguarding", sender="lancashire-mash")

    assert [] == snapshot().candidates(situation)


@pytest.mark.parametrize(
    ("agency", "changes", "bits"),
    [
        ("lscft-health-visiting", {"district": "E07000123"}, 0),
        ("lscft-health-visiting", {"district": "E07000119"}, s.WRONG_DISTRICT),
        ("lscft-health-visiting", {}, s.DISTRICT_UNKNOWN),
        ("preston-housing", {}, s.DISTRICT_UNKNOWN),
        ("preston-housing", {"district": "E07000117"}, s.WRONG_DISTRICT),
        ("barnardos", {}, 0),
        ("example-primary-school", {"schools": ("example-primary-school",)}, 0),
        ("example-primary-school", {"schools": ("900001",)}, 0),
        ("example-primary-school", {"schools": ("900002",)}, s.WRONG_SCHOOL),
        ("example-primary-school", {}, s.SCHOOL_UNKNOWN),
        ("nobody-knows", {"district": "E07000119"}, 0),
    ],
)
def test_place_is_judged_for_each_agency(agency: str, changes: dict[str, object], bits: int) -> None:
    """S-03 and S-04: right, wrong and unknown are three answers."""
    assert [(agency, bits)] == snapshot().candidates(asked(requested=(agency,), **changes))


def test_what_speaks_of_nobody_here_is_not_heard() -> None:
    """Consents for other recipients and purposes leave no trace, not even as an ending."""
    assert (0, 0) == compiled(consent(to="homestart"), consent("withdrawn", to="camhs"), consent(purpose="health"))


def test_everything_leaves_sensitive_services_out() -> None:
    """D-19: `*` does not name them; their own name does."""
    assert (s.CONSENT, ALL & ~SENSITIVE) == compiled(consent())
    assert (s.CONSENT, mask_of(["counselling"])) == compiled(consent(of="counselling"))


def test_an_ending_closes_what_came_before_and_not_what_comes_after() -> None:
    """S-10: the last word about a category counts."""
    name, both = mask_of(["name"]), ALL & ~SENSITIVE

    assert (s.CONSENT, both & ~name) == compiled(consent(), consent("withdrawn", of="name"))
    assert (s.CONSENT, both) == compiled(consent("withdrawn", of="name"), consent())
    assert (s.CONSENT_BARRED, 0) == compiled(consent(), consent("refused"))


def test_an_ending_that_names_an_unknown_category_closes_everything() -> None:
    """What cannot be read narrows as far as it could mean."""
    assert (s.CONSENT_BARRED, 0) == compiled(consent(), consent("withdrawn", of="surname"))


def test_consent_for_an_unknown_category_opens_nothing() -> None:
    """What cannot be read opens nothing, and is no ending either."""
    assert (0, 0) == compiled(consent(of="surname"))


def test_a_consent_past_its_last_day_speaks_as_an_ending() -> None:
    """D-13: until its last day it gives; afterwards it says that consent has ended."""
    assert s.CONSENT == compiled(consent(until=DAY))[0]
    assert s.CONSENT_BARRED == compiled(consent(until="2026-11-21"))[0]


@pytest.mark.parametrize(
    ("instruction", "recipient", "barred"),
    [
        (Instruction("all"), "barnardos", True),
        (Instruction("class", "voluntary"), "barnardos", True),
        (Instruction("agency", "barnardos"), "barnardos", True),
        (Instruction("class", "voluntary"), "lscft-camhs", False),
        (Instruction("agency", "barnardos"), "homestart", False),
        (Instruction("agency", ""), "barnardos", False),
    ],
)
def test_an_instruction_reaches_as_far_as_it_says(instruction: Instruction, recipient: str, *, barred: bool) -> None:
    """S-11: everybody, a class, or one agency."""
    bits, _ = CompiledFacts(snapshot(), Facts(instructions=(instruction,)), DAY).of(recipient, "early_help")

    assert barred == bool(bits & s.INSTRUCTED)


def test_an_outcome_is_worked_out_once() -> None:
    """The table of a route gains an entry when a state is met, and none when it is met again."""
    engine = Engine([lancashire()])
    found = engine.at(DAY)
    assert found is not None
    situation = asked(requested=("barnardos",), ask_only=True, present=mask_of(["name"]))
    facts = CompiledFacts(found, NOTHING_KNOWN, DAY)
    first = decide_all(found, situation, facts)[0]
    again = decide_all(found, situation, facts)[0]

    assert first.outcome is again.outcome
    assert 1 == len(first.route.outcomes)


def test_days_without_a_date_between_them_share_one_snapshot() -> None:
    """A snapshot is compiled for a stretch of days, not for each day."""
    engine = Engine([lancashire()])

    assert engine.at("2026-10-01") is engine.at(DAY)
    assert engine.at("2026-09-29") is not engine.at(DAY)


def test_only_a_permit_keeps_anything() -> None:
    """The mask of a decision that is not a PERMIT is empty, whatever the message holds."""
    route = snapshot().route("early_help_assessment", "early_help", "lancashire-cfw", "barnardos")

    assert 0 == decide("barnardos", route, 0, ALL, ALL).kept
    assert mask_of(["name", "date_of_birth", "address"]) == decide("barnardos", route, s.CONSENT, ALL, ALL).kept
