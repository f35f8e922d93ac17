"""Standard Webhooks signatures: they agree with the specification's own library, and hold for exactly what was signed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from vigil.channels.webhook.signature import ID, SIGNATURE, TIMESTAMP, TOLERANCE_S, sign, verify
from vigil.errors import Misconfigured, Unauthenticated
from vigil.guard.access import new_webhook_secret

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_it_is_the_signature_of_the_specifications_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(SECRET, delivery_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body=b'{"test": 2432232314}')
    assert headers == {
        ID: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        TIMESTAMP: "1614265330",
        SIGNATURE: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(body=st.text(), delivery_id=st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1))
def test_the_specifications_library_signs_what_we_take(body: str, delivery_id: str) -> None:
    secret = new_webhook_secret()
    signature = Webhook(secret).sign(delivery_id, NOW, body)
    headers = {ID: delivery_id, TIMESTAMP: str(int(NOW.timestamp())), SIGNATURE: signature}
    assert verify(secret, headers, body.encode(), now=NOW) == delivery_id
    assert sign(secret, delivery_id=delivery_id, at=NOW, body=body.encode())[SIGNATURE] == signature


@given(body=st.binary(), other=st.binary(), shift=st.integers(-TOLERANCE_S, TOLERANCE_S))
def test_it_holds_for_the_signed_bytes_alone(body: bytes, other: bytes, shift: int) -> None:
    headers = sign(SECRET, delivery_id="d1", at=NOW + timedelta(seconds=shift), body=body)
    assert verify(SECRET, headers, body, now=NOW) == "d1"
    if other != body:
        with pytest.raises(Unauthenticated):
            verify(SECRET, headers, other, now=NOW)
    for name, value in ((ID, "d2"), (TIMESTAMP, str(int(headers[TIMESTAMP]) - 1))):
        with pytest.raises(Unauthenticated):
            verify(SECRET, {**headers, name: value}, body, now=NOW)
    with pytest.raises(Unauthenticated):
        verify(new_webhook_secret(), headers, body, now=NOW)


@pytest.mark.parametrize("seconds", [-TOLERANCE_S - 1, TOLERANCE_S + 1, -86_400, 86_400])
def test_one_that_is_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    headers = sign(SECRET, delivery_id="d1", at=NOW + timedelta(seconds=seconds), body=b"{}")
    with pytest.raises(Unauthenticated, match="clock"):
        verify(SECRET, headers, b"{}", now=NOW)


def test_one_good_signature_among_several_is_enough() -> None:
    headers = sign(SECRET, delivery_id="d1", at=NOW, body=b"{}")
    given = f"v1a,abc v1,AAAA {headers[SIGNATURE]} v2,{headers[SIGNATURE][3:]}"
    assert verify(
        SECRET, {name.upper(): value for name, value in {**headers, SIGNATURE: given}.items()}, b"{}", now=NOW
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (ID, ""),
        (TIMESTAMP, ""),
        (SIGNATURE, ""),
        (TIMESTAMP, "now"),
        (TIMESTAMP, "1e9"),
        (TIMESTAMP, "nan"),
        (TIMESTAMP, "-1"),
        (TIMESTAMP, "9" * 400),
        (TIMESTAMP, "\u0661\u0662"),
        (SIGNATURE, "v1"),
        (SIGNATURE, "v1,"),
        (SIGNATURE, "v1,\u00fc"),
        (SIGNATURE, ",,, ,"),
    ],
)
def test_headers_that_are_none_are_refused(name: str, value: str) -> None:
    headers = {**sign(SECRET, delivery_id="d1", at=NOW, body=b"{}"), name: value}
    with pytest.raises(Unauthenticated):
        verify(SECRET, headers, b"{}", now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "whsec_a"])
def test_a_secret_that_is_none_signs_nothing(secret: str) -> None:
    with pytest.raises(Misconfigured):
        sign(secret, delivery_id="d1", at=NOW, body=b"{}")
