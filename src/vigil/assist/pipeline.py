"""One message in, one verdict out: thread, gate, topic, rewrite, ask, policy, each written down as a stage. What the steps decide is in
their own modules; loading the situation and committing the verdict are the runtime's."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from vigil.assist import lifecycle
from vigil.assist.answers import Asks, ask_all, stages_of, together
from vigil.assist.course import Course, count, found, where, worth_of
from vigil.assist.gate import Judgement, judge
from vigil.assist.hearing import Hearing, Opening
from vigil.assist.linear import shipped
from vigil.assist.people import Turn, turn_of
from vigil.assist.rewrite import rewrite
from vigil.assist.situation import Situation, Verdict
from vigil.assist.speech import SILENCE, Speech, greet, speak
from vigil.assist.standing import earlier_in, said_in, standing_of
from vigil.assist.thread import Placement, Threads
from vigil.assist.topic import Topics
from vigil.clock import Clock, Ids
from vigil.domain.conversation import ConversationKind, Role
from vigil.domain.decision import Cost, Decision, DecisionKind, Reason, Risk
from vigil.domain.parts import part_of
from vigil.domain.post import Post
from vigil.domain.topic import Topic
from vigil.errors import VigilError
from vigil.knowledge.finding import Finding
from vigil.language.embedder import Embedder
from vigil.language.reading import read
from vigil.language.sentences import sentences_of
from vigil.tracing import span
from vigil.trust import policy
from vigil.trust.outcomes import EarnedThresholds
from vigil.trust.policy import Ruling, Standing
from vigil.trust.risk import Assessment, assess, worse
from vigil.trust.thresholds import Thresholds

__all__ = ["Pipeline", "Thresholds"]

OPENING_MESSAGES = 4
"""Messages of a customer within which a ticket's topic must show; later ones are about details."""


class Pipeline:
    """The assist ability."""

    def __init__(
        self,
        *,
        knowledge: Asks,
        embedder: Embedder,
        clock: Clock,
        ids: Ids,
        thresholds: Thresholds,
        hearing: Hearing,
        earned: EarnedThresholds | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`earned` raises the bar of a workspace whose outcomes ask for it; `timer` counts seconds for the stages."""
        self._earned = earned
        self._asks = knowledge
        self._clock = clock
        self._ids = ids
        self._thresholds = thresholds
        self._hearing = hearing
        self._threads = Threads(shipped(), opens_from=hearing.bars.opens)
        self._topics = Topics(embedder)
        self._timer = timer

    async def decide(self, situation: Situation) -> Verdict:
        """Decide about `situation.message`. Never raises a `VigilError`: that is a silence whose note names the error's class."""
        began = self._timer()
        course = Course(timer=self._timer, covers=(situation.message.id,))
        try:
            verdict = await self._walk(situation, course)
        except VigilError as error:
            note = f"{type(error).__name__} on the way; nothing was said"
            verdict = self._verdict(
                situation, course, Ruling(kind=DecisionKind.SILENT, reason=Reason.FAILED, note=note)
            )
        took = (self._timer() - began) * 1000
        return replace(
            verdict, decision=replace(verdict.decision, cost=replace(verdict.decision.cost, milliseconds=took))
        )

    async def _walk(self, situation: Situation, course: Course) -> Verdict:
        message, kind = situation.message, situation.conversation.kind
        began = self._timer()
        opening = await self._opening(situation)
        placement = self._threads.place(situation, opening)
        course.ticket = placement.ticket or (
            lifecycle.opened(
                message,
                ticket_id=self._ids.new("tkt"),
                before=situation.recent if kind is ConversationKind.ROOM and not situation.tickets else (),
            )
            if placement.opens
            else None
        )
        turn = turn_of(situation, placement.ticket, self._thresholds.burst_window_s)
        course.covers = turn.covers
        course.note("thread", where(placement, course.ticket, turn), began, placement.figures)

        began = self._timer()
        judgement = await judge(situation, placement, turn, opening, self._hearing, self._thresholds.max_message_chars)
        figures = (
            ()
            if judgement.score is None or judgement.threshold is None
            else (("score", judgement.score), ("threshold", judgement.threshold))
        )
        course.note("gate", f"{'passes' if judgement.passes else 'stays silent'}: {judgement.note}", began, figures)

        part = part_of(message, course.ticket, kind)
        if course.ticket is not None:
            course.ticket = lifecycle.after(
                course.ticket,
                message,
                part,
                asks=judgement.passes,
                reopens=judgement.reopens,
                small_talk=read(message.text).small_talk,
                to_vigil=judgement.addressed,
            )
        topic = await self._topic(situation, course, turn, part, addressed=judgement.addressed)
        if not judgement.passes:
            return self._silent(situation, course, judgement, turn)
        if judgement.greets:
            return self._greet(situation, course, "Vigil itself is greeted")
        return await self._answer(situation, course, placement, opening, turn, judgement, part, topic)

    async def _opening(self, situation: Situation) -> Opening:
        """What is heard of a message in a channel; elsewhere, and of what Vigil or another bot wrote, nothing needs to be."""
        message = situation.message
        if (
            situation.conversation.kind is not ConversationKind.CHANNEL
            or message.by_vigil
            or message.author.role is Role.BOT
        ):
            return Opening(opens=0.0, answerable=0.0)
        return await self._hearing.opening(message, situation.recent)

    async def _topic(
        self, situation: Situation, course: Course, turn: Turn, part: Role, *, addressed: bool
    ) -> Topic | None:
        """The ticket's topic; chosen now where it has none and this message tells something new about it."""
        by_key = {topic.key: topic for topic in situation.topics}
        ticket = course.ticket
        if ticket is not None and (ticket.topic is not None or ticket.topic_by_person):
            return by_key.get(ticket.topic or "")
        told = [m.text for m in turn.history if m.author.id == situation.message.author.id and not m.by_vigil]
        told += [m.text for m in turn.messages]
        wanted = (ticket is not None and part is Role.CUSTOMER and len(told) <= OPENING_MESSAGES) or (
            ticket is None and addressed
        )
        if not wanted or not situation.topics or not sentences_of(situation.message.text):
            return None
        began = self._timer()
        texts = told if ticket is not None else [m.text for m in turn.messages]
        choice = await self._topics.choose(
            situation.workspace.id, situation.workspace.topics_version, situation.topics, texts
        )
        figures = (("likeness", choice.likeness), ("second", choice.second))
        course.note("topic", choice.topic.key if choice.topic else "none is near enough", began, figures)
        if ticket is not None and choice.topic is not None:
            course.ticket = replace(ticket, topic=choice.topic.key)
        return choice.topic

    async def _answer(
        self,
        situation: Situation,
        course: Course,
        placement: Placement,
        opening: Opening,
        turn: Turn,
        judgement: Judgement,
        part: Role,
        topic: Topic | None,
    ) -> Verdict:
        before = placement.ticket or course.ticket
        standing = standing_of(situation, before, judgement, part, topic, on_ticket=course.ticket is not None)
        public = policy.may_reach_customer(standing)
        began = self._timer()
        if policy.calls_human(standing) and not _asks_something(turn):
            course.note("rewrite", "no question in it, so nothing is asked", began)
        else:
            audience = "public" if public else "internal"
            course.questions = rewrite(situation, placement.ticket, turn, audience=audience)
            asked = count(len(course.questions), "question")
            read_from = count(len(turn.messages), "message")
            course.note("rewrite", f"{asked} for the {audience} audience, out of {read_from} of this turn", began)
            if not course.questions:
                return self._nothing_to_ask(situation, course, judgement)
            began = self._timer()
            with span("vigil.stage.ask"):  # around it, because a model's call may be inside
                findings = await ask_all(self._asks, situation.workspace.id, course.questions)
            course.thresholds = await self._own(situation)
            course.finding = together(findings, course.thresholds.suggest_confidence)
            if public and not standing.addressed and not self._sure(course.finding):
                public = not await self._ask_among_colleagues(situation, course, course.finding)
            course.note("ask", found(course.finding), began, (("confidence", course.finding.confidence),))
            course.stages += stages_of(course.finding)
        unasked = placement.opens and standing.shared and not standing.addressed
        worth = worth_of(course.finding, opening, judgement) if unasked else None
        return self._rule(situation, course, turn, standing, public, topic, worth)

    def _sure(self, finding: Finding) -> bool:
        return finding.answered and finding.confidence >= self._thresholds.suggest_confidence

    async def _ask_among_colleagues(self, situation: Situation, course: Course, before: Finding) -> bool:
        """Where nothing that a customer may read answers: whether something does that the analysts may be shown."""
        inside = tuple(
            replace(
                question,
                scope=replace(question.scope, audience="internal"),
                use_model=question.use_model and not before.cost.calls,
            )
            for question in course.questions
        )
        finding = together(
            await ask_all(self._asks, situation.workspace.id, inside), self._thresholds.suggest_confidence
        )
        if not self._sure(finding):
            return False
        course.finding = replace(finding, cost=finding.cost if finding.cost.calls else before.cost)
        return True

    async def _own(self, situation: Situation) -> Thresholds:
        """The thresholds of this workspace: those that were set, raised where its own outcomes ask for it."""
        earned = None if self._earned is None else await self._earned.of(situation.workspace.id)
        if earned is None:
            return self._thresholds
        return replace(
            self._thresholds,
            suggest_confidence=max(earned, self._thresholds.suggest_confidence),
            reply_confidence=max(earned, self._thresholds.reply_confidence),
        )

    def _rule(
        self,
        situation: Situation,
        course: Course,
        turn: Turn,
        standing: Standing,
        public: bool,
        topic: Topic | None,
        worth: float | None,
    ) -> Verdict:
        began = self._timer()
        finding, ticket = course.finding, course.ticket
        thresholds = course.thresholds or self._thresholds
        assessed = assess(finding.answer) if finding is not None else Assessment(risk=Risk.LOW)
        entries = {citation.entry_id for citation in finding.citations} if finding else set[str]()
        earlier = earlier_in(situation, ticket, turn, self._thresholds)
        ruling = policy.decide(
            finding,
            standing,
            thresholds,
            assessed=assessed,
            public=public,
            entry_ids=entries,
            earlier=earlier,
            worth=worth,
            now=self._clock.now(),
        )
        bars = (
            ("suggest_from", thresholds.suggest_confidence),
            ("reply_from", thresholds.reply_confidence),
        )
        bars += () if worth is None else (("worth", worth),)
        course.note("policy", f"{ruling.kind.value.replace('_', ' ')}: {ruling.note}", began, bars)
        if ticket is not None and ruling.kind is DecisionKind.HAND_OFF:
            course.ticket = lifecycle.handed_off(ticket)
        elif ticket is not None and ruling.kind is DecisionKind.REPLY and standing.by_customer:
            course.ticket = lifecycle.answered_by_vigil(ticket)
        speech = speak(
            ruling,
            finding,
            ticket=ticket,
            topic=topic,
            assessed=assessed,
            colleague=standing.by_analyst,
            said_before=any(entries and entries <= set(one.entry_ids) and one.seen_by_customer for one in earlier),
            least=thresholds.suggest_confidence,
        )
        supersedes = said_in(situation.said, turn) if speech.posts else ()
        return self._verdict(situation, course, ruling, speech, risk=assessed.risk, supersedes=supersedes)

    def _nothing_to_ask(self, situation: Situation, course: Course, judgement: Judgement) -> Verdict:
        if judgement.addressed:
            return self._greet(situation, course, "Vigil itself is called, and nothing is asked")
        note = "nothing in it or before it could be asked"
        return self._verdict(
            situation, course, Ruling(kind=DecisionKind.SILENT, reason=Reason.NOT_A_QUESTION, note=note)
        )

    def _silent(self, situation: Situation, course: Course, judgement: Judgement, turn: Turn) -> Verdict:
        ruling = Ruling(kind=DecisionKind.SILENT, reason=judgement.reason, note=judgement.note)
        supersedes = said_in(situation.said, turn) if judgement.retracts else ()
        return self._verdict(situation, course, ruling, supersedes=supersedes)

    def _greet(self, situation: Situation, course: Course, note: str) -> Verdict:
        colleague = situation.message.author.role is Role.ANALYST
        speech = greet(to_colleague_only=colleague and situation.conversation.kind is not ConversationKind.PRIVATE)
        ruling = Ruling(kind=DecisionKind.REPLY, reason=Reason.ADDRESSED, note=note)
        return self._verdict(situation, course, ruling, speech)

    def _verdict(
        self,
        situation: Situation,
        course: Course,
        ruling: Ruling,
        speech: Speech = SILENCE,
        *,
        risk: Risk = Risk.LOW,
        supersedes: tuple[str, ...] = (),
    ) -> Verdict:
        now = self._clock.now()
        finding = course.finding
        answer = finding if finding is not None and finding.answered and speech.own_words is None else None
        decision = Decision(
            id=self._ids.new("dec"),
            conversation_id=situation.conversation.id,
            message_id=situation.message.id,
            ticket_id=course.ticket.id if course.ticket else None,
            kind=ruling.kind,
            reason=ruling.reason,
            note=ruling.note,
            question="\n\n".join(question.text for question in course.questions),
            answer=speech.own_words or (answer.answer if answer else ""),
            confidence=finding.confidence if finding is not None and finding.answered else None,
            risk=worse(finding.risk, risk) if finding is not None else risk,
            citations=answer.citations if answer else (),
            candidates=finding.candidates if finding is not None else (),
            stages=tuple(course.stages),
            knowledge_version=finding.version if finding is not None else situation.workspace.knowledge_version,
            cost=finding.cost if finding is not None else Cost(),
            decided_at=now,
            covers=course.covers,
        )
        posts = tuple(
            Post(
                id=self._ids.new("pst"),
                conversation_id=situation.conversation.id,
                decision_id=decision.id,
                visibility=visibility,
                text=text,
                not_before=now + timedelta(seconds=self._thresholds.post_delay_s),
            )
            for visibility, text in speech.posts
        )
        return Verdict(decision=decision, ticket=course.ticket, posts=posts, supersedes=supersedes)


def _asks_something(turn: Turn) -> bool:
    return any(read(m.text).question or read(m.text).problem for m in turn.messages)
