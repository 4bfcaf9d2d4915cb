"""`hub policy list`, `show` and `check`: what a council's policy file says, and whether it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import show
from hub.cli.options import AsJson, settings
from hub.errors import Fault, InputFault, PolicyFault

if TYPE_CHECKING:
    from hub.policy.model import Policy

Id = Annotated[str, typer.Argument(metavar="POLICY", help="A policy's id, such as lancashire-cfw, or id-version.")]


def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the policies of the councils that this hub serves."""
    from hub.wiring.parts import load_policies

    found = load_policies(settings(context)).all()
    if as_json:
        show.as_json([_row(policy) for policy in found])
        return
    rows = [
        (
            f"{p.id}-{p.version}",
            p.council,
            p.valid_from,
            p.valid_to or "open",
            str(len(p.agencies)),
            str(len(p.sharing)),
        )
        for p in found
    ]
    show.table(("policy", "council", "from", "until", "agencies", "rules"), rows, whole=("policy",))


def show_(context: typer.Context, policy: Id, as_json: AsJson = False) -> None:
    """Show a policy: its forms, its sharing rules, their sentences."""
    from hub.wiring.parts import load_policies

    found = _named(load_policies(settings(context)).all(), policy)
    if as_json:
        show.as_json({**_row(found), "policy": found})
        return
    _describe(found)


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policy files.")], as_json: AsJson = False
) -> None:
    """Check policy files, and tell every fault at once.

    Each fault has its line and its remedy. Exit code 2: there are faults.
    """
    from hub.councils.loader import load

    good: list[Policy] = []
    faults: list[Fault] = []
    for file in files:
        try:
            good.append(load(file, str(file)))
        except PolicyFault as error:
            faults += error.faults
    if as_json:
        show.as_json({"faults": faults, "good": [_row(policy) for policy in good]})
    for policy in good if not as_json else ():
        show.out(f"{policy.id}-{policy.version}: no faults (digest {policy.digest[:12]})")
    if faults:
        raise PolicyFault(*faults)


# Private functions
# -----------------


def _row(policy: Policy) -> dict[str, str]:
    names = ("id", "version", "council", "title", "valid_from", "valid_to", "digest")
    return {name: getattr(policy, name) for name in names}


def _named(policies: tuple[Policy, ...], name: str) -> Policy:
    """Return the policy with this id-version, or the newest version with this id."""
    found = [p for p in policies if name in (p.id, f"{p.id}-{p.version}")]
    if not found:
        known = ", ".join(f"{p.id}-{p.version}" for p in policies)
        raise InputFault.of("NO_SUCH_POLICY", f"no policy `{name}` is loaded", "POLICY", f"use one of {known}")
    return found[-1]


def _describe(policy: Policy) -> None:
    quotes = dict(policy.quotes)
    show.pairs(
        (
            ("policy", f"{policy.id}-{policy.version}"),
            ("title", policy.title),
            ("controller", policy.controller),
            ("in force", f"{policy.valid_from} until {policy.valid_to or 'further notice'}"),
            ("digest", policy.digest),
            (
                "agencies",
                f"{len({row.id for row in policy.agencies})}; see `hub agencies list --council {policy.council}`",
            ),
        )
    )
    show.heading("Forms")
    rows = [(f.id, ", ".join(f.sources), ", ".join(f.purposes), ", ".join(f.recipients) or "-") for f in policy.forms]
    show.table(("form", "sent by", "for", "goes to, where nobody is named"), rows, whole=("form",))
    show.heading("Sharing rules: what none of them says does not go")
    for rule in policy.sharing:
        show.paragraph(f"{rule.id}: {rule.title}")
        show.item(f"for {', '.join(rule.purposes)}, to {', '.join(rule.to)}, on the basis of {', '.join(rule.bases)}")
        show.item(f"gives {', '.join(rule.only or rule.groups)}" + (", and nothing else" if rule.only else ""))
        for fact in rule.facts:
            show.item(f"{fact}: {quotes.get(fact, '')}", depth=2)
