"""Who calls, and what they may: looked at before a byte of the body is read. What each scope allows is `guard.access`'s to say."""

import json
from collections.abc import Callable, Coroutine
from email.message import Message as Header
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from vigil.errors import InvalidInput, Unauthenticated
from vigil.guard.access import Scope, require
from vigil.store.access import Token
from vigil.web.problems import MEDIA_TYPE
from vigil.web.services import services_of

SCHEME: Final = "token"
"""Name of the security scheme in the OpenAPI document."""

Refusals = dict[int | str, dict[str, Any]]


def needs(scope: Scope) -> dict[str, Any]:
    """A route's `openapi_extra`: which scope it wants. What the document says is what `TokenRoute` checks."""
    return {"security": [{SCHEME: [scope.value]}]}


def problems(*statuses: int) -> Refusals:
    """A route's `responses`: with which statuses it may refuse."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


ALWAYS: Final = problems(401, 403, 422, 500, 503)
"""How every route of the API may refuse."""

WITH_BODY: Final = problems(413, 415)
"""How a route with a body may refuse besides."""


class TokenRoute(APIRoute):
    """A route for callers with a token.

    Raises:
        Unauthenticated, Denied: no token that holds, or one without the scope that the route `needs`.
        HTTPException: 415 for a body that is not called JSON.
        InvalidInput: a body that is no JSON.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        wanted = Scope((self.openapi_extra or {})["security"][0][SCHEME][0])
        takes_json = self.body_field is not None

        async def handler(request: Request) -> Response:
            token = await _token_of(request)
            require(token.scopes, wanted)
            request.state.token = token
            if takes_json:
                await _check_json(request)
            return await handle(request)

        return handler


def caller_of(request: Request) -> Token:
    """The token that this request came with; only in routes of the kind above."""
    token: Token = request.state.token
    return token


Caller = Annotated[Token, Depends(caller_of)]
"""A route's parameter of this type is given the caller's token."""


async def _token_of(request: Request) -> Token:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Send a token as `Authorization: Bearer vgl_...`; `vigil token create` makes one.")
    token = await services_of(request).administration.whose(secret.strip())
    if token is None:
        raise Unauthenticated("This token is unknown or revoked; `vigil token create` makes a new one.")
    return token


async def _check_json(request: Request) -> None:
    header = Header()
    header["content-type"] = request.headers.get("content-type", "")
    if header.get_content_type() != "application/json":
        raise HTTPException(415, "Send the body as JSON, with `Content-Type: application/json`.")
    try:
        await request.json()  # kept by the request: the route reads it from there
    except json.JSONDecodeError as error:
        raise InvalidInput(f"The body is no JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError):
        raise InvalidInput("The body is no JSON in UTF-8, or nested too deeply.") from None
