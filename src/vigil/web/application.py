"""The HTTP application: all doors put together around the services. It listens nowhere by itself; whoever starts it says where."""

from functools import cache
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from vigil import __version__
from vigil.web import problems
from vigil.web.api import administration, decisions, inbox, knowledge, learning, messages, tickets, tracking
from vigil.web.console import (
    access,
    account,
    customer,
    desk,
    documents,
    elsewhere,
    entrance,
    entry,
    followups,
    insight,
    lessons,
    live,
    model,
    people,
    provider,
    rules,
    ticket,
    topics,
    versions,
    workload,
    workspace,
)
from vigil.web.console import decisions as decided
from vigil.web.console import knowledge as shelf
from vigil.web.frame import BodyLimit, CarefulHeaders, LastCatch
from vigil.web.hooks import receive
from vigil.web.openapi import document
from vigil.web.services import Services
from vigil.web.traced import Traced
from vigil.web.watch import routes_of

API: Final = "/api/v1"


def create_application(services: Services) -> FastAPI:
    """The application that serves these services. It keeps no state of its own: any number may stand side by side."""
    app = _with_routes()
    app.add_route(f"{API}/openapi.json", _openapi, include_in_schema=False)
    if services.console is not None:
        for room in (
            entrance,
            provider,
            desk,
            ticket,
            customer,
            live,
            people,
            account,
            workspace,
            topics,
            access,
            model,
            rules,
            shelf,
            entry,
            documents,
            versions,
            lessons,
            insight,
            decided,
            followups,
            workload,
        ):
            app.include_router(room.router)
    if services.watch is not None:
        app.router.routes.extend(routes_of(services.watch))
    app.state.services = services
    problems.install(app)
    if services.console is not None:
        elsewhere.install(app)
    settings = services.settings
    limits = {
        f"{API}/knowledge/documents": settings.fetch_max_bytes,
        "/knowledge/documents": settings.fetch_max_bytes + 100_000,  # a form's own words
    }
    app.add_middleware(BodyLimit, limit=lambda path: limits.get(path, settings.max_request_bytes))
    app.add_middleware(LastCatch, ids=services.ids)
    app.add_middleware(Traced, prefix=API)
    https = settings.public_url.startswith("https://")
    app.add_middleware(CarefulHeaders, https=https)  # outermost: a problem gets them too
    return app


@cache
def api_document() -> dict[str, Any]:
    """The OpenAPI document, which is the same for every application."""
    return document(_with_routes())


async def _openapi(_request: Request) -> JSONResponse:
    return JSONResponse(api_document())


def _with_routes() -> FastAPI:
    app = FastAPI(
        title="Vigil",
        version=__version__,
        openapi_url=None,  # ours says more; and without it there is no page that loads scripts from elsewhere
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # it tells paths, queries and what was sent
    )
    for room in (messages, tickets, tracking, decisions, knowledge, learning, administration, inbox):
        app.include_router(room.router, prefix=API)
    app.include_router(receive.router)
    return app
