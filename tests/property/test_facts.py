"""Facts: what is known follows from what was said, in order, and never grows without bound."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.policy import changes as c
from hub.policy import facts as f
from hub.policy.changes import MAX_OPEN_REQUESTS
from hub.policy.facts import NOTHING_KNOWN, Consent, Facts, Grant, Informed, Instruction, OpenRequest, Returned
from hub.policy.vocabulary import CARE_STATUSES, CATEGORIES, SENSITIVE, SHIELD_KINDS, mask_of
from tests.oracles.question import Question
from tests.property.draws import cases, engine

Control = tuple[str, dict[str, Any]]

AGENCIES = ("*", "alpha", "beta", "alpha-0")
PURPOSES = ("*", "help", "welfare")
SCOPE = {
    "recipients": st.lists(st.sampled_from(AGENCIES), max_size=2),
    "purposes": st.lists(st.sampled_from(PURPOSES), max_size=2),
    "categories": st.lists(st.sampled_from(("*", "name", "medical", "counselling")), max_size=2),
}
TEXT = st.text(max_size=5)

CONTROLS: st.SearchStrategy[Control] = st.one_of(
    st.tuples(
        st.just("consent"),
        st.fixed_dictionaries({"status": st.sampled_from(("given", "refused", "withdrawn", "expired")), **SCOPE}),
    ),
    st.tuples(
        st.just("instruct_not_to"),
        st.one_of(
            st.fixed_dictionaries(
                {"status": st.sampled_from(("set", "lifted")), "scope": st.just("all"), "target": st.none()}
            ),
            st.fixed_dictionaries(
                {
                    "status": st.sampled_from(("set", "lifted")),
                    "scope": st.just("class"),
                    "target": st.sampled_from(("alpha", "beta")),
                }
            ),
        ),
    ),
    st.tuples(
        st.just("objection"),
        st.fixed_dictionaries({"status": st.sampled_from(("set", "lifted")), "purposes": SCOPE["purposes"]}),
    ),
    st.tuples(st.just("restriction"), st.fixed_dictionaries({"status": st.sampled_from(("set", "lifted"))})),
    st.tuples(
        st.just("threshold"),
        st.fixed_dictionaries(
            {"section": st.sampled_from(("s17", "s47")), "status": st.sampled_from(("met", "ended"))}
        ),
    ),
    st.tuples(
        st.just("shield"),
        st.fixed_dictionaries({"status": st.sampled_from(("set", "lifted")), "kind": st.sampled_from(SHIELD_KINDS)}),
    ),
    st.tuples(
        st.just("contact_permission"), st.fixed_dictionaries({"status": st.sampled_from(("given", "withdrawn"))})
    ),
    st.tuples(
        st.just("service_agreement"),
        st.fixed_dictionaries({"status": st.sampled_from(("given", "declined", "withdrawn"))}),
    ),
    st.tuples(
        st.just("informed"),
        st.fixed_dictionaries(
            {
                "status": st.sampled_from(("told", "retracted")),
                "recipients": SCOPE["recipients"],
                "purposes": SCOPE["purposes"],
            }
        ),
    ),
    st.tuples(
        st.just("care_status"),
        st.fixed_dictionaries({"status": st.sampled_from(("set", "ended")), "kind": st.sampled_from(CARE_STATUSES)}),
    ),
    st.tuples(
        st.just("access_grant"),
        st.fixed_dictionaries(
            {
                "status": st.sampled_from(("given", "ended")),
                "agency": st.sampled_from(AGENCIES[1:]),
                "starts_on": st.just("2026-11-01"),
                "until": st.sampled_from(("2026-11-02", "2026-11-20")),
            }
        ),
    ),
)
SCOPES = st.builds(Informed, *(st.lists(TEXT, max_size=3).map(tuple),) * 2)

FACTS = st.builds(
    Facts,
    consents=st.lists(
        st.builds(Consent, TEXT, *(st.lists(TEXT, max_size=3).map(tuple),) * 3, TEXT, TEXT, TEXT, TEXT), max_size=3
    ).map(tuple),
    contact=TEXT,
    service=TEXT,
    instructions=st.lists(st.builds(Instruction, TEXT, TEXT), max_size=3).map(tuple),
    objections=st.lists(TEXT, max_size=3).map(tuple),
    restricted=st.booleans(),
    s17=st.booleans(),
    s47=st.booleans(),
    shields=st.lists(TEXT, max_size=2).map(tuple),
    requests=st.lists(st.builds(OpenRequest, TEXT, TEXT, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    pending=st.booleans(),
    unreadable=st.booleans(),
    informed=st.lists(SCOPES, max_size=2).map(tuple),
    statuses=st.lists(TEXT, max_size=2).map(tuple),
    grants=st.lists(st.builds(Grant, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    returns=st.lists(st.builds(Returned, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    retracted=st.lists(SCOPES, max_size=2).map(tuple),
)


def told(controls: list[Control], facts: Facts = NOTHING_KNOWN) -> Facts:
    """The facts after controls, in order."""
    for kind, body in controls:
        facts = c.apply(facts, kind, body)
    return facts


@given(facts=FACTS)
def test_facts_survive_the_store(facts: Facts) -> None:
    """What is written is what is read back, for any text in it."""
    assert facts == f.from_json(facts.to_json())


@given(one=FACTS, two=FACTS)
def test_equal_facts_are_equal_bytes(one: Facts, two: Facts) -> None:
    """The bytes are canonical: equal facts give equal bytes, different ones different bytes."""
    assert (one == two) == (one.to_json() == two.to_json())


@given(facts=FACTS, data=st.data())
def test_facts_with_a_missing_part_are_not_read(facts: Facts, data: st.DataObject) -> None:
    """A row that lost a part is an error for the caller to fail closed on, never facts with a default in it."""
    body = json.loads(facts.to_json())
    del body[data.draw(st.sampled_from(sorted(body)))]

    with pytest.raises((KeyError, TypeError, ValueError)):
        f.from_json(json.dumps(body).encode())


@given(controls=st.lists(CONTROLS, max_size=40))
def test_facts_are_bounded_by_what_can_be_said(controls: list[Control]) -> None:
    """Saying the same things again and again adds nothing: the size follows the scopes, not the number of messages."""
    once, often = told(controls), told(controls * 5)

    assert len(often.consents) <= len({c.scope for c in often.consents}) <= 4**2 * 4**2 * 4**2
    assert len(often.consents) == len(told(controls, once).consents)
    assert len(often.instructions) == len(set(often.instructions)) <= 3
    assert len(often.objections) <= len(PURPOSES)
    assert len(often.to_json()) == len(told(controls * 2).to_json())


@given(controls=st.lists(CONTROLS, max_size=10), last=CONTROLS)
def test_a_control_said_twice_is_said_once(controls: list[Control], last: Control) -> None:
    """Invariant 5: a second copy changes nothing."""
    facts = told([*controls, last])

    assert facts == c.apply(facts, *last)


@given(
    controls=st.lists(CONTROLS, max_size=10), kind=st.sampled_from(("receipt", "correction", "ruling", "unheard-of"))
)
def test_what_says_nothing_lasting_changes_nothing(controls: list[Control], kind: str) -> None:
    """Receipts, corrections, rulings and kinds that nobody knows leave the facts alone."""
    facts = told(controls)

    assert facts == c.apply(facts, kind, {"status": "given"})


@given(controls=st.lists(CONTROLS, max_size=10))
def test_the_three_consents_never_stand_in_for_each_other(controls: list[Control]) -> None:
    """Design section 2: consent as a basis, agreement to a service and permission to be contacted are kept apart."""
    without = [c for c in controls if c[0] != "consent"]

    assert not told(without).consents
    assert told(controls).contact == told([c for c in controls if c[0] == "contact_permission"]).contact
    assert told(controls).service == told([c for c in controls if c[0] == "service_agreement"]).service


@given(case=cases(), status=st.sampled_from(("withdrawn", "refused", "expired")))
def test_a_withdrawal_that_names_no_scope_ends_every_consent(case: tuple[int, Question, Facts], status: str) -> None:
    """LN-71, S-10: after it nothing goes on consent to anybody, for any purpose."""
    seed, question, facts = case
    after = c.apply(facts, "consent", {"status": status})
    for decision in engine(seed).decide(question.situation(), after):
        assert decision.outcome.basis != "consent"
        assert not decision.kept & decision.outcome.by_consent


@given(case=cases(), name=st.sampled_from(sorted(CATEGORIES)))
def test_a_withdrawal_for_a_category_withholds_it_where_consent_carried_it(
    case: tuple[int, Question, Facts], name: str
) -> None:
    """D-13: a withdrawal may name a category; it no longer goes on consent, the rest does as before."""
    seed, question, facts = case
    before = {d.recipient: d for d in engine(seed).decide(question.situation(), facts)}
    after = c.apply(facts, "consent", {"status": "withdrawn", "categories": [name]})
    for decision in engine(seed).decide(question.situation(), after):
        was, bit = before[decision.recipient], CATEGORIES[name].mask
        if was.outcome.basis == "consent" and decision.outcome.basis == "consent":
            assert decision.kept == was.kept & ~bit


@given(case=cases())
def test_consent_given_again_counts_again(case: tuple[int, Question, Facts]) -> None:
    """A later consent of the same scope replaces a withdrawal; sensitive services need to be named (D-19)."""
    seed, question, facts = case
    everything = {"recipients": ["*"], "purposes": ["*"], "categories": ["*"]}
    given_ = c.apply(facts, "consent", {"status": "given", **everything})
    again = c.apply(c.apply(given_, "consent", {"status": "withdrawn"}), "consent", {"status": "given", **everything})
    one = engine(seed).decide(
        question.situation(), c.apply(NOTHING_KNOWN, "consent", {"status": "given", **everything})
    )
    two = engine(seed).decide(question.situation(), f.Facts(consents=again.consents))

    assert [(d.recipient, d.kept) for d in one] == [(d.recipient, d.kept) for d in two]
    on_consent = [d for d in two if d.outcome.basis == "consent"]
    assert not any(d.kept & SENSITIVE for d in on_consent)


@given(facts=FACTS)
def test_settling_takes_the_doubt_away_and_nothing_else(facts: Facts) -> None:
    """A doubt that a person settled is gone; every fact stays."""
    doubtful = c.apply(facts, "consent", {"status": "given"}, unresolved=True)

    assert doubtful.pending
    assert not c.settle(doubtful).pending
    assert c.settle(facts) == c.settle(doubtful)


@given(ids=st.lists(st.integers(0, 200), max_size=150))
def test_open_requests_are_bounded_and_the_latest_stay(ids: list[int]) -> None:
    """At most 64 open requests; the same one passed on twice is one; the oldest falls out first."""
    facts = NOTHING_KNOWN
    for number in ids:
        facts = c.with_request(facts, OpenRequest(str(number), str(number), "alpha", "beta", "help"))
    latest = list(dict.fromkeys(str(n) for n in reversed(ids)))[:MAX_OPEN_REQUESTS]

    assert latest == [request.request_id for request in reversed(facts.requests)]


@given(controls=st.lists(CONTROLS, max_size=6), scope=st.sampled_from(AGENCIES[1:]))
def test_consent_without_recipients_or_purposes_covers_nobody(controls: list[Control], scope: str) -> None:
    """Silence is no consent: a given consent that names no recipient, purpose or category opens nothing."""
    assume(not any(kind == "consent" for kind, _ in controls))
    for missing in ("recipients", "purposes", "categories"):
        body = {"status": "given", "recipients": [scope], "purposes": ["*"], "categories": ["*"], missing: []}
        consents = c.apply(told(controls), "consent", body).consents
        assert all(() in c.scope for c in consents)


def test_the_sensitive_mask_is_what_this_file_believes() -> None:
    """The four sensitive services are the ones that a `*` does not name."""
    assert SENSITIVE == mask_of(["sexual_health", "termination", "substance_misuse", "counselling"])
