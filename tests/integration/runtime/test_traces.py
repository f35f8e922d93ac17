"""A trace follows its message from the door to the drain to the post, across processes that share nothing but the database."""

from datetime import timedelta

from tests.integration.runtime.house import House
from tests.spans import recorded, traces_of
from vigil.tracing import span


async def test_one_trace_from_the_door_to_the_post_though_others_work_it_off(house: House) -> None:
    house.answer_of = lambda _: "Open Users, choose the user."
    with recorded() as spans:
        with span("POST /api/v1/messages", part="server"):
            await house.write("How do I reset a password?")
        await house.worker.settle()  # as another process would: of the door's trace it has what is stored
    assert {"POST /api/v1/messages", "vigil.event", "vigil.decide", "vigil.commit", "vigil.post"} <= set(spans.names())
    assert len(traces_of(spans.ended)) == 1
    event, post = spans.named("vigil.event"), spans.named("vigil.post")
    door = spans.named("POST /api/v1/messages").context
    assert door is not None
    assert event.parent is not None
    assert event.parent.is_remote
    assert event.parent.span_id == door.span_id
    assert post.attributes is not None
    assert post.attributes["vigil.post"] == (await house.posts())[0].id


async def test_two_messages_are_two_traces(house: House) -> None:
    with recorded() as spans:
        for text in ("How do I reset a password?", "And how an account?"):
            with span("door", part="server"):
                await house.write(text)
        await house.worker.settle()
    assert len(traces_of(spans.ended)) == 2
    assert spans.names().count("vigil.event") == 2


async def test_a_failed_attempt_is_marked_and_its_next_one_is_in_the_same_trace(house: House) -> None:
    calls = 0

    def answer(_: object) -> str | None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("hunter2")
        return None

    house.answer_of = answer
    with recorded() as spans:
        with span("door", part="server"):
            await house.write("How do I reset a password?")
        await house.worker.settle()
        house.clock.advance(timedelta(minutes=5))
        await house.worker.settle()
    first, second = (each for each in spans.ended if each.name == "vigil.event")
    assert (first.attributes or {})["error.type"] == "RuntimeError"
    assert "error.type" not in (second.attributes or {})
    assert len(traces_of(spans.ended)) == 1
    assert "hunter2" not in spans.told()
