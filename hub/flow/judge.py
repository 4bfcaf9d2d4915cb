"""Judging a case: facts and policy in, decisions and minimised content out. The agents and the CLI run this very code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.flow import ids
from hub.flow.case import Case, answering, open_request, own_agreement, own_consent, own_information, situation
from hub.policy.changes import add_consent, add_informed, apply, with_request, with_return
from hub.policy.engine import NO_POLICY_ROUTE, NO_REQUEST_ROUTE, CompiledFacts, Decision, Engine, decide, decide_all
from hub.policy.facts import NOTHING_KNOWN, Consent, Facts
from hub.policy.model import Policy
from hub.policy.route import NOBODY
from hub.policy.snapshot import Snapshot
from hub.policy.state import Situation
from hub.schemas.minimise import minimise, split
from hub.schemas.registry import Registry

Compile = Callable[[Snapshot, Facts, str], CompiledFacts]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One case decided: the case as judged, the policy (None: none in force), a decision per recipient.

    facts: what it was judged by; lasting: what is known of the subject after it.
    """

    case: Case
    policy: Policy | None
    decisions: tuple[Decision, ...]
    facts: Facts
    lasting: Facts


def judge(case: Case, facts: Facts, engine: Engine | None, compiled: Compile = CompiledFacts) -> Judgement:
    """Decide a case by the facts before it. compiled: where the caller keeps compiled facts, a look-up; else they are made.

    A message that finds no recipient at all still gets one decision, so that it still gets its record (D-24).
    """
    snapshot = engine.at(case.day) if engine else None
    if snapshot is None:
        decision = decide(NOBODY, NO_POLICY_ROUTE, case.extra_bits, 0, case.present.mask)
        return Judgement(case, None, (decision,), facts, facts)
    if case.kind == "share_response":
        case = answering(case, facts)
    facts, lasting = _with_own_statements(case, facts, snapshot)
    asked, known = situation(case, snapshot), compiled(snapshot, facts, case.day)
    decisions = [] if case.requested == (NOBODY,) else decide_all(snapshot, asked, known)
    decisions = decisions or [_nobody(case, snapshot, asked, known)]
    lasting = _with_returns(case, decisions, _with_requests(case, decisions, lasting))
    return Judgement(case, snapshot.policy, tuple(decisions), facts, lasting)


def _with_own_statements(case: Case, facts: Facts, snapshot: Snapshot) -> tuple[Facts, Facts]:
    """Return (facts this case is judged by, facts that last after it).

    That the family was told of this sharing counts for this message alone; what lasts is an `informed` message.
    """
    judged, lasting = _with_own_agreement(case, facts, snapshot)
    told = own_information(case)
    # A ruling never revives what was taken back since the message came.
    if told is None or (case.ruling and any(each.touches(told) for each in facts.retracted)):
        return judged, lasting
    return add_informed(judged, told), lasting


def _with_own_agreement(case: Case, facts: Facts, snapshot: Snapshot) -> tuple[Facts, Facts]:
    """Return (facts judged by, facts that last) with the consent or permission that the message brings.

    A signed form's agreement lasts (it is a consent event); a consent merely stated on a form counts for that form alone. A
    registration is both a message and a consent event, so it is judged by the consent it brings.
    """
    agreement, consent = own_agreement(case, snapshot), own_consent(case)
    if agreement == "contact_permission" and not (case.ruling and facts.contact):
        lasting = apply(facts, "contact_permission", {"status": "given"})
        return lasting, lasting
    if consent is None or agreement == "contact_permission":
        return facts, facts
    judged = _recalled(facts, consent) if case.ruling else add_consent(facts, consent)
    return judged, judged if agreement == "consent" else facts


def _recalled(facts: Facts, consent: Consent) -> Facts:
    """Put the consent of a held message before all that is known: a ruling never revives what was withdrawn since."""
    if any(c.scope == consent.scope for c in facts.consents):
        return facts
    return replace(facts, consents=(consent, *facts.consents))


def _with_requests(case: Case, decisions: list[Decision], facts: Facts) -> Facts:
    """A share request that was passed on may be answered: that is a fact from then on."""
    if case.kind != "share_request":
        return facts
    for decision in decisions:
        if decision.outcome.decision == "PERMIT":
            request_id = ids.request_id(str(case.envelope["subject_message_id"]), decision.recipient)
            facts = with_request(facts, open_request(case, request_id))
    return facts


def _with_returns(case: Case, decisions: list[Decision], facts: Facts) -> Facts:
    """A monthly return that went is a fact: the same does not go twice in its month (S-16)."""
    for decision in decisions:
        rule = decision.route.rule
        if decision.outcome.decision == "PERMIT" and rule is not None and rule.every == "month":
            facts = with_return(facts, decision.recipient, case.purpose, case.day[: len("2026-11")])
    return facts


def _nobody(case: Case, snapshot: Snapshot, asked: Situation, facts: CompiledFacts) -> Decision:
    unasked = case.requested == (NOBODY,)
    route = NO_REQUEST_ROUTE if unasked else snapshot.route(asked.form, asked.purpose, asked.sender, NOBODY)
    return decide(NOBODY, route, asked.bits | facts.base, 0, asked.present)


def facts_after(history: list[tuple[str, Mapping[str, Any]]]) -> Facts:
    """Return the facts after control records given in order, as (kind, record) pairs; for `hub decide --history`."""
    facts = NOTHING_KNOWN
    for kind, body in history:
        facts = apply(facts, kind, body)
    return facts


def withheld(case: Case, decision: Decision, registry: Registry) -> tuple[tuple[str, str], ...]:
    """Return (field path, reason id) for each filled field that stays behind; one `*` where nothing goes at all."""
    outcome = decision.outcome
    if outcome.decision != "PERMIT":
        return (("*", outcome.reasons[0]),)
    why = dict(outcome.why)
    stays = split(registry, case.payload.schema_id, case.present.leaves, decision.kept).withheld
    return tuple(
        (spec.path, "UNCLASSIFIED" if spec.category is None else why.get(spec.category, ("CONSENT_SCOPE", ()))[0])
        for spec in stays
    )


def kept(case: Case, decision: Decision, registry: Registry) -> tuple[str, ...]:
    """Return the paths of the filled fields that go."""
    return split(registry, case.payload.schema_id, case.present.leaves, decision.kept).kept


def content(case: Case, decision: Decision, registry: Registry) -> dict[str, Any]:
    """Return the content fields of a filtered record: only what the decision keeps, in the record's shape."""
    body = minimise(registry, case.payload.schema_id, case.payload.body, decision.kept)
    if case.kind == "share_request":
        return _request_content(body)
    persons = body.get("persons") or [None]
    found: dict[str, Any] = {"person": persons[0], "details": body.get("details")}
    if case.kind == "share_response":
        names = ("outcome", "period_of_involvement", "how_known")
        found |= {"request_id": case.answers} | {name: body.get(name) for name in names}
    return found


def _request_content(body: Mapping[str, Any]) -> dict[str, Any]:
    """A share request as the agency asked sees it: who is asked about, for what, and by whom."""
    query = body.get("query") or {}
    sections = {
        "identity": ("family_name", "given_names", "date_of_birth", "due_date"),
        "address": ("postcode", "district"),
        "education": ("school_id",),
        "identifiers": ("nhs_number", "upn"),
    }
    person = {
        section: filled
        for section, names in sections.items()
        if (filled := {name: query[name] for name in names if query.get(name)})
    }
    details: dict[str, Any] = {"referrer": body.get("requester")}
    if body.get("why_needed"):
        details["reasons"] = [{"text": body["why_needed"]}]
    asked = {"person_id": "p1", **person} if person else None
    return {"person": asked, "details": details, "public_task_statement": body.get("public_task_statement")}
