"""The benchmarks still run: `pytest -m bench`. No figure is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.bench
@pytest.mark.timeout(300)
def test_the_quick_run_measures_every_target(tmp_path: Path) -> None:
    """Each target of `docs/benchmarks.md` has a figure, and the machine it was measured on is described."""
    file = tmp_path / "bench.json"

    subprocess.run([sys.executable, "-m", "tests.bench", "--quick", "--json", str(file)], check=True)

    found = json.loads(file.read_text(encoding="utf-8"))
    assert 5 == len(found["targets"])
    assert all(row["measured"] > 0 for row in found["targets"] if row["unit"] != "MB")
    assert {"processor", "cores", "memory", "python", "load before", "load after"} <= set(found["machine"])
