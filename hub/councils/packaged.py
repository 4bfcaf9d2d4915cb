"""Where policy files are found: those that come with the hub, and those of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hub.councils.loader import load
from hub.errors import Fault, PolicyFault
from hub.policy.model import Policy

_FOLDER: Final = Path(__file__).parent / "policies"


def packaged() -> dict[str, Path]:
    """Return the policy files that come with the hub, by `<policy id>-<version>`, which is also the file's name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def policies_in(folder: Path) -> tuple[Policy, ...]:
    """Return every policy (`*.yaml`) of a folder, ordered by file name.

    Raises PolicyFault with the faults of all its files at once; a folder without any policy file is a fault too, and so is a
    file that is not called `<policy id>-<version>.yaml`.
    """
    found: list[Policy] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            policy = load(path)
        except PolicyFault as error:
            faults.extend(error.faults)
            continue
        found.append(policy)
        name = f"{policy.id}-{policy.version}.yaml"
        if path.name != name:
            faults.append(Fault("WRONG_PLACE", f"{path.name}:1", f"the file should be called `{name}`", "rename it"))
    if not found and not faults:
        faults.append(
            Fault("NO_FILE", str(folder), "there is no policy file in this folder", "put a `.yaml` policy there")
        )
    if faults:
        raise PolicyFault(*faults)
    return tuple(found)
