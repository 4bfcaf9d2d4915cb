"""The broker's jars: fetched once against their lock, and verified by SHA-256 before every start.

The lock (`jars/jgo.lock.toml`) is made by jgo and travels inside the package. jgo finds and downloads a jar, but does
not refuse one whose content has changed, so the hub does: a jar that is not byte for byte the locked one is never run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.errors import ConfigurationFault, Fault

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK: Final = Path(__file__).parent / "jars" / "jgo.lock.toml"
"""The lock of the jars: coordinates and SHA-256 of each."""

Progress = Callable[[str], None]
"""Is told, in a few words, what is being done; shown to whoever waits."""

_ATTEMPTS: Final = 3
_PARALLEL: Final = 6
_TIMEOUT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar: its coordinates and the SHA-256 (hex) of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The file name, such as `kafka-clients-4.3.1.jar`."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars() -> tuple[Jar, ...]:
    """Return the jars of the packaged lock, in its order."""
    rows = tomllib.loads(LOCK.read_text(encoding="utf-8"))["dependencies"]
    return tuple(Jar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in rows)


def cache_folder() -> Path:
    """Return where the hub keeps what it fetched: `HUB_CACHE`, or `~/.cache/information-sharing-hub`."""
    chosen = os.environ.get("HUB_CACHE")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "information-sharing-hub"


def jars_folder(cache: Path) -> Path:
    """Return the folder of this lock's jars below the cache; another lock has another folder."""
    return cache / f"broker-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"


def ensure_jars(cache: Path, progress: Progress = lambda _: None) -> str:
    """Return the class path of the broker, every jar on it verified; fetch the jars when there are none yet.

    Needs the network only the first time. Raises ConfigurationFault with every jar that is missing, changed or cannot
    be fetched; a changed jar is never replaced in silence.
    """
    folder = jars_folder(cache)
    if not folder.exists():
        progress("fetching the broker's jars")
        _fetch(folder)
    faults = [fault for jar in locked_jars() if (fault := _check(folder, jar))]
    if faults:
        raise ConfigurationFault(*faults)
    return os.pathsep.join(str(folder / jar.name) for jar in locked_jars())


def _check(folder: Path, jar: Jar) -> Fault | None:
    """Return what is wrong with one jar, if anything."""
    remedy = f"delete the folder `{folder}`: the next start fetches the jars again"
    try:
        with (folder / jar.name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return Fault("JAR_MISSING", str(folder), f"the jar `{jar.name}` is missing", remedy)
    if found != jar.sha256:
        return Fault("JAR_CHANGED", str(folder), f"the jar `{jar.name}` is not the locked one", remedy)
    return None


def _fetch(folder: Path) -> None:
    """Fetch all jars into the folder, which appears only when it is whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as scratch:
            whole = Path(scratch) / "whole"
            whole.mkdir()
            context = _context(Path(scratch) / "maven")
            with ThreadPoolExecutor(_PARALLEL) as pool:
                for path in pool.map(lambda jar: _download(context, jar), locked_jars()):
                    shutil.move(path, whole / path.name)
            _publish(whole, folder)
    except OSError as error:
        raise ConfigurationFault.of(
            "CACHE_UNUSABLE",
            f"cannot write the folder `{folder.parent}`: {error.strerror}",
            remedy="set HUB_CACHE to a folder that you may write",
        ) from error


def _publish(whole: Path, folder: Path) -> None:
    """Move the whole folder into its place; if another process was quicker, keep what that one fetched."""
    try:
        whole.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def _context(cache: Path) -> MavenContext:
    """Return jgo's context: its own repositories, or those of the user's jgo settings (a mirror, say)."""
    # jgo takes 0.3 s to import and is needed only for the first start.
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    repositories = GlobalSettings.load().repositories or None
    return MavenContext(repo_cache=cache, remote_repos=repositories, timeout=_TIMEOUT_SECONDS)


def _download(context: MavenContext, jar: Jar, attempts: int = _ATTEMPTS) -> Path:
    """Download one jar and return its path. Tries a few times: a home connection drops."""
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        return artifact.resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo's "not found" is a RuntimeError
        if attempts == 1:
            raise ConfigurationFault.of(
                "JAR_UNAVAILABLE",
                f"the jar `{jar.name}` cannot be fetched ({type(error).__name__})",
                remedy="check the network, or name a mirror in jgo's settings, and start again",
            ) from error
    # jgo would take a half-written file for a whole one.
    if artifact.cached_path:
        artifact.cached_path.unlink(missing_ok=True)
    return _download(context, jar, attempts - 1)
