"""Structured logs as JSON lines, with an allow-list of keys, so that personal data cannot be logged by accident.

An event is a short fixed text; what varies goes into listed keys with short scalar values. Exceptions are logged by type and
place, never by text: the text of an unknown error may quote a message. Other libraries' lines keep their template and lose
their arguments, for the same reason.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, TextIO

import orjson
import structlog

KEYS: Final = frozenset(
    {
        "address", "agent", "agents", "attempt", "check", "code", "codes", "count", "councils", "error", "exit_code", "fault",
        "group", "library", "metric", "name", "offset", "part", "partition", "partitions", "pid", "place", "point", "port",
        "seconds", "signal", "state", "status", "text", "topic", "version", "where",
    }
)  # fmt: skip
"""Keys an event may have; `text` is for the text of the hub's own errors, which never hold a value from a message."""

_OWN: Final = frozenset({"event", "level", "timestamp", "dropped"})
_LONGEST: Final = 300
_REPEAT_SECONDS: Final = 30.0
_QUIET: Final = ("aiokafka", "faust", "mode", "asyncio", "asyncpg")
_PACKAGE: Final = Path(__file__).resolve().parent.parent


class Log(Protocol):
    """What the hub logs through. Values are str, int, float, bool, None or tuples of str, under a key of KEYS."""

    def debug(self, event: str, **values: Any) -> None:
        """Say something of use to a developer."""

    def info(self, event: str, **values: Any) -> None:
        """Say that something was done."""

    def warning(self, event: str, **values: Any) -> None:
        """Say that something will need a look if it goes on."""

    def error(self, event: str, **values: Any) -> None:
        """Say that something ended that should not have."""


def configure(level: str = "info", stream: TextIO | None = None, *, strict: bool = False) -> None:
    """Send the logs of the hub, of libraries and of uncaught errors to `stream` (default stderr) as JSON lines.

    level: `debug`, `info`, `warning` or `error`; libraries log from `warning`. strict (tests): a key outside the list
    raises ValueError; otherwise it is dropped and its name listed under `dropped`.
    """
    out = stream or sys.stderr
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Guard(strict=strict),
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Another library's `dictConfig` may have silenced every logger there was, which would hide what the client warns of.
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.disabled = False
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def get() -> Log:
    """Return the log. Call it where it is used, after `configure`."""
    log: Log = structlog.get_logger()
    return log


def where(error: BaseException) -> dict[str, str]:
    """Return the type of an error and the places it went through, innermost last, without its text or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": " > ".join(_place(frame) for frame in frames[-4:])}


def flush() -> None:
    """Write out what is buffered; called before a process ends itself."""
    sys.stderr.flush()
    sys.stdout.flush()


# Private functions
# -----------------


class _Guard:
    """The processor that keeps unlisted keys and long or structured values out of the line."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        bad = sorted(name for name, value in event.items() if name not in _OWN and not _allowed(name, value))
        if bad and self._strict:
            raise ValueError(f"not to be logged: {', '.join(bad)}")
        for name in bad:
            del event[name]
        if bad:
            event["dropped"] = bad
        return event


def _allowed(name: str, value: object) -> bool:
    if name not in KEYS:
        return False
    if isinstance(value, str):
        return len(value) <= _LONGEST
    if isinstance(value, (tuple, list)):
        return all(isinstance(item, (str, int)) and len(str(item)) <= _LONGEST for item in value)
    return value is None or isinstance(value, (int, float, bool))


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event).decode()


class _Foreign(logging.Handler):
    """Other libraries' records, through the same guard: template's first line, error type and place.

    The same line comes once in half a minute: a client without its broker says so ten times a second.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record without its arguments, which may hold a message's key or value."""
        template = str(record.msg).partition("\n")[0][:_LONGEST]
        now = time.monotonic()
        if now - self._said.get((record.name, template), -_REPEAT_SECONDS) < _REPEAT_SECONDS:
            return
        self._said = {line: at for line, at in self._said.items() if now - at < _REPEAT_SECONDS}
        self._said[record.name, template] = now
        error = record.exc_info[1] if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(get(), level)("library", library=record.name, text=template, **(where(error) if error else {}))


def _uncaught(_: type[BaseException], error: BaseException | None, __: TracebackType | None) -> None:
    get().error("uncaught", **(where(error) if error else {}))


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    inside = path.is_relative_to(_PACKAGE)
    shown = path.relative_to(_PACKAGE.parent).as_posix() if inside else path.name
    return f"{shown}:{frame.lineno} {frame.name}"
