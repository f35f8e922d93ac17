"""Setting up a workspace: the big switch, topics, people, tokens and webhooks. All of it wants the scope `admin`."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vigil.domain.conversation import Person
from vigil.domain.topic import Topic
from vigil.guard.access import Scope
from vigil.store.access import Integration, Token
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.schemas.administration import (
    KnownPersonIn,
    KnownPersonOut,
    NewTokenOut,
    NewWebhookOut,
    PeopleOut,
    TokenIn,
    TokenOut,
    TokensOut,
    TopicOut,
    TopicsIn,
    TopicsOut,
    WebhookIn,
    WebhookOut,
    WebhooksOut,
    WorkspaceChangeIn,
    WorkspaceOut,
)
from vigil.web.api.schemas.common import Identifier
from vigil.web.services import Serving

router = APIRouter(tags=["administration"], route_class=TokenRoute, responses=ALWAYS)

_ADMIN = needs(Scope.ADMIN)


@router.get("/workspace", openapi_extra=_ADMIN)
async def read_workspace(caller: Caller, services: Serving) -> WorkspaceOut:
    """Read the workspace."""
    return WorkspaceOut.model_validate(await services.administration.workspace(caller.workspace_id))


@router.patch("/workspace", responses=WITH_BODY, openapi_extra=_ADMIN)
async def change_workspace(change: WorkspaceChangeIn, caller: Caller, services: Serving) -> WorkspaceOut:
    """Change the workspace.

    `silenced` is the big switch: it withdraws what waits to be sent and keeps Vigil quiet everywhere until it is off again.
    """
    changed = await services.administration.change_workspace(
        caller.workspace_id,
        by=caller.id,
        name=change.name,
        silenced=change.silenced,
        default_autonomy=change.default_autonomy,
        first_line=change.first_line,
    )
    return WorkspaceOut.model_validate(changed)


@router.get("/topics", openapi_extra=_ADMIN)
async def read_topics(caller: Caller, services: Serving) -> TopicsOut:
    """Read the topic list."""
    workspace = await services.administration.workspace(caller.workspace_id)
    topics = await services.administration.topics(caller.workspace_id)
    return TopicsOut(version=workspace.topics_version, topics=[TopicOut.model_validate(topic) for topic in topics])


@router.put("/topics", responses=WITH_BODY, openapi_extra=_ADMIN)
async def replace_topics(wanted: TopicsIn, caller: Caller, services: Serving) -> TopicsOut:
    """Replace the topic list.

    The whole list as it is to be; tickets keep the topic that they have.
    """
    topics = [
        Topic(
            key=topic.key,
            name=topic.name,
            description=topic.description,
            examples=topic.examples,
            owner=topic.owner,
            autonomy=topic.autonomy,
        )
        for topic in wanted.topics
    ]
    version = await services.administration.set_topics(caller.workspace_id, topics, by=caller.id)
    return TopicsOut(version=version, topics=[TopicOut.model_validate(topic) for topic in topics])


@router.get("/people", openapi_extra=_ADMIN)
async def list_people(caller: Caller, services: Serving) -> PeopleOut:
    """List people.

    Everybody of whom the workspace said what they are.
    """
    people = await services.administration.people(caller.workspace_id)
    return PeopleOut(items=[_person(channel, person) for channel, person in people])


@router.put("/people/{channel}/{person_id:path}", responses=WITH_BODY, openapi_extra=_ADMIN)
async def set_person(
    channel: Annotated[Identifier, Path(max_length=128, description="Such as `api` or a webhook's `channel`.")],
    person_id: Annotated[Identifier, Path(description="The id that the channel verifies.")],
    wanted: KnownPersonIn,
    caller: Caller,
    services: Serving,
) -> KnownPersonOut:
    """Say what somebody is.

    From now on whatever this id writes on this channel is a customer's, an analyst's, a bot's or a bystander's word.
    """
    person = Person(id=person_id, name=wanted.name, role=wanted.role)
    await services.administration.set_person(caller.workspace_id, channel, person, by=caller.id)
    return _person(channel, person)


@router.get("/tokens", openapi_extra=_ADMIN)
async def list_tokens(caller: Caller, services: Serving) -> TokensOut:
    """List tokens.

    The revoked ones too; none with its secret.
    """
    tokens = await services.administration.tokens(caller.workspace_id)
    return TokensOut(items=[_token(token) for token in tokens])


@router.post("/tokens", status_code=201, responses=WITH_BODY, openapi_extra=_ADMIN)
async def create_token(wanted: TokenIn, caller: Caller, services: Serving) -> NewTokenOut:
    """Make a token.

    Its secret is in this answer and nowhere else.
    """
    token, secret = await services.administration.create_token(
        caller.workspace_id, name=wanted.name, scopes=frozenset(wanted.scopes), by=caller.id
    )
    return NewTokenOut(**_token(token).model_dump(), secret=secret)


@router.delete("/tokens/{token_id}", status_code=204, responses=problems(404), openapi_extra=_ADMIN)
async def revoke_token(
    token_id: Annotated[Identifier, Path(description="The token's id.")], caller: Caller, services: Serving
) -> Response:
    """Revoke a token.

    It opens nothing any more, from this moment on.
    """
    await services.administration.revoke_token(caller.workspace_id, token_id, by=caller.id)
    return Response(status_code=204)


@router.get("/webhooks", openapi_extra=_ADMIN)
async def list_webhooks(caller: Caller, services: Serving) -> WebhooksOut:
    """List webhooks.

    The disabled ones too; none with its secret.
    """
    integrations = await services.administration.integrations(caller.workspace_id)
    return WebhooksOut(items=[_webhook(caller.workspace_id, integration) for integration in integrations])


@router.post("/webhooks", status_code=201, responses=WITH_BODY, openapi_extra=_ADMIN)
async def create_webhook(wanted: WebhookIn, caller: Caller, services: Serving) -> NewWebhookOut:
    """Make a webhook.

    Its signing secret is in this answer and nowhere else.
    """
    integration = await services.administration.create_integration(
        caller.workspace_id,
        name=wanted.name,
        post_url=wanted.post_url,
        asserts_roles=wanted.asserts_roles,
        by=caller.id,
    )
    return NewWebhookOut(**_webhook(caller.workspace_id, integration).model_dump(), secret=integration.secret)


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=problems(404), openapi_extra=_ADMIN)
async def disable_webhook(
    webhook_id: Annotated[Identifier, Path(description="The webhook's id.")], caller: Caller, services: Serving
) -> Response:
    """Disable a webhook.

    Nothing comes in or goes out by it any more; its conversations stay.
    """
    await services.administration.disable_integration(caller.workspace_id, webhook_id, by=caller.id)
    return Response(status_code=204)


def _person(channel: str, person: Person) -> KnownPersonOut:
    return KnownPersonOut(channel=channel, id=person.id, name=person.name, role=person.role)


def _token(token: Token) -> TokenOut:
    return TokenOut(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        revoked_at=token.revoked_at,
    )


def _webhook(workspace: str, integration: Integration) -> WebhookOut:
    return WebhookOut(
        id=integration.id,
        name=integration.name,
        post_url=integration.post_url,
        asserts_roles=integration.asserts_roles,
        receive_path=f"/hooks/{workspace}/{integration.id}",
        channel=f"webhook:{integration.id}",
        created_at=integration.created_at,
        disabled_at=integration.disabled_at,
    )
