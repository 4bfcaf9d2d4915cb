"""A slow, obvious evaluator, written from the notice and the rule tables: plain sets and ifs, read from top to bottom.

It knows the policy, the facts and the words of the vocabulary, and nothing of the engine: no masks, no tables, no routes. The
first test that fails decides. Where it and the engine differ, one of the two is wrong.
"""

from __future__ import annotations

from hub.policy.facts import Facts
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.consents import SENSITIVE, consent, lawful
from tests.oracles.question import Answer, Question
from tests.oracles.register import in_duty, kind, recipients, row_of, rule_of, serves, standing, teaches

SPECIAL = {c.name for c in CATEGORIES.values() if c.special == "art9"}
CRIMINAL = {c.name for c in CATEGORIES.values() if c.special == "art10"}
SHIELDED = {c.name for c in CATEGORIES.values() if c.shielded}
IDENTIFIERS = {c.name for c in CATEGORIES.values() if c.identifier}
LIMB_OF = {
    "LAW_REQUIRES": "OVERRIDE_LAW",
    "RISK_OF_HARM": "OVERRIDE_HARM",
    "CRIME_DISORDER": "OVERRIDE_CRIME",
    "RISK_TO_WELLBEING": "OVERRIDE_WELLBEING",
}

A_RULING_ANSWERS = {
    *("STALE_POLICY", "CLOCK_SKEW", "DISTRICT_UNKNOWN", "SCHOOL_UNKNOWN", "RESTRICTED", "OBJECTED"),
    *("ADVERSE_USE", "INSTRUCTED"),
}
"""The questions that a plain ruling to permit answers. Who the person is, what is known of them, an override's limb and a
threshold decision need an answer of their own."""


def answers(policy: Policy, facts: Facts, question: Question) -> dict[str, Answer]:
    """The decision for every agency that is to be decided; without a policy in force one for nobody, which a person takes."""
    if question.day < policy.valid_from or (policy.valid_to and policy.valid_to < question.day):
        refused = "RULED_REFUSE" in question.flags
        return {"": Answer("DENY", "RULED_REFUSE") if refused else Answer("REVIEW", "NO_POLICY")}
    return {agency: answer(policy, facts, question, agency) for agency in recipients(policy, question)}


def answer(policy: Policy, facts: Facts, question: Question, agency: str) -> Answer:
    """The decision for one agency: every test of the design's order, the first failure decides."""
    if "RULED_REFUSE" in question.flags:
        return Answer("DENY", "RULED_REFUSE")
    refusal = standing(policy, question, agency)
    if refusal:
        return Answer("DENY", refusal)
    case = Case(policy, facts, question, agency)
    for decision, reason in (
        *case.doubts(),
        *case.place(),
        *case.refusals(),
        *case.lawful(),
        *case.gates(),
        *case.bars(),
    ):
        answered = decision == "REVIEW" and reason in A_RULING_ANSWERS and "RULED_PERMIT" in question.flags
        if not answered:
            return Answer(decision, reason)
    kept = case.fields() & question.present
    if not kept:
        return Answer("DENY", "NOTHING_LEFT")
    duties = case.obligations() | case.keeping(kept)
    return Answer("PERMIT", "", case.basis, case.limb, frozenset(duties), frozenset(kept))


class Case:
    """One recipient that the register and the notice admit, with everything needed to go on."""

    def __init__(self, policy: Policy, facts: Facts, question: Question, agency: str) -> None:
        self.policy, self.facts, self.question, self.agency = policy, facts, question, agency
        self.form = next(f for f in policy.forms if f.id == question.form)
        self.purpose = next(p for p in policy.purposes if p.id == question.purpose)
        row = row_of(policy, agency, question.day)
        sender = row_of(policy, question.sender, question.day)
        assert row is not None and sender is not None
        self.row, self.sender = row, sender
        self.klass = lawful(next(c for c in policy.classes if c.id == row.recipient_class))
        rule = rule_of(policy, self.form, self.purpose, self.klass, question.day)
        assert rule is not None
        self.rule = rule
        self.names = {"*", agency, self.klass.id}
        self.consented, self.consent_ended = consent(facts, self.names, self.purpose.id, question.day)
        self.instructed = any(i.scope == "all" or i.target in self.names for i in facts.instructions)
        self.informed = any(
            self.names & set(i.recipients) and {"*", question.purpose} & set(i.purposes) for i in facts.informed
        )
        self.basis, self.limb, self.public_task, self.special_by_consent, self.narrowed = "", "", False, False, False

    def doubts(self) -> list[tuple[str, str]]:
        """D-10: any unknown holds, and does not send."""
        review_by = self.policy.settings.review_by
        found = {
            "STALE_POLICY": bool(review_by) and self.question.day > review_by,
            "IDENTITY_UNSURE": "IDENTITY_UNSURE" in self.question.flags,
            "FACTS_UNSURE": self.facts.pending or self.facts.unreadable,
            "CLOCK_SKEW": "CLOCK_SKEW" in self.question.flags,
            "DISTRICT_UNKNOWN": self.of_a_district() and not self.question.district,
            "SCHOOL_UNKNOWN": self.klass.select == "school" and not self.question.schools,
        }
        return [("REVIEW", reason) for reason, holds in found.items() if holds]

    def of_a_district(self) -> bool:
        """Whether the district of residence decides if this is the right agency (S-02, S-03)."""
        return bool(self.row.districts) or self.klass.select == "district"

    def place(self) -> list[tuple[str, str]]:
        """S-03 and S-04."""
        wrong = [] if serves(self.row, self.question) else ["WRONG_DISTRICT"]
        if self.question.schools and not teaches(self.row, self.klass, self.question):
            wrong.append("WRONG_SCHOOL")
        if self.klass.select == "involved" and self.agency not in self.question.involved:
            wrong.append("NOT_INVOLVED")
        return [("DENY", reason) for reason in wrong]

    def refusals(self) -> list[tuple[str, str]]:
        """S-09: declined support closes a hand-off that came before consent, but no duty. D-03: the duty's negative test."""
        found = []
        if self.facts.service in ("declined", "withdrawn") and self.form.before_consent and not self.by_duty():
            found.append("SERVICE_DECLINED")
        if "DETRIMENT" in self.question.flags:
            found.append("MORE_DETRIMENTAL")
        return [("DENY", reason) for reason in found]

    def lawful(self) -> list[tuple[str, str]]:
        """The first basis of the rule that holds; else an override (LN-70); else what is missing."""
        holding = [basis for basis in self.rule.bases if self.holds(basis)]
        self.public_task = holding[:1] == ["public_task"]
        if self.public_task and self.threshold_missing() and "consent" in holding:
            holding = ["consent"]
        if holding:
            self.basis = holding[0]
            return []
        if self.claimed():
            self.limb = "+".join(self.claimed())
            law = self.claimed()[0] == "LAW_REQUIRES"
            self.basis = "legal_obligation" if law else "public_task"
            return []
        if self.questionable():
            return [("REVIEW", self.questionable())]
        if "consent" in self.rule.bases:
            return [("DENY", "CONSENT_ENDED" if self.consent_ended and not self.consented else "CONSENT_MISSING")]
        return [("DENY", "CONTACT_MISSING" if "contact_permission" in self.rule.bases else "NO_BASIS")]

    def gates(self) -> list[tuple[str, str]]:
        """What the notice asks for besides a basis: a person, a care status, and the rule's needs. The duty asks for none."""
        found = [("REVIEW", "ADVERSE_USE")] if self.basis and kind(self.klass).adverse else []
        if self.basis in ("", "duty_16la"):
            return found
        lacking = [*self.out_of_scope(), *(self.lack(need) for need in self.rule.needs)]
        for reason in filter(None, lacking):
            if reason in ("NO_GRANT", "GRANT_ENDED"):
                found.append(("DENY", reason))
            elif not self.overridden():
                found.append(("REVIEW", self.questionable()) if self.questionable() else ("DENY", reason))
        if self.rule.every and self.returned():
            found.append(("DENY", "ALREADY_RETURNED"))
        return found

    def out_of_scope(self) -> list[str]:
        """A form for children with a care status, and none is on record, nor the threshold before it."""
        known = {*self.facts.statuses}
        known |= {"child_in_need"} if self.facts.s17 else set()
        known |= {"child_protection"} if self.facts.s47 else set()
        return ["OUT_OF_SCOPE"] if self.form.about_only and not known & set(self.form.about_only) else []

    def lack(self, need: str) -> str:
        """Why a need is not met, or "". A consent that meets one narrows what goes, unless an override is relied on."""
        if need == "consent":
            return self.by_consent() or ("CONSENT_ENDED" if self.consent_ended else "CONSENT_MISSING") * (
                not self.consented
            )
        if need == "informed_or_consent":
            return "" if self.informed or (not self.by_consent() and self.consented) else "NOT_INFORMED"
        met = {
            "informed": ("NOT_INFORMED", self.informed),
            "service_agreement": ("NO_SERVICE_AGREEMENT", self.facts.service == "given"),
            "service_not_declined": ("SERVICE_DECLINED", self.facts.service not in ("declined", "withdrawn")),
            "stated_reason": ("NO_STATED_REASON", "STATED_REASON" in self.question.flags),
            "grant": (self.no_grant(), not self.no_grant()),
        }
        reason, holds = met[need]
        return "" if holds else reason

    def by_consent(self) -> str:
        """Note that a consent opens the road; always "", so that it can stand in a condition."""
        if self.consented and not self.overridden():
            self.narrowed = True
        return ""

    def no_grant(self) -> str:
        """S-15: access ends by itself."""
        grants = [g for g in self.facts.grants if g.agency == self.agency]
        if not grants:
            return "NO_GRANT"
        return "" if grants[0].starts_on <= self.question.day <= grants[0].until else "GRANT_ENDED"

    def returned(self) -> bool:
        """S-16: once a month."""
        month = self.question.day[:7]
        return any(
            (r.recipient, r.purpose, r.month) == (self.agency, self.purpose.id, month) for r in self.facts.returns
        )

    def keeping(self, kept: set[str]) -> set[str]:
        """D-22: how long a copy may be kept, where the notice says so of the form or of what it holds."""
        found = set()
        for row in self.policy.retention:
            about = set(row.categories) & kept if row.categories else kept
            if (
                (row.categories or row.forms)
                and self.form.id in (row.forms or (self.form.id,))
                and about
                and row.maximum
            ):
                found.add(f"KEEP_AT_MOST:{row.maximum}:{row.id}")
        return found

    def bars(self) -> list[tuple[str, str]]:
        """LN-69 and LN-70, Article 18, Article 21, and the threshold before the first outbound question (D-11)."""
        found = []
        if self.instructed and self.basis != "duty_16la" and not self.overridden():
            if self.basis == "legal_obligation" and self.law_is_enough():
                self.limb = "LAW_REQUIRES"
            elif self.questionable():
                found.append(("REVIEW", self.questionable()))
            else:
                weighed = self.policy.override.instructions == "weigh"
                found.append(("REVIEW" if weighed else "DENY", "INSTRUCTED"))
        by_law = self.basis in ("duty_16la", "legal_obligation")
        if self.facts.restricted:
            found.append(("REVIEW" if by_law or self.overridden() else "DENY", "RESTRICTED"))
        if self.objected() and self.public_task and not self.overridden():
            found.append(("REVIEW", "OBJECTED"))
        if self.basis == "public_task" and self.threshold_missing() and not self.overridden():
            found.append(("REVIEW", "THRESHOLD_FIRST"))
        return found

    def fields(self) -> set[str]:
        """S-06, D-17, S-23, S-27, then Article 9, D-19 and, last, the shield (D-18)."""
        pool = self.shareable()
        if self.basis == "consent" or self.narrowed:
            pool &= self.consented
        if self.shareable() & SPECIAL:
            pool = self.special(pool)
        pool = self.sensitive(pool)
        return pool - SHIELDED if self.facts.shields else pool

    def special(self, pool: set[str]) -> set[str]:
        """Special category data needs a condition of its own."""
        explicit = "explicit_consent" in self.rule.conditions and not self.instructed
        if explicit and self.basis in ("consent", "contact_permission"):
            return pool
        for condition in self.rule.conditions:
            if condition == "health_or_social_care" and self.klass.confidential:
                return pool
            if condition == "safeguarding" and (self.safeguarding_reason() or self.overridden()):
                return pool
            by_law = self.basis in ("duty_16la", "legal_obligation", "public_task")
            if condition == "substantial_public_interest" and by_law and not self.purpose.contact_only:
                return pool
        self.special_by_consent = explicit
        return pool - SPECIAL | (pool & SPECIAL & self.consented if explicit else set())

    def sensitive(self, pool: set[str]) -> set[str]:
        """D-19: own consent, or a recorded cause to suspect significant harm."""
        if self.facts.s47:
            return pool
        if "RISK_OF_HARM" in self.claimed():
            if pool & SENSITIVE and self.basis != "consent" and not self.narrowed and not self.special_by_consent:
                self.overridden()
            return pool
        return pool - SENSITIVE | (set() if self.instructed else pool & SENSITIVE & self.consented)

    def obligations(self) -> set[str]:
        """What the recipient and the hub must do with it."""
        found = {"NO_ONWARD_SHARING", *self.rule.obliges} - ({"ASK_CONSENT"} if self.consented else set())
        if self.purpose.contact_only:
            found.add("CONTACT_ONLY")
        if self.basis == "duty_16la":
            found.add("DUTY_NEGATIVE_TEST")
        if self.basis == "duty_16la" and self.instructed:
            found |= {"CONFLICT_NOTE", "INFORM_SUBJECT"}
        if self.limb:
            found.add("RECORD_LIMB")
        if self.limb and (self.policy.override.inform or not self.claimed()):
            found.add("INFORM_SUBJECT")
        return found

    def holds(self, basis: str) -> bool:
        """Whether a lawful basis is available for this recipient and purpose."""
        if basis == "duty_16la":
            return self.by_duty()
        if basis == "consent":
            return bool(self.consented)
        if basis == "contact_permission":
            return self.facts.contact == "given"
        return basis in ("legal_obligation", "public_task")

    def by_duty(self) -> bool:
        """D-01: both sides are within Children Act 2004 s.16LA, it has begun, and it is about a child's welfare."""
        start = self.policy.settings.duty_16la_from
        begun = bool(start) and self.question.day >= max(start, "2026-09-30")
        bound = in_duty(self.policy, self.sender) and in_duty(self.policy, self.row)
        return "duty_16la" in self.rule.bases and begun and bound and self.purpose.safeguarding

    def threshold_missing(self) -> bool:
        """R (AB) v Haringey [2013] EWHC 416: no section 47 decision is on record."""
        return (self.form.threshold_first or self.form.id == "share_request") and not self.facts.s47

    def safeguarding_reason(self) -> bool:
        """Data Protection Act 2018 Sch 1 Pt 2 para 18: for safeguarding, and a reason why it is without consent."""
        return self.purpose.safeguarding and ("PARA18" in self.question.flags or self.facts.s47)

    def objected(self) -> bool:
        """Article 21: to this purpose, or to every one."""
        return bool({"*", self.purpose.id} & set(self.facts.objections))

    def claimed(self) -> list[str]:
        """The limbs of a whole override that this policy accepts, if they are enough under its connective."""
        limbs = [limb for limb in self.accepted() if LIMB_OF[limb] in self.question.flags]
        return limbs if self.either() or len(limbs) == len(self.accepted()) else []

    def accepted(self) -> list[str]:
        """The limbs that may stand in here: the policy's, or no less than the law's where the rule says so."""
        return [limb for limb in self.policy.override.limbs if self.rule.override == "any" or limb == "LAW_REQUIRES"]

    def either(self) -> bool:
        """Whether one limb is enough."""
        return self.policy.override.connective == "either" or self.rule.override == "law"

    def overridden(self) -> bool:
        """Rely on the override, if there is one that suffices."""
        self.limb = self.limb or "+".join(self.claimed())
        return bool(self.claimed())

    def questionable(self) -> str:
        """The doubt about an override that was claimed and does not suffice."""
        if "OVERRIDE_INCOMPLETE" in self.question.flags:
            return "OVERRIDE_INCOMPLETE"
        return "OVERRIDE_LIMB" if set(LIMB_OF.values()) & self.question.flags else ""

    def law_is_enough(self) -> bool:
        """LN-70: whether "the law requires it" is an exception by itself."""
        return "LAW_REQUIRES" in self.accepted() and (self.either() or len(self.accepted()) == 1)

    def shareable(self) -> set[str]:
        """What the rule shares and this class of recipient may hold."""
        groups = {g.id: g for g in self.policy.groups}
        pool = set(self.rule.only) or {c for g in self.rule.groups for c in groups[g].categories}
        pool -= IDENTIFIERS - set(self.klass.identifiers)
        if not (self.klass.criminal and self.form.criminal and "criminal_offence" in self.rule.conditions):
            pool -= CRIMINAL
        if self.form.collects:
            pool &= {c for g in self.form.collects for c in groups[g].categories}
        if not self.klass.visits_family:
            pool.discard("worker_risk")
        return pool
