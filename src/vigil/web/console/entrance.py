"""The entrance: signing in and out, and links that make an account or a new password. Who may be invited is `people`'s, the way through an
identity provider is `provider`'s."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.errors import Conflict, InvalidInput, Unauthenticated, VigilError
from vigil.guard.passwords import SHORTEST
from vigil.runtime.accounts import LONGEST
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page, static_file
from vigil.web.console.visits import ANYONE, COOKIE, Form, PageRoute, SignedIn, forget, keep, least
from vigil.web.services import Console

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/", openapi_extra=least(ANYONE))
async def first_page(request: Request) -> Response:
    """Where everybody begins."""
    return RedirectResponse("/desk" if request.state.visitor else "/sign-in", status_code=303)


@router.get("/sign-in", openapi_extra=least(ANYONE))
async def sign_in_page(request: Request, console: Console, next: str = "/desk") -> Response:  # noqa: A002  # the parameter's name in the address
    if request.state.visitor:
        return RedirectResponse(inside(next), status_code=303)
    return _sign_in_page(request, console, {"next": inside(next), "login": "", "problem": ""})


@router.post("/sign-in", openapi_extra=least(ANYONE))
async def sign_in(request: Request, form: Form, console: Console) -> Response:
    login, wanted = form.get("login", ""), inside(form.get("next", ""))
    address = "" if request.client is None else request.client.host
    try:
        secret = await console.sign_ins.sign_in(login, form.get("password", ""), address=address)
    except Unauthenticated as error:
        values = {"next": wanted, "login": login[:200], "problem": str(error)}
        return _sign_in_page(request, console, values, status=401)
    return signed_in_to(request, secret, wanted)


@router.post("/sign-out", openapi_extra=least("viewer"))
async def sign_out(request: Request, visitor: SignedIn, console: Console) -> Response:
    await console.sign_ins.sign_out(visitor.visit)
    response = RedirectResponse("/sign-in", status_code=303)
    forget(request, response, COOKIE)
    response.headers["clear-site-data"] = '"cache"'
    return response


@router.get("/join/{secret}", openapi_extra=least(ANYONE))
async def join_page(request: Request, secret: str, console: Console) -> Response:
    return await _join_page(request, console, secret)


@router.post("/join/{secret}", openapi_extra=least(ANYONE))
async def join(request: Request, secret: str, form: Form, console: Console) -> Response:
    login, name = form.get("login", ""), form.get("name", "")
    try:
        kept = await console.sign_ins.join(secret, login=login, name=name, password=form.get("password", ""))
    except (InvalidInput, Conflict) as error:
        return await _join_page(request, console, secret, login=login, name=name, problem=error)
    return signed_in_to(request, kept, "/desk")


@router.get("/reset/{secret}", openapi_extra=least(ANYONE))
async def reset_page(request: Request, secret: str, console: Console) -> Response:
    return await _reset_page(request, console, secret)


@router.post("/reset/{secret}", openapi_extra=least(ANYONE))
async def reset(request: Request, secret: str, form: Form, console: Console) -> Response:
    try:
        account = await console.recovery.reset(secret, form.get("password", ""))
    except InvalidInput as error:
        return await _reset_page(request, console, secret, problem=str(error))
    return signed_in_to(request, await console.sign_ins.begin(account), "/desk")


@router.get("/static/{name}", openapi_extra=least(ANYONE))
async def static(request: Request, name: str) -> Response:
    """The console's own files."""
    file = static_file(name)
    if file is None:
        return Response(status_code=404)
    headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.squeezed, media_type=file.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(file.plain, media_type=file.media_type, headers=headers)


async def _join_page(
    request: Request,
    console: ConsoleNeeds,
    secret: str,
    *,
    login: str = "",
    name: str = "",
    problem: VigilError | None = None,
) -> Response:
    invitation = await console.sign_ins.invitation(secret)
    values = {
        "invitation": invitation,
        "login": login[:200],
        "name": name[:200],
        "problem": "" if problem is None else str(problem),
        "shortest": SHORTEST,
    }
    return page(request, "join.html", values, status=200 if problem is None else 422)


async def _reset_page(request: Request, console: ConsoleNeeds, secret: str, *, problem: str = "") -> Response:
    account = await console.recovery.whose(secret)
    values = {"account": account, "problem": problem, "shortest": SHORTEST}
    return page(request, "reset.html", values, status=422 if problem else 200)


def _sign_in_page(request: Request, console: ConsoleNeeds, values: Mapping[str, Any], *, status: int = 200) -> Response:
    provider = None if console.provider is None else console.provider.name
    return page(request, "sign_in.html", {**values, "provider": provider}, status=status)


def signed_in_to(request: Request, secret: str, wanted: str) -> Response:
    """Let the browser keep that it is signed in, and lead it on."""
    response = RedirectResponse(wanted, status_code=303)
    keep(request, response, COOKIE, secret, lasts=LONGEST)
    return response


def inside(address: str) -> str:
    """An address of ours, or the desk: nobody is led elsewhere by a link to the sign-in."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
        return "/desk"
    return address
