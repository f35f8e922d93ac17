"""The log of a process, as lines for a person or as JSON for a machine. It holds ids, kinds and places in the code: an exception is told by
its class and where it came from, never by its text, which may be somebody's words."""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

from opentelemetry.trace import get_current_span

LogFormat = Literal["text", "json"]

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; the rest was given as `extra`."""

_PLACES: Final = 12
"""Frames of a traceback that are told: from the outermost of ours to where it broke."""

_OUTSPOKEN: Final = ("vigil", "uvicorn")
"""Loggers whose messages are known to hold no words of people's. Of any other only the template is kept, without what was put into it."""


def set_up(log_format: LogFormat, *, stream: TextIO = sys.stderr) -> None:
    """Log everything from INFO on to `stream`; libraries that tell each step from WARNING on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AsJson() if log_format == "json" else AsText())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx2", "httpcore2", "alembic", "opentelemetry"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class AsJson(logging.Formatter):
    """One JSON object a line: time, level, logger, message, whatever ids came with it, and the trace that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields_of(record), ensure_ascii=False, default=str)


class AsText(logging.Formatter):
    """One line for a person: time, level, message, ids as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        fields = fields_of(record)
        at, level, message = (fields.pop(name) for name in ("time", "level", "message"))
        fields.pop("logger")
        rest = " ".join(f"{name}={value}" for name, value in fields.items())
        return f"{at} {level:7} {message}" + (f"  {rest}" if rest else "")


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What is told of a record."""
    fields: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record),
    }
    fields |= {name: value for name, value in vars(record).items() if name not in _OWN}
    span = get_current_span().get_span_context()
    if span.is_valid:
        fields["trace_id"] = f"{span.trace_id:032x}"
    if record.exc_info and record.exc_info[1] is not None:
        fields |= _told(record.exc_info[1])
    return fields


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OUTSPOKEN:
        return record.getMessage().partition("\n")[0]
    return str(record.msg).partition("\n")[0]


def _told(error: BaseException) -> Mapping[str, str]:
    """An exception as its chain of classes and the places that it came through."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    return {"error": " from ".join(kinds), "at": places}
