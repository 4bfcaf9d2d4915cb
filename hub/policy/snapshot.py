"""A policy on a stretch of days on which none of its dates falls: the register as it stands, and its routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hub.policy import law
from hub.policy import state as s
from hub.policy.model import AgencyRow, Basis, Form, Override, Policy, Purpose, RecipientClass, Sharing
from hub.policy.route import CRIME_BASIS, HARM_BASIS, LAW_BASIS, NOBODY, WELLBEING_BASIS, Route, Why
from hub.policy.state import Situation
from hub.policy.vocabulary import CATEGORIES, mask_of

_LAW_FACTS: Final = {
    "IDENTIFIER_RULE": ("D-17",),
    "CRIMINAL_ROUTE": ("S-27",),
    "NO_CONDITION": ("D-10",),
    "VISITORS_ONLY": ("S-23",),
}
"""The rule of law behind a withheld category."""


def in_force(start: str, end: str, day: str) -> bool:
    """Whether a day lies in [start, end]; empty ends are open."""
    return (not start or start <= day) and (not end or day <= end)


class Snapshot:
    """One policy compiled for a day and all days with the same rows in force. Routes are made when first asked for."""

    def __init__(self, policy: Policy, day: str) -> None:
        self.policy = policy
        self.stale = bool(policy.settings.review_by) and day > policy.settings.review_by
        self._day = day
        self._forms: dict[str, Form] = {f.id: law.clamp_form(f) for f in policy.forms}
        self._purposes: dict[str, Purpose] = {p.id: p for p in policy.purposes}
        self.classes: dict[str, RecipientClass] = {c.id: law.clamp(c) for c in policy.classes}
        self._bases: dict[str, Basis] = {b.id: b for b in policy.bases}
        self._groups = {g.id: g for g in policy.groups}
        self._known = {row.id for row in policy.agencies}
        self.agencies: dict[str, AgencyRow] = {
            row.id: row for row in policy.agencies if in_force(row.valid_from, row.valid_to, day)
        }
        self._by_class: dict[str, tuple[AgencyRow, ...]] = {
            c.id: tuple(r for r in self.agencies.values() if r.recipient_class == c.id) for c in policy.classes
        }
        self._rules = tuple(r for r in policy.sharing if in_force(r.valid_from, r.valid_to, day))
        self._routes: dict[tuple[str, str, str, str], Route] = {}
        self._group_facts = self._facts_per_category()

    def class_of(self, agency: str) -> str:
        """Return the recipient class of an agency in force, or ""."""
        row = self.agencies.get(agency)
        return row.recipient_class if row else ""

    def roles_of(self, agency: str) -> tuple[str, ...]:
        """Return what an agency in force may send as, or ()."""
        row = self.agencies.get(agency)
        return row.roles if row else ()

    def form(self, form: str) -> Form | None:
        """Return a form of the policy, or None."""
        return self._forms.get(form)

    def purpose(self, purpose: str) -> Purpose | None:
        """Return a purpose of the policy, or None."""
        return self._purposes.get(purpose)

    def candidates(self, situation: Situation) -> list[tuple[str, int]]:
        """Return (agency id, state bits that only concern it) for each recipient to be decided, in the register's order.

        These are the form's recipients, chosen by district and school, and those that the sender named (who may prove to be
        unknown). Never more than the register holds plus what the sender named.
        """
        found: dict[str, int] = {}
        form = self._forms.get(situation.form)
        if form is not None and not situation.ask_only:
            for class_id in form.recipients:
                found.update(self._chosen(class_id, situation))
        for agency in situation.requested:
            row = self.agencies.get(agency)
            found[agency] = self._place_bits(row, situation) if row else 0
        return list(found.items())

    def _chosen(self, class_id: str, situation: Situation) -> dict[str, int]:
        rows = {row.id: self._place_bits(row, situation) for row in self._by_class.get(class_id, ())}
        # An unknown district asks a person which agency it is; an unknown school must not offer every school the child.
        wrong = s.WRONG_DISTRICT | s.WRONG_SCHOOL | s.SCHOOL_UNKNOWN | s.NOT_INVOLVED
        return {agency: bits for agency, bits in rows.items() if not bits & wrong and agency != situation.sender}

    def _place_bits(self, row: AgencyRow, situation: Situation) -> int:
        select = self.classes[row.recipient_class].select if row.recipient_class else "all"
        bits = 0
        if not situation.district and (row.districts or select == "district"):
            bits |= s.DISTRICT_UNKNOWN
        elif row.districts and situation.district not in row.districts:
            bits |= s.WRONG_DISTRICT
        if select == "school" and not {row.id, *(code for _, code in row.codes)} & set(situation.schools):
            bits |= s.WRONG_SCHOOL if situation.schools else s.SCHOOL_UNKNOWN
        if select == "involved" and row.id not in situation.involved:
            bits |= s.NOT_INVOLVED
        return bits

    def route(self, form: str, purpose: str, sender: str, recipient: str) -> Route:
        """Return the route; unknown names share one route each, so that senders cannot make the table grow."""
        key = (
            form if form in self._forms else "",
            purpose if purpose in self._purposes else "",
            sender if sender in self.agencies else "",
            recipient if recipient in self._known or recipient == NOBODY else "",
        )
        found = self._routes.get(key)
        if found is None:
            found = self._routes[key] = self._make(*key)
        return found

    def _make(self, form_id: str, purpose_id: str, sender_id: str, recipient_id: str) -> Route:
        form, purpose = self._forms.get(form_id), self._purposes.get(purpose_id)
        sender, recipient = self.agencies.get(sender_id), self.agencies.get(recipient_id)
        klass = self.classes.get(recipient.recipient_class) if recipient else None
        rule = self._rule(form, purpose, klass)
        blocked = [*self._sender(form, sender), *self._recipient(recipient_id, recipient, klass, sender_id)]
        blocked += self._purpose(form, purpose, klass, rule)
        allow, why = self._fields(form, rule, klass) if form and rule and klass else (0, ())
        return Route(
            form=form,
            purpose=purpose,
            recipient=recipient_id,
            recipient_class=klass,
            rule=rule,
            override=self._override(rule),
            blocked=tuple(blocked),
            duty=self._duty(sender, recipient, purpose),
            bases=tuple(self._bases[b] for b in rule.bases) if rule else (),
            limb_bases=self._limb_bases(),
            allow=allow,
            why=why,
            agreement=recipient.agreement_id if recipient else "",
            adverse=klass is not None and law.kind_of(klass).adverse,
            keep=self._keep(form, allow) if form else (),
        )

    def _rule(self, form: Form | None, purpose: Purpose | None, klass: RecipientClass | None) -> Sharing | None:
        if form is None or purpose is None or klass is None:
            return None
        fitting = (
            r
            for r in self._rules
            if klass.id in r.to and purpose.id in r.purposes and (not r.forms or form.id in r.forms)
        )
        # A rule that names forms is narrower than one for every form; the checker refuses two of the same width.
        return min(fitting, key=lambda r: (not r.forms, r.id), default=None)

    def _sender(self, form: Form | None, sender: AgencyRow | None) -> list[Why]:
        if form is None:
            return [("FORM_UNKNOWN", ("S-01",))]
        if sender is None:
            return [("SENDER_UNKNOWN", form.facts)]
        return [] if set(sender.roles) & set(form.sources) else [("SENDER_NOT_SOURCE", form.facts)]

    def _recipient(
        self, recipient_id: str, recipient: AgencyRow | None, klass: RecipientClass | None, sender_id: str
    ) -> list[Why]:
        if recipient_id == NOBODY:
            return [("NO_RECIPIENT", ("S-02",))]
        if recipient is None:
            known = recipient_id in self._known
            return [("RECIPIENT_INACTIVE" if known else "RECIPIENT_UNKNOWN", ("S-02",))]
        found: list[Why] = []
        if klass is None:
            found.append(("RECIPIENT_NEVER_RECEIVES", recipient.facts))
        if recipient_id == sender_id:
            found.append(("OWN_SENDER", ()))
        internal = klass is not None and klass.internal
        signed = recipient.agreement_id and in_force(recipient.agreement_from, recipient.agreement_to, self._day)
        if not internal and not signed:
            found.append(("NO_AGREEMENT", ("S-05",)))
        if self.policy.settings.uk_only and not recipient.uk:
            found.append(("NOT_UK", ("S-18",)))
        return found

    def _purpose(
        self, form: Form | None, purpose: Purpose | None, klass: RecipientClass | None, rule: Sharing | None
    ) -> list[Why]:
        if purpose is None or (form is not None and purpose.id not in form.purposes):
            return [("PURPOSE_UNKNOWN", form.facts if form else ())]
        if purpose.anonymised_only:
            return [("ANONYMISED_ONLY", purpose.facts)]
        if rule is not None and not rule.switched:
            return [("SWITCHED_OFF", rule.facts)]
        # Whether a rule is missing can only be said of a form and a class that are known.
        return [("NO_RULE", ("INV-1",))] if form and klass and rule is None else []

    def _duty(self, sender: AgencyRow | None, recipient: AgencyRow | None, purpose: Purpose | None) -> bool:
        start = law.duty_starts(self.policy)
        begun = bool(start) and start <= self._day
        return begun and purpose is not None and purpose.safeguarding and self._bound(sender) and self._bound(recipient)

    def _bound(self, row: AgencyRow | None) -> bool:
        return row is not None and law.bound(row, self.classes.get(row.recipient_class))

    def _override(self, rule: Sharing | None) -> Override:
        override = self.policy.override
        if rule is None or rule.override == "any":
            return override
        return replace(
            override, limbs=tuple(limb for limb in override.limbs if limb == "LAW_REQUIRES"), connective="either"
        )

    def _limb_bases(self) -> tuple[tuple[str, Basis], ...]:
        # The law's limb rests on the enactment that is asserted, whatever else the notice's own basis rests on.
        legal = replace(self._bases.get("legal_obligation", LAW_BASIS), gateway=LAW_BASIS.gateway)
        harm = (("RISK_OF_HARM", HARM_BASIS), ("RISK_TO_WELLBEING", WELLBEING_BASIS))
        return (("LAW_REQUIRES", legal), ("CRIME_DISORDER", CRIME_BASIS), *harm)

    def _keep(self, form: Form, allow: int) -> tuple[tuple[int, str], ...]:
        """Return (mask of categories, obligation) for each length of keeping that travels with a release of the form (D-22)."""
        found = []
        for row in self.policy.retention:
            mask = mask_of(row.categories) & allow if row.categories else allow
            about = bool(row.categories or row.forms) and (not row.forms or form.id in row.forms)
            if about and mask and row.maximum:
                found.append((mask, f"KEEP_AT_MOST:{row.maximum}:{row.id}"))
        return tuple(found)

    def _fields(self, form: Form, rule: Sharing, klass: RecipientClass) -> tuple[int, tuple[tuple[str, Why], ...]]:
        names = rule.only or tuple(c for g in rule.groups for c in self._groups[g].categories)
        allow, why = mask_of(names), {}
        carried = mask_of([c for g in form.collects for c in self._groups[g].categories]) if form.collects else -1
        for category in CATEGORIES.values():
            reason = self._refused(category.name, form, rule, klass, inside=bool(allow & category.mask))
            if not reason and not carried & category.mask:
                reason = "NOT_COLLECTED"
            if reason:
                why[category.name] = (reason, self._reason_facts(category.name, reason, rule, form))
                allow &= ~category.mask
        return allow, tuple(sorted(why.items()))

    def _refused(self, name: str, form: Form, rule: Sharing, klass: RecipientClass, *, inside: bool) -> str:
        category = CATEGORIES[name]
        if category.identifier and name not in klass.identifiers:
            return "IDENTIFIER_RULE"
        if category.special == "art10" and not (klass.criminal and form.criminal):
            return "CRIMINAL_ROUTE"
        if not inside:
            return "ALLOW_LIST" if rule.only else "NOT_SHARED"
        if category.special == "art10" and "criminal_offence" not in rule.conditions:
            return "NO_CONDITION"
        return "VISITORS_ONLY" if name == "worker_risk" and not klass.visits_family else ""

    def _reason_facts(self, name: str, reason: str, rule: Sharing, form: Form) -> tuple[str, ...]:
        own = {"ALLOW_LIST": rule.facts, "NOT_COLLECTED": form.facts}.get(reason, self._group_facts.get(name, ()))
        return (*_LAW_FACTS.get(reason, ()), *own)

    def _facts_per_category(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for group in self.policy.groups:
            for name in group.categories:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *group.facts)))
        return found


def boundaries(policy: Policy) -> list[str]:
    """Return the days on which anything in a policy begins, or the last days on which it holds, sorted."""
    days = {law.duty_starts(policy), policy.settings.review_by}
    for row in policy.agencies:
        days |= {row.valid_from, row.valid_to, row.agreement_from, row.agreement_to}
    for rule in policy.sharing:
        days |= {rule.valid_from, rule.valid_to}
    return sorted(d for d in days if d)
