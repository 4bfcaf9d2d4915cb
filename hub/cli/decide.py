"""`hub decide`: what would be decided, without a broker, by the very code that the agents run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import errors, inputs, plain, show
from hub.cli.options import AsJson, example, settings
from hub.errors import RefusedMessage

if TYPE_CHECKING:
    from hub.flow.policies import Policies
    from hub.wiring.explaining import Explained
    from hub.wiring.rehearsal import Part, Sent

_RESOLVED: Final = {
    "exact": "known before",
    "new": "met for the first time",
    "ambiguous": "may be one of several people",
    "conflict": "its identifiers point to different people",
    "unidentified": "not described well enough to be told apart",
}


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "decide",
        epilog=example(
            "hub template mash_referral > referral.json",
            "hub decide referral.json",
            "hub decide referral.json --history controls.json --to lancashire-constabulary --full",
        ),
    )(decide)


def decide(
    context: typer.Context,
    message: Annotated[Path, typer.Argument(metavar="MESSAGE.json", help="One message as JSON; `-` for stdin.")],
    history: Annotated[
        Path | None,
        typer.Option(metavar="CONTROLS.json", help="Earlier control messages in order: a JSON list, or JSON lines."),
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When the broker takes it, such as 2026-11-22T09:00:00Z; default: now.")
    ] = "",
    to: Annotated[
        list[str] | None,
        typer.Option(metavar="AGENCY", help="Only this recipient, as if the referral named it; may be repeated."),
    ] = None,
    agency: Annotated[
        str,
        typer.Option(metavar="SENDER", help="Who sends it; else `from` in the JSON, else the only agency that may."),
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="Say all there is to say of every decision.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 11 if anything waits for a person, else 10 if any is denied.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what would be decided about a message, without a broker.

    The message is checked, each person in it resolved, and every recipient decided by the very code that the agents run,
    after the control messages of --history. Nothing is kept and nothing is sent. Exit code 3: the hub would refuse the
    message at its front door, and the faults are told.
    """
    from hub.cli.rehearse import script
    from hub.schemas.registry import packaged
    from hub.wiring.parts import load_policies
    from hub.wiring.rehearsal import rehearse

    policies = load_policies(settings(context))
    earlier = inputs.documents(history) if history else []
    scene = script(policies, inputs.documents(message), earlier, at=at, agency=agency, to=to or [])
    try:
        parts = show.wait_for(rehearse(policies, packaged(), scene.earlier, scene.message))
    except RefusedMessage as error:
        _refused(error, scene.message, as_json=as_json)
        raise typer.Exit(errors.REFUSED) from None
    told = [(part, _decisions(part, policies, to or [])) for part in parts]
    if as_json:
        show.as_json(_json(scene.message, told))
    else:
        _text(scene.message, scene.earlier, told, policies, full=full)
    words = {one.decision for _, decisions in told for one in decisions}
    if exit_code and words & {"DENY", "REVIEW"}:
        raise typer.Exit(errors.ANY_REVIEW if "REVIEW" in words else errors.ANY_DENY)


# Private functions
# -----------------


def _decisions(part: Part, policies: Policies, to: Sequence[str]) -> list[Explained]:
    from hub.schemas.registry import packaged
    from hub.wiring.explaining import explain

    if part.disclosures is None:
        return []
    records = part.disclosures["records"]
    return [
        explain(record, part.disclosures, policies, packaged())
        for record in records
        if not to or record["recipient"] in to
    ]


def _refused(error: RefusedMessage, sent: Sent, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"refused": True, "message_id": sent.body["message_id"], "faults": error.faults})
        return
    show.out(f"The hub would refuse this {sent.name} at its front door.")
    show.faults(error.faults)


def _json(sent: Sent, told: Iterable[tuple[Part, Sequence[Explained]]]) -> Any:
    return {
        "refused": False,
        "type": sent.name,
        "message_id": sent.body["message_id"],
        "council": sent.body["council"],
        "from": sent.agency,
        "received_at": sent.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subjects": [_subject(part, decisions) for part, decisions in told],
    }


def _subject(part: Part, decisions: Sequence[Explained]) -> dict[str, Any]:
    from hub.wiring.explaining import known

    policy = (
        {name: part.disclosures[f"policy_{name}"] for name in ("id", "version", "digest")} if part.disclosures else {}
    )
    return {
        "person_id": part.person.get("person_id"),
        "role": part.person.get("role"),
        "part": part.envelope["part"],
        "parts": part.envelope["parts"],
        "resolution": part.envelope["resolution"],
        "earlier_messages": part.earlier,
        "known_before": known(part.before),
        "known_after": known(part.after),
        "policy": policy or None,
        "decisions": decisions,
    }


def _text(
    sent: Sent,
    earlier: Sequence[Sent],
    told: Iterable[tuple[Part, Sequence[Explained]]],
    policies: Policies,
    *,
    full: bool,
) -> None:
    from hub.wiring.explaining import agency_name

    at = sent.at.strftime("%Y-%m-%d %H:%M UTC")
    name = agency_name(policies, sent.body["council"], sent.agency, at[:10])
    show.paragraph(f"{_what(sent)} from {name} ({sent.agency}), taken at {at}.")
    for part, decisions in told:
        _part(part, len(earlier))
        if part.disclosures is None:
            changes = "It changes what is known" if part.after != part.before else "It changes nothing that is known"
            show.out(f"A control message releases nothing. {changes}.")
        elif not full:
            _table(decisions)
        for one in decisions if full else ():
            show.heading(f"{one.decision}  {one.recipient.id}")
            plain.decision(one)


def _what(sent: Sent) -> str:
    what = sent.body.get("form") or sent.body.get("kind") or ""
    return " ".join(filter(None, (sent.name, what, f"for {sent.body['purpose']}" if sent.body.get("purpose") else "")))


def _part(part: Part, earlier: int) -> None:
    from hub.wiring.explaining import known

    envelope, person = part.envelope, part.person
    who = f"Person {person['person_id']} ({person['role']})" if person else "Whom it is about"
    show.heading(f"{who}: {_RESOLVED.get(envelope['resolution'], envelope['resolution'])}")
    if earlier:
        show.out(f"{part.earlier} of {earlier} earlier messages are about this person.")
    for sentence in known(part.before):
        show.paragraph(f"Known before: {sentence}", hang="  ")
    if part.after != part.before:
        for sentence in known(part.after) or ("nothing any more",):
            show.paragraph(f"Known after: {sentence}", hang="  ")


def _table(decisions: Sequence[Explained]) -> None:
    rows = [
        (one.recipient.id, one.decision, _why(one), _fields(one))
        for one in sorted(decisions, key=lambda one: ("PERMIT", "REVIEW", "DENY").index(one.decision))
    ]
    show.table(("recipient", "decision", "why", "fields"), rows, whole=("recipient", "decision"))


def _why(one: Explained) -> str:
    if one.decision == "PERMIT":
        limb = f"; override: {one.override_limb.text}" if one.override_limb else ""
        return (one.basis.text if one.basis else "") + limb
    changes = ", and ".join(change.text for change in one.would_permit)
    return "; ".join(ground.text for ground in one.reasons) + (f" (would permit: {changes})" if changes else "")


def _fields(one: Explained) -> str:
    if one.decision != "PERMIT":
        return "none go"
    return f"{len(one.fields)} go\n{len(one.withheld)} stay"
