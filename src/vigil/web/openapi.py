"""The OpenAPI document: fastapi's, with our problems, our security scheme, and summaries out of the routes' docstrings."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vigil import __version__
from vigil.web.api.callers import SCHEME
from vigil.web.problems import Problem

DESCRIPTION: Final = """\
Vigil's REST API. Every call carries a token as `Authorization: Bearer vgl_...`; the token names the workspace, so that no path does.

Times are RFC 3339 in UTC. Unknown members of a body are refused. Lists come in pages: give an answer's `next` as `cursor` to get what
follows. Every refusal is a problem (RFC 9457, `application/problem+json`): `code` is for programs, `detail` says what to do next.
"""

TAGS: Final = [
    {"name": "messages", "description": "What people write, on its way in."},
    {"name": "tickets", "description": "Customers' problems and where they stand."},
    {"name": "decisions", "description": "What Vigil decided, why, and what became of it."},
    {"name": "knowledge", "description": "What Vigil knows: search it, ask it, change it."},
    {"name": "administration", "description": "The workspace, its topics, people, tokens and webhooks."},
    {"name": "webhooks", "description": "The way in for systems that sign what they send; no token needed."},
]


def document(app: FastAPI) -> dict[str, Any]:
    """The document of everything that `app` serves and shows."""
    made = get_openapi(
        title="Vigil",
        version=__version__,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        separate_input_output_schemas=False,
    )
    components = made["components"]
    components["securitySchemes"] = {
        SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "vgl_...",
            "description": "A token of a workspace. What it may do is its scopes; a route names the one that it wants.",
        }
    }
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"].update({**shape.pop("$defs"), "Problem": shape})
    for methods in made["paths"].values():
        for operation in methods.values():
            summary, _, description = operation.get("description", operation["summary"]).partition("\n")
            operation["summary"] = summary.strip().rstrip(".")
            operation["description"] = " ".join(description.split()) or summary.strip()
    return made
