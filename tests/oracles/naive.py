"""A slow, obvious evaluator, written from the notice and the rule tables: plain sets and ifs, read from top to bottom.

It knows the policy, the facts and the words of the vocabulary, and nothing of the engine: no masks, no tables, no routes. The
first test that fails decides. Where it and the engine differ, one of the two is wrong.
"""

from __future__ import annotations

from hub.policy.facts import Consent, Facts
from hub.policy.model import Policy
from hub.policy.vocabulary import CATEGORIES
from tests.oracles.question import Answer, Question
from tests.oracles.register import in_duty, recipients, row_of, rule_of, serves, standing, teaches

SPECIAL = {c.name for c in CATEGORIES.values() if c.special == "art9"}
CRIMINAL = {c.name for c in CATEGORIES.values() if c.special == "art10"}
SENSITIVE = {c.name for c in CATEGORIES.values() if c.sensitive}
SHIELDED = {c.name for c in CATEGORIES.values() if c.shielded}
IDENTIFIERS = {c.name for c in CATEGORIES.values() if c.identifier}
LIMB_OF = {"LAW_REQUIRES": "OVERRIDE_LAW", "RISK_OF_HARM": "OVERRIDE_HARM", "CRIME_DISORDER": "OVERRIDE_CRIME"}

A_RULING_ANSWERS = {"STALE_POLICY", "CLOCK_SKEW", "DISTRICT_UNKNOWN", "SCHOOL_UNKNOWN", "RESTRICTED", "OBJECTED"}
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
    for decision, reason in (*case.doubts(), *case.place(), *case.refusals(), *case.lawful(), *case.bars()):
        answered = decision == "REVIEW" and reason in A_RULING_ANSWERS and "RULED_PERMIT" in question.flags
        if not answered:
            return Answer(decision, reason)
    kept = case.fields() & question.present
    if not kept:
        return Answer("DENY", "NOTHING_LEFT")
    return Answer("PERMIT", "", case.basis, case.limb, frozenset(case.obligations()), frozenset(kept))


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
        self.klass = next(c for c in policy.classes if c.id == row.recipient_class)
        rule = rule_of(policy, self.form, self.purpose, self.klass, question.day)
        assert rule is not None
        self.rule = rule
        self.names = {"*", agency, self.klass.id}
        self.consented, self.consent_ended = consent(facts, self.names, self.purpose.id, question.day)
        self.instructed = any(i.scope == "all" or i.target in self.names for i in facts.instructions)
        self.basis, self.limb, self.public_task, self.special_by_consent = "", "", False, False

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

    def bars(self) -> list[tuple[str, str]]:
        """LN-69 and LN-70, Article 18, Article 21, and the threshold before the first outbound question (D-11)."""
        found = []
        if self.instructed and self.basis != "duty_16la" and not self.overridden():
            if self.basis == "legal_obligation" and self.law_is_enough():
                self.limb = "LAW_REQUIRES"
            else:
                found.append(("REVIEW", self.questionable()) if self.questionable() else ("DENY", "INSTRUCTED"))
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
        if self.basis == "consent":
            pool &= self.consented
        if self.shareable() & SPECIAL:
            pool = self.special(pool)
        pool = self.sensitive(pool)
        return pool - SHIELDED if self.facts.shields else pool

    def special(self, pool: set[str]) -> set[str]:
        """Special category data needs a condition of its own."""
        explicit = "explicit_consent" in self.rule.conditions
        if explicit and self.basis in ("consent", "contact_permission"):
            return pool
        for condition in self.rule.conditions:
            if condition == "health_or_social_care" and self.klass.confidential:
                return pool
            if condition == "safeguarding" and (self.safeguarding_reason() or self.overridden()):
                return pool
        self.special_by_consent = explicit
        return pool - SPECIAL | (pool & SPECIAL & self.consented if explicit else set())

    def sensitive(self, pool: set[str]) -> set[str]:
        """D-19: own consent, or a recorded cause to suspect significant harm."""
        if self.facts.s47:
            return pool
        if "RISK_OF_HARM" in self.claimed():
            if pool & SENSITIVE and self.basis != "consent" and not self.special_by_consent:
                self.overridden()
            return pool
        return pool - SENSITIVE | (pool & SENSITIVE & self.consented)

    def obligations(self) -> set[str]:
        """What the recipient and the hub must do with it."""
        found = {"NO_ONWARD_SHARING"}
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
        begun = bool(start) and self.question.day >= start
        bound = in_duty(self.policy, self.sender) and in_duty(self.policy, self.row)
        return "duty_16la" in self.rule.bases and begun and bound and self.purpose.safeguarding

    def threshold_missing(self) -> bool:
        """R (AB) v Haringey [2013] EWHC 416: no section 47 decision is on record."""
        return self.form.threshold_first and not self.facts.s47

    def safeguarding_reason(self) -> bool:
        """Data Protection Act 2018 Sch 1 Pt 2 para 18: for safeguarding, and a reason why it is without consent."""
        return self.purpose.safeguarding and ("PARA18" in self.question.flags or self.facts.s47)

    def objected(self) -> bool:
        """Article 21: to this purpose, or to every one."""
        return bool({"*", self.purpose.id} & set(self.facts.objections))

    def claimed(self) -> list[str]:
        """The limbs of a whole override that this policy accepts, if they are enough under its connective."""
        limbs = [limb for limb in self.policy.override.limbs if LIMB_OF[limb] in self.question.flags]
        enough = self.policy.override.connective == "either" or len(limbs) == len(self.policy.override.limbs)
        return limbs if enough else []

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
        limbs = self.policy.override.limbs
        return "LAW_REQUIRES" in limbs and (self.policy.override.connective == "either" or len(limbs) == 1)

    def shareable(self) -> set[str]:
        """What the rule shares and this class of recipient may hold."""
        groups = {g.id: g for g in self.policy.groups}
        pool = set(self.rule.only) or {c for g in self.rule.groups for c in groups[g].categories}
        pool -= IDENTIFIERS - set(self.klass.identifiers)
        if not self.klass.criminal:
            pool -= CRIMINAL
        if not self.klass.visits_family:
            pool.discard("worker_risk")
        return pool


def consent(facts: Facts, names: set[str], purpose: str, day: str) -> tuple[set[str], bool]:
    """The categories that consent covers for a recipient and purpose, and whether any consent for them has ended.

    The last word about a category counts (S-10). A consent past its last day speaks as an ending of its own scope.
    """
    about = [c for c in facts.consents if names & set(c.recipients) and {"*", purpose} & set(c.purposes)]
    covered = set()
    for category in CATEGORIES:
        words = [given(c, day) for c in about if names_category(c, category, day)]
        if words and words[-1]:
            covered.add(category)
    return covered, any(not given(c, day) for c in about)


def given(event: Consent, day: str) -> bool:
    """Whether a consent event still gives."""
    return event.status == "given" and (not event.expires_on or day <= event.expires_on)


def names_category(event: Consent, category: str, day: str) -> bool:
    """Whether an event speaks of a category. A sensitive service must be named to be given (D-19), never to be ended."""
    if given(event, day):
        return category in event.categories or ("*" in event.categories and category not in SENSITIVE)
    unknown = any(name not in CATEGORIES for name in event.categories)
    return category in event.categories or unknown
