"""The five ports of one opened database, held together; each adapter adds how it migrates, answers and closes."""

from __future__ import annotations

from hub.ledger.ports import EvaluationStore, IdentityStore, RegisterStore, ReviewStore, SubjectEventStore


class Opened:
    """The part of Stores that is the same for every database."""

    def __init__(
        self,
        identity: IdentityStore,
        events: SubjectEventStore,
        register: RegisterStore,
        reviews: ReviewStore,
        evaluation: EvaluationStore,
    ) -> None:
        self._identity, self._events, self._register, self._reviews = identity, events, register, reviews
        self._evaluation = evaluation

    @property
    def identity(self) -> IdentityStore:
        """The identity index."""
        return self._identity

    @property
    def events(self) -> SubjectEventStore:
        """The subject events."""
        return self._events

    @property
    def register(self) -> RegisterStore:
        """The register of disclosures."""
        return self._register

    @property
    def reviews(self) -> ReviewStore:
        """The reviews."""
        return self._reviews

    @property
    def evaluation(self) -> EvaluationStore:
        """What evaluation may see, and what it got."""
        return self._evaluation
