"""What Vigil's posts say around an answer: where it comes from, how sure it is, and honest words where there is none. The only place where
a post gets its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.decision import Citation, Reason
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Topic
from vigil.guard.sanitise import one_line

SOURCES = 3
"""Sources that are named under an answer."""
SIGNATURE = "Vigil, the desk's assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An answer that may be shown to analysts."""

    answer: str
    citations: Sequence[Citation]
    confidence: float
    said_before: bool = False
    """The customer has it already."""


def suggestion(answer: str, citations: Sequence[Citation], confidence: float, dangers: Sequence[str] = ()) -> str:
    """For the analyst: ready to be sent as it is, with its sources below."""
    head = f"Vigil suggests ({confidence:.0%} sure):"
    if dangers:
        head = f"Vigil suggests ({confidence:.0%} sure). Check before you use it: it {_list(dangers)}."
    return "\n\n".join([head, answer, sources(citations)])


def reply(answer: str, citations: Sequence[Citation], *, internal: bool = False) -> str:
    """For whoever asked; `internal` may show addresses that only colleagues can open."""
    return "\n\n".join([answer, f"{sources(citations, links_only=not internal)}\n– {SIGNATURE}"])


def careful_reply(answer: str, citations: Sequence[Citation], dangers: Sequence[str]) -> str:
    """For a colleague who asked about something dangerous."""
    return "\n\n".join([f"Careful: this {_list(dangers)}.", reply(answer, citations, internal=True)])


def unknown(topic: Topic | None) -> str:
    """An honest "I don't know", with who might."""
    if topic is not None and topic.owner:
        return f"I don't know: nothing that I have read answers this. {topic.owner} looks after {topic.name} and may know.\n– {SIGNATURE}"
    return f"I don't know: nothing that I have read answers this. Please wait for a colleague, or put it in other words.\n– {SIGNATURE}"


def greeting() -> str:
    offer = "Ask me anything about this desk's documents and solved tickets; I answer with the source, or say that I don't know."
    return f"Hello! {offer}\n– {SIGNATURE}"


def calling_human(*, high_risk: bool) -> str:
    """For the customer, when a human is called."""
    why = "This needs a person's decision" if high_risk else "A person should look at this"
    return f"{why}. I have told the analysts; one of them will answer here.\n– {SIGNATURE}"


def hand_off(ticket: Ticket, reason: Reason, known: Known | None, dangers: Sequence[str]) -> str:
    """For the analysts, when a human is called: what it is about and what is known."""
    wanted = {
        Reason.HIGH_RISK: f"The answer needs your yes: it {_list(dangers) if dangers else 'is judged high risk'}.",
        Reason.WANTS_HUMAN: "The customer wants a person.",
    }.get(reason, "A person is wanted.")
    head = f"Please take over ticket {ticket.external_id} (“{one_line(ticket.subject, 100)}”). {wanted}"
    if known is None:
        return f"{head}\n\nVigil knows nothing that helps here."
    said = "Vigil has said this already" if known.said_before else "What Vigil would say"
    return "\n\n".join([head, f"{said} ({known.confidence:.0%} sure):", known.answer, sources(known.citations)])


def sources(citations: Sequence[Citation], *, links_only: bool = False) -> str:
    """The sources on one line each; `links_only` leaves out addresses that mean nothing to a customer."""
    lines: list[str] = []
    for citation in citations:
        reference = citation.reference
        if links_only and not reference.startswith(("https://", "http://")):
            reference = ""
        title = one_line(citation.title, 120) or one_line(citation.reference, 120)
        line = f"{title} ({reference})" if reference and reference != title else title
        if line and line not in lines:
            lines.append(line)
    if len(lines) == 1:
        return f"Source: {lines[0]}"
    return "Sources:\n" + "\n".join(f"- {line}" for line in lines[:SOURCES])


def _list(things: Sequence[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
