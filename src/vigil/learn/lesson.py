"""What goes into learning and what comes out: a ticket as it ended, lessons with their evidence, reasons for none. Making lessons is
`distil`'s; what becomes of one is `loop`'s."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from vigil.domain.conversation import Message
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Scope
from vigil.domain.ticket import Ticket

INTERNAL = "internal"
MOST_EVIDENCE = 60
"""Messages that stand behind an entry; what twenty tickets said, a twenty-first need not say again."""
_LEARNED = ("lesson:", "edit:", "shared:")
"""How the keys of entries begin that Vigil wrote by itself: out of a ticket, of an analyst's better words, of a linked page."""


class Nothing(StrEnum):
    """Why a ticket, or a question in it, teaches nothing: a closed list, so that reasons can be counted."""

    NO_QUESTION = "no_question"
    """No customer asked anything that could be answered."""
    NOT_ALONE = "not_alone"
    """What was asked can't be understood without the ticket."""
    NO_HUMAN_ANSWER = "no_human_answer"
    """No verified analyst said anything that answers."""
    ASKED_BACK = "asked_back"
    """The analysts only asked, and nothing came of it."""
    ACCOUNT = "account_specific"
    """An analyst did something to this account, which nobody else is helped by."""
    OUTAGE = "temporary_outage"
    """It was broken for everybody, and was mended."""
    PROMISE = "promise"
    """Somebody was going to look into it."""
    PLAN = "future_plan"
    """What was said is about something that isn't there yet."""
    NOT_SOLVED = "not_solved"
    """The customer said that it was no help, and no more came."""
    UNSURE = "unsure"
    """Somebody said something, and it doesn't look enough like an answer that others could use."""
    MODEL_FOUND_NONE = "model_found_none"
    """A model read the ticket and found nothing to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A ticket at the moment of learning from it."""

    ticket: Ticket
    messages: Sequence[Message]
    """Oldest first, all of the ticket's."""

    @property
    def through(self) -> str:
        """The id of the last message: the same again means that nothing was said since."""
        return self.messages[-1].id if self.messages else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A question and what resolved it. Nothing personal is in its words."""

    number: int
    """Its place among the ticket's lessons, from 1; with the ticket's id it names the entry."""
    question: str
    title: str
    answer: str
    conditions: str = ""
    asked_in: tuple[str, ...]
    """Ids of the customer's messages."""
    answered_in: tuple[str, ...]
    """Ids of the analysts' messages that the answer's words come from."""
    confirmed_in: tuple[str, ...] = ()
    """Ids of messages in which a customer said that it helped."""
    sure: bool = True
    """May be published without a person; otherwise it is held until somebody says yes."""

    @property
    def messages(self) -> tuple[str, ...]:
        """Everything that it rests on."""
        return (*self.asked_in, *self.answered_in, *self.confirmed_in)

    def draft(self, ticket: Ticket) -> Draft:
        """The entry that it would be. For analysts only: what one ticket taught goes to no customer before somebody bears it out."""
        return Draft(
            key=f"lesson:{ticket.id}:{self.number}",
            title=self.title,
            question=self.question,
            answer=self.answer,
            conditions=self.conditions,
            scope=Scope(product=ticket.product, audience=INTERNAL, language=ticket.language),
            evidence=self.evidence(),
        )

    def evidence(self) -> tuple[Evidence, ...]:
        """The messages behind it, by id: their words stay where they are."""
        said = (
            *((each, "asked") for each in self.asked_in),
            *((each, "answered") for each in self.answered_in),
            *((each, "confirmed") for each in self.confirmed_in),
        )
        return tuple(Evidence(kind=EvidenceKind.MESSAGE, reference=each, title=title) for each, title in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distilled:
    """What a ticket teaches."""

    lessons: tuple[Lesson, ...] = ()
    nothing: tuple[Nothing, ...] = ()
    """Why the questions without a lesson have none; where there is no lesson, at least one reason."""


def is_learned(draft: Draft) -> bool:
    """Vigil wrote it by itself."""
    return draft.key.startswith(_LEARNED)


def is_tentative(draft: Draft) -> bool:
    """Learned, and for analysts only until somebody bears it out."""
    return is_learned(draft) and draft.scope.audience == INTERNAL


def public(draft: Draft) -> Draft:
    """The same, for customers too."""
    return replace(draft, scope=replace(draft.scope, audience=None))


def merged(before: Sequence[Evidence], more: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Each message once; the oldest stay, since they are what the entry was made of."""
    return tuple(
        {each.reference: each for each in (*more, *before)}[reference]
        for reference in dict.fromkeys(each.reference for each in (*before, *more))
    )[:MOST_EVIDENCE]
