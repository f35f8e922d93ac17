"""The entrance through an identity provider: sending a browser there, and taking it back. What the provider's answer is worth is
`guard.oidc`'s, who may come in is `runtime.newcomers`'s."""

import secrets
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.errors import Denied, Misconfigured, NotFound
from vigil.runtime.newcomers import NotInvited
from vigil.web.console.entrance import inside, signed_in_to
from vigil.web.console.needs import ConsoleNeeds, Provider
from vigil.web.console.pages import page
from vigil.web.console.visits import ANYONE, PageRoute, forget, keep, kept, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/sign-in", route_class=PageRoute, include_in_schema=False)

COOKIE: Final = "vigil_provider"
LASTS: Final = timedelta(minutes=10)
"""How long somebody may take at the provider: a second factor has to be found, and a page forgotten over lunch begins again."""


@router.get("/provider", openapi_extra=least(ANYONE))
async def leave(
    request: Request,
    console: Console,
    services: Serving,
    next: str = "/desk",  # noqa: A002  # the parameter's name in the address
) -> Response:
    """To the provider."""
    provider, secret = _provider(console), secrets.token_urlsafe(32)
    try:
        address = await provider.identities.address(secret, back=_back(request, services), then=inside(next))
    except Misconfigured as error:
        return _refused(request, str(error), status=503)
    response = RedirectResponse(address, status_code=303)
    keep(request, response, COOKIE, secret, lasts=LASTS)
    return response


@router.get("/back", openapi_extra=least(ANYONE))
async def come_back(request: Request, console: Console, services: Serving) -> Response:
    """Back from the provider, with its answer in the address."""
    provider, secret = _provider(console), kept(request, COOKIE)
    email = ""
    try:
        identity, then = await provider.identities.identity(secret, request.query_params, back=_back(request, services))
        email = identity.email
        response = signed_in_to(request, await provider.newcomers.let_in(identity), inside(then))
    except NotInvited as error:
        response = _refused(request, str(error), status=403, email=email, stranger=True)
    except Denied as error:
        response = _refused(request, str(error), status=403)
    except Misconfigured as error:
        response = _refused(request, str(error), status=503)
    forget(request, response, COOKIE)
    return response


def _provider(console: ConsoleNeeds) -> Provider:
    if console.provider is None:
        raise NotFound("There is nothing at this address.")
    return console.provider


def _back(request: Request, services: Services) -> str:
    """Our address that the provider knows."""
    base = services.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in/back"


def _refused(request: Request, why: str, *, status: int, email: str = "", stranger: bool = False) -> Response:
    return page(request, "refused.html", {"why": why, "email": email, "stranger": stranger}, status=status)
