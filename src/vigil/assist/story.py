"""The story of a decision in words: what was read, what each step said, what was found and cited, what it cost, and what would have had to
be different. Made from the recorded decision alone; nothing is decided again."""

from collections.abc import Mapping

from vigil.domain.decision import Cost, Decision, DecisionKind, Reason
from vigil.domain.knowledge import Candidate
from vigil.guard.sanitise import one_line

CANDIDATES = 5
"""Candidates that are told; the decision keeps all of them."""

_OPENINGS = {
    DecisionKind.SILENT: "Vigil stayed silent",
    DecisionKind.SUGGEST: "Vigil made a suggestion to the analysts",
    DecisionKind.REPLY: "Vigil answered",
    DecisionKind.HAND_OFF: "Vigil called a human",
}

_REASONS = {
    Reason.ANSWERED: "the knowledge base answers this",
    Reason.ADDRESSED: "Vigil itself was asked",
    Reason.UNKNOWN_TO_VIGIL: "Vigil itself was asked and doesn't know",
    Reason.WANTS_HUMAN: "the customer wants a person",
    Reason.HIGH_RISK: "the answer needs a person's yes",
    Reason.OWN_MESSAGE: "Vigil wrote the message itself",
    Reason.BOT_MESSAGE: "a bot wrote the message",
    Reason.NOT_A_QUESTION: "nobody asked anything that wants an answer",
    Reason.ADDRESSED_TO_OTHERS: "the message speaks to somebody else",
    Reason.ANALYST_AT_WORK: "a colleague is at work and asked nothing of Vigil",
    Reason.TURN_CONTINUES: "the author wrote on",
    Reason.UNASSIGNED: "it isn't clear which ticket the message belongs to",
    Reason.NO_EVIDENCE: "nothing in the knowledge base answers this",
    Reason.NOT_SURE: "an answer was found, but not surely enough",
    Reason.ALREADY_SAID: "the same was said in this ticket not long ago",
    Reason.FOLLOW_UP: "the time had come to look at the ticket again",
    Reason.TOPIC_SHADOW: "the ticket's topic is in shadow",
    Reason.MUTED: "Vigil is muted here",
    Reason.SWITCHED_OFF: "Vigil is switched off in this workspace",
    Reason.TICKET_OVER: "the ticket is over",
    Reason.EDITED: "the message was edited",
    Reason.DELETED: "the message was deleted",
    Reason.MODEL_DECLINED: "the model found that the evidence doesn't answer",
    Reason.UNREADABLE: "there was nothing to read",
    Reason.FAILED: "something broke on the way",
}

_OTHERWISE = {
    Reason.UNKNOWN_TO_VIGIL: "An entry or a document that answers it would have been quoted; `vigil knowledge add` takes one.",
    Reason.WANTS_HUMAN: "Without that, or with a human on the ticket already, Vigil would have gone on to look for an answer.",
    Reason.HIGH_RISK: "An answer that destroys, costs, opens or promises nothing could have gone out by itself.",
    Reason.OWN_MESSAGE: "Nothing: Vigil never answers itself.",
    Reason.BOT_MESSAGE: "Nothing: Vigil never talks to another bot.",
    Reason.ADDRESSED_TO_OTHERS: "Addressed to nobody, or to a human who already helps in this ticket, it would have gone on to the score.",
    Reason.ANALYST_AT_WORK: "A mention of Vigil would have been answered.",
    Reason.TURN_CONTINUES: "As the last message of the burst it would have been decided itself; the decision on the last one covers it.",
    Reason.UNASSIGNED: "A reply-to, a thread, the name of somebody in the ticket, or a plain question of its own would have placed it.",
    Reason.NO_EVIDENCE: "An entry or a document that answers the question would have been suggested; `vigil knowledge add` takes one.",
    Reason.ALREADY_SAID: "After the repeat window (VIGIL_REPEAT_WINDOW_S), or with another entry, it would have been said again.",
    Reason.FOLLOW_UP: "A word from whoever was waited for would have settled it before.",
    Reason.TOPIC_SHADOW: "With the topic set to suggest, the analysts would have seen the answer.",
    Reason.MUTED: "Unmuted, Vigil would have gone on.",
    Reason.SWITCHED_OFF: "With the workspace switched on, Vigil would have gone on.",
    Reason.TICKET_OVER: "A new question or a problem that is back would have reopened the ticket.",
    Reason.EDITED: "An edit before anybody else had written would have been decided anew.",
    Reason.DELETED: "Left standing, the message would have been decided.",
    Reason.MODEL_DECLINED: "Evidence that answers more directly, or no model (then passages are quoted), could have led to an answer.",
    Reason.UNREADABLE: "A message with words, within VIGIL_MAX_MESSAGE_CHARS, would have been read.",
    Reason.FAILED: "Without the error, the message would have been decided; the note names its class, the log tells the rest.",
}


def explain(decision: Decision) -> str:
    """The story, some twenty lines for a terminal. Holds the question and the answer, so it is for those who may read the ticket."""
    figures = {name: value for stage in decision.stages for name, value in stage.figures}
    parts = [
        _headline(decision),
        _read(decision),
        _stages(decision),
        _asked(decision),
        _candidates(decision),
        _cited(decision),
        f"It cost {_cost(decision.cost)}.",
        f"What would have had to be different: {_otherwise(decision, figures)}",
    ]
    return "\n\n".join(part for part in parts if part)


def _headline(decision: Decision) -> str:
    why, note = _REASONS[decision.reason], decision.note.strip().rstrip(".")
    told = f" ({note})" if note and note.casefold() != why.casefold() else ""
    return f"{_OPENINGS[decision.kind]}: {why}.{told}"


def _read(decision: Decision) -> str:
    where = (
        f"ticket {decision.ticket_id}"
        if decision.ticket_id
        else f"conversation {decision.conversation_id}, on no ticket"
    )
    told = f"Message {decision.message_id} in {where}, decided {decision.decided_at:%Y-%m-%d %H:%M:%S} UTC as {decision.id}."
    others = [message for message in decision.covers if message != decision.message_id]
    if others:
        told += f" It ends a turn that began with {', '.join(others)}; all of it was read as one."
    return told


def _stages(decision: Decision) -> str:
    if not decision.stages:
        return ""
    width = max(len(stage.name) for stage in decision.stages)
    lines: list[str] = []
    for stage in decision.stages:
        numbers = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in stage.figures)
        lines.append(
            f"  {stage.name:<{width}}  {stage.outcome}{f' [{numbers}]' if numbers else ''} ({stage.milliseconds:.1f} ms)"
        )
    return "Step by step:\n" + "\n".join(lines)


def _asked(decision: Decision) -> str:
    if not decision.question:
        return ""
    quoted = "\n".join(f"  > {line}" for line in decision.question.splitlines() if line.strip())
    answered = ""
    if decision.answer:
        sure = (
            f", {decision.confidence:.0%} sure, risk {decision.risk.value}" if decision.confidence is not None else ""
        )
        lines = "\n".join(f"  > {line}" for line in decision.answer.splitlines() if line.strip())
        answered = f"\nThe answer{sure}:\n{lines}"
    return f"Asked of the knowledge base:\n{quoted}{answered}"


def _candidates(decision: Decision) -> str:
    if not decision.candidates:
        return ""
    cited = {citation.revision_id for citation in decision.citations}
    lines = [
        _candidate(rank, candidate, candidate.revision_id in cited)
        for rank, candidate in enumerate(decision.candidates[:CANDIDATES], 1)
    ]
    more = len(decision.candidates) - CANDIDATES
    if more > 0:
        lines.append(f"  … and {more} more")
    return f"Found at knowledge version {decision.knowledge_version}:\n" + "\n".join(lines)


def _candidate(rank: int, candidate: Candidate, cited: bool) -> str:
    scores = ", ".join(f"{name} {value:.2f}" for name, value in candidate.scores)
    told = f"{candidate.score:.2f} ({scores})" if scores else f"{candidate.score:.2f}"
    return f"  {rank}. {one_line(candidate.title, 90)} – {told}, {candidate.revision_id}{' ← cited' if cited else ''}"


def _cited(decision: Decision) -> str:
    if not decision.citations:
        return ""
    lines: list[str] = []
    for citation in decision.citations:
        where = f" ({citation.reference})" if citation.reference else ""
        lines.append(f"  “{one_line(citation.quote, 200)}”\n    {one_line(citation.title, 90)}{where}")
    return "It stands on:\n" + "\n".join(lines)


def _cost(cost: Cost) -> str:
    took = f"{cost.milliseconds:.0f} ms"
    if cost.calls == 0:
        return f"{took} and no model call"
    calls = "1 call" if cost.calls == 1 else f"{cost.calls} calls"
    tokens = f"{cost.tokens_in} tokens in and {cost.tokens_out} out"
    return f"{took}, {calls} of {cost.model or 'a model'} with {tokens}, ${cost.money:.4f}"


def _otherwise(decision: Decision, figures: Mapping[str, float]) -> str:
    score, threshold = figures.get("score"), figures.get("threshold")
    sure, suggest_from, reply_from = decision.confidence, figures.get("suggest_from"), figures.get("reply_from")
    match decision.reason, decision.kind:
        case Reason.NOT_A_QUESTION, _ if score is not None and threshold is not None and score < threshold:
            return f"a gate score of {threshold:.2f} instead of {score:.2f}, a mention of Vigil, or a private chat with it."
        case Reason.NOT_A_QUESTION, _:
            return "a question or a problem in the message."
        case Reason.NOT_SURE, _ if sure is not None and suggest_from is not None:
            return f"a confidence of {suggest_from:.2f} instead of {sure:.2f} would have made it a suggestion."
        case Reason.ANSWERED, DecisionKind.SUGGEST if sure is not None and reply_from is not None and sure < reply_from:
            return (
                f"a confidence of {reply_from:.2f} instead of {sure:.2f}, and nobody else on the ticket (or the topic set to auto), "
                "would have made it a reply to the customer."
            )
        case Reason.ANSWERED, DecisionKind.SUGGEST:
            return f"the customer would have seen it by itself if this had been otherwise: {decision.note or 'the autonomy'}."
        case Reason.ANSWERED, _ if sure is not None and reply_from is not None:
            bar = f"below a confidence of {reply_from:.2f} (it was {sure:.2f})"
            return f"{bar}, or with a human on the ticket, only the analysts would have seen it."
        case ((Reason.ANSWERED | Reason.ADDRESSED), _):
            return "without the call to Vigil, the gate would have decided whether anything is asked."
        case reason, _:
            told = _OTHERWISE.get(reason, "Nothing that is recorded.")
            return told[0].lower() + told[1:]
