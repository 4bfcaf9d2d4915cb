"""A decision in words: from its disclosure record, with the policy's own titles and the sentences of the notice behind it.

The same for a decision that was just rehearsed and for one of years ago: the record holds ids, the policy it names holds
the words. Where that policy is no longer loaded, the ids are all there is to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.flow.policies import Policies
from hub.policy.facts import EVERYTHING, Consent, Facts, Instruction
from hub.policy.law import CONDITIONS
from hub.policy.model import Policy
from hub.policy.reasons import CHANGES, REASONS
from hub.policy.route import NOBODY
from hub.policy.snapshot import Snapshot
from hub.schemas.classify import classify
from hub.schemas.registry import Registry

Body = Mapping[str, Any]

OBLIGATIONS: Final = {
    "NO_ONWARD_SHARING": "the recipient must not pass it on",
    "CONTACT_ONLY": "the recipient may make contact with it, and nothing else",
    "DUTY_NEGATIVE_TEST": "the duty holds only while nobody judges disclosure more harmful to the child (s.16LA(3))",
    "RECORD_LIMB": "the ground of the override is on record",
    "INFORM_SUBJECT": "the person must be informed",
    "CONFLICT_NOTE": "the person had instructed otherwise, which is noted",
    "ASK_CONSENT": "consent is to be asked for before anything more is shared",
    "NO_DETRIMENT": "nobody is to be worse off for it",
    "NO_ADVERSE_DECISION": "no decision against the person may rest on it",
}
"""What comes with a release, in words."""

LIMBS: Final = {
    "LAW_REQUIRES": "the law requires it",
    "RISK_OF_HARM": "somebody is at risk of harm",
    "CRIME_DISORDER": "it serves to prevent or detect crime or disorder",
    "RISK_TO_WELLBEING": "somebody's well-being is at risk",
}
"""The limbs of an override in words."""

_INVARIANTS: Final = {
    "INV-1": "No rule, no release: what is unknown is withheld, or goes to a person.",
    "INV-3": "Nothing reaches a recipient except by a decision of the hub; only a person sends anything back in.",
    "INV-5": "A message is judged by the broker's clock, and by what was known when it arrived.",
    "INV-10": "A field that nobody has classified is withheld.",
}
"""The hub's own rules, which no policy file needs to quote."""

_MESSAGES: Final = {"referral": "Referral", "share_request": "ShareRequest", "share_response": "ShareResponse"}


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of the notice, a rule or an Act. quote: "" where the policy that holds it is not loaded."""

    id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason: its id, the rule it belongs to, what it says, and what it rests on."""

    id: str
    rule: str
    text: str
    facts: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A field that stays behind (`*`: all of them), with the reason."""

    field: str
    reason: Ground


@dataclass(frozen=True, slots=True)
class Named:
    """An id and what it means in words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision in words. basis and conditions: as the policy titles them; facts: all that the decision rests on.

    known_policy: whether the policy it was decided under is loaded, so that titles and quotes are that policy's own.
    """

    disclosure_id: str
    recipient: Named
    decision: str
    basis: Named | None
    conditions: tuple[Named, ...]
    gateway: str
    reasons: tuple[Ground, ...]
    facts: tuple[Cited, ...]
    fields: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    obligations: tuple[Named, ...]
    would_permit: tuple[Named, ...]
    override_limb: Named | None
    override_by: str
    record_id: str
    review_id: str
    known_policy: bool


def explain(record: Body, context: Body, policies: Policies, registry: Registry) -> Explained:
    """Return a disclosure record in words; context: the Disclosures body it is one of (a register row's JSON is both)."""
    words = _Words(context, policies, registry)
    outcome = _listed(record["reasons"])
    return Explained(
        disclosure_id=record["disclosure_id"],
        recipient=words.agency(record["recipient"]),
        decision=record["decision"],
        basis=words.basis(record["basis"]) if record["basis"] else None,
        conditions=tuple(words.condition(name) for name in _listed((record["condition"] or "").split("+"))),
        gateway=record["gateway"] or "",
        reasons=tuple(words.ground(reason) for reason in outcome),
        facts=tuple(words.cited(fact) for fact in record["facts"]),
        fields=tuple(record["fields"]),
        withheld=tuple(words.withheld(entry, record["recipient"]) for entry in record["withheld"]),
        obligations=tuple(Named(name, _obligation(name)) for name in record["obligations"]),
        would_permit=tuple(Named(name, CHANGES.get(name, name)) for name in record["would_permit"]),
        override_limb=_limb(record["override_limb"]) if record["override_limb"] else None,
        override_by=record["override_by"] or "",
        record_id=record["record_id"] or "",
        review_id=record["review_id"] or "",
        known_policy=words.known,
    )


def agency_name(policies: Policies, council: str, agency: str, day: str) -> str:
    """Return what the council's register calls an agency on a day, or at any time, or its id."""
    engine = policies.engine(council)
    rows = [row for policy in (engine.policies if engine else ()) for row in policy.agencies if row.id == agency]
    fitting = [row for row in rows if row.valid_from <= day and (not row.valid_to or day <= row.valid_to)]
    return (fitting or rows)[-1].name if rows else agency


def reason_text(reason: str) -> str:
    """Return what a reason says, or its id where this version of the hub does not know it."""
    return REASONS[reason].text if reason in REASONS else reason


def known(facts: Facts) -> tuple[str, ...]:
    """Return what is known of a subject, a sentence each; none when nothing is."""
    said = [
        *(_consent(consent) for consent in facts.consents),
        f"permission to be contacted: {facts.contact}" if facts.contact else "",
        f"agreement to take up a service: {facts.service}" if facts.service else "",
        *(_instruction(instruction) for instruction in facts.instructions),
        f"objection to: {_scope(facts.objections)}" if facts.objections else "",
        "processing is restricted" if facts.restricted else "",
        "section 17 threshold met" if facts.s17 else "",
        "section 47 threshold met" if facts.s47 else "",
        f"shielded: {', '.join(facts.shields)}" if facts.shields else "",
        f"care status: {', '.join(facts.statuses)}" if facts.statuses else "",
        *(f"told of sharing with {_scope(i.recipients)} for {_scope(i.purposes)}" for i in facts.informed),
        *(f"access granted to {g.agency} from {g.starts_on} until {g.until}" for g in facts.grants),
        *(f"returned to {r.recipient} for {r.purpose} in {r.month}" for r in facts.returns),
        f"share requests passed on and not answered: {len(facts.requests)}" if facts.requests else "",
        "a control message about this person or another waits for a person to say whose it is" if facts.pending else "",
        "what the store held about this person could not be read" if facts.unreadable else "",
    ]
    return tuple(sentence for sentence in said if sentence)


# Private functions
# -----------------


class _Words:
    """The words for the ids of one Disclosures body."""

    def __init__(self, context: Body, policies: Policies, registry: Registry) -> None:
        self._context, self._policies, self._registry = context, policies, registry
        self._policy = _decided_under(context, policies)
        self._quotes = _INVARIANTS | (dict(self._policy.quotes) if self._policy else {})
        self._snapshot = _snapshot(context, policies, self._policy)
        self._categories = _categories(context, registry)

    @property
    def known(self) -> bool:
        """Whether the policy is loaded."""
        return self._policy is not None

    def agency(self, agency: str) -> Named:
        if agency == NOBODY:
            return Named(agency, "nobody: no recipient was found")
        council, day = str(self._context["council"]), str(self._context["received_at"])[:10]
        return Named(agency, agency_name(self._policies, council, agency, day))

    def basis(self, name: str) -> Named:
        found = next((b for b in (self._policy.bases if self._policy else ()) if b.id == name), None)
        return Named(name, f"{found.title}, UK GDPR Article {found.article}" if found else name)

    def condition(self, name: str) -> Named:
        rows = self._policy.conditions if self._policy else ()
        known = CONDITIONS | {row.id: (row.title, row.article) for row in rows}
        title, article = known.get(name, (name, ""))
        return Named(name, f"{title}, UK GDPR Article {article}" if article else title)

    def cited(self, fact: str) -> Cited:
        return Cited(fact, self._quotes.get(fact, ""))

    def ground(self, reason: str, facts: Iterable[str] = ()) -> Ground:
        rule = REASONS[reason].rule if reason in REASONS else ""
        cited = tuple(dict.fromkeys((*facts, *([rule] if rule in self._quotes else []))))
        return Ground(reason, rule, reason_text(reason), tuple(self.cited(fact) for fact in cited))

    def withheld(self, entry: Body, recipient: str) -> Withheld:
        """A field's reason, with the sentences that the route to this recipient has for its category."""
        field, reason = entry["field"], entry["reason"]
        return Withheld(field, self.ground(reason, self._why(field, reason, recipient)))

    def _why(self, field: str, reason: str, recipient: str) -> tuple[str, ...]:
        if self._snapshot is None or field == "*":
            return ()
        context = self._context
        asked = (context["form"] or "", context["purpose"] or "", str(context["agency"]), recipient)
        why, facts = dict(self._snapshot.route(*asked).why).get(self._categories.get(field, ""), ("", ()))
        return facts if why == reason else ()


def _decided_under(context: Body, policies: Policies) -> Policy | None:
    digest = context["policy_digest"]
    return next((policy for policy in policies.all() if digest and policy.digest == digest), None)


def _snapshot(context: Body, policies: Policies, policy: Policy | None) -> Snapshot | None:
    engine = policies.engine(str(context["council"])) if policy else None
    snapshot = engine.at(str(context["received_at"])[:10]) if engine else None
    return snapshot if snapshot and snapshot.policy is policy else None


def _categories(context: Body, registry: Registry) -> dict[str, str]:
    name = _MESSAGES.get(context["kind"])
    if name is None:
        return {}
    fields = classify(registry, registry.by_name(name).schema_id).fields
    return {spec.path: spec.category or "" for spec in fields}


def _consent(consent: Consent) -> str:
    until = f", until {consent.expires_on}" if consent.expires_on else ""
    scope = f"to {_scope(consent.recipients)}, for {_scope(consent.purposes)}, of {_scope(consent.categories)}"
    return f"consent {consent.status}: {scope}{until}"


def _instruction(instruction: Instruction) -> str:
    whom = "anybody" if instruction.scope == "all" else f"{instruction.scope} {instruction.target}"
    return f"instructed not to share with {whom}"


def _scope(names: Iterable[str]) -> str:
    listed = tuple(names)
    return "everything" if EVERYTHING in listed else ", ".join(listed) or "nothing"


def _obligation(name: str) -> str:
    head, _, rest = name.partition(":")
    if head == "KEEP_AT_MOST":
        return f"it may be kept no longer than this: {rest.partition(':')[0]}"
    return OBLIGATIONS.get(name, name)


def _limb(limb: str) -> Named:
    return Named(limb, " and ".join(LIMBS.get(one, one) for one in limb.split("+")))


def _listed(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(value for value in values if value)
