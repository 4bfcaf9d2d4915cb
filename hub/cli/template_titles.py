"""What each template is, in the words of the policy whose notice it is an example for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy.model import Policy
from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas.registry import packaged as schemas

_NAMELESS: Final = {"ShareRequest": "share_request", "ShareResponse": "share_response"}
"""Messages that are forms of a policy without a field that says so."""

_SOURCE: Final = re.compile(r" \([A-Z]+-[0-9a-z]+\)\Z")


@dataclass(frozen=True, slots=True)
class Titled:
    """A template. type: its message; title: what it is; council: the only one that takes it, None where several do."""

    form: str
    type: str
    purpose: str
    title: str
    council: str | None


def titles(bodies: Mapping[str, Mapping[str, Any]]) -> list[Titled]:
    """Return what each template is. bodies: the templates by name; each is of a policy that comes with the hub.

    A form has the title that the policy of the template's own council gives it on the day on which it is sent.
    """
    policies = [load(path) for path in packaged().values()]
    return [
        Titled(name, body["type"], body.get("purpose", ""), _title(name, body, policies), _only(name, policies))
        for name, body in bodies.items()
    ]


# Private functions
# -----------------


def _title(name: str, body: Mapping[str, Any], policies: Iterable[Policy]) -> str:
    if name in CONTROL_KINDS:
        fields = schemas().by_name("Control").raw["fields"]
        return _phrase(next(str(field["doc"]) for field in fields if field["name"] == name))
    form, day = body.get("form") or _NAMELESS[body["type"]], body["sent_at"][:10]
    own = [policy for policy in policies if policy.council == body["council"] and policy.valid_from <= day]
    latest = max((policy for policy in own if form in _forms(policy)), key=lambda policy: policy.valid_from)
    return _forms(latest)[form]


def _phrase(doc: str) -> str:
    """Return a field's sentence as a phrase: without its source, its full stop and its capital."""
    text = _SOURCE.sub("", doc.rstrip("."))
    return text[0].lower() + text[1:]


def _only(name: str, policies: Iterable[Policy]) -> str | None:
    """A control is no form of anybody's notice: every council takes it, if only to refuse it."""
    councils = {policy.council for policy in policies if name in _forms(policy)}
    return councils.pop() if len(councils) == 1 else None


def _forms(policy: Policy) -> dict[str, str]:
    return {form.id: form.title for form in policy.forms}
