"""The way out: each post is signed and sent to the integration's address. Whether it is still wanted was looked at before."""

import asyncio
import json
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, cast

import httpx2

from vigil.channels.webhook.receiver import PREFIX
from vigil.channels.webhook.signature import sign
from vigil.clock import Clock
from vigil.errors import DeliveryFailed, InvalidInput
from vigil.runtime.administration import Administration
from vigil.runtime.ports import Delivery

TIMEOUT_S: Final = 10.0
"""Seconds that a receiver has to answer: half of the default lease, so that a slow one holds nobody up."""

_TRY_AGAIN: Final = frozenset({408, 425, 429})
"""Refusals that are meant for now, not for good: timeout, too early, too many."""

_ANSWER_BYTES: Final = 16_384
"""What is read of a receiver's answer: room for its id, no room for a flood."""

_LONGEST_ID: Final = 256
"""Characters in the receiver's id of the message: what the outbox keeps."""


class WebhookChannel:
    """Posts to the integrations' own addresses, signed with their secrets.

    Redirects are not followed and the environment's proxies are not used: a post goes where an admin said, or nowhere.
    """

    def __init__(self, *, administration: Administration, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._administration = administration
        self._clock = clock
        self._timeout_s = timeout_s
        self._client = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # what one receiver sets, no other may see
            timeout=timeout_s,
            headers={"user-agent": "vigil", "accept": "application/json", "accept-encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections that were kept open."""
        await self._client.aclose()

    async def post(self, workspace: str, delivery: Delivery) -> str | None:
        """Deliver, and return the receiver's id of the message where it told one as ``{"id": "..."}``.

        An integration without an address gets nothing: it fetches decisions over the API.

        Raises:
            DeliveryFailed: no answer in time, a redirect, 408, 425, 429 or 5xx; worth another try.
            InvalidInput: any other 4xx, an address that is none, or a webhook that is no more; not worth one.
        """
        integration = await self._administration.integration(
            workspace, delivery.conversation.channel.removeprefix(PREFIX)
        )
        if integration is None:
            raise InvalidInput("The webhook of this conversation was disabled; nothing can be sent there any more.")
        if integration.post_url is None:
            return None
        body = json.dumps(event_of(workspace, delivery)).encode()
        headers = sign(integration.secret, delivery_id=delivery.key, at=self._clock.now(), body=body)
        headers["content-type"] = "application/json"
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                request = self._client.build_request("POST", integration.post_url, content=body, headers=headers)
                response = await self._client.send(request, stream=True)
        except TimeoutError:
            raise DeliveryFailed(f"The webhook's receiver did not answer within {self._timeout_s:g} s.") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise InvalidInput("The webhook's `post_url` is no http(s) address; make a new webhook.") from None
        except httpx2.TransportError as error:
            raise DeliveryFailed(f"The webhook's receiver could not be reached ({type(error).__name__}).") from None
        try:
            _check_status(response)
            async with asyncio.timeout_at(deadline):
                return await _id_in(response)
        except TimeoutError:
            return None  # delivered: only the rest of the answer is late
        finally:
            await response.aclose()


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    if response.is_client_error and status not in _TRY_AGAIN:
        raise InvalidInput(f"The webhook's receiver refused the post for good, with status {status}.")
    if not response.is_success:
        raise DeliveryFailed(f"The webhook's receiver answered with status {status}.")


def event_of(workspace: str, delivery: Delivery) -> dict[str, Any]:
    """The JSON that goes out for a post: documented in docs/how-to/webhook.md."""
    decision, ticket = delivery.decision, delivery.ticket
    return {
        "type": f"decision.{decision.kind}",
        "timestamp": decision.decided_at.isoformat(),
        "data": {
            "id": delivery.key,
            "workspace": workspace,
            "conversation": delivery.conversation.external_id,
            "reply_to": delivery.reply_to,
            "visibility": delivery.visibility.value,
            "text": delivery.text,
            "decision": {
                "id": decision.id,
                "reason": decision.reason.value,
                "question": decision.question,
                "confidence": decision.confidence,
                "risk": decision.risk.value,
                "knowledge_version": decision.knowledge_version,
                "citations": [
                    {
                        "entry_id": citation.entry_id,
                        "title": citation.title,
                        "quote": citation.quote,
                        "reference": citation.reference,
                    }
                    for citation in decision.citations
                ],
            },
            "ticket": None
            if ticket is None
            else {
                "id": ticket.id,
                "external_id": ticket.external_id,
                "state": ticket.state.value,
                "topic": ticket.topic,
            },
        },
    }


async def _id_in(response: httpx2.Response) -> str | None:
    """The id in the receiver's answer. The post is delivered by now: an answer that breaks off, is too long or no JSON has no id in it."""
    answer = b""
    try:
        async for chunk in response.aiter_raw():
            answer += chunk
            if len(answer) > _ANSWER_BYTES:
                return None
        told = cast("object", json.loads(answer))
    except (httpx2.TransportError, ValueError, RecursionError):
        return None
    found = cast("dict[str, object]", told).get("id") if isinstance(told, dict) else None
    return found if isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isprintable() else None
