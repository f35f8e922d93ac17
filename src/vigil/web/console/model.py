"""Settings of the language model: whether the workspace asks one, what it may spend, and a try. Which one it is, the installation says."""

from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.domain.workspace import ModelRules
from vigil.errors import InvalidInput
from vigil.runtime.trying import Tried, try_model
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/settings/model", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)
N = TypeVar("N", int, float)


@router.get("", openapi_extra=ADMIN)
async def model_page(request: Request, visitor: SignedIn, console: Console, services: Serving) -> Response:
    return await _page(request, visitor, console, services)


@router.post("", openapi_extra=ADMIN)
async def change(request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving) -> Response:
    try:
        rules = ModelRules(
            on="on" in form,
            daily_tokens=_number(form.get("daily_tokens", ""), int),
            daily_money=_number(form.get("daily_money", ""), float),
        )
        await services.administration.set_model_rules(visitor.workspace, rules, by=visitor.account.id)
    except InvalidInput as error:
        return await _page(request, visitor, console, services, problem=str(error))
    return await _page(request, visitor, console, services, done="Kept. It holds from the next call on.")


@router.post("/test", openapi_extra=ADMIN)
async def test(request: Request, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """One tiny call, as an answer to a customer would be made."""
    if console.model is None:
        raise InvalidInput("No language model is set up; VIGIL_MODEL names one.")
    tried = await try_model(console.model, workspace=visitor.workspace, patience_s=services.settings.model_timeout_s)
    return await _page(request, visitor, console, services, tried=tried)


async def _page(
    request: Request,
    visitor: Visitor,
    console: ConsoleNeeds,
    services: Services,
    *,
    tried: Tried | None = None,
    done: str = "",
    problem: str = "",
) -> Response:
    tokens, money = await services.administration.spent_today(visitor.workspace)
    values: dict[str, Any] = {
        "rules": (await services.administration.workspace(visitor.workspace)).model,
        "installed": None if console.model is None else services.settings.model,
        "settings": services.settings,
        "tokens": tokens,
        "spent": money,
        "tried": tried,
        "done": done,
        "problem": problem,
    }
    return page(request, "settings_model.html", values, status=422 if problem else 200)


def _number(text: str, kind: type[N]) -> N | None:
    try:
        return kind(text.replace(",", "").strip()) if text.strip() else None
    except (ValueError, OverflowError):
        raise InvalidInput("A limit is a number, or empty for the installation's own.") from None
