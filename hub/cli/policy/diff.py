"""`hub policy diff`: what becomes possible and what stops from one policy to another, in meaning and not in text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli import errors, show
from hub.cli.options import AsJson
from hub.cli.policy.naming import day_named, policy_named
from hub.errors import InputFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.councils.analysis.difference import Difference
    from hub.councils.analysis.exact import Rare
    from hub.councils.analysis.grouping import Change
    from hub.councils.analysis.profile import Terms
    from hub.councils.analysis.register import RegisterChange
    from hub.councils.analysis.structure import Plain
    from hub.policy.model import Policy

_HEADINGS: Final = {
    "gained": "What becomes possible",
    "lost": "What stops",
    "changed": "What goes on other terms",
}
_BOTH: Final = 2
_FEW: Final = 12
"""How many agencies of a list are told by name."""


def diff(
    a: Annotated[
        str, typer.Argument(metavar="A", help="A policy file, or a packaged policy such as lancashire-cfw-001.")
    ],
    b: Annotated[
        str, typer.Argument(metavar="B", help="The policy to hold against it, of the same council or another.")
    ],
    on: Annotated[
        list[str] | None,
        typer.Option(metavar="DAY", help="Compare this day alone; given twice: a day for A, then one for B."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Tell form by form, with overrides and all that stops a way.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what becomes possible and what stops from policy A to policy B: meaning, not text.

    Every form, purpose and recipient is walked under both, by the rules that the engine runs: which data can reach it, on which
    basis, with what on record. Compared are all days from today on on which both are in force; where there is none, the nearest.
    Other titles, reasons or sentences are no difference. Exit code 1: they differ in meaning. Exit code 2: wrong input.
    """
    from hub.cli.policy.diff_json import difference_json
    from hub.councils.analysis.days import pairs
    from hub.councils.analysis.difference import compare

    days = tuple(day_named(day) for day in on or ())
    if len(days) > _BOTH:
        raise InputFault.of(
            "TOO_MANY", "`--on` is given more than twice", "--on", "give one day, or one for each policy"
        )
    before, after = policy_named(a, "A"), policy_named(b, "B")
    found = compare(before, after, pairs(before, after, datetime.now(UTC).date().isoformat(), days))
    if as_json:
        show.as_json(difference_json(before, after, found))
    else:
        _text(before, after, found, full=full)
    if not found.none:
        raise typer.Exit(errors.SAID_NO)


# Private functions
# -----------------


def _text(a: Policy, b: Policy, found: Difference, *, full: bool) -> None:
    show.paragraph(f"From {_called(a)} to {_called(b)}, {_days(found)}.")
    if found.none:
        show.out("No difference in meaning.")
        return
    if found.must_tell:
        show.out()
        show.paragraph(
            f"People must be told first: {', '.join(found.new_classes)} would be new kinds of recipients (*), and the notice promises to"
            " say so before (setting notify_new_recipients).",
            "! ",
            "  ",
        )
    elif found.new_classes:
        show.out(f"* a kind of recipient that gets nothing under {a.id}-{a.version}")
    for kind, heading in _HEADINGS.items():
        changes = [change for change in (found.full if full else found.short) if change.kind == kind]
        if changes:
            show.heading(heading)
            if kind == "changed":
                _terms_changed(changes, b, found)
            else:
                _reached(changes, a if kind == "lost" else b, found, full=full)
    if found.finer and not full:
        _finer(found.finer)
    _rare(found.rare)
    _register(found.register, same=a.council == b.council)
    _rows(found.plain)


def _rows(plain: Iterable[Plain]) -> None:
    """Tell what differs in settings and rows: rows that only one policy has by name, the others field by field."""
    there: dict[str, tuple[list[str], list[str]]] = {}
    changed: list[str] = []
    for one in plain:
        if one.field:
            changed.append(f"{' '.join(filter(None, (one.section, one.row)))}, {one.field}: {_moved(one)}")
        else:
            there.setdefault(one.section, ([], []))[0 if one.after else 1].append(one.row)
    for section, (new, gone) in there.items():
        said = [f"{word} {', '.join(names)}" for word, names in (("new", new), ("gone", gone)) if names]
        changed.append(f"{section}: {'; '.join(said)}")
    if changed:
        show.heading("Settings and rows")
    for line in changed:
        show.item(line)


def _moved(one: Plain) -> str:
    """Return what changed in a value: of a list, what came and what went."""
    was, now = one.before.split("; "), one.after.split("; ")
    if len(was) == len(now) == 1 or "none" in (one.before, one.after):
        return f"{one.before} -> {one.after}"
    return ", ".join(
        [*(f"+{name}" for name in now if name not in was), *(f"-{name}" for name in was if name not in now)]
    )


def _finer(changes: Iterable[Change]) -> None:
    """Count what the short form leaves out, by what it is about."""
    counted: dict[str, set[str]] = {}
    for change in changes:
        about = "by other forms" if change.kind != "changed" else f"other {', '.join(change.aspects)}"
        counted.setdefault(about, set()).update(klass for klass, _ in change.recipients)
    show.heading("Finer differences, which --full tells")
    for about, classes in counted.items():
        show.item(f"{about}: {', '.join(sorted(classes))}")


def _rare(found: Iterable[Rare]) -> None:
    """Tell what is decided otherwise only where several things come together, with one such case each."""
    from hub.councils.analysis.bits import words

    alike: dict[tuple[int, str, str], list[Rare]] = {}
    for one in found:
        alike.setdefault((one.state, one.before, one.after), []).append(one)
    if alike:
        show.heading("Decided otherwise where several things come together")
    for (state, before, after), own in alike.items():
        classes, purposes = (sorted({getattr(one, name) for one in own}) for name in ("klass", "purpose"))
        case = " and ".join(words(state)) or "nothing on record"
        show.item(f"{', '.join(classes)}, for {', '.join(purposes)}: for instance with {case}: {before} -> {after}")


def _called(policy: Policy) -> str:
    return f"{policy.id}-{policy.version} ({policy.council}, in force {policy.valid_from} until {policy.valid_to or 'further notice'})"


def _days(found: Difference) -> str:
    first, last = found.pairs[0], found.pairs[-1]
    if first.a != first.b:
        return f"the first on {first.a}, the second on {first.b}"
    if first.start == last.end:
        return f"on {first.a}"
    return f"on all days from {first.start} {f'until {last.end}' if last.end else 'on'}"


def _reached(changes: Iterable[Change], policy: Policy, found: Difference, *, full: bool) -> None:
    """Tell what is gained or lost, recipient by recipient."""
    by_recipients: dict[tuple[tuple[str, str], ...], list[Change]] = {}
    for change in changes:
        by_recipients.setdefault(change.recipients, []).append(change)
    for recipients, own in by_recipients.items():
        show.paragraph(_recipients(recipients, found.new_classes), "  ", "    ")
        for change in own:
            sentences = _sentences(change.after or change.before)
            show.item(_what(change, policy) + ("" if full else f" (on {', or '.join(sentences)})"), 2)
            for sentence in sentences if full else ():
                show.item(sentence, 4)


def _terms_changed(changes: Iterable[Change], policy: Policy, found: Difference) -> None:
    """Tell what the terms were and are, and below it whom and what they are about."""
    by_terms: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        stops = change.aspects == ("stops",)
        told = (
            _joined(change.before, stops=stops) + _duties(change.before, change.after),
            _joined(change.after, stops=stops) + _duties(change.after, change.before),
            ", ".join(change.aspects),
        )
        by_terms.setdefault(told, []).append(change)
    for number, ((before, after, aspects), own) in enumerate(by_terms.items(), start=1):
        show.paragraph(f"{number}. Other {aspects}", "  ", "     ")
        show.paragraph(f"no longer: {before}", "     ", "       ")
        show.paragraph(f"now: {after}", "     ", "       ")
        for change in own:
            show.item(f"{_recipients(change.recipients, found.new_classes)}: {_what(change, policy)}", 3)


def _what(change: Change, policy: Policy) -> str:
    from hub.councils.analysis.grouping import EVERYTHING
    from hub.councils.analysis.wording import categories

    forms = f", by {', '.join(change.forms)}" if any(change.forms) else ""
    data = "all that it gets" if change.mask == EVERYTHING else categories(change.mask, policy)
    spans = "; ".join(f"from {start} {f'until {end}' if end else 'on'}" for start, end in change.spans)
    return f"for {', '.join(change.purposes)}{forms}: {data}" + (f" ({spans})" if spans else "")


def _recipients(recipients: Iterable[tuple[str, str]], new: tuple[str, ...]) -> str:
    by_class: dict[str, list[str]] = {}
    for klass, agency in recipients:
        by_class.setdefault(klass, []).extend([agency] if agency else [])
    said = []
    for klass, agencies in by_class.items():
        mark = "*" if klass in new else ""
        said.append(f"{klass}{mark}" + (f" ({', '.join(agencies)})" if agencies else ""))
    return ", ".join(said)


def _sentences(terms: Terms) -> list[str]:
    from hub.councils.analysis.wording import sentences

    return sentences(terms)


def _joined(terms: Terms, *, stops: bool) -> str:
    from hub.councils.analysis.wording import stops_in_words

    if stops:
        return "; ".join(dict.fromkeys(f"stopped by {stops_in_words(term) or 'nothing'}" for term in sorted(terms)))
    return "; ".join(_sentences(terms)) or "nothing"


def _duties(terms: Terms, others: Terms) -> str:
    """Return what the recipient is obliged to under these terms and not under the others; keeping is told with each way."""
    from hub.wiring.explaining import OBLIGATIONS

    known = {name for term in others for name in term.obligations}
    own = sorted({name for term in terms for name in term.obligations if name not in known and ":" not in name})
    said = "; ".join(OBLIGATIONS.get(name, name) for name in own)
    return f" ({said})" if said and others else ""


def _register(changes: Iterable[RegisterChange], *, same: bool) -> None:
    by_kind: dict[str, list[RegisterChange]] = {}
    for change in changes:
        by_kind.setdefault(change.kind, []).append(change)
    if by_kind:
        show.heading("Register of agencies")
    for kind, own in by_kind.items():
        if not same and kind in ("new", "gone") and len(own) > _FEW:
            show.item(f"{kind}: {len(own)} agencies; the registers are those of two councils, see --json")
            continue
        if kind in ("new", "gone"):
            show.item(f"{kind}: " + ", ".join(f"{c.agency} ({c.klass or 'sends only'}){_detail(c)}" for c in own))
            continue
        for change in own:
            show.item(f"{kind}: {change.agency}{_detail(change)}")


def _detail(change: RegisterChange) -> str:
    said = [f"{name} {f'{before} -> ' if before else ''}{after}" for name, before, after in change.detail]
    return f": {'; '.join(said)}" if said else ""
