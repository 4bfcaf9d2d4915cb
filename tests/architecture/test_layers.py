"""The shape of the code: layers, a pure core, and nothing that happens at import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import hub

HUB = Path(hub.__file__).parent
ROOT = HUB.parent
MOST_LINES = 300
PURE = frozenset(
    [
        "__future__",
        "abc",
        "bisect",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "json",
        "operator",
        "re",
        "typing",
    ]
)
CLOCKS = frozenset(["now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns"])
CHANCE = frozenset(["uuid1", "uuid4", "urandom", "token_bytes", "token_hex"])


def sources(*layers: str) -> Iterator[tuple[str, ast.Module]]:
    """Each source file of the layers, by its name below `hub/`."""
    for layer in layers:
        for path in sorted((HUB / layer).rglob("*.py")):
            yield str(path.relative_to(HUB)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> set[str]:
    """Every module that a source file imports by name."""
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def called(tree: ast.AST) -> set[str]:
    """The last name of everything that a source file calls."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}


def test_each_layer_imports_only_those_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The contract in pyproject.toml holds, and no module stands outside it."""
    outcome = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert 0 == outcome, capsys.readouterr().out


def test_policy_is_pure() -> None:
    """The policy engine uses a few modules of the standard library, itself and the errors: no I/O, no packages."""
    allowed = ("hub.policy", "hub.errors")
    strange = {
        (name, module)
        for name, tree in sources("policy")
        for module in imported(tree)
        if module not in PURE and not module.startswith(allowed)
    }

    assert set() == strange


def test_the_core_reads_neither_clock_nor_chance() -> None:
    """Time and ids come in with the message, so that the same message gives the same bytes (invariant 5)."""
    strange = {
        (name, what)
        for name, tree in sources("policy", "schemas", "flow")
        for what in (called(tree) & (CLOCKS | CHANCE)) | (imported(tree) & {"random", "secrets", "time"})
    }

    assert set() == strange


def test_files_keep_their_size() -> None:
    """A file that grows past the limit holds two ideas."""
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in HUB.rglob("*.py")
    }

    assert {} == {path: count for path, count in lines.items() if count > MOST_LINES}


def test_importing_the_hub_does_nothing() -> None:
    """A module holds definitions and constants; only an entry point's own guard runs anything."""
    busy = {
        (name, node.lineno)
        for name, tree in sources(".")
        for node in tree.body
        if isinstance(node, ast.For | ast.While | ast.With | ast.Try)
        or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
    }

    assert set() == busy
