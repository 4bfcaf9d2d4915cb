"""`hub policy rehearse`: past decisions judged again under a candidate policy; which would flip, and whether that is too many."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

import typer

from hub.cli import errors, inputs, show
from hub.cli.options import AsJson, settings
from hub.cli.policy.naming import day_named, policy_named
from hub.errors import Fault, InputFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hub.cli.inputs import Document
    from hub.flow.policies import Policies
    from hub.policy.model import Policy
    from hub.settings import Settings
    from hub.wiring.past import LeftOut
    from hub.wiring.replay import Flip, Past, Replay

_FEW: Final = 3
"""How many disclosure ids of a group are told; --json has all."""

_MANY: Final = 8
"""Beyond so many fields they are told by part."""

_OWNER_ONLY: Final = 0o600
_SENDER: Final = 'name it in the message: "from": "AGENCY", see `hub agencies list`'


def rehearse(
    context: typer.Context,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The candidate: a policy file, or a packaged policy.")],
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="TOPIC|FILE",
            help="subjects.v1 on the running hub; or a file: messages as JSON or JSON lines, or an export of --save.",
        ),
    ],
    budget: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Most flips that are allowed.")] = 0,
    to: Annotated[str, typer.Option(metavar="AGENCY", help="Only this recipient.")] = "",
    on: Annotated[str, typer.Option(metavar="DAY", help="Judge on this day, instead of on each message's own.")] = "",
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what was judged as an export, without names and texts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge past decisions again under a candidate policy, and say which would flip.

    Each message is judged twice with the facts known then: by the policy on record and by the candidate, as if it were in force.
    A flip is another decision for a recipient, or other fields that go. Nothing is emitted; the output holds no personal data.
    Exit code 1: more flips than the budget. Exit code 2: wrong input.
    """
    from hub.schemas.registry import packaged
    from hub.wiring.parts import load_policies
    from hub.wiring.past import LeftOut
    from hub.wiring.replay import Replay

    candidate, chosen = policy_named(new, "NEW"), settings(context)
    policies = load_policies(chosen)
    _check(to, candidate, policies)
    day, left_out = day_named(on) if on else "", LeftOut()
    replay = Replay(candidate, policies.all(), packaged(), on=day, to=to)
    with _Export(save) as export:
        show.wait_for(_judge(source, candidate.council, chosen, policies, replay, export, left_out))
    replay.require_known()
    groups = _grouped(replay.flips)
    if as_json:
        show.as_json(_json(candidate, replay, left_out, groups, budget))
    else:
        _text(candidate, replay, left_out, groups, budget)
    if len(replay.flips) > budget:
        raise typer.Exit(errors.SAID_NO)


# Private functions
# -----------------


class _Export:
    """The file of --save, for its owner only; without a file nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: Any = None

    def __enter__(self) -> Self:
        if self._path is not None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            try:
                self._file = os.fdopen(os.open(self._path, flags, _OWNER_ONLY), "w", encoding="utf-8")
            except FileExistsError:
                raise InputFault.of(
                    "FILE_EXISTS", "there is such a file already", str(self._path), "name another, or remove it"
                ) from None
            except OSError as error:
                text = f"the file cannot be written ({(error.strerror or type(error).__name__).lower()})"
                raise InputFault.of("NOT_WRITABLE", text, str(self._path), "name another place") from None
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is not None and self._path is not None:
            self._file.close()
            if kind is not None:
                self._path.unlink()

    def add(self, past: Past) -> None:
        """Write one input."""
        from hub.wiring.past import export_line

        if self._file is not None:
            self._file.write(json.dumps(export_line(past), ensure_ascii=False) + "\n")


async def _judge(
    source: str,
    council: str,
    chosen: Settings,
    policies: Policies,
    replay: Replay,
    export: _Export,
    left_out: LeftOut,
) -> None:
    from hub.schemas.registry import packaged
    from hub.schemas.topics import SUBJECTS
    from hub.wiring.past import from_log

    if source == SUBJECTS:
        async for past in from_log(chosen, council, packaged(), left_out, show.progress("judged")):
            export.add(past)
            replay.take(past)
        return
    pasts = await _from_file(source, council, policies, left_out)
    tell = show.progress("judged")
    for number, past in enumerate(pasts, start=1):
        export.add(past)
        replay.take(past)
        tell(number, len(pasts))


async def _from_file(source: str, council: str, policies: Policies, left_out: LeftOut) -> Sequence[Past]:
    from hub.cli.rehearse import script
    from hub.schemas.registry import packaged
    from hub.wiring.past import MARK, from_export, from_messages

    if _is_topic(source):
        text = f"no decision inputs lie on the topic `{source}`"
        raise InputFault.of("WRONG_TOPIC", text, "--from", "read them from subjects.v1, or name a file")
    documents = inputs.documents(Path(source))
    if MARK in documents[0].data:
        return from_export([(one.place, one.data) for one in documents], council, packaged(), left_out)
    messages, faults = [], list[Fault]()
    for one in documents:
        try:
            played = script(policies, [one], [], at=_sent_at(one), agency="", to=()).message
        except InputFault as error:
            faults += [
                replace(fault, remedy=_SENDER) if fault.code == "SENDER_MISSING" else fault for fault in error.faults
            ]
            continue
        messages.append(replace(played, place=one.place))
    if faults:
        raise InputFault(*faults)
    return await from_messages(messages, policies, council, packaged(), left_out, show.progress("played"))


def _is_topic(source: str) -> bool:
    from hub.schemas.topics import catalogue

    return any(topic.name == source for topic in catalogue(())) and not Path(source).exists()


def _sent_at(document: Document) -> str:
    """Return when a message was sent: the moment at which the broker is taken to have got it. What is none is told with the message."""
    sent = document.data.get("sent_at")
    return sent if isinstance(sent, str) else ""


def _check(to: str, candidate: Policy, policies: Policies) -> None:
    from hub.councils.marks import nearest

    if policies.engine(candidate.council) is None:
        text = f"the candidate is of the council `{candidate.council}`, which this hub does not serve"
        raise InputFault.of("COUNCIL_NOT_SERVED", text, "NEW", "name the council in HUB_COUNCILS")
    known = {*policies.agencies(), *(row.id for row in candidate.agencies)}
    if to and to not in known:
        remedy = nearest(to, tuple(sorted(known))) or "see `hub agencies list`"
        raise InputFault.of("AGENCY_UNKNOWN", f"no register has the agency `{to}`", "--to", remedy)


def _grouped(flips: Iterable[Flip]) -> list[dict[str, Any]]:
    """Return the flips put together: those of one recipient, purpose, form, decisions and reasons; the most frequent first."""
    groups: dict[tuple[str, ...], list[Flip]] = {}
    for flip in flips:
        key = (flip.recipient, flip.klass, flip.purpose, flip.form, flip.was, flip.now, flip.reason, flip.new_reason)
        groups.setdefault(key, []).append(flip)
    names = ("recipient", "class", "purpose", "form", "was", "now", "reason", "new_reason")
    rows = [
        {
            **dict(zip(names, key, strict=True)),
            "number": len(own),
            "fields_gained": dict(Counter(name for flip in own for name in flip.gained)),
            "fields_lost": dict(Counter(name for flip in own for name in flip.lost)),
            "disclosure_ids": [flip.disclosure_id for flip in own],
        }
        for key, own in groups.items()
    ]
    return sorted(rows, key=lambda row: (-int(row["number"]), *(str(row[name]) for name in names)))


def _text(candidate: Policy, replay: Replay, left_out: LeftOut, groups: Sequence[dict[str, Any]], budget: int) -> None:
    show.paragraph(
        f"{candidate.id}-{candidate.version} against the policies on record: {replay.decisions} decisions about"
        f" {replay.inputs} parts of messages, one for each person."
    )
    if groups:
        show.heading("What would flip")
        rows = [
            (f"{row['recipient']}\n({row['class'] or 'no class'})", f"{row['purpose']},\n{row['form']}", *_flip(row))
            for row in groups
        ]
        show.table(("recipient", "for", "", "was -> would be", "why"), rows, whole=("recipient", "was -> would be"))
        _fields(groups)
    show.out()
    for reason, number in sorted(left_out.counts.items()):
        show.paragraph(f"left out: {number} {reason}")
    if replay.unlike_record:
        show.paragraph(
            f"not as on record, judged again by the same policy: {replay.unlike_record}; the hub has changed since"
        )
    if not replay.inputs:
        show.note("nothing was judged")
    over = len(replay.flips) > budget
    show.out(f"{len(replay.flips)} flips, {'over' if over else 'within'} the budget of {budget}")


def _flip(row: dict[str, Any]) -> tuple[str, str, str]:
    from hub.wiring.explaining import reason_text

    was, now = row["was"], row["now"]
    why = [reason_text(row[name]) for name in ("reason", "new_reason") if row[name]]
    moved = f"{was} -> {now}" if was != now else "other fields"
    return str(row["number"]), moved, "\n".join(dict.fromkeys(why)) if was != now else ""


def _fields(groups: Iterable[dict[str, Any]]) -> None:
    """Tell which fields more and fewer would go to each recipient, and where to look."""
    show.heading("Fields and records")
    for row in groups:
        gained, lost = (_counted(row[name]) for name in ("fields_gained", "fields_lost"))
        ids = row["disclosure_ids"]
        more = f" and {len(ids) - _FEW} more" if len(ids) > _FEW else ""
        said = [f"gains {gained}" if gained else "", f"loses {lost}" if lost else ""]
        told = "; ".join(filter(None, said)) or "no field goes either way"
        moved = f"{row['was']} -> {row['now']}" if row["was"] != row["now"] else "other fields"
        show.item(f"{row['recipient']}, {row['purpose']}, {row['form']}, {moved}: {told}")
        show.item(f"see {', '.join(ids[:_FEW])}{more}", 2)


def _counted(fields: dict[str, int]) -> str:
    """Return the names of fields; of many, those of one part of the message by their number."""
    if len(fields) <= _MANY:
        return ", ".join(fields)
    parts = Counter(".".join(name.split(".")[:2]) for name in fields)
    return ", ".join(f"{part} ({number} fields)" if number > 1 else part for part, number in parts.items())


def _json(
    candidate: Policy, replay: Replay, left_out: LeftOut, groups: Sequence[dict[str, Any]], budget: int
) -> dict[str, Any]:
    return {
        "candidate": {name: getattr(candidate, name) for name in ("id", "version", "council", "digest")},
        "inputs": replay.inputs,
        "decisions": replay.decisions,
        "flips": len(replay.flips),
        "budget": budget,
        "within_budget": len(replay.flips) <= budget,
        "not_as_on_record": replay.unlike_record,
        "left_out": left_out.counts,
        "groups": groups,
    }
