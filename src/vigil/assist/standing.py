"""How things stand when a turn is ruled on: who asks, who is there already, what Vigil said before. Plain values for `trust.policy`, which
decides what follows from them."""

from datetime import timedelta

from vigil.assist import lifecycle
from vigil.assist.gate import Judgement
from vigil.assist.people import Turn
from vigil.assist.situation import Said, Situation
from vigil.domain.conversation import ConversationKind, Role
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Topic
from vigil.trust.policy import Earlier, Standing
from vigil.trust.thresholds import Thresholds


def standing_of(
    situation: Situation,
    ticket: Ticket | None,
    judgement: Judgement,
    part: Role,
    topic: Topic | None,
    *,
    on_ticket: bool,
) -> Standing:
    """`ticket` is the ticket as it was before the message, or the one that it opened; `on_ticket` says that the message has one now."""
    kind = situation.conversation.kind
    return Standing(
        by_customer=part is Role.CUSTOMER,
        by_analyst=situation.message.author.role is Role.ANALYST,
        addressed=judgement.addressed,
        private_chat=kind is ConversationKind.PRIVATE,
        shared=kind is ConversationKind.CHANNEL,
        human_joined=lifecycle.is_humans(ticket),
        first_line=situation.workspace.first_line,
        autonomy=topic.autonomy if topic is not None else situation.workspace.default_autonomy,
        to_colleague=judgement.to_colleague,
        wants_human=judgement.wants_human,
        handed_off=lifecycle.waits_for_human(ticket),
        can_hand_off=part is Role.CUSTOMER and on_ticket,
    )


def earlier_in(situation: Situation, ticket: Ticket | None, turn: Turn, thresholds: Thresholds) -> tuple[Earlier, ...]:
    """What Vigil said in this ticket.

    An answer about this very message counts only once it may have been sent: until then, an edit replaces it. The customer has seen what
    Vigil wrote at least a burst before they began this turn.
    """
    if ticket is None:
        return ()
    message, first = situation.message, turn.messages[0]
    burst = timedelta(seconds=thresholds.burst_window_s)
    heard = [m.sent_at for m in turn.history if m.by_vigil and first.sent_at - m.sent_at > burst]
    waiting = timedelta(seconds=thresholds.post_delay_s)
    return tuple(
        Earlier(entry_ids=said.entry_ids, at=said.at, seen_by_customer=any(at >= said.at for at in heard))
        for said in situation.said
        if not said.withdrawn
        and said.ticket_id == ticket.id
        and not (said.message_id == message.id and message.received_at - said.at <= waiting)
    )


def said_in(said: tuple[Said, ...], turn: Turn) -> tuple[str, ...]:
    """Ids of the decisions that spoke about earlier messages of this turn."""
    covers = set(turn.covers[:-1])
    return tuple(one.decision_id for one in said if one.message_id in covers and not one.withdrawn)
