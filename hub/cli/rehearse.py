"""From what a person typed at `hub decide` to the messages to be played: senders, moments, recipients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from hub.cli import inputs
from hub.cli.inputs import Document
from hub.councils.marks import nearest
from hub.errors import Fault, InputFault
from hub.flow.policies import Policies
from hub.flow.validate_shape import parse_time
from hub.wiring.rehearsal import Sent
from hub.wiring.senders import senders

_FROM: Final = "from"
_FEW: Final = 6
"""How many agencies a remedy lists."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be played: the earlier control messages in order, then the message."""

    earlier: tuple[Sent, ...]
    message: Sent


def script(
    policies: Policies,
    message: Sequence[Document],
    earlier: Sequence[Document],
    *,
    at: str,
    agency: str,
    to: Sequence[str],
) -> Script:
    """Return the messages to be played. Raises InputFault with every fault of what was typed.

    at: when the broker takes the message; "" is now, or when the last of the messages was sent, where that is later. An
    earlier message is taken when it was sent. agency: the sender; "" leaves it to the JSON, or to the register.
    """
    document = _only(message)
    parsed = [_read(one) for one in (*earlier, document)]
    last = max(filter(None, (parse_time(one.body["sent_at"]) for one in parsed)), default=None)
    moment = (
        _moment(at) if at else max(datetime.now(UTC).replace(microsecond=0), last or datetime.min.replace(tzinfo=UTC))
    )
    day = moment.date().isoformat()
    faults = [fault for one in parsed[:-1] for fault in _control_faults(one, moment)]
    if faults:
        raise InputFault(*faults)
    own = parsed[-1]
    body = _asking(own, to)
    controls = tuple(
        Sent(one.place, _sender(policies, one, "", day), one.name, one.body, parse_time(one.body["sent_at"]) or moment)
        for one in parsed[:-1]
    )
    return Script(controls, Sent("", _sender(policies, own, agency, day), own.name, body, moment))


# Private functions
# -----------------


@dataclass(frozen=True, slots=True)
class _Read:
    place: str
    sender: str
    name: str
    body: Mapping[str, Any]


def _only(documents: Sequence[Document]) -> Document:
    if len(documents) == 1:
        return documents[0]
    place = documents[0].place.removesuffix("[0]")
    raise InputFault.of(
        "TOO_MANY", f"`{len(documents)}` messages, where one is decided", place, "give them one at a time"
    )


def _read(document: Document) -> _Read:
    data = {name: value for name, value in document.data.items() if name != _FROM}
    name, body = inputs.message(Document(document.place, data))
    sender = document.data.get(_FROM, "")
    if not isinstance(sender, str):
        raise InputFault.of(
            "BAD_TYPE", "`from` must be text", f"{document.place}: {_FROM}", "name an agency of the register"
        )
    return _Read(document.place, sender, name, body)


def _control_faults(one: _Read, moment: datetime) -> list[Fault]:
    if one.name != "Control":
        remedy = "keep to control messages; `hub template` lists them"
        return [Fault("NOT_A_CONTROL", one.place, f"a `{one.name}` cannot come before the message", remedy)]
    if one.body["kind"] == "ruling":
        text = "a ruling carries a message that only the running hub can open"
        return [Fault("NOT_A_CONTROL", one.place, text, "leave it out")]
    sent = parse_time(one.body["sent_at"])
    if sent and sent > moment:
        text = "it was sent after the moment of `--at`"
        return [Fault("TOO_LATE", f"{one.place}: sent_at", text, "leave it out, or choose a later `--at`")]
    return []


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputFault.of(
            "BAD_TIME", "not a moment", "--at", "write it as 2026-11-22T09:00:00Z, or a day as 2026-11-22"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _asking(one: _Read, to: Sequence[str]) -> Mapping[str, Any]:
    """Return the body with the recipients that were asked about; naming one twice asks once."""
    if not to:
        return one.body
    if one.name != "Referral":
        text = f"a `{one.name}` names no recipients"
        raise InputFault.of("NO_RECIPIENTS", text, "--to", "leave it out: every recipient is shown")
    return {**one.body, "recipients": list(dict.fromkeys((*one.body["recipients"], *to)))}


def _sender(policies: Policies, one: _Read, agency: str, day: str) -> str:
    """Return who sends a message. Raises InputFault where several agencies may, and none is named."""
    named = agency or one.sender
    if named:
        if named not in policies.agencies():
            remedy = nearest(named, policies.agencies()) or "see `hub agencies list`"
            raise InputFault.of("AGENCY_UNKNOWN", f"no register has the agency `{named}`", "--agency", remedy)
        return named
    able = senders(policies, one.name, one.body, day)
    if len(able) == 1 or (able and one.name == "Control"):
        # Who tells the hub of a consent or an instruction changes nothing of what it does.
        return able[0]
    if not able:
        # Nobody may send it: whoever does is told so at the front door, with every other fault.
        return policies.agencies()[0]
    text = f"several agencies may send this {one.name}"
    more = ", ..., see `hub agencies list`" if len(able) > _FEW else ""
    remedy = f"name one with `--agency`: {', '.join(able[:_FEW])}{more}"
    raise InputFault.of("SENDER_MISSING", text, one.place, remedy)
