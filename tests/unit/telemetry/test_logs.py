"""What a line of the log says, and what it doesn't."""

import json
import logging
import sys
from typing import Any

import pytest

from vigil.errors import DeliveryFailed
from vigil.telemetry.logs import AsJson, AsText

WORDS = "my password is hunter2"


def record(name: str, message: str, *given: object, error: BaseException | None = None, **extra: object) -> Any:
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, message, given, info)
    vars(made).update(extra)
    return made


def broken() -> BaseException:
    try:
        try:
            raise ValueError(WORDS)
        except ValueError as error:
            raise DeliveryFailed(WORDS) from error
    except DeliveryFailed as error:
        return error


def test_json_has_the_ids_that_came_with_it() -> None:
    line = AsJson().format(record("vigil.runtime.drain", "an event failed", event_id="evt_1", workspace="acme"))
    told = json.loads(line)
    assert told["message"] == "an event failed"
    assert told["level"] == "error"
    assert told["logger"] == "vigil.runtime.drain"
    assert told["event_id"] == "evt_1"
    assert told["workspace"] == "acme"
    assert told["time"].endswith("+00:00")


def test_text_is_one_line_for_a_person() -> None:
    line = AsText().format(record("vigil.runtime.drain", "an event failed", event_id="evt_1"))
    assert "error   an event failed  event_id=evt_1" in line
    assert "\n" not in line


@pytest.mark.parametrize("formatter", [AsJson(), AsText()])
def test_of_an_exception_the_classes_and_places_are_told_and_never_its_text(formatter: logging.Formatter) -> None:
    line = formatter.format(record("vigil.web", "a post failed", error=broken()))
    assert "DeliveryFailed from ValueError" in line
    assert "test_logs.py" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("formatter", [AsJson(), AsText()])
def test_what_other_libraries_put_into_their_messages_is_left_out(formatter: logging.Formatter) -> None:
    line = formatter.format(record("somebody.else", "can't parse %s", WORDS))
    assert "can't parse %s" in line
    assert "hunter2" not in line
    line = formatter.format(record("asyncio", f"Task exception was never retrieved\nfuture: ValueError({WORDS!r})"))
    assert "never retrieved" in line
    assert "hunter2" not in line


def test_an_exception_without_a_traceback_is_told_too() -> None:
    line = AsJson().format(record("vigil", "it ended", error=KeyError(WORDS)))
    assert json.loads(line)["error"] == "KeyError"
    assert "hunter2" not in line
    assert sys.exc_info() == (None, None, None)
