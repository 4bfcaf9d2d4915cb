"""`hub reviews`: the cases that wait for a person, with their clock, and the ruling on one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import records, show
from hub.cli.options import AsJson, Limit, example, settings
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.ledger.ports import ReviewRow
    from hub.settings import Settings
    from hub.wiring.desk import Answer, Outcome

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_SHOWN: Final = ("message_id", "subject_ref", "council", "agency", "kind", "form", "purpose", "opened_at", "due_at")


class Status(StrEnum):
    """Which reviews to list."""

    open = "open"
    permitted = "permitted"
    refused = "refused"
    all = "all"


class Verdict(StrEnum):
    """What may be ruled."""

    permit = "permit"
    refuse = "refuse"


class Limb(StrEnum):
    """The ground of an override."""

    LAW_REQUIRES = "LAW_REQUIRES"
    RISK_OF_HARM = "RISK_OF_HARM"
    CRIME_DISORDER = "CRIME_DISORDER"
    RISK_TO_WELLBEING = "RISK_TO_WELLBEING"


ReviewId = Annotated[str, typer.Argument(metavar="REVIEW-ID", help="From `hub reviews list`.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog=example("hub reviews list", "hub reviews list --status all --json"))(list_)
    group.command("show", epilog=example("hub reviews show 5d0c7e1a2b3f48699a8b7c6d5e4f3021"))(show_)
    group.command(
        "rule",
        epilog=example(
            'hub reviews rule 5d0c7e1a2b3f48699a8b7c6d5e4f3021 refuse --reason "not needed for the visit" --by ig-officer-3',
            'hub reviews rule 5d0c7e1a2b3f48699a8b7c6d5e4f3021 permit --limb RISK_OF_HARM --reason "a delay would leave'
            ' the child alone" --by ig-officer-3 --second dpo-1 --to lancashire-constabulary',
        ),
    )(rule)
    app.add_typer(group, name="reviews", help="Cases that wait for a person, and ruling on them.")


def list_(
    context: typer.Context,
    status: Annotated[
        Status, typer.Option(metavar="STATUS", help="`open`, `permitted`, `refused` or `all`.")
    ] = Status.open,
    council: Annotated[str, typer.Option(metavar="COUNCIL", help="Only this council's reviews.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the cases that wait for a person, those due first."""
    wanted = "" if status is Status.all else status.value
    rows = show.wait_for(_query(settings(context), wanted, limit, council))
    if as_json:
        show.as_json([_json(row) for row in rows])
        return
    show.table(("review", "due", "what waits, and why"), [_cells(row) for row in rows], whole=("review",))
    if not rows:
        show.out("Nothing waits for a person." if status is Status.open else "There are no such reviews.")


def show_(context: typer.Context, review_id: ReviewId, as_json: AsJson = False) -> None:
    """Show one case: why it waits, what is missing, by when."""
    row = show.wait_for(_get(settings(context), review_id))
    if as_json:
        show.as_json(_json(row))
        return
    _describe(row)


def rule(
    context: typer.Context,
    review_id: ReviewId,
    verdict: Annotated[Verdict, typer.Argument(metavar="VERDICT", help="`permit` or `refuse`.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it goes into the record.")],
    by: Annotated[str, typer.Option(metavar="WHO", help="Who rules, by role or staff number.")],
    second: Annotated[str, typer.Option(metavar="WHO", help="The second person; an override takes two.")] = "",
    limb: Annotated[
        Limb | None,
        typer.Option(
            metavar="LIMB",
            help="The ground of an override: LAW_REQUIRES, RISK_OF_HARM, CRIME_DISORDER or RISK_TO_WELLBEING.",
        ),
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="AGENCY", help="Only for this recipient; may be repeated. Default: all.")
    ] = None,
    resolve_to: Annotated[
        str, typer.Option(metavar="REF", help="Who the person is: a candidate's ref, or `new`.")
    ] = "",
    agency: Annotated[
        str, typer.Option(metavar="DESK", help="The desk that rules, where the register has several.")
    ] = "",
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=600, help="How long to wait for the outcome.")
    ] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Rule on a case, and show what came of it.

    The held message is decided again, by today's rules. The ruling goes in by the front door, as a control message of the information-governance desk. A ruling to permit lifts
    the question that was asked; it never lifts what the policy denies.
    """
    from hub.wiring.desk import Answer

    answer = Answer(
        decision=verdict.value,
        reason=reason.strip(),
        by=by.strip(),
        second=second.strip(),
        limb=limb.value if limb else "",
        recipients=tuple(dict.fromkeys(to or ())),
        resolve_to=resolve_to,
    )
    if not answer.reason or not answer.by:
        place = "--by" if answer.reason else "--reason"
        raise InputFault.of(
            "FIELD_MISSING", "it must not be empty", place, "say it in words that an auditor understands"
        )
    outcome = show.wait_for(_rule(settings(context), review_id, answer, agency, wait))
    _tell(outcome, review_id, as_json=as_json)


# Private functions
# -----------------


async def _query(chosen: Settings, status: str, limit: int, council: str) -> list[ReviewRow]:
    from hub.wiring.reading import existing_stores

    async with existing_stores(chosen) as stores:
        return await stores.reviews.query(status, limit, council)


async def _get(chosen: Settings, review_id: str) -> ReviewRow:
    from hub.wiring.reading import existing_stores

    async with existing_stores(chosen) as stores:
        return _found(await stores.reviews.get(review_id))


async def _rule(chosen: Settings, review_id: str, answer: Answer, agency: str, wait: float) -> Outcome:
    from hub.wiring import desk
    from hub.wiring.parts import bootstrap, load_policies
    from hub.wiring.reading import existing_stores

    policies, brokers = load_policies(chosen), bootstrap(chosen)
    async with existing_stores(chosen) as stores:
        review = _found(await stores.reviews.get(review_id))
        desk.check(review, answer)
        council = json.loads(review.body)["council"]
        return await desk.rule(stores, brokers, desk.desk_of(policies, council, agency), review, answer, wait)


def _found(row: ReviewRow | None) -> ReviewRow:
    if row is None:
        remedy = "copy the id from `hub reviews list --status all`"
        raise InputFault.of("NO_SUCH_REVIEW", "there is no such review", "REVIEW-ID", remedy)
    return row


def _json(row: ReviewRow) -> dict[str, Any]:
    return {**json.loads(row.body), "status": row.status, "clock": _clock(row)}


def _clock(row: ReviewRow) -> str:
    if row.status != "open":
        return row.status
    left = datetime.fromisoformat(row.due_at) - datetime.now(UTC)
    return f"overdue by {_span(-left)}" if left < timedelta(0) else f"due in {_span(left)}"


def _span(span: timedelta) -> str:
    if span >= 2 * _DAY:
        return f"{span.days} days"
    hours = span // _HOUR
    return f"{hours} h" if hours else f"{span.seconds // 60} min"


def _cells(row: ReviewRow) -> tuple[str, str, str]:
    body = json.loads(row.body)
    two = "\ntwo people" if row.needs_two else ""
    what = f"{body['form'] or body['kind']} from {body['agency']}, for {body['council']}"
    return f"{row.review_id}\nopened {row.opened_at[:16]}Z", f"{_clock(row)}{two}", f"{what}\n{_reasons(body)}"


def _reasons(body: dict[str, Any]) -> str:
    from hub.wiring.explaining import reason_text

    return "; ".join(reason_text(reason) for reason in body["reasons"])


def _describe(row: ReviewRow) -> None:
    from hub.policy.reasons import CHANGES

    body = json.loads(row.body)
    show.pairs(
        [
            ("review", f"{row.review_id}, {row.status}"),
            ("clock", _clock(row) if row.status == "open" else ""),
            *((name.replace("_", " "), str(body[name] or "")) for name in _SHOWN),
            ("waits for", ", ".join(body["recipients"])),
            ("takes", "two different people" if row.needs_two else "one person"),
        ]
    )
    _listed("Why a person must decide", [_one(reason) for reason in body["reasons"]])
    _listed("What is missing", [CHANGES.get(change, change) for change in body["would_permit"]])
    if row.identity:
        _listed("Who the person may be (`--resolve-to`)", [*body["candidates"], "new"])


def _one(reason: str) -> str:
    from hub.wiring.explaining import reason_text

    return f"{reason_text(reason)} [{reason}]"


def _listed(title: str, items: Sequence[str]) -> None:
    if items:
        show.out(title)
        for text in items:
            show.item(text)


def _tell(outcome: Outcome, review_id: str, *, as_json: bool) -> None:
    if as_json:
        rows = [json.loads(row.body) for row in outcome.rows]
        show.as_json(
            {"message_id": outcome.message_id, "review_id": review_id, "status": outcome.status, "records": rows}
        )
        return
    show.out(f"The ruling was taken ({outcome.message_id}); the review is {outcome.status}.")
    records.table(outcome.rows)
    if not outcome.rows:
        show.out("The held message was a control message: it releases nothing, and has now taken effect.")
    if outcome.status == "open":
        show.note("something still waits for a person: the records above say what")
