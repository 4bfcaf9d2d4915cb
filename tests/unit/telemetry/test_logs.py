"""The log: JSON lines, listed keys only, no text of errors that nobody wrote."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from hub.errors import RefusedMessage
from hub.telemetry import logs

CANARY = "Canary-Quillfeather"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged during the test; the process's own set-up is put back afterwards."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    text = io.StringIO()
    logs.configure("info", text)
    yield text
    root.handlers[:], root.level = kept[0], kept[1]
    sys.excepthook, threading.excepthook = kept[2], kept[3]
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines logged, parsed."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_and_event(stream: io.StringIO) -> None:
    """A log store can read it without a parser of its own."""
    logs.get().info("worker serves", address="127.0.0.1:9", pid=7, agents=("intake", "decide"))

    (line,) = lines(stream)
    assert "worker serves" == line["event"]
    assert "info" == line["level"]
    assert line["timestamp"].endswith("Z")
    assert ["intake", "decide"] == line["agents"]


@pytest.mark.parametrize(
    "values",
    [{"name_of_child": CANARY}, {"text": CANARY * 100}, {"text": {"family_name": CANARY}}, {"agents": ({CANARY},)}],
)
def test_what_is_not_listed_is_not_logged(stream: io.StringIO, values: dict[str, Any]) -> None:
    """Personal data cannot be logged by accident (invariant 7): unlisted, long and structured values are dropped."""
    logs.get().info("something", code="X", **values)

    (line,) = lines(stream)
    assert CANARY not in stream.getvalue()
    assert list(values) == line["dropped"]
    assert "X" == line["code"]


def test_in_tests_an_unlisted_key_is_an_error(stream: io.StringIO) -> None:
    """A developer is told, not the log."""
    logs.configure("info", stream, strict=True)

    with pytest.raises(ValueError, match="family_name"):
        logs.get().info("something", family_name=CANARY)


def test_the_level_filters(stream: io.StringIO) -> None:
    """Below the chosen level nothing is written."""
    logs.get().debug("detail")
    logs.configure("error", stream)
    logs.get().warning("late")

    assert [] == lines(stream)


def test_libraries_log_their_template_and_not_their_values(stream: io.StringIO) -> None:
    """A client's warning may quote a message's key; only its fixed text and the type of its error are kept."""
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("aiokafka.consumer").exception("no offset for %s\nkey %r", CANARY, CANARY)
    logging.getLogger("faust").info("not said")

    (line,) = lines(stream)
    assert CANARY not in stream.getvalue()
    assert ("aiokafka.consumer", "no offset for %s", "ValueError") == (line["library"], line["text"], line["error"])


def test_a_library_that_repeats_itself_is_heard_once(stream: io.StringIO) -> None:
    """A client without its broker says so ten times a second; another warning still comes through."""
    for _ in range(50):
        logging.getLogger("aiokafka.conn").warning("cannot connect to %s", "host")
    logging.getLogger("aiokafka.conn").warning("something else")

    assert ["cannot connect to %s", "something else"] == [line["text"] for line in lines(stream)]


def test_an_uncaught_error_is_logged_by_type_and_place(stream: io.StringIO) -> None:
    """In the main thread and in any other; never with its text."""

    def fail() -> None:
        raise LookupError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except LookupError as error:
        sys.excepthook(type(error), error, error.__traceback__)

    assert CANARY not in stream.getvalue()
    assert ["LookupError", "LookupError"] == [line["error"] for line in lines(stream)]


def test_where_names_the_places_of_an_error() -> None:
    """Enough to find the fault: type, file, line and function, innermost last."""
    try:
        raise RefusedMessage.of("X", CANARY)
    except RefusedMessage as error:
        told = logs.where(error)

    assert "RefusedMessage" == told["error"]
    assert told["where"].endswith("test_where_names_the_places_of_an_error")
    assert CANARY not in str(told)
