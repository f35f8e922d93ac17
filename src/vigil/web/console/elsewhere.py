"""Addresses that do not exist: whoever reads them in a browser gets a page with a way back, a program the problem that `problems` tells."""

from fastapi import FastAPI, Request, Response

from vigil.errors import NotFound
from vigil.web import problems
from vigil.web.console.pages import problem_page
from vigil.web.console.visits import visitor_of


def install(app: FastAPI) -> None:
    """Answer with a page where a browser asks. Comes after `problems.install`."""
    app.add_exception_handler(404, _on_missing)
    app.add_exception_handler(405, _on_missing)  # such as a form's address that is loaded again


async def _on_missing(request: Request, error: Exception) -> Response:
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return problems.on_http_exception(request, error)
    request.state.visitor = await visitor_of(request)
    return problem_page(request, NotFound("There is nothing at this address."))
