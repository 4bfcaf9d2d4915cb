"""`hub policy explain`: every way by which a category of data can reach a recipient, and why there is none where there is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import show
from hub.cli.options import AsJson
from hub.cli.policy.naming import day_named, policy_named
from hub.errors import Fault, InputFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.councils.analysis.explanation import Explanation, Road, Wall
    from hub.councils.analysis.profile import Term
    from hub.policy.model import Policy
    from hub.policy.route import Outcome


def explain(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="A policy file, or a packaged policy such as lancashire-cfw-001.")
    ],
    category: Annotated[str, typer.Option(metavar="CATEGORY", help="The kind of data, such as medical or address.")],
    to: Annotated[
        str, typer.Option(metavar="CLASS_OR_AGENCY", help="One kind of recipient, or one agency, of the policy.")
    ] = "",
    form: Annotated[str, typer.Option("--from", metavar="FORM", help="Only what this form carries.")] = "",
    on: Annotated[
        str, typer.Option(metavar="DAY", help="The day; else today, or the day in force that is nearest to it.")
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="Every way in full, also without --to and --from.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how a kind of data can reach whom, with the sentences of the notice behind each way; or why it cannot.

    A table comes first: to whom, for what, on which basis. With --to, --from or --full follows each way: rule, form, basis, condition,
    what must be on record, what keeps the data back, what comes with it. Last, whom it cannot reach, and why not. All of it is what
    the engine itself decides, over all that may be known of a person. Exit code 2: wrong input.
    """
    from hub.councils.analysis.days import nearest
    from hub.councils.analysis.explanation import explain_category

    found = policy_named(policy, "POLICY")
    _check(found, category, to, form)
    day = day_named(on) if on else nearest(found, datetime.now(UTC).date().isoformat())
    told = explain_category(found, category, day, to=to, form=form)
    if as_json:
        show.as_json(_json(found, category, day, told))
    else:
        _text(found, category, day, told, to=to, form=form, full=full or bool(to or form))


# Private functions
# -----------------


def _check(policy: Policy, category: str, to: str, form: str) -> None:
    from hub.councils.marks import nearest
    from hub.policy.vocabulary import CATEGORIES

    faults = []
    groups = {group.id: group.categories for group in policy.groups}
    if category not in CATEGORIES:
        remedy = nearest(category, tuple(CATEGORIES))
        if category in groups:
            remedy = f"`{category}` is a group; ask for one of {', '.join(groups[category])}"
        faults.append(Fault("NO_SUCH_CATEGORY", "--category", f"there is no category `{category}`", remedy))
    recipients = {*(c.id for c in policy.classes), *(row.id for row in policy.agencies)}
    if to and to not in recipients:
        text = f"the policy has no recipient class and no agency `{to}`"
        faults.append(Fault("NO_SUCH_RECIPIENT", "--to", text, nearest(to, tuple(sorted(recipients)))))
    forms = tuple(each.id for each in policy.forms)
    if form and form not in forms:
        faults.append(Fault("NO_SUCH_FORM", "--from", f"the policy has no form `{form}`", nearest(form, forms)))
    if faults:
        raise InputFault(*faults)


def _text(policy: Policy, category: str, day: str, told: Explanation, *, to: str, form: str, full: bool) -> None:
    from hub.policy.vocabulary import CATEGORIES

    whom = f" to {to}" if to else ""
    by = f" by {form}" if form else ""
    title = CATEGORIES[category].title
    show.paragraph(
        f"{title[:1].upper()}{title[1:]} ({category}){whom}{by} under {policy.id}-{policy.version} on {day}."
    )
    if not told.roads:
        show.out()
        show.out("There is no way.")
    else:
        _overview(told.roads, full=full)
    for number, road in enumerate(told.roads if full else (), start=1):
        _road(number, road, policy)
    _walls(told, all_=bool(to or form))
    if full:
        _sentences(policy, told, all_=bool(to or form))
    else:
        show.out()
        show.out("Each way in full, with its sentences: --to CLASS_OR_AGENCY, --from FORM, or --full.")


def _overview(roads: tuple[Road, ...], *, full: bool) -> None:
    from hub.councils.analysis.explanation import overview
    from hub.councils.analysis.wording import sentences

    show.heading("Ways")
    rows = [
        (
            _recipients(one.recipients),
            ", ".join(one.purposes),
            "\n".join(sentences(one.terms)),
            *([", ".join(str(number) for number in one.roads)] if full else []),
        )
        for one in overview(roads)
    ]
    show.table(("to", "for", "on the basis of", *(["below"] if full else [])), rows)


def _road(number: int, road: Road, policy: Policy) -> None:
    from hub.councils.analysis.wording import BASES, stops_in_words
    from hub.wiring.explaining import OBLIGATIONS

    show.heading(f"{number}. {road.title}")
    show.paragraph(f"rule {road.rule}: to {_recipients(road.recipients)}, for {road.purpose}", "   ", "   ")
    show.paragraph(f"by {', '.join(road.forms)}", "   ", "   ")
    for way in _ways(road.outcomes, policy):
        show.item(way, 2)
    stops: dict[str, dict[str, None]] = {}
    for term, _ in road.outcomes:
        stops.setdefault(stops_in_words(term), {})[BASES.get(term.basis, term.basis)] = None
    for stop, bases in stops.items():
        on = f" (on {' or '.join(bases)})" if len(stops) > 1 else ""
        show.paragraph(f"kept back by{on}: {stop or 'nothing of its own'}", "   ", "     ")
    obligations = dict.fromkeys(name for term, _ in road.outcomes for name in term.obligations)
    said = "; ".join(OBLIGATIONS.get(name, name.replace("KEEP_AT_MOST:", "kept at most ")) for name in obligations)
    show.paragraph(f"comes with: {said}", "   ", "     ")
    show.paragraph(f"rests on: {', '.join(road.facts)}", "   ", "     ")


def _ways(outcomes: Iterable[tuple[Term, Outcome]], policy: Policy) -> list[str]:
    """Return the ways in words, those that differ only in what must be on record as one."""
    from hub.councils.analysis.wording import needs_in_words, sides

    conditions = {c.id: f"{c.title}, Article {c.article}" for c in policy.conditions}
    bases = {b.id: b.title for b in policy.bases if b.title}
    alike: dict[tuple[str, ...], list[str]] = {}
    for term, outcome in outcomes:
        rest = (
            f"{bases.get(outcome.basis, outcome.basis)}, Article {outcome.article}",
            f" ({'; '.join(outcome.gateway)})" if outcome.gateway else "",
            *(f"; {conditions.get(name, name)}" for name in term.condition.split("+") if name),
            "; as far as the consent covers it" if term.narrowed else "",
            f"; {sides(term)}" if sides(term) else "",
        )
        alike.setdefault(rest, []).append(needs_in_words(term.needs))
    return [f"with {' or '.join(needs)}: {''.join(rest)}" for rest, needs in alike.items()]


def _walls(told: Explanation, *, all_: bool) -> None:
    """Tell why there is no way: for one recipient or form everything, else of the recipients that nothing reaches the nearest reason."""
    rows: list[tuple[str, ...]] = (
        [(_recipients(wall.recipients), _places(wall), _reason(wall)) for wall in told.walls]
        if all_
        else _unreached(told)
    )
    if rows:
        show.heading("No way")
        show.table(("to", "for: by", "why not") if all_ else ("to", "why not"), rows)


def _unreached(told: Explanation) -> list[tuple[str, ...]]:
    """Return a row for each class, or agency of a class that is reached in part, that no road leads to."""
    nearest: dict[tuple[str, str], Wall] = {}
    for wall in told.walls:
        for klass, agency in wall.recipients:
            if (agency or klass) not in told.reached and (klass, agency) not in nearest:
                nearest[klass, agency] = wall
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for recipient, wall in nearest.items():
        if recipient[1] and (recipient[0], "") in nearest:
            continue
        by_reason.setdefault(_reason(wall), []).append(recipient)
    return [(_recipients(sorted(who)), reason) for reason, who in by_reason.items()]


def _reason(wall: Wall) -> str:
    from hub.councils.analysis.explanation import TEXTS
    from hub.wiring.explaining import reason_text

    facts = f" ({', '.join(dict.fromkeys(wall.facts))})" if wall.facts else ""
    return TEXTS.get(wall.reason, "") + ("" if wall.reason in TEXTS else reason_text(wall.reason)) + facts


def _places(wall: Wall) -> str:
    by_forms: dict[tuple[str, ...], list[str]] = {}
    forms: dict[str, list[str]] = {}
    for form, purpose in wall.places:
        forms.setdefault(purpose, []).append(form)
    for purpose, names in forms.items():
        by_forms.setdefault(tuple(names), []).append(purpose)
    return "\n".join(
        f"{'any purpose' if purposes == ['*'] else ', '.join(purposes)}: {'any form' if names == ('*',) else ', '.join(names)}"
        for names, purposes in by_forms.items()
    )


def _recipients(recipients: Iterable[tuple[str, str]]) -> str:
    by_class: dict[str, list[str]] = {}
    for klass, agency in recipients:
        by_class.setdefault(klass, []).extend([agency] if agency else [])
    said = [
        f"{klass} ({', '.join(agencies)})" if klass and agencies else klass or ", ".join(agencies)
        for klass, agencies in by_class.items()
    ]
    return ", ".join(said)


def _sentences(policy: Policy, told: Explanation, *, all_: bool) -> None:
    quotes = dict(policy.quotes)
    cited = dict.fromkeys(fact for road in told.roads for fact in road.facts)
    if all_:
        cited |= dict.fromkeys(fact for wall in told.walls for fact in wall.facts)
    known = [(fact, quotes[fact]) for fact in cited if fact in quotes]
    if known:
        show.heading("The sentences")
        show.pairs(sorted(known))


def _json(policy: Policy, category: str, day: str, told: Explanation) -> dict[str, Any]:
    quotes = dict(policy.quotes)
    cited = {fact for road in told.roads for fact in road.facts} | {fact for wall in told.walls for fact in wall.facts}
    return {
        "policy": {name: getattr(policy, name) for name in ("id", "version", "council", "digest")},
        "category": category,
        "day": day,
        "ways": [_road_json(road) for road in told.roads],
        "no_way": [_wall_json(wall) for wall in told.walls],
        "sentences": {fact: quotes[fact] for fact in sorted(cited) if fact in quotes},
    }


def _road_json(road: Road) -> dict[str, Any]:
    from hub.cli.policy.diff_json import term_json

    return {
        "rule": road.rule,
        "title": road.title,
        "purpose": road.purpose,
        "recipients": [{"class": klass, "agency": agency} for klass, agency in road.recipients],
        "forms": road.forms,
        "ways": [
            {**term_json(term), "article": outcome.article, "gateway": outcome.gateway, "facts": outcome.facts}
            for term, outcome in road.outcomes
        ],
        "facts": road.facts,
    }


def _wall_json(wall: Wall) -> dict[str, Any]:
    from hub.councils.analysis.explanation import TEXTS
    from hub.wiring.explaining import reason_text

    return {
        "reason": wall.reason,
        "text": TEXTS.get(wall.reason) or reason_text(wall.reason),
        "facts": wall.facts,
        "recipients": [{"class": klass, "agency": agency} for klass, agency in wall.recipients],
        "places": [{"form": form, "purpose": purpose} for form, purpose in wall.places],
    }
