"""Generated cases: mostly plausible messages, each bent in one way or another, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from hub.policy.facts import Consent, Facts, Grant, Informed, Instruction, Returned
from hub.policy.law import duty_starts
from hub.policy.model import AgencyRow, Form, Policy
from hub.policy.snapshot import boundaries
from hub.policy.vocabulary import CARE_STATUSES, CATEGORIES, SHIELD_KINDS
from tests.oracles.days import between, shifted
from tests.oracles.question import Question

FLAG_ODDS = {
    "OVERRIDE_HARM": 0.14,
    "OVERRIDE_LAW": 0.10,
    "OVERRIDE_CRIME": 0.06,
    "OVERRIDE_WELLBEING": 0.06,
    "OVERRIDE_INCOMPLETE": 0.08,
    "STATED_REASON": 0.60,
    "DETRIMENT": 0.04,
    "PARA18": 0.30,
    "RULED_PERMIT": 0.12,
    "RULED_REFUSE": 0.02,
    "IDENTITY_UNSURE": 0.03,
    "CLOCK_SKEW": 0.04,
}
NOBODY_KNOWS = "nobody-knows"
TODAY, FAR_OFF = "2026-11-22", "9999-12-31"


def cases(policy: Policy, seed: int, number: int) -> Iterator[tuple[Question, Facts]]:
    """Yield that many cases on a policy; the same seed gives the same cases."""
    draw = Draw(policy, random.Random(seed))
    for _ in range(number):
        question = draw.question()
        yield question, draw.facts(question)


class Draw:
    """Draws questions and facts at random on one policy, on days of its own time and on the days just before and after it."""

    def __init__(self, policy: Policy, rng: random.Random) -> None:
        self.policy, self.rng = policy, rng
        self.forms = (*policy.forms, *(f for f in policy.forms if f.threshold_first for _ in range(3)))
        edges = {*boundaries(policy), policy.valid_from, policy.valid_to} - {""}
        first, last = shifted(policy.valid_from, -1), shifted(policy.valid_to, 1) if policy.valid_to else FAR_OFF
        self.days = sorted({day for edge in edges for by in (-1, 0, 1) if first <= (day := shifted(edge, by)) <= last})
        end = policy.valid_to or policy.valid_from
        self.usual = (TODAY, TODAY) if first < TODAY < last else (between(policy.valid_from, end), end)
        before_duty = shifted(duty_starts(policy), -1) if duty_starts(policy) else ""
        self.before_duty = before_duty if first < before_duty < last else self.usual[0]

    def often(self, odds: float) -> bool:
        """True that often."""
        return self.rng.random() < odds

    def some(self, names: Sequence[str], most: int) -> tuple[str, ...]:
        """A few of the names, in order, none twice."""
        return tuple(sorted(self.rng.sample(list(names), min(len(names), self.rng.randint(0, most)))))

    def question(self) -> Question:
        """A message: form, purpose, sender and recipients that mostly fit together."""
        form = self.rng.choice(self.forms)
        purpose = self.purpose(form)
        day = self.rng.choice((*self.usual, self.before_duty, self.rng.choice(self.days)))
        flags = frozenset(flag for flag, odds in FLAG_ODDS.items() if self.often(odds))
        every = tuple(CATEGORIES)
        districts = [code for code, _ in self.policy.districts]
        requested = self.requested(form, purpose)
        return Question(
            form=form.id if self.often(0.98) else NOBODY_KNOWS,
            purpose=purpose,
            sender=self.sender(form),
            day=day,
            flags=flags,
            present=frozenset(every if self.often(0.2) else self.some(every, len(every))),
            district=self.rng.choice(districts) if districts and self.often(0.8) else "",
            schools=self.schools(),
            requested=requested,
            ask_only=self.often(0.3),
            involved=tuple(agency for agency in requested if self.often(0.7)),
        )

    def purpose(self, form: Form) -> str:
        """Mostly one that the form names."""
        if self.often(0.9):
            return self.rng.choice(form.purposes)
        return self.rng.choice([*(p.id for p in self.policy.purposes), NOBODY_KNOWS])

    def sender(self, form: Form) -> str:
        """Mostly a registered source for the form."""
        sources = [row.id for row in self.policy.agencies if set(row.roles) & set(form.sources)]
        if sources and self.often(0.92):
            return self.rng.choice(sources)
        return self.rng.choice([*(row.id for row in self.policy.agencies), NOBODY_KNOWS])

    def schools(self) -> tuple[str, ...]:
        """Schools attended or intended, by agency id or by code."""
        schools = [row for row in self.policy.agencies if self.select(row) == "school"]
        if not schools or self.often(0.3):
            return ()
        row = self.rng.choice(schools)
        return tuple(self.rng.sample([row.id, *(code for _, code in row.codes)], 1))

    def select(self, row: AgencyRow) -> str:
        """How recipients of the row's class are chosen."""
        return next((c.select for c in self.policy.classes if c.id == row.recipient_class), "")

    def requested(self, form: Form, purpose: str) -> tuple[str, ...]:
        """One or two agencies, mostly of a class that a rule lets receive."""
        to = {
            c for r in self.policy.sharing if purpose in r.purposes and form.id in (r.forms or (form.id,)) for c in r.to
        }
        fitting = [row.id for row in self.policy.agencies if row.recipient_class in to]
        every = [*(row.id for row in self.policy.agencies), NOBODY_KNOWS]
        chosen = [
            self.rng.choice(fitting if fitting and self.often(0.85) else every) for _ in range(self.rng.randint(1, 2))
        ]
        return tuple(dict.fromkeys(chosen))

    def facts(self, question: Question) -> Facts:
        """What is known: consents that mostly concern the question, and now and then a bar."""
        return Facts(
            consents=tuple(self.consent(question) for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3)))),
            contact=self.rng.choice(("", "given", "given", "withdrawn")),
            service=self.rng.choice(("", "", "given", "declined", "withdrawn")),
            instructions=tuple(self.instruction(question) for _ in range(self.often(0.2))),
            objections=self.objections(question),
            restricted=self.often(0.08),
            s17=self.often(0.2),
            s47=self.often(0.25),
            shields=tuple(sorted(self.rng.sample(SHIELD_KINDS, 1))) if self.often(0.15) else (),
            pending=self.often(0.03),
            unreadable=self.often(0.01),
            informed=tuple(self.informed(question) for _ in range(self.rng.choice((0, 1, 1)))),
            statuses=self.some(CARE_STATUSES, 2) if self.often(0.6) else (),
            grants=tuple(self.grant(question, agency) for agency in question.requested if self.often(0.7)),
            returns=tuple(self.returned(question, agency) for agency in question.requested if self.often(0.5)),
        )

    def informed(self, question: Question) -> Informed:
        """The person was told of the question's recipients and purpose, or of something near it."""
        names = question.requested if self.often(0.7) else self.some([c.id for c in self.policy.classes], 2)
        purposes = (question.purpose,) if self.often(0.7) else self.some([p.id for p in self.policy.purposes], 2)
        return Informed(("*",) if self.often(0.3) else tuple(sorted(names)), ("*",) if self.often(0.3) else purposes)

    def grant(self, question: Question, agency: str) -> Grant:
        """Access around the day of the question: before, on its edges, or over it."""
        first, last = sorted((self.rng.randint(-2, 2), self.rng.randint(-2, 2)))
        return Grant(agency, shifted(question.day, first), shifted(question.day, last))

    def returned(self, question: Question, agency: str) -> Returned:
        """A return of the month, or of the one before, mostly for the same purpose."""
        month = question.day[:7] if self.often(0.6) else shifted(question.day, -31)[:7]
        purpose = question.purpose if self.often(0.8) else self.rng.choice(self.policy.purposes).id
        return Returned(agency, purpose, month)

    def consent(self, question: Question) -> Consent:
        """A consent event about the question's recipients and purpose, or near it."""
        classes = tuple(row.recipient_class for row in self.policy.agencies if row.id in question.requested)
        names = [n for n in (*question.requested, *classes, *self.some([c.id for c in self.policy.classes], 2)) if n]
        purposes = [question.purpose, *self.some([p.id for p in self.policy.purposes], 2)]
        status = self.rng.choice(("given", "given", "given", "withdrawn", "refused", "expired"))
        return Consent(
            status=status,
            recipients=("*",) if self.often(0.5) else tuple(sorted(set(names))),
            purposes=("*",) if self.often(0.5) else tuple(sorted(set(purposes))),
            categories=self.categories(),
            expires_on=shifted(question.day, self.rng.choice((-1, 0, 1))) if self.often(0.15) else "",
        )

    def categories(self) -> tuple[str, ...]:
        """Everything, or some categories, once in a while one that nobody knows."""
        if self.often(0.5):
            return ("*",)
        unknown = (NOBODY_KNOWS,) if self.often(0.05) else ()
        return tuple(sorted({*self.some(tuple(CATEGORIES), 20), *unknown}))

    def instruction(self, question: Question) -> Instruction:
        """Not to anybody, to a class, or to an agency."""
        row = next((r for r in self.policy.agencies if r.id in question.requested), self.policy.agencies[0])
        scope = self.rng.choice(("all", "class", "agency"))
        return Instruction(scope, {"all": "", "class": row.recipient_class, "agency": row.id}[scope])

    def objections(self, question: Question) -> tuple[str, ...]:
        """Now and then to the purpose, or to everything."""
        if not self.often(0.12):
            return ()
        return (question.purpose,) if self.often(0.6) else ("*",)
