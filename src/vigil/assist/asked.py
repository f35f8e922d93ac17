"""A colleague asks Vigil itself about a ticket, and nobody else hears it: the knowledge base answers, and what was said with this customer
before is pointed at. Loading what was said and committing the decision are the runtime's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigil.assist.answers import Asks
from vigil.assist.recall import recall
from vigil.clock import Clock
from vigil.domain.conversation import Conversation, Message
from vigil.domain.decision import Citation, Decision, DecisionKind, Reason, Risk, Stage
from vigil.domain.knowledge import Scope
from vigil.domain.ticket import Ticket
from vigil.domain.workspace import Workspace
from vigil.errors import VigilError
from vigil.knowledge.finding import Finding, Question
from vigil.language.embedder import Embedder
from vigil.trust.risk import assess, worse

SAID: Final = "message:"
"""How a citation's reference begins that points at a message. Its words stay where they are, so that they can be forgotten in one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What a colleague wants to know."""

    id: str
    text: str
    by: str
    workspace: Workspace
    conversation: Conversation
    ticket: Ticket
    past: Sequence[Message]
    """What was said with this ticket's customer, oldest first, in this ticket and before."""


class Answering:
    """Answers colleagues.

    Args:
        least: confidence from which the knowledge base's answer is given.
        timer: counts seconds for the stages.
    """

    def __init__(
        self,
        *,
        knowledge: Asks,
        embedder: Embedder,
        clock: Clock,
        least: float,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._knowledge = knowledge
        self._embedder = embedder
        self._clock = clock
        self._least = least
        self._timer = timer

    async def decide(self, inquiry: Inquiry, *, decision_id: str) -> Decision:
        """The answer as a decision: a reply, one that says that nothing is known, or a silence. Never raises a `VigilError`."""
        began = self._timer()
        plain = Decision(
            id=decision_id,
            conversation_id=inquiry.conversation.id,
            message_id=inquiry.id,
            ticket_id=inquiry.ticket.id,
            kind=DecisionKind.SILENT,
            reason=Reason.FAILED,
            question=inquiry.text,
            stages=(Stage(name="asked", outcome=f"privately, by {inquiry.by}"),),
            knowledge_version=inquiry.workspace.knowledge_version,
            decided_at=self._clock.now(),
        )
        barred = _barred(inquiry)
        if barred is not None:
            return replace(plain, reason=barred[0], note=barred[1])
        try:
            decision = await self._answer(inquiry, plain)
        except VigilError as error:
            return replace(plain, note=f"{type(error).__name__} on the way; nothing was said")
        took = (self._timer() - began) * 1000
        return replace(decision, cost=replace(decision.cost, milliseconds=took))

    async def _answer(self, inquiry: Inquiry, plain: Decision) -> Decision:
        began = self._timer()
        said = await recall(self._embedder, inquiry.text, inquiry.past, ticket_id=inquiry.ticket.id)
        outcome = f"{len(said)} of {len(inquiry.past)} messages that were exchanged with this customer"
        recalled = Stage(name="recall", outcome=outcome, milliseconds=(self._timer() - began) * 1000)
        question = Question(
            text=inquiry.text,
            names=tuple(sorted({message.author.name for message in inquiry.past})),
            scope=Scope(audience="internal", product=inquiry.ticket.product),
        )
        finding = await self._knowledge.ask(inquiry.workspace.id, question)
        known = finding.answered and finding.confidence >= self._least
        return replace(
            plain,
            kind=DecisionKind.REPLY,
            reason=Reason.ADDRESSED if known or said else Reason.UNKNOWN_TO_VIGIL,
            note=_note(finding, said, known=known),
            answer=finding.answer if known else "",
            confidence=finding.confidence if known else None,
            risk=worse(finding.risk, assess(finding.answer).risk) if known else Risk.LOW,
            citations=(*(finding.citations if known else ()), *(_citation(message) for message in said)),
            candidates=finding.candidates,
            stages=(*plain.stages, recalled, *finding.stages),
            knowledge_version=finding.version,
            cost=finding.cost,
        )


def _barred(inquiry: Inquiry) -> tuple[Reason, str] | None:
    """What the gate holds for a call in the conversation itself."""
    if inquiry.conversation.muted or inquiry.ticket.muted:
        return Reason.MUTED, "Vigil is muted here"
    if inquiry.workspace.silenced:
        return Reason.SWITCHED_OFF, "Vigil is switched off in this workspace"
    if inquiry.conversation.channel in inquiry.workspace.silent_on:
        return Reason.SWITCHED_OFF, "Vigil is switched off on this channel"
    return None


def _note(finding: Finding, said: Sequence[Message], *, known: bool) -> str:
    if known:
        return "Vigil itself was asked"
    why = finding.note or "nothing in the knowledge base answers this surely enough"
    return f"{why}; something was said with this customer before" if said else why


def _citation(message: Message) -> Citation:
    return Citation(
        revision_id="", entry_id="", title="Said with this customer", quote="", reference=f"{SAID}{message.id}"
    )
