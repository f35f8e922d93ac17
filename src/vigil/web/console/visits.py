"""Who looks at a page, and whether they may: signed in, of which part, and that a form was sent from a page of ours. What a page shows is
its own affair."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from vigil.domain.account import Account, Part
from vigil.errors import Denied, InvalidInput, Unauthenticated, VigilError
from vigil.runtime.uploads import File
from vigil.store.accounts import Visit
from vigil.web.console.pages import problem_page
from vigil.web.console.parts import parts_of
from vigil.web.services import services_of

COOKIE: Final = "vigil_visit"
ANYONE: Final = "anyone"
"""Instead of a part: a page for whoever isn't signed in."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_FIELDS: Final = 40
"""Fields that a form of ours may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is signed in, at one page."""

    account: Account
    visit: Visit
    token: str
    """Proves that a form came from a page that was made for this browser."""

    @property
    def workspace(self) -> str:
        return self.account.workspace_id

    @property
    def silenced(self) -> bool:
        """Vigil is switched off in this workspace."""
        return self.visit.silenced

    def seeing(self, *, silenced: bool) -> "Visitor":
        """The same after the big switch was used."""
        return replace(self, visit=replace(self.visit, silenced=silenced))

    def may(self, part: str) -> bool:
        """Whether they may do what somebody of this part may; for templates."""
        return self.account.part.includes(Part(part))


def least(part: Part | str, *, files: bool = False) -> dict[str, Any]:
    """A route's `openapi_extra`: who may come in, and whether its form may bring files. `PageRoute` checks what stands here."""
    return {"x-part": str(part), "x-files": files}


def part_of(route: APIRoute) -> str:
    """What `least` said."""
    return (route.openapi_extra or {})["x-part"]


class PageRoute(APIRoute):
    """A route of the console. Refusals become pages, and whoever isn't signed in is led to where they can."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        wanted = part_of(self)
        with_files: bool = (self.openapi_extra or {})["x-files"]

        async def handler(request: Request) -> Response:
            try:
                if request.method not in _SAFE:
                    _check_origin(request)
                visitor = request.state.visitor = await visitor_of(request)
                if wanted != ANYONE:
                    if visitor is None:
                        raise Unauthenticated("Sign in first.")
                    if not visitor.account.part.includes(Part(wanted)):
                        raise Denied(f"This is for people who are {wanted} here; ask an admin.")
                request.state.form, request.state.files = dict[str, str](), list[File]()
                if request.method not in _SAFE:
                    request.state.form, request.state.files = await _form_of(request, with_files=with_files)
                    if wanted != ANYONE and visitor is not None:
                        check_token(request, visitor.token)
                return await handle(request)
            except VigilError as error:
                if isinstance(error, Unauthenticated) and wanted != ANYONE:
                    return _to_sign_in(request)
                return problem_page(request, error)

        return handler


async def visitor_of(request: Request) -> Visitor | None:
    """Who this browser stands for."""
    secret = kept(request, COOKIE)
    console = services_of(request).console
    if not secret or console is None:
        return None
    visit = await console.sign_ins.whose(secret)
    return None if visit is None else Visitor(account=visit.account, visit=visit, token=token_of(secret))


def token_of(secret: str) -> str:
    """What forms carry for a browser that keeps this secret: made of it, so that it is stored nowhere, and useless without it."""
    return hmac.new(secret.encode(), b"vigil form", hashlib.sha256).hexdigest()


def check_token(request: Request, wanted: str) -> None:
    """Raises Denied unless the form, or the header that scripts of ours set, carries the token."""
    given = request.headers.get("x-vigil-token") or form_of(request).get("token", "")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Denied("This form is from an older page. Load the page again, and send it from there.")


def keep(request: Request, response: Response, name: str, secret: str, *, lasts: timedelta) -> None:
    """Let the browser keep a secret that no script can read. Over https it is never sent without, and no other server of the same domain
    can put another in its place: that is what browsers see to where a name begins with ``__Host-`` (RFC 6265bis, 4.1.3.2)."""
    response.set_cookie(
        _cookie(request, name),
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",  # `strict` would sign people out who follow a link from their mail, or come back from their provider
        secure=is_secure(request),
        path="/",
    )


def kept(request: Request, name: str) -> str:
    """What the browser keeps by that name, or nothing."""
    return request.cookies.get(_cookie(request, name), "")


def forget(request: Request, response: Response, name: str) -> None:
    """Let the browser keep it no more."""
    response.delete_cookie(_cookie(request, name), path="/", httponly=True, samesite="lax", secure=is_secure(request))


def is_secure(request: Request) -> bool:
    """Whether people reach this server by https, perhaps through a proxy."""
    return request.url.scheme == "https" or services_of(request).settings.public_url.startswith("https://")


def form_of(request: Request) -> dict[str, str]:
    """The fields of the form that was sent."""
    form: dict[str, str] = request.state.form
    return form


def files_of(request: Request) -> list[File]:
    """The files that came with the form; only in routes that take some."""
    files: list[File] = request.state.files
    return files


def signed_in(request: Request) -> Visitor:
    """Who is signed in; only in routes that want somebody."""
    visitor: Visitor = request.state.visitor
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]
"""A route's parameter of this type is given who is signed in."""
Form = Annotated[dict[str, str], Depends(form_of)]
"""A route's parameter of this type is given the form's fields."""
Files = Annotated[list[File], Depends(files_of)]
"""A route's parameter of this type is given the form's files."""


def _cookie(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_secure(request) else name


def _check_origin(request: Request) -> None:
    """Browsers say where a request comes from. What comes from elsewhere is refused, the sign-in included, which has no token yet."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise Denied("This form was sent by another site.")
    if origin is not None and site is None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Denied("This form was sent by another site.")


async def _form_of(request: Request, *, with_files: bool) -> tuple[dict[str, str], list[File]]:
    stated = request.headers.get("content-type", "")
    kind = stated.partition(";")[0].strip().lower()
    if with_files and kind == "multipart/form-data":
        return parts_of(stated, await request.body())
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise InvalidInput("Send this as a form.")
    try:
        body = (await request.body()).decode()
        return dict(parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)), []
    except ValueError:
        raise InvalidInput("This form can't be read; load the page again.") from None


def _to_sign_in(request: Request) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"hx-redirect": "/sign-in"})
    here = request.url.path if request.method in _SAFE else "/"
    return RedirectResponse(f"/sign-in?next={quote(here)}", status_code=303)
