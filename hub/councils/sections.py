"""From the sections of a policy file to the frozen types of the model: one small function a section."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from hub.councils.reader import Row
from hub.policy.model import Basis, Condition, Form, Group, Override, Purpose, Role, Settings
from hub.policy.promises import Legislation
from hub.policy.vocabulary import CARE_STATUSES, CATEGORIES, CONTROL_KINDS, LIMBS

BASES: Final = ("duty_16la", "legal_obligation", "public_task", "consent", "contact_permission")
"""The lawful bases that the engine knows how to test."""
CONDITIONS: Final = (
    "explicit_consent",
    "health_or_social_care",
    "safeguarding",
    "substantial_public_interest",
    "criminal_offence",
)
"""The Article 9 and 10 conditions that the engine knows how to test."""
_AGREEMENTS: Final = ("none", "contact_permission", "consent")
_NATURES: Final = ("duty", "power", "regard", "guidance")

RowFacts = dict[str, tuple[str, ...]]


def read_settings(top: Row, row_facts: RowFacts) -> tuple[Settings, dict[str, str]]:
    """Return the settings and the reason of each; a setting that is not given keeps the model's default."""
    settings, reasons = Settings(), {}
    for row in top.rows("settings", "setting"):
        read = _SETTINGS.get(row.name)
        row.marks.want("setting name", row.name, row.line)
        key = row.stated("value")
        if read is None:
            row.text(key)
        else:
            given: dict[str, Any] = {row.name: read(row, key, getattr(settings, row.name))}
            settings = replace(settings, **given)
        reasons[row.name] = row.text("reason")
        row_facts[f"settings.{row.name}"] = row.because()
    return settings, reasons


def _day(row: Row, key: str, _before: Any) -> str:
    return row.day(key, required=True)


def _number(row: Row, key: str, before: Any) -> int:
    return row.number(key, default=int(before))


def _yes(row: Row, key: str, before: Any) -> bool:
    row.text(key)
    return row.yes(key, default=bool(before))


_SETTINGS: Final[dict[str, Callable[[Row, str, Any], str | int | bool]]] = {
    "duty_16la_from": _day,
    "review_by": _day,
    "max_skew_seconds": _number,
    "review_hours": _number,
    "uk_only": _yes,
    "notify_new_recipients": _yes,
    "grant_days": _number,
}
SETTINGS: Final = tuple(_SETTINGS)
"""The settings that a policy file may give."""


def read_legislation(top: Row) -> tuple[Legislation, ...]:
    """Return the provisions, as printed and as they should be cited; each may itself be cited by its id."""
    found = []
    for row in top.rows("legislation", "Act"):
        row.marks.define("citation", row.name, row.line)
        found.append(
            Legislation(
                id=row.name,
                printed=row.text("printed", required=False),
                corrected=row.text("corrected"),
                nature=row.choice("nature", _NATURES),
                used=row.yes("used"),
                reason=row.text("reason"),
                facts=row.because(),
            )
        )
    return tuple(found)


def read_bases(top: Row, legislation: tuple[Legislation, ...]) -> tuple[Basis, ...]:
    """Return the lawful bases; their gateways are named by the ids of `legislation` and spelt out here."""
    cited = {act.id: act.corrected for act in legislation}
    found = []
    for row in top.rows("bases", "basis"):
        row.marks.want("basis that the hub can test", row.name, row.line)
        gateway = tuple(cited.get(act, act) for act in row.names("gateway", "Act", required=False))
        found.append(Basis(row.name, row.text("article"), gateway, row.because(), row.text("title")))
    return tuple(found)


def read_conditions(top: Row) -> tuple[Condition, ...]:
    """Return the Article 9 conditions."""
    found = []
    for row in top.rows("conditions", "condition"):
        row.marks.want("condition that the hub can test", row.name, row.line)
        found.append(Condition(row.name, row.text("article"), row.text("title"), row.because()))
    return tuple(found)


def read_roles(top: Row) -> tuple[Role, ...]:
    """Return what agencies may send as."""
    return tuple(Role(row.name, row.text("title"), row.because()) for row in top.rows("roles", "role"))


def read_groups(top: Row) -> tuple[Group, ...]:
    """Return the groups of data categories; `shared: no` marks what is collected and not on the shared list."""
    return tuple(
        Group(
            row.name,
            row.text("title"),
            row.words("categories", tuple(CATEGORIES)),
            row.because(),
            shared=row.yes("shared", default=True),
        )
        for row in top.rows("groups", "group")
    )


def read_purposes(top: Row) -> tuple[Purpose, ...]:
    """Return the purposes."""
    return tuple(
        Purpose(
            row.name,
            row.text("title"),
            row.because(),
            safeguarding=row.yes("safeguarding"),
            contact_only=row.yes("contact_only"),
            anonymised_only=row.yes("anonymised_only"),
        )
        for row in top.rows("purposes", "purpose")
    )


def read_forms(top: Row) -> tuple[Form, ...]:
    """Return the forms; `signature_gives: none` is the model's empty agreement."""
    found = []
    for row in top.rows("forms", "form"):
        agreement = row.choice("signature_gives", _AGREEMENTS)
        found.append(
            Form(
                id=row.name,
                title=row.text("title"),
                sources=row.names("sent_by", "role"),
                purposes=row.names("purposes", "purpose"),
                recipients=row.names("goes_to", "recipient class"),
                facts=row.because(),
                agreement="" if agreement == "none" else agreement,
                before_consent=row.yes("before_consent"),
                threshold_first=row.yes("threshold_first"),
                collects=row.names("collects", "group", required=False),
                about_only=row.words("about_only", CARE_STATUSES, required=False),
                criminal=row.yes("criminal"),
            )
        )
    return tuple(found)


def read_controls(top: Row, row_facts: RowFacts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (kind of control message, roles that may send it) for every kind; a kind left out is a fault."""
    found: dict[str, tuple[str, ...]] = {}
    for row in top.rows("controls", "control"):
        row.marks.want("control kind", row.name, row.line)
        found[row.name] = row.names("sent_by", "role")
        row_facts[f"controls.{row.name}"] = row.because()
    if "controls" in top:
        for kind in CONTROL_KINDS:
            if kind not in found:
                top.fault(
                    "MISSING",
                    "controls",
                    f"nothing says who may send the control `{kind}`",
                    f"add `{kind}:` with `sent_by: []`",
                )
    return tuple(found.items())


def read_override(top: Row) -> Override:
    """Return how a bar may be overridden; a file that leaves the section out is told so, and overrides nothing."""
    row = top.child("override")
    if row is None:
        return Override((), "either", (), ())
    top.marks.define("section", "override", row.line)
    inform = row.stated("inform")
    override = Override(
        limbs=row.words("limbs", LIMBS),
        connective=row.choice("connective", ("either", "both"), default="both"),
        roles=row.names("asserted_by", "role"),
        facts=row.because(),
        inform=row.yes(inform, default=True, required=inform != "inform"),
        inform_days=row.number("inform_days", default=10),
        reason=row.text("reason"),
        instructions=row.choice(row.stated("instructions"), ("bar", "weigh"), default="weigh"),
    )
    row.done()
    return override
