"""Refusals: one shape for all of them, nothing of the inside in them, and limits that don't believe what a request says of itself."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from tests.integration.web.door import OURS, Door, message, told
from vigil.domain.decision import Decision
from vigil.errors import DeliveryFailed, ModelTimeout, VigilError
from vigil.guard.access import Scope
from vigil.web.application import create_application
from vigil.web.frame import CAREFUL

SECRET_WORDS = "my password is hunter2"


async def test_nothing_at_an_address_and_no_such_method_are_problems_too(door: Door) -> None:
    for path in (
        "/api/v1/nothing",
        "/api/v1",
        "/api/v1/tickets/",
        "/docs",
        "/api/docs",
        "/redoc",
        "/hooks/a",
        "/%00",
    ):
        assert told(await door.client.get(path), 404)["code"] == "not_found"
    response = await door.call("DELETE", "/tickets/T-1")
    assert told(response, 405)["code"] == "method_not_allowed"
    assert response.headers["allow"] == "GET, PATCH"
    for method in ("OPTIONS", "TRACE", "HEAD", "BREW"):
        refused = await door.call(method, "/messages")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


async def test_a_body_that_is_no_json_is_refused_and_not_repeated(door: Door) -> None:
    wrong = (
        b"{",
        b"",
        b"not json",
        SECRET_WORDS.encode(),
        b'{"text": "\xff\xfe"}',
        b"[" * 90_000,
        b"9" * 5000,
        b'{"event": "posted",}',
        b"\x00",
    )
    for body in wrong:
        problem = told(
            await door.call("POST", "/messages", content=body, headers={"content-type": "application/json"}), 422
        )
        assert "JSON" in problem["detail"]
        assert "hunter2" not in str(problem)


async def test_json_of_the_wrong_shape_is_refused_and_not_repeated(door: Door) -> None:
    for body in (
        None,
        7,
        "x",
        [],
        [message()],
        {"event": SECRET_WORDS},
        message(author=SECRET_WORDS),
        {"e": float("nan")},
    ):
        content = b"null" if body is None else None
        headers = {"content-type": "application/json"}
        problem = told(await door.call("POST", "/messages", json=body, content=content, headers=headers), 422)
        assert problem["errors"]
        assert "hunter2" not in str(problem)


async def test_a_body_that_is_not_called_json_is_refused(door: Door) -> None:
    for called in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "json",
        "\xff",
    ):
        headers = {"content-type": called.encode("latin-1").decode("latin-1")}
        response = await door.client.post(
            "/api/v1/messages",
            content=b"{}",
            headers=[
                (b"authorization", f"Bearer {door.tokens[OURS, Scope.WRITE]}".encode()),
                (b"content-type", headers["content-type"].encode("latin-1")),
            ],
        )
        assert told(response, 415)["code"] == "unsupported_media_type"
    with_charset = {"content-type": "application/JSON; charset=utf-8"}
    assert (await door.call("POST", "/messages", json=message(), headers=with_charset)).status_code == 202


async def test_a_body_over_the_limit_is_refused_whatever_its_header_promised(door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b" " * 1_000

    for promised in (None, "5", "nonsense", "-1", "10000000"):
        headers = {"authorization": f"Bearer {door.tokens[OURS, Scope.WRITE]}", "content-type": "application/json"}
        if promised is not None:
            headers["content-length"] = promised
        for path in ("/api/v1/messages", f"/hooks/{OURS}/whk_1"):
            response = await door.client.post(path, content=endless(), headers=headers)
            assert "100,000" in told(response, 413)["detail"]
    told(await door.call("POST", "/messages", json=message("x" * 10_000_000)), 413)
    just_fits = message("x" * 99_000, message_id="m2")
    assert (await door.call("POST", "/messages", json=just_fits)).status_code == 202


async def test_every_answer_tells_browsers_to_be_careful_and_nobody_else_to_come_in(door: Door) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for response in (
        await door.call("GET", "/tickets", headers=headers),
        await door.call("GET", "/nothing"),
        await door.call("GET", "/tickets", scope=None),
        await door.client.options("/api/v1/messages", headers=headers),
    ):
        assert {name: response.headers[name] for name in CAREFUL} == dict(CAREFUL)
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert "server" not in response.headers


async def test_a_fault_of_ours_is_told_by_an_id_alone_and_logged_without_words(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.write("How do I pay?")
    (decision,) = await door.decisions()

    def breaks(_: Decision) -> str:
        raise RuntimeError(SECRET_WORDS) from ValueError(SECRET_WORDS)

    def undelivered(_: Decision) -> str:
        raise DeliveryFailed(SECRET_WORDS)

    for story in (breaks, undelivered):
        door.app.state.services = replace(door.app.state.services, story=story)
        with caplog.at_level(logging.INFO):
            caplog.clear()
            problem = told(await door.call("GET", f"/decisions/{decision.id}/story"), 500)
        assert problem["id"] in problem["detail"]
        assert "hunter2" not in str(problem)
        (record,) = [record for record in caplog.records if record.name == "vigil.web"]
        assert problem["id"] in record.getMessage()
        assert story.__name__ in record.getMessage()
        assert "hunter2" not in str(record.__dict__)


async def test_a_fault_of_the_model_is_told_as_one_that_passes(door: Door) -> None:
    await door.write("How do I pay?")
    (decision,) = await door.decisions()

    def late(_: Decision) -> str:
        raise ModelTimeout("The model did not answer within 20 s; try again, or ask without one.")

    door.app.state.services = replace(door.app.state.services, story=late)
    problem = told(await door.call("GET", f"/decisions/{decision.id}/story"), 503)
    assert problem["code"] == "model_timeout"


async def test_two_applications_stand_side_by_side(door: Door) -> None:
    def other(_: Decision) -> str:
        raise VigilError("never called")

    second = create_application(replace(door.app.state.services, story=other))
    assert second.state.services is not door.app.state.services


async def test_an_absent_database_is_told_with_a_time_to_come_back(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", None, Exception("the server closed the connection"))

    monkeypatch.setattr(door.store, "read", gone)
    answer = await door.call("GET", "/decisions")
    assert told(answer, 503)["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
