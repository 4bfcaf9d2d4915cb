"""`hub policy prove`: every stated invariant against every state of every route of a policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson
from hub.cli.policy.naming import day_named, policy_named
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.councils.proof.roads import Stretch
    from hub.councils.proof.verdict import Verdict
    from hub.policy.model import Policy

Proved = tuple["Policy", tuple["Stretch", ...], tuple["Verdict", ...]]


def prove(
    policies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY]...", help="Policy files, or packaged policies; default: all that come with the hub."
        ),
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another file of invariants than the one that comes with the hub."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Prove this day alone; default: every day of the policy.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove the stated invariants for every state of every route, or show a case that breaks one.

    The engine's own rules are walked, so the answer is exact; two states are compared by a solver, and where that does not know,
    the proof fails. Exit code 1: an invariant fails, and the case is told. Exit code 2: wrong input.
    """
    from hub.councils.packaged import packaged
    from hub.councils.proof.prove import Prover
    from hub.councils.proof.reading import PACKAGED, read
    from hub.councils.proof.verdict import BAD

    wanted = [policy_named(word, "POLICY") for word in policies or packaged()]
    loaded = {f"{policy.id}-{policy.version}" for policy in wanted}
    others = [policy_named(name, "POLICY") for name in packaged() if name not in loaded]
    stated = read(invariants or PACKAGED, [*wanted, *others], str(invariants or PACKAGED.name))
    day = day_named(on) if on else ""
    prover, proved = Prover(), []
    for policy in wanted:
        days = _days(policy, day)
        if days:
            name = f"{policy.id}-{policy.version}"
            show.note(f"proving {name}: {len(stated)} invariants, {_stretches(len(days))}")
            proved.append((policy, days, prover.prove(policy, stated, days, show.progress(name))))
    if not proved:
        raise InputFault.of("NOT_IN_FORCE", f"none of these policies is in force on {day}", "--on", "name another day")
    if as_json:
        show.as_json([_json(*one) for one in proved])
    else:
        for one in proved:
            _tell(*one)
    if any(verdict.status in BAD for _, _, verdicts in proved for verdict in verdicts):
        raise typer.Exit(errors.SAID_NO)


# Private functions
# -----------------


def _days(policy: Policy, day: str) -> tuple[Stretch, ...]:
    from hub.councils.proof.roads import Stretch, stretches
    from hub.policy.snapshot import in_force

    if not day:
        return stretches(policy)
    return (Stretch(day, day),) if in_force(policy.valid_from, policy.valid_to, day) else ()


def _stretches(count: int) -> str:
    return "one stretch of days" if count == 1 else f"{count} stretches of days"


def _tell(policy: Policy, days: tuple[Stretch, ...], verdicts: tuple[Verdict, ...]) -> None:
    show.heading(f"{policy.id}-{policy.version}")
    show.paragraph(
        f"{policy.title}. {_stretches(len(days))}, from {days[0].first} to {days[-1].last or 'further notice'}."
    )
    rows = [(v.invariant.id, _status(v), f"{v.states:.1e}" if v.states else "-") for v in verdicts]
    show.table(("invariant", "", "states covered"), rows, whole=("invariant",))
    quotes = dict(policy.quotes)
    for verdict in verdicts:
        _explain(policy, verdict, quotes)


def _status(verdict: Verdict) -> str:
    sentences = ", ".join(dict.fromkeys(name for excuse in verdict.used for name in excuse.sentences))
    return f"{verdict.status} ({sentences})" if sentences else verdict.status


def _explain(policy: Policy, verdict: Verdict, quotes: dict[str, str]) -> None:
    from hub.councils.proof.telling import as_lines, told

    if not verdict.case and not verdict.used:
        return
    show.out()
    show.paragraph(f"{verdict.invariant.id}: {verdict.invariant.says}")
    for excuse in verdict.used:
        show.item(f"exception: {excuse.says}")
        for name in excuse.sentences:
            show.item(f"{name}: {quotes[name]}", depth=2)
    if verdict.case:
        case = told(policy, verdict.case)
        show.item(f"FAILS on {verdict.breaches} kinds of roads. The simplest case:")
        for line in as_lines(case):
            show.item(line, depth=2)
        for name, text in case.sentences:
            show.item(f"{name}: {text}" if text else name, depth=3)


def _json(policy: Policy, days: tuple[Stretch, ...], verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    return {
        "policy": f"{policy.id}-{policy.version}",
        "digest": policy.digest,
        "days": days,
        "invariants": [_verdict_json(policy, verdict) for verdict in verdicts],
    }


def _verdict_json(policy: Policy, verdict: Verdict) -> dict[str, Any]:
    from hub.councils.proof.telling import told

    quotes = dict(policy.quotes)
    return {
        "invariant": verdict.invariant.id,
        "says": verdict.invariant.says,
        "status": verdict.status,
        "routes": verdict.routes,
        "states": verdict.states,
        "exceptions": [
            {"says": excuse.says, "sentences": {name: quotes[name] for name in excuse.sentences}}
            for excuse in verdict.used
        ],
        "failing_roads": verdict.breaches,
        "case": told(policy, verdict.case) if verdict.case else None,
    }
