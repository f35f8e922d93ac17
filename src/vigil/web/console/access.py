"""Settings of programs: API tokens and webhooks. Each secret is shown once, on the answer to the form that made it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.errors import InvalidInput
from vigil.guard.access import Scope
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Services, Serving

router = APIRouter(prefix="/settings", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)


@router.get("/access", openapi_extra=ADMIN)
async def access_page(request: Request, visitor: SignedIn, services: Serving) -> Response:
    return await _page(request, visitor, services)


@router.post("/tokens", openapi_extra=ADMIN)
async def make_token(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    scopes = frozenset(scope for scope in Scope if f"scope {scope}" in form)
    try:
        token, secret = await services.administration.create_token(
            visitor.workspace, name=_name(form), scopes=scopes, by=visitor.account.id
        )
    except InvalidInput as error:
        return await _page(request, visitor, services, problem=str(error))
    return await _page(request, visitor, services, secret=secret, secret_of=f"the token “{token.name}”")


@router.post("/tokens/{token_id}", openapi_extra=ADMIN)
async def change_token(request: Request, token_id: str, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Rotate or revoke one."""
    if form.get("do") == "rotate":
        token, secret = await services.administration.rotate_token(visitor.workspace, token_id, by=visitor.account.id)
        return await _page(request, visitor, services, secret=secret, secret_of=f"the token “{token.name}”")
    if form.get("do") != "revoke":
        raise InvalidInput("A token can be rotated or revoked.")
    await services.administration.revoke_token(visitor.workspace, token_id, by=visitor.account.id)
    return await _page(request, visitor, services, done="The token opens nothing any more.")


@router.post("/webhooks", openapi_extra=ADMIN)
async def make_webhook(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    try:
        webhook = await services.administration.create_integration(
            visitor.workspace,
            name=_name(form),
            post_url=form.get("post_url", "").strip()[:2_000] or None,
            asserts_roles="asserts_roles" in form,
            by=visitor.account.id,
        )
    except InvalidInput as error:
        return await _page(request, visitor, services, problem=str(error))
    return await _page(request, visitor, services, secret=webhook.secret, secret_of=f"the webhook “{webhook.name}”")


@router.post("/webhooks/{webhook_id}", openapi_extra=ADMIN)
async def change_webhook(
    request: Request, webhook_id: str, visitor: SignedIn, form: Form, services: Serving
) -> Response:
    """Change the secret of one, or disable it."""
    if form.get("do") == "rotate":
        secret = await services.administration.rotate_integration(visitor.workspace, webhook_id, by=visitor.account.id)
        found = await services.administration.integration(visitor.workspace, webhook_id)
        name = "" if found is None else found.name
        return await _page(request, visitor, services, secret=secret, secret_of=f"the webhook “{name}”")
    if form.get("do") != "disable":
        raise InvalidInput("A webhook can get a new secret, or be disabled.")
    await services.administration.disable_integration(visitor.workspace, webhook_id, by=visitor.account.id)
    return await _page(request, visitor, services, done="Nothing comes in or goes out by this webhook any more.")


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    secret: str = "",
    secret_of: str = "",
    done: str = "",
    problem: str = "",
) -> Response:
    tokens = await services.administration.tokens(visitor.workspace)
    webhooks = await services.administration.integrations(visitor.workspace)
    values: dict[str, Any] = {
        "tokens": [each for each in tokens if each.revoked_at is None],
        "revoked": [each for each in tokens if each.revoked_at is not None],
        "webhooks": [each for each in webhooks if each.disabled_at is None],
        "disabled": [each for each in webhooks if each.disabled_at is not None],
        "base": services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/"),
        "scopes": list(Scope),
        "secret": secret,
        "secret_of": secret_of,
        "done": done,
        "problem": problem,
    }
    return page(request, "settings_access.html", values, status=422 if problem else 200)


def _name(form: dict[str, str]) -> str:
    name = " ".join(form.get("name", "").split())[:200]
    if not name:
        raise InvalidInput("Give it a name that tells what it is for.")
    return name
