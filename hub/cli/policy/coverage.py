"""`hub policy coverage`: which rule enforces each sentence of a notice, and which golden case proves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson
from hub.cli.policy.naming import policy_named
from hub.errors import Fault, InputFault

if TYPE_CHECKING:
    from hub.councils.coverage import Case, Row, Rule
    from hub.policy.model import Policy

CASES: Final = Path("tests") / "corpus"
"""Where golden cases are looked for in the working folder: a folder for each policy file, called as the file is."""

Policies = Annotated[
    list[str] | None,
    typer.Argument(metavar="[POLICY]...", help="Policy files, or ids of packaged ones; every packaged one, if none."),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--cases",
        metavar="FOLDER",
        help="The golden cases, a folder for each policy file; tests/corpus, if it is there.",
    ),
]


def coverage(policies: Policies = None, cases: Folder = None, as_json: AsJson = False) -> None:
    """Show for each sentence of a notice the rule that enforces it and the golden case that proves it.

    A sentence is enforced (a rule and a case), stated (in the paper made from the policy: rights, contacts, Acts), informative
    (nothing can enforce it, and the file says why) or open. Exit code 1: something is open.
    """
    from hub.councils.coverage import OPEN, coverage, tally

    chosen = _chosen(policies or [])
    folder = _folder(cases)
    found = [(policy, coverage(policy, _cases(folder / _name(policy)))) for policy in chosen]
    if as_json:
        show.as_json([{"policy": _name(policy), "tally": tally(rows), "facts": rows} for policy, rows in found])
    for policy, rows in found if not as_json else ():
        _shown(policy, rows)
    if any(row.status == OPEN for _, rows in found for row in rows):
        raise typer.Exit(errors.SAID_NO)


# Private functions
# -----------------


def _name(policy: Policy) -> str:
    return f"{policy.id}-{policy.version}"


def _chosen(words: list[str]) -> list[Policy]:
    """The policies that a person names, all of the packaged ones for no name. Raises InputFault with every wrong name at once."""
    from hub.councils.packaged import packaged

    found: list[Policy] = []
    faults: list[Fault] = []
    for word in words or sorted(packaged()):
        try:
            found.append(policy_named(word, "POLICY"))
        except InputFault as error:
            faults += error.faults
    if faults:
        raise InputFault(*faults)
    return found


def _folder(cases: Path | None) -> Path:
    folder = cases or CASES
    if folder.is_dir():
        return folder
    raise InputFault.of("NO_CASES", f"there is no folder `{folder}` of golden cases", "--cases", "name the folder")


def _cases(folder: Path) -> list[Case]:
    """The cases of one policy's folder. Raises InputFault with every file that cannot be read as a list of cases."""
    import yaml

    found: list[Case] = []
    faults: list[Fault] = []
    for path in sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_")):
        try:
            found += _read(yaml.safe_load(path.read_text("utf-8")), path)
        except (OSError, ValueError, yaml.YAMLError):
            remedy = "a file of golden cases is a list of cases, each with `title` and `facts`"
            faults.append(Fault("NOT_READABLE", str(path), "this is no file of golden cases", remedy))
    if faults:
        raise InputFault(*faults)
    return found


def _read(content: Any, path: Path) -> list[Case]:
    from hub.councils.coverage import Case

    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise ValueError(path)
    if not all(isinstance(entry.get("title"), str) and isinstance(entry.get("facts"), list) for entry in content):
        raise ValueError(path)
    return [Case(path.name, entry["title"], tuple(str(fact) for fact in entry["facts"])) for entry in content]


def _shown(policy: Policy, rows: tuple[Row, ...]) -> None:
    from hub.councils.coverage import tally

    show.heading(f"{_name(policy)}: {policy.title}")
    table = [(row.fact, row.status, _by(row.rules), _proof(row)) for row in rows]
    show.table(("fact", "status", "by which rule", "proved by, or why not"), table, whole=("fact", "status"))
    show.out(f"{_name(policy)}: {len(rows)} facts: " + ", ".join(f"{n} {status}" for status, n in tally(rows).items()))


def _by(rules: tuple[Rule, ...]) -> str:
    more = f" and {len(rules) - 1} more" if len(rules) > 1 else ""
    return "".join(f"{rule.section}: {rule.name}" for rule in rules[:1]) + more


def _proof(row: Row) -> str:
    if row.reason:
        return row.reason
    if row.status == "stated":
        return "the paper that is made from the policy"
    more = f" and {len(row.cases) - 1} more" if len(row.cases) > 1 else ""
    return f"{row.cases[0].file}: {row.cases[0].title}{more}"
