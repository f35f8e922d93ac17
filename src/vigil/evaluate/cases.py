"""The ten best and the ten worst of what Vigil said, each with what a person needs to judge it: transcript, answer, evidence, and what the
human said instead. Counting is `counting`'s."""

from collections.abc import Iterable, Sequence

from vigil.domain.knowledge import Candidate
from vigil.evaluate.answers import ANSWER_WINDOW, addressed, is_human
from vigil.evaluate.figures import Case, Line, Scored, Source
from vigil.evaluate.judge import Hit, Judged, Judgement
from vigil.evaluate.recording import RecordedMessage, Recording, Shape
from vigil.guard.sanitise import clean

SHOWN_CASES = 10
"""Of each kind: what one reads over a coffee."""

LINES_BEFORE = 8
LINES_AFTER = 6
"""Of the customer and those who speak with them; enough to see the question and how it went on."""

LOOK_BACK = 60
"""Messages of a channel in which the lines before are looked for."""

LONGEST_LINE = 600
"""Characters of a line or an answer that are shown."""


def best_and_worst(judged: Judged) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """Of what was shown: the hits with the most in common and the longest lead; and what a human answered otherwise, the surest first, then
    what nobody took up. At most one case a customer and an entry, so that ten cases are ten things to learn."""
    shown = [each for each in judged.judgements if each.shown and not each.cut_short]
    hits = sorted(((each, each.hit) for each in shown if each.hit is not None), key=_merit, reverse=True)
    misses = sorted((each for each in shown if each.hit is None), key=_fault, reverse=True)
    why = {each.message.id: _why_good(each, hit) for each, hit in hits} | {
        each.message.id: _why_bad(each) for each in misses
    }
    good, bad = _varied(each for each, _ in hits), _varied(misses)
    return (
        tuple(_case(judged, each, why[each.message.id]) for each in good),
        tuple(_case(judged, each, why[each.message.id]) for each in bad),
    )


def _merit(judged_right: tuple[Judgement, Hit]) -> tuple[bool, float]:
    judgement, hit = judged_right
    return ((judgement.lead_s or 0.0) > 0, len(hit.shared) + (hit.cosine or 0.0))


def _fault(judgement: Judgement) -> tuple[bool, float, float]:
    return (bool(judgement.answers), judgement.decided.decision.confidence or 0.0, -(judgement.nearest or 0.0))


def _varied(ranked: Iterable[Judgement]) -> list[Judgement]:
    chosen: list[Judgement] = []
    seen: set[str] = set()
    for each in ranked:
        keys = {f"to {each.message.author} in {each.message.conversation}"}
        keys |= {f"by {citation.entry_id}" for citation in each.decided.decision.citations}
        if seen.isdisjoint(keys):
            chosen.append(each)
            seen |= keys
        if len(chosen) == SHOWN_CASES:
            break
    return chosen


def _why_good(judgement: Judgement, hit: Hit) -> str:
    who = "the first human answer" if hit.answer is judgement.answers[0] else "a later human answer"
    what = ", ".join(mark.split(":", 1)[1] for mark in hit.shared[:3])
    how = f"points at the same: {what}" if hit.shared else "says much the same"
    return f"Vigil spoke {_span(judgement.lead_s or 0.0)} anybody answered, and {who} {how}."


def _why_bad(judgement: Judgement) -> str:
    if judgement.answers:
        return "A human answered, and nothing in the answers points at what Vigil said."
    return "Nobody took it up, and nobody answered this customer: perhaps it wanted no answer."


def _span(seconds: float) -> str:
    if seconds <= 0:
        return "in the same minute, but before"
    if seconds < 60:
        return "less than a minute before"
    return f"{seconds / 60:.0f} min before" if seconds < 5400 else f"{seconds / 3600:.1f} h before"


def _case(judged: Judged, judgement: Judgement, why: str) -> Case:
    decision = judgement.decided.decision
    hit = judgement.hit
    answer = hit.answer if hit is not None else next(iter(judgement.answers), None)
    return Case(
        decision_id=decision.id,
        conversation=_short(judgement.message.conversation),
        at=decision.decided_at,
        kind=decision.kind.value,
        customer=_short(judgement.message.author),
        question=_short(decision.question or judgement.message.text),
        answer=_short(decision.answer, 3 * LONGEST_LINE),
        confidence=decision.confidence,
        lead_s=judgement.lead_s,
        hit=hit is not None,
        shared=() if hit is None else hit.shared,
        cosine=hit.cosine if hit is not None else judgement.nearest,
        sources=tuple(
            Source(title=_short(each.title), quote=_short(each.quote), reference=_short(each.reference))
            for each in decision.citations
        ),
        candidates=tuple(_scored(each) for each in decision.candidates[:3]),
        transcript=_transcript(judged, judgement),
        human_answer=None if answer is None else _line(answer, judgement),
        why=why,
    )


def _scored(candidate: Candidate) -> Scored:
    return Scored(title=_short(candidate.title), score=candidate.score, scores=dict(candidate.scores))


def _transcript(judged: Judged, judgement: Judgement) -> tuple[Line, ...]:
    """The lines of the customer and those who speak with them, around the decision."""
    recording = judged.replayed.recording
    message = judgement.message
    messages = recording.conversations[message.conversation]
    before: Sequence[RecordedMessage] = messages[max(0, message.position - LOOK_BACK) : message.position]
    after: Sequence[RecordedMessage] = messages[message.position + 1 :]
    if recording.shape is Shape.STREAM:
        thread = _thread(recording, message)
        me = message.author.casefold()

        def belongs(each: RecordedMessage) -> bool:
            near = abs(each.at - message.at) <= ANSWER_WINDOW
            theirs = _thread(recording, each)
            if thread is not None and theirs is not None and each.author != message.author:
                return near and thread == theirs
            return near and (each.author == message.author or me in addressed(each.text))

        before, after = list(filter(belongs, before)), list(filter(belongs, after))
    chosen = [*before[-LINES_BEFORE:], message, *after[:LINES_AFTER]]
    return tuple(_line(each, judgement) for each in chosen)


def _thread(recording: Recording, message: RecordedMessage) -> str | None:
    """The annotators' thread, where they looked: for people who read the report, never for the system."""
    gold = recording.gold.get(message.id)
    return None if gold is None else gold.thread


def _line(message: RecordedMessage, judgement: Judgement) -> Line:
    customer = message.author == judgement.message.author
    return Line(
        at=message.at,
        who=_short(message.author),
        part="customer" if customer else "human" if is_human(message) else "bot",
        text=_short(message.text),
        asked=message.id == judgement.message.id,
        after=message.position > judgement.message.position,
    )


def _short(text: str, limit: int = LONGEST_LINE) -> str:
    text = clean(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
