"""One run of the demo: start the whole hub on a folder, play the morning, read what it left, stop everything."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hub.cli.demo.eyes import Eyes, Seen, read_all
from hub.cli.demo.outcome import Outcome, outcomes
from hub.cli.demo.playing import SETTLE_SECONDS, Agencies, Played, Player
from hub.cli.demo.reckoning import Reckoning, reckon
from hub.cli.demo.scenario import COUNCIL, Morning, read_morning
from hub.cli.demo.screen import Counts, Screen
from hub.cli.demo.side_by_side import SideBySide, side_by_side
from hub.cli.demo.summary import Summary, summarise
from hub.cli.demo.verdict import Difference, differences
from hub.flow.policies import Policies
from hub.ledger.ports import RegisterQuery, RegisterRow, ReviewRow, Stores
from hub.schemas.registry import Registry, packaged
from hub.schemas.topics import SUBJECTS
from hub.settings import Settings
from hub.wiring.parts import keyring, load_policies, stores, topics
from hub.wiring.up import running_hub

_EVERYTHING: Final = 1_000_000
_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """What a run leaves in memory: the story, what came of it, and the reckoning.

    at: when it began, UTC. note: what to know of the day, or "". elsewhere: the same morning under
    every notice that comes with the hub.
    """

    at: datetime
    morning: Morning
    outcomes: tuple[Outcome, ...]
    summary: Summary
    reckoning: Reckoning
    differences: tuple[Difference, ...]
    policies: Policies
    note: str
    elsewhere: SideBySide


async def run_unless_stopped(settings: Settings, screen: Screen) -> Run | None:
    """Run the demo; None when SIGINT stopped it. However it ends, nothing is left running.

    A second Ctrl-C changes nothing: what was started is still being stopped. Raises as `run`.
    """
    running = asyncio.ensure_future(run(settings, screen))

    def stop() -> None:
        screen.say("stopping the hub")
        running.cancel()
        loop.add_signal_handler(signal.SIGINT, screen.say, "still stopping the hub")

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop)
    await asyncio.wait({running})
    return None if running.cancelled() else running.result()


async def run(settings: Settings, screen: Screen) -> Run:
    """Play the morning on a hub of its own in the settings' data folder.

    Raises what `running_hub` and the partner client raise.
    """
    policies, registry, now = load_policies(settings), packaged(), datetime.now(UTC)
    morning, names = read_morning(now), [topic.name for topic in topics(settings, policies)]
    async with running_hub(settings, 1, screen.say) as hub, stores(settings) as opened:
        played = await _play(morning, hub.bootstrap, names, opened, registry, screen)
        screen.say("reading the topics and the store")
        seen = await read_all(hub.bootstrap, [name for name in names if name != SUBJECTS], registry)
        rows, reviews = await _recorded(opened, seen)
        screen.say("stopping the hub")
    screen.say("the second act: the same morning under the other notices")
    found = outcomes(played, seen, rows, registry)
    return Run(
        at=now,
        morning=morning,
        outcomes=found,
        summary=summarise(found, seen, reviews),
        reckoning=reckon(seen, rows, keyring(settings)),
        differences=tuple(differences(found)),
        policies=policies,
        note=_note(policies, now.date().isoformat()),
        elsewhere=await side_by_side(morning, now, registry),
    )


# Private functions
# -----------------


async def _play(
    morning: Morning, bootstrap: str, names: Sequence[str], opened: Stores, registry: Registry, screen: Screen
) -> list[Played]:
    published: list[Played] = []

    def changed() -> None:
        screen.count(_counts(published, eyes.seen))

    def told(one: Played) -> None:
        published.append(one)
        changed()

    eyes = Eyes(bootstrap, names, registry, changed)
    async with eyes, Agencies(bootstrap, registry) as agencies:
        player = Player(agencies, eyes, opened, registry, told)
        screen.begin(sum(1 for _ in morning.entries()))
        for step in morning.steps:
            screen.step(step)
            await player.play(step)
            screen.done(step)
        screen.end()
    return published


def _counts(published: Sequence[Played], seen: Seen) -> Counts:
    words = sum(ack["status"] in ("accepted", "refused") for ack in seen.acks)
    held = sum(record["decision"] == "REVIEW" for body in seen.disclosures for record in body["records"])
    return Counts(len(published), words, seen.records, len(seen.releases), held)


async def _recorded(opened: Stores, seen: Seen) -> tuple[list[RegisterRow], list[ReviewRow]]:
    """Return the register and the reviews once the store holds what the topics hold; what they are by then, at the latest.

    Should it not come to that, the reckoning says so.
    """
    ids = {record["disclosure_id"] for body in seen.disclosures for record in body["records"]}
    ruled = {body["ruled_review_id"] for body in seen.disclosures if body["ruled_review_id"]}
    deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
    while True:
        rows = await opened.register.query(RegisterQuery(limit=_EVERYTHING))
        reviews = await opened.reviews.query("", _EVERYTHING)
        whole = ids <= {row.disclosure_id for row in rows} and len(reviews) >= len(seen.reviews)
        settled = whole and not any(row.status == "open" for row in reviews if row.review_id in ruled)
        if settled or asyncio.get_running_loop().time() > deadline:
            return rows, reviews
        await asyncio.sleep(_LOOK_SECONDS)


def _note(policies: Policies, day: str) -> str:
    """Return what the day itself changes: the story was written for days on which the policy is fresh and the duty runs."""
    policy = policies.at(COUNCIL, day)
    if policy is None:
        return "no policy is in force today, so everything goes to a person"
    if day > policy.settings.review_by:
        return f"the policy was to be reviewed by {policy.settings.review_by}, so everything goes to a person"
    if day < policy.settings.duty_16la_from:
        return f"the duty to share begins on {policy.settings.duty_16la_from}, so less goes than the story says"
    return ""
