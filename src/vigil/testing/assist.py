"""A stand-in for the assist ability: it decides by a function, and remembers what it was shown."""

from collections.abc import Callable

from vigil.assist.situation import Situation, Verdict
from vigil.clock import Clock, Ids
from vigil.domain.decision import Decision, DecisionKind, Reason
from vigil.domain.post import Post, Visibility
from vigil.domain.ticket import Ticket, TicketState, subject_of


class ScriptedAssist:
    """Answers every message with `answer_of(situation)`: a text becomes a suggestion, None a silence, an exception is raised."""

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        answer_of: Callable[[Situation], str | None] = lambda _: None,
        visibility: Visibility = Visibility.PRIVATE,
    ) -> None:
        self.situations: list[Situation] = []
        self._clock = clock
        self._ids = ids
        self._answer_of = answer_of
        self._visibility = visibility

    async def decide(self, situation: Situation) -> Verdict:
        self.situations.append(situation)
        answer = self._answer_of(situation)
        message, now = situation.message, self._clock.now()
        ticket = situation.tickets[0] if situation.tickets else self._opened(situation)
        kind = DecisionKind.SILENT
        if answer is not None:
            kind = DecisionKind.REPLY if self._visibility is Visibility.PUBLIC else DecisionKind.SUGGEST
        decision = Decision(
            id=self._ids.new("dec"),
            conversation_id=situation.conversation.id,
            message_id=message.id,
            ticket_id=ticket.id,
            kind=kind,
            reason=Reason.NOT_A_QUESTION if answer is None else Reason.ANSWERED,
            answer=answer or "",
            decided_at=now,
            covers=(message.id,),
        )
        if answer is None:
            return Verdict(decision=decision, ticket=ticket)
        post = Post(
            id=self._ids.new("pst"),
            conversation_id=situation.conversation.id,
            decision_id=decision.id,
            visibility=self._visibility,
            text=answer,
            not_before=now,
        )
        return Verdict(decision=decision, ticket=ticket, posts=(post,))

    def _opened(self, situation: Situation) -> Ticket:
        message = situation.message
        ticket_id = self._ids.new("tkt")
        return Ticket(
            id=ticket_id,
            external_id=ticket_id,
            conversation_id=situation.conversation.id,
            state=TicketState.OPEN,
            subject=subject_of(message.text),
            customer_id=message.author.id,
            opened_at=message.sent_at,
            updated_at=message.sent_at,
        )
