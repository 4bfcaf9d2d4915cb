"""`hub policy`: the tools for the people who own a council's policy."""

from __future__ import annotations

import typer

from hub.cli.options import example
from hub.cli.policy import annex, coverage, diff, explain, look, new, prove, rehearse, schema


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog=example("hub policy list"))(look.list_)
    group.command("show", epilog=example("hub policy show lancashire-cfw", "hub policy show lancashire-cfw --json"))(
        look.show_
    )
    group.command(
        "new",
        epilog=example(
            'hub policy new example-borough-family-help --council example-borough --title "Family Help service" --notice EB',
        ),
    )(new.new)
    group.command("check", epilog=example("hub policy check my-council-001.yaml"))(look.check)
    group.command("coverage", epilog=example("hub policy coverage", "hub policy coverage lancashire-cfw --json"))(
        coverage.coverage
    )
    group.command(
        "diff",
        epilog=example(
            "hub policy diff lancashire-cfw-000 lancashire-cfw-001",
            "hub policy diff lancashire-cfw-001 my-council-002.yaml --on 2027-01-01 --json",
        ),
    )(diff.diff)
    group.command(
        "explain",
        epilog=example(
            "hub policy explain lancashire-cfw-001 --category medical",
            "hub policy explain lancashire-cfw-001 --category upn --to voluntary --from early_help_assessment",
        ),
    )(explain.explain)
    group.command(
        "rehearse",
        epilog=example(
            "hub policy rehearse my-council-002.yaml --from subjects.v1",
            "hub policy rehearse my-council-002.yaml --from messages.jsonl --budget 5 --to dwp",
        ),
    )(rehearse.rehearse)
    group.command("prove", epilog=example("hub policy prove", "hub policy prove my-council-001.yaml --on 2027-01-01"))(
        prove.prove
    )
    group.command("annex", epilog=example("hub policy annex lancashire-cfw-001 --to paper --on 2026-11-22"))(
        annex.annex
    )
    group.command("schema", epilog=example("hub policy schema > policy-file.schema.json"))(schema.schema)
    app.add_typer(group, name="policy", help="Policy files: what a notice lets the hub do.")
