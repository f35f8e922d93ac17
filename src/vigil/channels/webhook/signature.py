"""Signatures of the Standard Webhooks specification, made and verified at a time that is passed in. What is signed is none of its business.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from vigil.errors import Misconfigured, Unauthenticated

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

TOLERANCE_S: Final = 300
"""Seconds that a signature's time may lie before or after ours: what the specification's reference libraries allow, against replays."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def sign(secret: str, *, delivery_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers that go with `body`.

    Raises:
        Misconfigured: the secret is not of the form ``whsec_`` and base64.
    """
    timestamp = str(int(at.timestamp()))
    digest = _digest(secret, delivery_id, timestamp, body)
    return {ID: delivery_id, TIMESTAMP: timestamp, SIGNATURE: f"v1,{digest}"}


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The delivery's id, where one of its signatures holds. The comparison takes the same time wherever two signatures differ.

    Raises:
        Unauthenticated: a header is missing, the time is more than `TOLERANCE_S` away, or no signature holds.
    """
    given = {name.lower(): value for name, value in headers.items() if name.lower() in (ID, TIMESTAMP, SIGNATURE)}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not given.get(name)]
    if missing:
        raise Unauthenticated(
            f"This webhook must be signed the Standard Webhooks way; without a value: {', '.join(missing)}."
        )
    timestamp = given[TIMESTAMP]
    if not _SECONDS.fullmatch(timestamp):
        raise Unauthenticated(f"`{TIMESTAMP}` must be whole seconds since 1970 (UTC).")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise Unauthenticated(
            f"`{TIMESTAMP}` is more than {TOLERANCE_S} seconds away from our time; check the sender's clock, and sign anew to send again."
        )
    expected = _digest(secret, given[ID], timestamp, body).encode()
    holds = False
    for signature in given[SIGNATURE].split(" "):  # several, while the sender changes its secret
        version, _, digest = signature.partition(",")
        holds |= version == "v1" and hmac.compare_digest(digest.encode("utf-8", "replace"), expected)
    if not holds:
        raise Unauthenticated(
            "The signature doesn't hold; check the secret, and that the body is signed byte for byte as it is sent."
        )
    return given[ID]


def _digest(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{delivery_id}.{timestamp}.".encode("utf-8", "replace") + body
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise Misconfigured("A webhook's secret must be `whsec_` and base64; make a new webhook to get one.")
    return key
