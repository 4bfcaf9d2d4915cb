"""Numbered SQL migrations, one folder per database; a migration that was applied is never changed, only followed.

Each file is `NNNN_name.sql`. The database keeps version, name and checksum (SHA-256) of what was applied.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from hub.errors import ConfigurationFault

_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql").fullmatch


@dataclass(frozen=True, slots=True)
class Applied:
    """What the database says about one migration that it has had."""

    version: int
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One packaged migration. name: the file's name without `.sql`."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, as hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def packaged(database: str) -> tuple[Migration, ...]:
    """Return the migrations of a database (`sqlite` or `postgres`), in order."""
    folder = resources.files(__name__).joinpath(database)
    files = sorted((file for file in folder.iterdir() if _NAME(file.name)), key=lambda file: file.name)
    return tuple(Migration(int(file.name[:4]), file.name[:-4], file.read_text(encoding="utf-8")) for file in files)


def missing(known: Sequence[Migration], applied: Sequence[Applied]) -> list[Migration]:
    """Return what must still be applied, in order.

    Raises ConfigurationFault when an applied migration was changed since (`MIGRATION_CHANGED`), or is one that this
    code does not know (`SCHEMA_NEWER`): both mean that code and database do not belong together.
    """
    by_version = {migration.version: migration for migration in known}
    for row in sorted(applied, key=lambda row: row.version):
        migration = by_version.get(row.version)
        if migration is None:
            raise ConfigurationFault.of(
                "SCHEMA_NEWER", "the store was migrated by a newer hub", row.name, "run the newer version of the hub"
            )
        if migration.checksum != row.checksum:
            raise ConfigurationFault.of(
                "MIGRATION_CHANGED",
                "an applied migration was changed",
                row.name,
                "restore its file, and put the change in a new migration",
            )
    done = {row.version for row in applied}
    return [migration for migration in known if migration.version not in done]
