"""Settings of topics: what they are called, and how far Vigil may go in each, with what it has earned there. What it takes to go further is
`runtime.topics`'s."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.domain.topic import Autonomy, Topic
from vigil.errors import Conflict, InvalidInput, NotFound
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.console.workspace import autonomy_of
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/settings", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)
EXAMPLES: Final = 100
"""Openings of tickets that one topic may show: what the API takes."""


@router.get("/topics", openapi_extra=ADMIN)
async def topics_page(request: Request, visitor: SignedIn, console: Console, services: Serving) -> Response:
    return await _page(request, visitor, console, services)


@router.get("/topic", openapi_extra=ADMIN)
async def topic_page(request: Request, visitor: SignedIn, services: Serving, key: str = "") -> Response:
    """One topic to be changed; without a key a new one."""
    if not key:
        return _one(request, {"name": "", "key": "", "description": "", "examples": "", "owner": ""}, new=True)
    topic = await _topic(services, visitor, key)
    told = {
        "name": topic.name,
        "key": topic.key,
        "description": topic.description,
        "examples": "\n".join(topic.examples),
        "owner": topic.owner or "",
    }
    return _one(request, told, new=False)


@router.post("/topic", openapi_extra=ADMIN)
async def keep_topic(request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving) -> Response:
    """Add a topic, or change one. A topic without a key gets one made of its name."""
    new = form.get("new", "") == "yes"
    key = form.get("key", "").strip() or _key_of(form.get("name", ""))
    try:
        topic = _wanted(form, key)
        known = {each.key: each for each in await services.administration.topics(visitor.workspace)}
        if new and key in known:
            raise InvalidInput(f"There is a topic {key!r} already; give this one another key.")
        if not new and key not in known:
            raise NotFound("There is no such topic; somebody may have removed it.")
        autonomy = Autonomy.SUGGEST if new else known[key].autonomy
        await services.administration.set_topic(
            visitor.workspace, replace(topic, autonomy=autonomy), by=visitor.account.id
        )
    except InvalidInput as error:
        return _one(
            request,
            {**dict.fromkeys(("name", "description", "examples", "owner"), ""), **form, "key": key},
            new=new,
            problem=str(error),
        )
    return await _page(request, visitor, console, services, done=f"{topic.name} is kept.")


@router.post("/topic/remove", openapi_extra=ADMIN)
async def remove_topic(
    request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving
) -> Response:
    topic = await _topic(services, visitor, form.get("key", ""))
    await services.administration.remove_topic(visitor.workspace, topic.key, by=visitor.account.id)
    return await _page(request, visitor, console, services, done=f"{topic.name} is removed.")


@router.post("/topic/mode", openapi_extra=ADMIN)
async def set_mode(request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving) -> Response:
    """How far Vigil may go in a topic: only as far as it has earned."""
    topic, mode = await _topic(services, visitor, form.get("key", "")), autonomy_of(form.get("mode", ""))
    try:
        await console.topic_modes.let(visitor.workspace, topic.key, mode, by=visitor.account.id)
    except Conflict as error:
        return await _page(request, visitor, console, services, problem=f"{topic.name}: {error}")
    return await _page(request, visitor, console, services, done=f"{topic.name} is set.")


async def _page(
    request: Request,
    visitor: Visitor,
    console: ConsoleNeeds,
    services: Services,
    *,
    done: str = "",
    problem: str = "",
) -> Response:
    values: dict[str, Any] = {
        "topics": await services.administration.topics(visitor.workspace),
        "earned": await console.topic_modes.earned(visitor.workspace),
        "modes": list(Autonomy),
        "done": done,
        "problem": problem,
    }
    return page(request, "settings_topics.html", values, status=409 if problem else 200)


def _one(request: Request, told: Mapping[str, str], *, new: bool, problem: str = "") -> Response:
    values = {"topic": told, "new": new, "problem": problem}
    return page(request, "settings_topic.html", values, status=422 if problem else 200)


async def _topic(services: Services, visitor: Visitor, key: str) -> Topic:
    for topic in await services.administration.topics(visitor.workspace):
        if topic.key == key:
            return topic
    raise NotFound("There is no such topic; somebody may have removed it.")


def _wanted(form: dict[str, str], key: str) -> Topic:
    examples = tuple(" ".join(line.split())[:1_000] for line in form.get("examples", "").splitlines() if line.strip())
    if len(examples) > EXAMPLES:
        raise InvalidInput(f"That are more than {EXAMPLES} examples; a few good ones tell a topic better.")
    return Topic(
        key=key,
        name=" ".join(form.get("name", "").split())[:200],
        description=form.get("description", "").replace("\x00", "").strip()[:2_000],
        examples=examples,
        owner=" ".join(form.get("owner", "").split())[:200] or None,
    )


def _key_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:63]
