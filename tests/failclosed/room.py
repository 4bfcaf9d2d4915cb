"""What the cases without transport work with: an empty store, a hub on it, and a sound message that is released."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hub.errors import HubError, PassingFault, StopFault
from hub.flow.outcome import Emit, Incoming
from hub.flow.policies import Policies
from hub.ledger.ports import Stores
from hub.policy.model import Policy
from hub.schemas.codec import decode, encode
from hub.schemas.topics import inbox
from tests.support.load import CFW, SCHOOL, Load, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import filled, policy

GONE = "2026-01-01"
"""A day before every message of these cases."""

Body = dict[str, Any]


@dataclass(slots=True)
class Room:
    """A store of the test's own. ended: the error that the last run of a hub on it ended with."""

    stores: Stores
    path: Path
    load: Load
    ended: HubError | None = None

    async def handled(self, *sent: Sent, **settings: Any) -> PaperHub:
        """Publish messages to a hub with these settings, one after the other, and let it handle each."""
        hub = PaperHub(self.stores, **settings)
        for one in sent:
            await self.say(hub, one)
        return hub

    async def say(self, hub: PaperHub, one: Sent) -> PaperHub:
        """Publish a message to a hub, and let it handle it."""
        hub.publish(one)
        return await self.run(hub)

    async def run(self, hub: PaperHub) -> PaperHub:
        """Let a hub handle what there is, up to an error that ends or delays a worker."""
        try:
            await hub.run()
        except (StopFault, PassingFault) as error:
            self.ended = error
        return hub

    async def past_the_door(self, change: Callable[[Body], Body], **settings: Any) -> PaperHub:
        """Have a hub decide the sound referral with another payload, as if it had been taken in so."""
        emit = await self.subject_message()
        body = decode(emit.value).body
        payload = encode("Referral", change(decode(body["payload"]).body))
        hub = PaperHub(self.stores, **settings)
        hub.append(replace(emit, value=encode("SubjectMessage", {**body, "payload": payload})))
        return await self.run(hub)

    async def subject_message(self) -> Emit:
        """Return the sound referral as intake passes it on."""
        hub, one = PaperHub(self.stores), self.referral()
        millis = int(hub.at.timestamp() * 1000)
        taken = Incoming(inbox(one.agency), 0, 0, millis, one.message_id.encode(), one.value)
        [[emit], _] = (await hub.intake([taken])).stages
        return emit

    def referral(self, **changes: Any) -> Sent:
        """Return a school's safeguarding referral of one child, which the screening hub has by duty, with changes."""
        return self.load.plain("Referral", sound() | changes, SCHOOL)

    def assessment(self, **changes: Any) -> Sent:
        """Return an assessment by the service, which has no recipients of its own, with changes."""
        return self.load.plain("Referral", filled("early_help_assessment") | changes, CFW)

    def control(self, kind: str, agency: str = CFW, subject: Body | None = None) -> Sent:
        """Return a control message about the child of the sound referral, or about another subject."""
        return self.load.plain("Control", filled(kind) | {"subject": subject or the_child()}, agency)

    def overwrite_facts(self, facts: bytes) -> None:
        """Write over everything that the store knows of any subject."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            done = connection.execute("UPDATE subject_events SET facts_after = ?", (facts,))
            assert done.rowcount > 0


def sound() -> Body:
    """Return the body of the sound referral."""
    body = filled("safeguarding_referral")
    return {**body, "persons": body["persons"][:1]}


def the_child() -> Body:
    """Return a query that describes the child of the sound referral, by number and by name."""
    [child] = sound()["persons"]
    names = {name: child["identity"][name] for name in ("family_name", "given_names", "date_of_birth")}
    return {**names, "postcode": child["address"]["postcode"], "upn": child["identifiers"]["upn"]}


def ended() -> Policies:
    """Return the Lancashire policy as one that is no longer in force."""
    return Policies([replace(policy(), valid_to=GONE)])


def stale() -> Policies:
    """Return the Lancashire policy as one that should have been looked at again."""
    return Policies([replace(policy(), settings=replace(policy().settings, review_by=GONE))])


def with_override(limbs: Any) -> Policies:
    """Return the Lancashire policy with other limbs of an override."""
    changed: Policy = replace(policy(), override=replace(policy().override, limbs=limbs))
    return Policies([changed])
