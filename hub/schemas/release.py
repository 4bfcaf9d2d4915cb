"""Copies each message's schema, and its id, into `released/<version>/`, as it goes out with this version of the hub.

Run it (`python -m hub.schemas.release`) when a version is released: later schemas are held compatible with every copy.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from hub.schemas.registry import IDS, Registry, packaged


def release(registry: Registry, folder: Path) -> None:
    """Write each message's self-contained schema, and the ids of all, into the folder, which is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in registry.names():
        folder.joinpath(f"{name}.avsc").write_text(registry.export(name) + "\n", "utf-8")
    ids = {schema.name: schema.schema_id for schema in registry.written()}
    folder.joinpath(IDS).write_text(json.dumps(ids, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    target = Path(__file__).parent / "released" / version("information-sharing-hub")
    release(packaged(), target)
    sys.stdout.write(f"{target}\n")
