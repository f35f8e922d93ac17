"""One route for all webhooks: hand the bytes to the receiver, put what it understood into the inbox, and only then say yes."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from vigil.errors import Unauthenticated
from vigil.web.api.callers import problems
from vigil.web.api.schemas.common import Answer, Identifier
from vigil.web.problems import answer, problem
from vigil.web.services import Serving

router = APIRouter(prefix="/hooks", tags=["webhooks"])


_BODY = {
    "requestBody": {
        "required": True,
        "description": "An event as docs/how-to/webhook.md describes it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class TakenOut(Answer):
    """What became of the events of a delivery. They are stored by now."""

    accepted: int
    """How many were new."""
    duplicates: int
    """How many had come before."""


@router.post(
    "/{workspace}/{webhook_id}",
    status_code=202,
    response_model=TakenOut,
    responses=problems(401, 404, 413, 422, 429, 500, 503),
    openapi_extra=_BODY,
)
async def receive_webhook(
    workspace: Annotated[Identifier, Path(description="The workspace's id.")],
    webhook_id: Annotated[Identifier, Path(description="The webhook's id.")],
    request: Request,
    services: Serving,
) -> TakenOut | Response:
    """Take a webhook's delivery.

    Signed the Standard Webhooks way: `webhook-id`, `webhook-timestamp`, `webhook-signature`. The same delivery again is harmless.
    """
    body = await request.body()
    try:
        arrivals = await services.receiver.receive(workspace, webhook_id, request.headers, body)
    except Unauthenticated as error:
        told = problem(401, str(error), code="unauthenticated")
        return answer(told, headers={"www-authenticate": "StandardWebhooks"})  # a token is not what is missing here
    receipts = [
        await services.desk.receive(workspace, arrival.incoming, trust_role=arrival.trust_role) for arrival in arrivals
    ]
    duplicates = sum(receipt.duplicate for receipt in receipts)
    return TakenOut(accepted=len(receipts) - duplicates, duplicates=duplicates)
