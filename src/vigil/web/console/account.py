"""One's own account: name, password, and leaving every browser at once. Other people's accounts are `people`'s."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.errors import InvalidInput
from vigil.guard.passwords import SHORTEST
from vigil.web.console.pages import page
from vigil.web.console.visits import COOKIE, Form, PageRoute, SignedIn, forget, least
from vigil.web.services import Console

router = APIRouter(prefix="/account", route_class=PageRoute, include_in_schema=False)

MINE = least(Part.VIEWER)


@router.get("", openapi_extra=MINE)
async def account_page(request: Request, visitor: SignedIn) -> Response:
    return _page(request, name=visitor.account.name)


@router.post("/name", openapi_extra=MINE)
async def rename(request: Request, visitor: SignedIn, form: Form, console: Console) -> Response:
    name = form.get("name", "")
    try:
        await console.recovery.rename(visitor.visit, name)
    except InvalidInput as error:
        return _page(request, name=name, name_problem=str(error))
    return _page(request, name=name, done="Your name is changed. What you wrote before keeps the old one.")


@router.post("/password", openapi_extra=MINE)
async def change_password(request: Request, visitor: SignedIn, form: Form, console: Console) -> Response:
    try:
        await console.recovery.change_password(
            visitor.visit, present=form.get("present", ""), wanted=form.get("wanted", "")
        )
    except InvalidInput as error:
        return _page(request, name=visitor.account.name, password_problem=str(error))
    return _page(
        request, name=visitor.account.name, done="Your password is changed. Every other browser is signed out."
    )


@router.post("/leave", openapi_extra=MINE)
async def leave_everywhere(request: Request, visitor: SignedIn, console: Console) -> Response:
    await console.recovery.leave_everywhere(visitor.account, by=visitor.account.id)
    response = RedirectResponse("/sign-in", status_code=303)
    forget(request, response, COOKIE)
    return response


def _page(request: Request, **told: Any) -> Response:
    values = {"done": "", "name_problem": "", "password_problem": "", **told, "shortest": SHORTEST}
    return page(
        request, "account.html", values, status=422 if told.keys() & {"name_problem", "password_problem"} else 200
    )
