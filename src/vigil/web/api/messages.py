"""Messages in: whatever happened to a message, one by one or many at once. What Vigil makes of them is read at the decisions."""

from collections.abc import Mapping
from typing import Any, Final, cast

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError

from vigil.errors import VigilError
from vigil.guard.access import Scope
from vigil.store.access import Token
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.schemas.conversations import BatchIn, BatchItemOut, BatchOut, MessageIn, ReceiptOut, incoming_of
from vigil.web.problems import Problem, faults_of, problem, problem_of
from vigil.web.services import Services, Serving

router = APIRouter(prefix="/messages", tags=["messages"], route_class=TokenRoute, responses={**ALWAYS, **WITH_BODY})

_MESSAGE: Final[TypeAdapter[MessageIn]] = TypeAdapter(MessageIn)


@router.post("", status_code=202, responses=problems(429), openapi_extra=needs(Scope.WRITE))
async def take_message(message: MessageIn, caller: Caller, services: Serving) -> ReceiptOut:
    """Take a message.

    It is stored when the answer comes, and decided about soon after. Sending the same again is harmless. Where too much waits already it is
    refused with 429, and `Retry-After` says for how many seconds.
    """
    return await _take(message, caller, services)


@router.post("/batch", status_code=202, openapi_extra=needs(Scope.WRITE))
async def take_messages(batch: BatchIn, caller: Caller, services: Serving) -> BatchOut:
    """Take many messages.

    They are taken one by one, in order; one that can't be taken is told in its place, and the others are taken all the same.
    """
    items: list[BatchItemOut] = []
    for index, given in enumerate(batch.messages):
        try:
            taken = await _take(_MESSAGE.validate_python(given), caller, services)
            items.append(BatchItemOut(receipt=taken))
        except ValidationError as error:
            items.append(BatchItemOut(problem=_misshapen(error, given, index)))
        except VigilError as error:
            told = problem_of(error)
            if told is None:
                raise
            items.append(BatchItemOut(problem=told))
    refused = sum(item.problem is not None for item in items)
    return BatchOut(accepted=len(items) - refused, refused=refused, items=items)


async def _take(message: MessageIn, caller: Token, services: Services) -> ReceiptOut:
    trusted = bool(caller.scopes & {Scope.ROLES.value, Scope.ADMIN.value})
    receipt = await services.desk.receive(caller.workspace_id, incoming_of(message), trust_role=trusted)
    return ReceiptOut.model_validate(receipt)


def _misshapen(error: ValidationError, given: object, index: int) -> Problem:
    details = error.errors(include_input=False, include_url=False)
    faults = faults_of(cast("list[Mapping[str, Any]]", details), given, within=f"/messages/{index}")
    return problem(422, "This message has not the documented shape.", code="invalid_input", errors=faults)
