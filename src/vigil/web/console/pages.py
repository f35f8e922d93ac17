"""Making pages: templates with everything escaped, the headers that keep a page from running what is not ours, and the files beside them.
What is on a page is decided by whoever asks for it."""

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from vigil.errors import Busy, NotFound, VigilError
from vigil.web.console import words
from vigil.web.console.charts import interval, share
from vigil.web.console.prose import prose, said
from vigil.web.problems import problem_of
from vigil.web.services import services_of

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing but our own files, and nothing that stands in a page itself."""
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",  # with `no-referrer` a browser would not say where a form comes from
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_TYPES: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file that pages load."""

    media_type: str
    plain: bytes
    squeezed: bytes
    mark: str
    """Changes with the content: it stands in the address, so that a browser may keep the file for ever."""


@cache
def static_file(name: str) -> StaticFile | None:
    """One of the console's own files by its name; None for any other name."""
    known = {each.name: each for each in files("vigil.web.console").joinpath("static").iterdir()}
    ending = name.rpartition(".")[2]
    if name not in known or ending not in _TYPES:
        return None
    content = known[name].read_bytes()
    return StaticFile(
        media_type=_TYPES[ending],
        plain=content,
        squeezed=gzip.compress(content, mtime=0),
        mark=hashlib.sha256(content).hexdigest()[:12],
    )


def page(
    request: Request, template: str, values: Mapping[str, Any], *, status: int = 200, said: str = ""
) -> HTMLResponse:
    """A page, or a part of one. `said` is read out to whoever sent a form by a script of ours."""
    visitor: Any = getattr(request.state, "visitor", None)
    console = services_of(request).console
    tour = None if visitor is None or console is None else console.tour
    given = {
        "visitor": visitor,
        "path": request.url.path,
        "tour": tour,
        "tour_at": None if tour is None else tour.at(request),
        **values,
    }
    headers = dict(HEADERS)
    if visitor is not None:
        headers["x-vigil-off"] = "1" if visitor.silenced else "0"  # for an open page that asks for a part of itself
    if said:
        headers["hx-trigger"] = json.dumps({"vigil:said": said})
    return HTMLResponse(_environment().get_template(template).render(given), status_code=status, headers=headers)


def problem_page(request: Request, error: VigilError) -> Response:
    """A refusal in words; for a script of ours only the sentence."""
    told = problem_of(error)
    if told is None:
        raise error
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, Busy) else {}
    if request.headers.get("hx-request"):
        said = json.dumps({"vigil:refused": told.detail})
        return Response(status_code=told.status, headers={**HEADERS, **headers, "hx-trigger": said})
    missing = isinstance(error, NotFound)
    title = "There is nothing here" if missing else HTTPStatus(told.status).phrase
    detail = (
        "It may have been deleted, or belong to another workspace."
        if missing and "`vigil" in told.detail
        else told.detail
    )
    made = page(request, "problem.html", {"title": title, "detail": detail}, status=told.status)
    made.headers.update(headers)
    return made


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("vigil.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        **words.FILTERS,
        "asset": _address,
        "instant": _instant,
        "interval": interval,
        "prose": prose,
        "said": said,
        "share": share,
    }
    environment.filters.update(filters)
    return environment


def _address(name: str) -> str:
    file = static_file(name)
    if file is None:
        raise LookupError(f"The console has no file {name}.")
    return f"/static/{name}?{file.mark}"


def _instant(at: datetime, kind: str, now: datetime | None = None) -> Markup:
    """A time that a script puts into the reader's own zone and keeps up to date; without one it is in UTC, or as it was at `now`."""
    at = at.astimezone(UTC)
    text = f"{at:%H:%M}" if kind == "clock" else f"{at:%Y-%m-%d %H:%M}"
    if now is not None:
        since = words.age((now - at).total_seconds())
        text = since if kind == "age" else "just now" if since[0] == "<" else f"{since} ago"
    told = Markup('<time datetime="{}" data-{}>{}</time>')
    return told.format(at.isoformat(timespec="seconds"), kind, text)
