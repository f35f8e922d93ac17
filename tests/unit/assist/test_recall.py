"""What was said before is found among one customer's messages by what the question is about, and nothing else of it."""

from collections.abc import Sequence
from datetime import timedelta

from tests.conftest import MORNING
from vigil.assist.recall import recall
from vigil.domain.conversation import Message, Person, Role
from vigil.errors import ModelUnavailable
from vigil.language.embedder import Vectors
from vigil.testing.embedder import HashEmbedder

MARIA = Person(id="maria", name="Maria", role=Role.CUSTOMER)
JONAS = Person(id="jonas", name="Jonas", role=Role.ANALYST)
LARRY = Person(id="larry", name="Larry", role=Role.BOT)


def said(number: int, by: Person, text: str, *, ticket: str = "old") -> Message:
    at = MORNING + timedelta(minutes=number)
    return Message(
        id=f"m{number}",
        external_id=f"m{number}",
        conversation_id="c1",
        seq=number,
        author=by,
        text=text,
        sent_at=at,
        received_at=at,
        ticket_id=ticket,
    )


PAST = (
    said(1, MARIA, "The GPU quota is 0, why?"),
    said(2, LARRY, "Your ticket about quota is open."),
    said(3, JONAS, "New accounts have a GPU quota of 0; I have raised yours to 4."),
    said(4, JONAS, "The invoice comes on the third."),
    said(5, JONAS, "Anything else?"),
    said(6, MARIA, "Now the volume doesn't grow.", ticket="now"),
    said(7, JONAS, "Let me look.", ticket="now"),
)


async def found(question: str, *, embedder: HashEmbedder | None = None) -> list[str]:
    return [each.id for each in await recall(embedder or HashEmbedder(), question, PAST, ticket_id="now")]


async def test_what_we_told_them_is_what_the_desk_wrote_about_it() -> None:
    assert await found("what did we tell them about quota last time?") == ["m3"]


async def test_what_they_said_is_theirs_as_well() -> None:
    assert set(await found("what did the customer say about the quota?")) == {"m1", "m3"}


async def test_a_question_that_names_nothing_gets_the_end_of_the_ticket_before() -> None:
    assert await found("what did we tell them last time?") == ["m3", "m4", "m5"]


async def test_what_was_never_spoken_of_is_not_found() -> None:
    assert await found("what did we tell them about kernels?") == []


async def test_without_vectors_words_will_do() -> None:
    class Away(HashEmbedder):
        async def embed(self, texts: Sequence[str]) -> Vectors:
            raise ModelUnavailable("away")

    assert await found("what about the quota and the invoice?", embedder=Away()) == ["m3", "m4"]
