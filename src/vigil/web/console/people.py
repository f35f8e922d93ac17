"""Settings: who may sign in. Inviting, disabling, giving somebody another part or a way to a new password."""

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.errors import InvalidInput
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/people", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)


@router.get("", openapi_extra=ADMIN)
async def people_page(request: Request, visitor: SignedIn, console: Console) -> Response:
    return await _page(request, visitor, console)


@router.post("/invitations", openapi_extra=ADMIN)
async def invite(request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving) -> Response:
    """The answer is the page itself and no redirect: the link is shown this once."""
    _, secret = await console.sign_ins.invite(
        visitor.workspace, _part(form), note=form.get("note", ""), by=visitor.account.id
    )
    return await _page(request, visitor, console, link=f"{_base(request, services)}/join/{secret}")


@router.post("/expected", openapi_extra=ADMIN)
async def expect(request: Request, visitor: SignedIn, form: Form, console: Console) -> Response:
    """Invite somebody who comes through the identity provider, by their address there."""
    if console.provider is None:
        raise InvalidInput("No identity provider is set up here; make a link instead.")
    account = await console.provider.newcomers.expect(
        visitor.workspace, _part(form), email=form.get("email", ""), name=form.get("name", ""), by=visitor.account.id
    )
    return await _page(request, visitor, console, done=f"{account.login} may sign in with {console.provider.name} now.")


@router.post("/invitations/{invitation_id}/withdraw", openapi_extra=ADMIN)
async def withdraw(request: Request, invitation_id: str, visitor: SignedIn, console: Console) -> Response:
    await console.sign_ins.withdraw(visitor.workspace, invitation_id, by=visitor.account.id)
    return await _page(request, visitor, console, done="The link holds no more.")


@router.post("/{account_id}/reset", openapi_extra=ADMIN)
async def reset(request: Request, account_id: str, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """The answer is the page itself and no redirect: the link is shown this once."""
    secret = await console.recovery.link(visitor.workspace, account_id, by=visitor.account.id)
    account = await console.sign_ins.person(visitor.workspace, account_id)
    return await _page(
        request, visitor, console, link=f"{_base(request, services)}/reset/{secret}", link_for=account.name
    )


@router.post("/{account_id}", openapi_extra=ADMIN)
async def change(request: Request, account_id: str, visitor: SignedIn, form: Form, console: Console) -> Response:
    wanted = form.get("do", "")
    if wanted == "sign-out":
        account = await console.sign_ins.person(visitor.workspace, account_id)
        await console.recovery.leave_everywhere(account, by=visitor.account.id)
        return await _page(request, visitor, console, done=f"{account.name} is signed out of every browser.")
    if wanted == "no-password":
        await console.recovery.take_password(visitor.workspace, account_id, by=visitor.account.id)
        return await _page(request, visitor, console)
    disabled = {"disable": True, "enable": False}.get(wanted)
    part = _part(form) if "part" in form else None
    await console.sign_ins.change(visitor.workspace, account_id, by=visitor.account.id, part=part, disabled=disabled)
    return await _page(request, visitor, console)


async def _page(
    request: Request, visitor: Visitor, console: ConsoleNeeds, *, link: str = "", link_for: str = "", done: str = ""
) -> Response:
    values = {
        "people": await console.sign_ins.people(visitor.workspace),
        "invitations": await console.sign_ins.invitations(visitor.workspace),
        "parts": list(Part),
        "link": link,
        "link_for": link_for,
        "done": done,
        "provider": None if console.provider is None else console.provider.name,
    }
    return page(request, "people.html", values)


def _base(request: Request, services: Services) -> str:
    """Where people reach this server."""
    return services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _part(form: dict[str, str]) -> Part:
    try:
        return Part(form.get("part", ""))
    except ValueError:
        raise InvalidInput(f"Choose what they may do: {', '.join(Part)}.") from None
