"""A council's sharing policy as frozen types: what the loader makes and the engine compiles.

Every row cites the facts of the notice it comes from (`LN-69`) or the rule of law (`D-17`). Dates are ISO days
(`YYYY-MM-DD`), compared as text; an end date is the last day that counts, and an empty one means open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.policy.promises import Choice, Contact, Legislation, Retention, Right


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of data categories, as a notice lists them.

    shared: on the notice's list of what is shared. A rule may add a group that is not (S-06), but only by citing one of its facts.
    """

    id: str
    title: str
    categories: tuple[str, ...]
    facts: tuple[str, ...]
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """What an agency may act as when it sends (S-01): `midwife`, `partner`, ..."""

    id: str
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is shared for.

    safeguarding: it is safeguarding or promoting welfare (Children Act 2004 s.16LA). contact_only: nothing beyond making
    contact (S-07, S-08). anonymised_only: no identifiable release at all (S-14).
    """

    id: str
    title: str
    facts: tuple[str, ...]
    safeguarding: bool = False
    contact_only: bool = False
    anonymised_only: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of message that a source may send, and where it goes when the sender names nobody.

    sources: roles that may send it (S-01). agreement: what a signature on the form itself gives: "", `contact_permission`
    or `consent`. before_consent: the form arrives before consent, so only contact is possible (S-08). threshold_first: without
    consent or a duty, a section 47 threshold decision must be on record before it goes out (R (AB) v Haringey [2013]).
    collects: the only groups it may carry, () for no limit. about_only: care statuses of which the subject must have one, () for
    anybody. criminal: a route of its own for offence and victim data (S-27).
    """

    id: str
    title: str
    sources: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    facts: tuple[str, ...]
    agreement: str = ""
    before_consent: bool = False
    threshold_first: bool = False
    collects: tuple[str, ...] = ()
    about_only: tuple[str, ...] = ()
    criminal: bool = False


@dataclass(frozen=True, slots=True)
class RecipientClass:
    """A kind of recipient: NHS trusts, constabulary, voluntary bodies, ...

    in_duty: within Children Act 2004 s.16LA (D-01). visits_family: meets the family, so may hold worker-risk flags (S-23).
    identifiers: identifier categories it may hold (D-17). confidential: a professional under a duty of confidence, UK GDPR
    Article 9(2)(h). criminal: may hold offence and victim data (S-27). select: `all`, `district` (S-03), `school` (S-04) or
    `involved` (named by the message as working with the family). vacant: no agency of this class is registered yet, on purpose.
    kind: the law's kind of body (`hub.policy.law`); what the kind may not have, the class has not, whatever is written here.
    """

    id: str
    title: str
    facts: tuple[str, ...]
    internal: bool = False
    in_duty: bool = False
    visits_family: bool = False
    confidential: bool = False
    criminal: bool = False
    identifiers: tuple[str, ...] = ()
    select: str = "all"
    vacant: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One dated row of the council's register of agencies (S-02, D-25).

    id: lower-case slug used in topic names. recipient_class: "" when it never receives. roles: what it may send as.
    districts: GSS codes it serves ("" empty tuple: the whole council). agreement_*: the data sharing agreement on file (S-05).
    in_duty: "" takes the class's value, else `yes` or `no` (a contracted voluntary body is in, D-26).
    """

    id: str
    name: str
    recipient_class: str
    roles: tuple[str, ...]
    valid_from: str
    valid_to: str
    facts: tuple[str, ...]
    districts: tuple[str, ...] = ()
    uk: bool = True
    agreement_id: str = ""
    agreement_from: str = ""
    agreement_to: str = ""
    in_duty: str = ""
    successor: str = ""
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """A lawful basis as the notice states it: UK GDPR article, and the Acts that open the road (its gateway)."""

    id: str
    article: str
    gateway: tuple[str, ...]
    facts: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """An Article 9 condition for special category data, as the notice states it."""

    id: str
    article: str
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """One sharing rule (MAIS `SharingPolicy`): forms and purposes, to recipient classes, on which bases, which groups.

    bases are tried in order; conditions likewise, for the special-category fields. forms empty means every form.
    `only` is a closed allow-list of categories that replaces the groups (the Family Hubs service, the DWP's reduced set).
    needs: what must hold besides a basis (`vocabulary.NEEDS`). every: "" or `month`, how often it may be used for a person and
    recipient. switched: False for a road that the notice states and the council keeps closed. obliges: `vocabulary.OBLIGATIONS`.
    override: `any` limb of the policy, or `law` where no less than the law's word may stand in (a return to government, S-17).
    """

    id: str
    title: str
    purposes: tuple[str, ...]
    to: tuple[str, ...]
    bases: tuple[str, ...]
    groups: tuple[str, ...]
    facts: tuple[str, ...]
    forms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    needs: tuple[str, ...] = ()
    every: str = ""
    switched: bool = True
    obliges: tuple[str, ...] = ()
    override: str = "any"


@dataclass(frozen=True, slots=True)
class Override:
    """How a bar may be overridden (LN-70): the limbs, whether `either` or `both` is needed, who may assert it.

    inform: an override opens a task to inform the subject (S-13), due after `inform_days`. instructions: `bar` where the notice
    lets a person forbid sharing, else `weigh`: what the person says is put before somebody (UK GDPR Article 21).
    """

    limbs: tuple[str, ...]
    connective: str
    roles: tuple[str, ...]
    facts: tuple[str, ...]
    inform: bool = True
    inform_days: int = 10
    reason: str = ""
    instructions: str = "bar"


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices that the notice leaves open, each made once, in the file, with its reason.

    duty_16la_from: day the duty starts ("" never). review_by: day after which the policy is stale and everything is REVIEW.
    max_skew_seconds: how far a sender's clock may be from the broker's. review_hours: the clock of a review.
    notify_new_recipients: people are told before a new class of recipients is added (S-24). grant_days: longest access grant (S-15).
    """

    duty_16la_from: str = ""
    review_by: str = ""
    max_skew_seconds: int = 300
    review_hours: int = 24
    uk_only: bool = True
    notify_new_recipients: bool = False
    grant_days: int = 28


@dataclass(frozen=True, slots=True)
class Policy:
    """One council notice, whole, as checked by the loader. `digest` is SHA-256 of its canonical form."""

    id: str
    version: str
    council: str
    title: str
    notice: str
    controller: str
    valid_from: str
    valid_to: str
    digest: str
    settings: Settings
    override: Override
    groups: tuple[Group, ...]
    purposes: tuple[Purpose, ...]
    forms: tuple[Form, ...]
    classes: tuple[RecipientClass, ...]
    agencies: tuple[AgencyRow, ...]
    bases: tuple[Basis, ...]
    sharing: tuple[Sharing, ...]
    controls: tuple[tuple[str, tuple[str, ...]], ...]
    retention: tuple[Retention, ...] = ()
    quotes: tuple[tuple[str, str], ...] = field(default=())
    """(fact id, sentence of the notice) for every fact cited; what explanations and the report print. Ids of rules (`D-17`) and
    of legislation carry the rule or the Act instead of a sentence."""
    service: str = ""
    roles: tuple[Role, ...] = ()
    districts: tuple[tuple[str, str], ...] = ()
    """(GSS code, name) of every district of the council's area."""
    legislation: tuple[Legislation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    rights: tuple[Right, ...] = ()
    contacts: tuple[Contact, ...] = ()
    choices: tuple[Choice, ...] = ()
    setting_reasons: tuple[tuple[str, str], ...] = ()
    """(setting, reason) for every setting."""
    row_facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(`settings.<name>`, `controls.<kind>` or `policy`, facts) for the rows whose own type has no place for their facts."""
    informative: tuple[tuple[str, str], ...] = ()
    """(fact id, why no rule can enforce it) for the facts of the notice that no row cites."""
    silent: tuple[str, ...] = ()
    """Where the notice is silent and the file takes a safe default (`settings.uk_only`, `override.instructions`, `policy.from`)."""
