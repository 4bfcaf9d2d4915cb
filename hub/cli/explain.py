"""`hub explain`: a past decision from the register, in plain English."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import plain, records, show
from hub.cli.options import AsJson, example, settings

if TYPE_CHECKING:
    from hub.flow.policies import Policies
    from hub.wiring.explaining import Explained

CONTEXT: Final = (
    *(
        "message_id",
        "subject_message_id",
        "subject_ref",
        "part",
        "parts",
        "council",
        "agency",
        "kind",
        "form",
        "purpose",
    ),
    *("received_at", "policy_id", "policy_version", "policy_digest", "facts_as_of"),
    *("ruled_review_id", "ruled_decision", "ruled_by"),
)
"""What a register row says beside the decision itself."""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "explain", epilog=example("hub records list --decision DENY", "hub explain 5d0c7e1a2b3f48699a8b7c6d5e4f3021")
    )(explain)


def explain(
    context: typer.Context,
    disclosure_id: Annotated[str, typer.Argument(metavar="DISCLOSURE-ID", help="From `hub records list`.")],
    as_json: AsJson = False,
) -> None:
    """Say in plain English what was decided, from its record.

    Who sent what to whom and when, what was decided and why, with the sentence of the notice behind it; what went, what
    stayed behind and why; what would have permitted it; who overrode or ruled.
    """
    from hub.schemas.registry import packaged
    from hub.wiring.explaining import explain as explained
    from hub.wiring.parts import load_policies

    chosen = settings(context)
    policies = load_policies(chosen)

    body = json.loads(show.wait_for(records.find(chosen, disclosure_id)).body)
    one = explained(body, body, policies, packaged())
    if as_json:
        show.as_json({**{name: body.get(name) for name in CONTEXT}, "decision": one, "commitment": body["commitment"]})
        return
    _head(body, one, policies)
    plain.decision(one)


# Private functions
# -----------------


def _head(body: dict[str, Any], one: Explained, policies: Policies) -> None:
    from hub.wiring.explaining import agency_name

    council, day = body["council"], body["received_at"][:10]
    sender = agency_name(policies, council, body["agency"], day)
    part = f", person {body['part']} of {body['parts']}" if body["parts"] > 1 else ""
    show.pairs(
        (
            ("decision", f"{one.decision}  {one.disclosure_id}"),
            ("message", f"{_what(body)}{part} ({body['message_id']})"),
            ("from", f"{sender} ({body['agency']})"),
            ("to", f"{one.recipient.text} ({one.recipient.id})"),
            ("about", f"subject {body['subject_ref']}"),
            ("decided at", body["received_at"]),
            ("policy", _policy(body)),
            ("record", one.record_id),
            ("review", one.review_id),
            ("ruled", _ruled(body)),
        )
    )
    show.out()


def _what(body: dict[str, Any]) -> str:
    what = [body["kind"].replace("_", " ")]
    if body["form"] and body["form"] != body["kind"]:
        what.append(body["form"])
    return " ".join([*what, *([f"for {body['purpose']}"] if body["purpose"] else [])])


def _policy(body: dict[str, Any]) -> str:
    if not body["policy_digest"]:
        return "none in force"
    return f"{body['policy_id']}-{body['policy_version']}, digest {body['policy_digest'][:12]}"


def _ruled(body: dict[str, Any]) -> str:
    if not body.get("ruled_review_id"):
        return ""
    return f"{body['ruled_decision']} by {body['ruled_by']}, on review {body['ruled_review_id']}"
