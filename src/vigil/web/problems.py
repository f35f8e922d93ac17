"""Refusals as RFC 9457 problem details: one shape for every error, whoever found it. What was sent is not repeated in them."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from vigil.errors import (
    Busy,
    Conflict,
    Denied,
    InvalidInput,
    LeaseLost,
    ModelUnavailable,
    NotFound,
    TooLarge,
    Unauthenticated,
    VigilError,
)
from vigil.store.store import AWAY

MEDIA_TYPE: Final = "application/problem+json"

_log = logging.getLogger("vigil.web")

_STATUS: Final[Mapping[type[VigilError], int]] = {
    InvalidInput: 422,
    TooLarge: 413,
    NotFound: 404,
    Conflict: 409,
    Denied: 403,
    Unauthenticated: 401,
    Busy: 429,
    LeaseLost: 503,
    ModelUnavailable: 503,
}
"""As the tree in `errors` says; what is missing here is nobody's business outside, and answered with 500."""

_TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 calls them; before 3.13 Python has their older names."""

_CODES: Final = {413: "too_large"}
"""Where a status has a name of our own already."""

_SHOWN_FAULTS: Final = 20
"""Faults listed in one problem: a form's worth."""

_BACK_S: Final = 5
"""Seconds after which a request is worth sending again when the database is away: a restart takes a few."""

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    pointer: str | None = None
    """Where in the body: a JSON pointer (RFC 6901), such as `/author/id`."""
    parameter: str | None = None
    """Which parameter of the path or the query."""
    detail: str
    """What is wrong with it."""


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no decision 'dec_1' in this workspace; `vigil decisions` lists the latest.",
                    "code": "not_found",
                }
            ]
        },
    )

    type: str = "about:blank"
    """Always `about:blank`: the status says what kind of problem it is, `code` says it for programs."""
    title: str
    """The status in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What happened and what to do next, for a person."""
    code: str
    """The same for a program, such as `invalid_input` or `not_found`."""
    id: str | None = None
    """Names the line in the server's log; only where the fault is the server's."""
    errors: tuple[Fault, ...] = ()
    """What is wrong in detail; only where the request has not the documented shape."""

    def to_json(self) -> dict[str, Any]:
        """As it is sent: empty members are left out."""
        return self.model_dump(exclude_none=True, exclude={"errors"} if not self.errors else None)


def problem(
    status: int, detail: str, *, code: str = "", errors: Sequence[Fault] = (), identity: str | None = None
) -> Problem:
    """A problem of that status, titled with the status in words."""
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    return Problem(
        title=title,
        status=status,
        detail=detail,
        code=code or _CODES.get(status) or title.lower().replace(" ", "_"),
        id=identity,
        errors=tuple(errors),
    )


def problem_of(error: VigilError) -> Problem | None:
    """How an error of Vigil's own is told to a caller; None where it is none of the caller's business."""
    for kind in type(error).__mro__:
        status = _STATUS.get(kind)
        if status is not None:
            return problem(status, str(error), code=_snake(type(error).__name__))
    return None


def answer(told: Problem, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response that tells it."""
    given = dict(headers or {})
    if told.status == HTTPStatus.UNAUTHORIZED:
        given.setdefault("www-authenticate", 'Bearer realm="vigil"')
    return JSONResponse(told.to_json(), status_code=told.status, headers=given, media_type=MEDIA_TYPE)


def internal(error: BaseException, *, identity: str) -> Problem:
    """Log a fault of ours under an id and tell the caller that id alone.

    The log gets the error's kinds and the places in the code, never its text: that may hold somebody's words.
    """
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    _log.error("a request failed: %s (%s) at %s", identity, " from ".join(kinds), places, extra={"error_id": identity})
    return problem(
        500, f"Something broke inside Vigil. Whoever runs it finds more in the log under {identity}.", identity=identity
    )


def faults_of(errors: Sequence[Mapping[str, Any]], body: object, *, within: str = "") -> list[Fault]:
    """Pydantic's errors about a body as faults, without the input that they are about. `within` is the pointer of `body` itself."""
    return [
        Fault(pointer=within + _pointer(error["loc"], body), detail=_detail(error)) for error in errors[:_SHOWN_FAULTS]
    ]


def install(app: FastAPI) -> None:
    """Make every refusal of this application a problem."""
    app.add_exception_handler(VigilError, _on_vigil_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    for kind in AWAY:
        app.add_exception_handler(kind, _on_absence)


def _on_vigil_error(request: Request, error: Exception) -> JSONResponse:
    told = problem_of(cast("VigilError", error))
    if told is None:
        told = internal(error, identity=request.app.state.services.ids.new("err"))
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, Busy) else None
    return answer(told, headers=headers)


def _on_absence(request: Request, error: Exception) -> JSONResponse:
    """Nothing was taken: whoever sent it keeps it and sends it again."""
    told = internal(error, identity=request.app.state.services.ids.new("err"))
    detail = f"The database is not to be had just now; send this again in {_BACK_S} s."
    return answer(problem(503, detail, code="unavailable", identity=told.id), headers={"retry-after": str(_BACK_S)})


def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """An address or a method that isn't there, and whatever else the frame refuses."""
    refused = cast("HTTPException", error)
    if refused.status_code == HTTPStatus.NOT_FOUND:
        detail = "There is nothing at this address; /api/v1/openapi.json lists what there is."
        return answer(problem(404, detail))
    if refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods_here(request))
        return answer(problem(405, f"This address takes {allowed}."), headers={"allow": allowed})
    return answer(problem(refused.status_code, str(refused.detail)), headers=refused.headers)


def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    refused = cast("RequestValidationError", error)
    faults: list[Fault] = []
    for found in refused.errors():
        place, *path = found["loc"]
        if place == "body":
            faults += faults_of([{**found, "loc": path}], refused.body)
        else:
            faults.append(Fault(parameter=str(path[0]) if path else place, detail=found["msg"]))
    detail = "The request has not the documented shape; `errors` says where."
    return answer(problem(422, detail, code="invalid_input", errors=faults[:_SHOWN_FAULTS]))


def _methods_here(request: Request) -> list[str]:
    """All methods of a path: the routes' own answer names only those of the first that matches (RFC 9110, 10.2.1 wants all)."""
    app: FastAPI = request.app
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in app.router.routes)
    ]


def _detail(error: Mapping[str, Any]) -> str:
    if error["type"] == "union_tag_invalid":  # the one message of pydantic's that repeats what was sent
        return f"{error['ctx']['discriminator']} must be one of {error['ctx']['expected_tags']}"
    return error["msg"]


def _pointer(path: Sequence[str | int], body: object) -> str:
    """A JSON pointer to where pydantic's path leads. Names of union members stand in the path, but not in the body: they are left out."""
    pointer, here = "", body
    for position, part in enumerate(path, start=1):
        if isinstance(here, dict):
            members = cast("dict[object, object]", here)
            if part not in members and position < len(path):
                continue
            here = members.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            here = cast("list[object]", here)[part]
        pointer += "/" + str(part)[:100].replace("~", "~0").replace("/", "~1")
    return pointer


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
