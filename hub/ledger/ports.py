"""The store's ports, one per idea. SQLite and PostgreSQL both meet them; one contract suite runs on both.

Every write is idempotent, so that a batch handled twice leaves the store as a batch handled once. Every call takes a
whole batch. All raise StoreUnavailable (a passing fault) when the store does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the subjects log: which life of the log (`log_id`, the cluster's id), partition and offset."""

    log_id: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a partner's message was first seen. A second sight at another place is a duplicate, at the same a redelivery."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Key:
    """One keyed hash of an identifying value. kind: `nhs_number`, `upn`, `name_dob_postcode`, `unborn`; digest: hex."""

    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class ResolveAsk:
    """One partner message to resolve: its council, its id, its content digest, its origin and the keys of each person in it.

    forced: for a ruling on identity, the subject ref (or `new`) that a person chose, by person index; else empty.
    wary: indices of the persons of whom it matters whether anything is known that hides them.
    """

    council: str
    agency: str
    message_id: str
    content: str
    origin: Origin
    persons: tuple[tuple[Key, ...], ...]
    forced: tuple[tuple[int, str], ...] = ()
    wary: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonResolution:
    """To whom a person of a message was resolved. status: `exact`, `new`, `ambiguous`, `conflict` or `unidentified`.

    subject_ref is provisional (used by this message alone) unless the status is `exact` or `new`; candidates are the
    refs a person must choose between. hidden: the ask was wary of the person, whose facts then held a shield or what may be
    one; kept as it was then.
    """

    subject_ref: str
    status: str
    candidates: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """The kept resolution of a message. first: where it was first seen. same_content: the digest equals the first one's."""

    message_id: str
    first: Origin
    same_content: bool
    persons: tuple[PersonResolution, ...]


class IdentityStore(Protocol):
    """Which subject ref each person of each message was resolved to, and the index of keyed hashes behind it.

    Keys are made for one council, so nobody is ever the same subject at two.
    Asks are taken in order: a later ask of the batch sees what an earlier one added. The index and the kept
    resolutions are written in one transaction.
    """

    async def resolve(self, asks: Sequence[ResolveAsk]) -> list[Resolved]:
        """Resolve a batch; a message seen before (same agency and id) gets the resolution it had then."""


@dataclass(frozen=True, slots=True)
class SubjectEvent:
    """A control message applied to a subject: at `position` the facts became `facts_after` (canonical JSON)."""

    subject_ref: str
    position: Position
    event_id: str
    kind: str
    facts_after: bytes


class SubjectEventStore(Protocol):
    """Facts as of an offset (design section 5): a position sees what lies before it, and only that."""

    async def first_seen(self, ids: Sequence[tuple[str, Position]]) -> list[Position]:
        """Record each subject message id at its position unless it is known; return where each was first seen."""

    async def facts_before(self, asks: Sequence[tuple[str, Position]]) -> list[bytes | None]:
        """Return for each (subject ref, position) the facts after the last event before that position, or None."""

    async def append(self, events: Sequence[SubjectEvent]) -> None:
        """Add events; one already present at the same subject and position is left as it is."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One disclosure record in the register. body: the record with its message's context, canonical JSON, no values."""

    disclosure_id: str
    disclosures_id: str
    subject_ref: str
    message_id: str
    council: str
    agency: str
    recipient: str
    decision: str
    form: str
    purpose: str
    received_at: str
    record_id: str
    review_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """What to list, newest first; empty fields do not filter."""

    subject_ref: str = ""
    message_id: str = ""
    recipient: str = ""
    agency: str = ""
    decision: str = ""
    since: str = ""
    limit: int = 100
    council: str = ""


class RegisterStore(Protocol):
    """The register of disclosures that people query; kept by disclosure id, first write wins."""

    async def put(self, rows: Sequence[RegisterRow]) -> None:
        """Add rows; a known disclosure id is left as it is."""

    async def query(self, query: RegisterQuery) -> list[RegisterRow]:
        """Return the matching rows, newest received first, then by disclosure id."""

    async def get(self, disclosure_id: str) -> RegisterRow | None:
        """Return one row, or None."""

    async def counts(self) -> list[tuple[str, str, int]]:
        """Return (recipient, decision, number of records), ordered."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A case that waits for a person. The held message stays in `reviews.v1`, at `held_at` (partition, offset).

    status: `open`, `permitted`, `refused`. body: the review without the held message, canonical JSON.
    """

    review_id: str
    subject_ref: str
    message_id: str
    council: str
    opened_at: str
    due_at: str
    needs_two: bool
    identity: bool
    status: str
    held_at: tuple[int, int]
    body: bytes


class ReviewStore(Protocol):
    """Reviews by id. Opening twice changes nothing; closing an unknown review is kept until it is opened."""

    async def open(self, rows: Sequence[ReviewRow]) -> None:
        """Add open reviews; a known id keeps its status."""

    async def close(self, rulings: Sequence[tuple[str, str, str]]) -> None:
        """Set (review id, status, ruled at) for each; repeated closing keeps the first."""

    async def query(self, status: str = "open", limit: int = 100, council: str = "") -> list[ReviewRow]:
        """Return reviews of a status and a council (empty: all), those due first first."""

    async def get(self, review_id: str) -> ReviewRow | None:
        """Return one review, or None."""

    async def waiting(self) -> tuple[int, str]:
        """Return how many are open and when the oldest was opened (`""` when none is)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many decisions of one kind were made about one person on one day, along one road; whom it is about stays in the store.

    day: ISO, UTC. reason: the id of the first reason, "" for none.
    """

    day: str
    form: str
    purpose: str
    recipient: str
    decision: str
    reason: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Extract:
    """An evaluation extract as it was first released: body is what left, digest its SHA-256 as hex."""

    council: str
    period: str
    months: tuple[str, ...]
    released_at: str
    digest: str
    body: bytes


class EvaluationStore(Protocol):
    """The register as evaluation may see it, person by person without a name or a ref, and what was released from it."""

    async def persons(self, council: str, since: str, until: str, take: Callable[[Sequence[Tally]], None]) -> None:
        """Call `take` once for each person, with all tallies of a council from one ISO day to before another.

        All calls see one state of the register; only one person is in memory at a time.
        """

    async def keep(self, extract: Extract) -> Extract:
        """Keep an extract unless one that covers any of its months is kept; return the one that is kept then."""

    async def kept(self, council: str, months: Sequence[str]) -> Extract | None:
        """Return the extract that covers the first of these months that is covered, or None."""


class Stores(Protocol):
    """All five ports of one database, opened and closed together."""

    @property
    def identity(self) -> IdentityStore:
        """The identity index."""

    @property
    def events(self) -> SubjectEventStore:
        """The subject events."""

    @property
    def register(self) -> RegisterStore:
        """The register of disclosures."""

    @property
    def reviews(self) -> ReviewStore:
        """The reviews."""

    @property
    def evaluation(self) -> EvaluationStore:
        """What evaluation may see, and what it got."""

    async def migrate(self) -> list[str]:
        """Apply the migrations that are missing; return their names."""

    async def ping(self) -> None:
        """Return when the store answers; raise StoreUnavailable when it does not."""

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
