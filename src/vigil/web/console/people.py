"""Settings: who may sign in. Inviting, disabling, and giving somebody another part."""

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.errors import InvalidInput
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Serving

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
    base = services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return await _page(request, visitor, console, link=f"{base}/join/{secret}")


@router.post("/{account_id}", openapi_extra=ADMIN)
async def change(request: Request, account_id: str, visitor: SignedIn, form: Form, console: Console) -> Response:
    disabled = {"disable": True, "enable": False}.get(form.get("do", ""))
    part = _part(form) if "part" in form else None
    await console.sign_ins.change(visitor.workspace, account_id, by=visitor.account.id, part=part, disabled=disabled)
    return await _page(request, visitor, console)


async def _page(request: Request, visitor: Visitor, console: ConsoleNeeds, *, link: str = "") -> Response:
    values = {
        "people": await console.sign_ins.people(visitor.workspace),
        "invitations": await console.sign_ins.invitations(visitor.workspace),
        "parts": list(Part),
        "link": link,
    }
    return page(request, "people.html", values)


def _part(form: dict[str, str]) -> Part:
    try:
        return Part(form.get("part", ""))
    except ValueError:
        raise InvalidInput(f"Choose what they may do: {', '.join(Part)}.") from None
