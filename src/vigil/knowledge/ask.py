"""A question in, an answer with its evidence out, or nothing: by one model call where there is a model, else by quoting. Searching is
`search`'s, quoting `quote`'s, the model's words are checked in `prompt`."""

import time
from dataclasses import dataclass, replace

from vigil.domain.decision import Cost, Reason, Stage
from vigil.domain.knowledge import Candidate
from vigil.errors import ModelMalformed, ModelTimeout, ModelUnavailable, OverBudget
from vigil.knowledge.confidence import AMONG, distinct
from vigil.knowledge.finding import Finding, Question
from vigil.knowledge.learned import Learned
from vigil.knowledge.plain import plain
from vigil.knowledge.prompt import MOST_EVIDENCE, Judgement, Shown, check, cite, make_prompt
from vigil.knowledge.quote import MOST_WORDS, quote
from vigil.knowledge.search import Search, SearchResult, Staged
from vigil.language.embedder import Embedder, Vectors
from vigil.language.model import Model

EVIDENCE_WORDS = 130
"""Words of each candidate that a model is shown, some 200 tokens: the stretch that answers best, found as for a quotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """A question with what was found for it."""

    workspace: str
    question: Question
    vector: Vectors | None
    found: Finding
    """What would be said if nothing more were done: the candidates, and how sure the best of them is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """What came of asking a model."""

    finding: Finding | None
    """None: the model-free way takes over."""
    outcome: str
    """In words, for a person."""
    cost: Cost


class Ask:
    """Answers from the knowledge of all workspaces.

    Args:
        model: None for none: then everything is quoted.
        least: confidence below which nothing is answered.
    """

    def __init__(
        self, search: Search, embedder: Embedder, model: Model | None, learned: Learned, *, least: float
    ) -> None:
        self._search = search
        self._embedder = embedder
        self._model = model
        self._learned = learned
        self._least = least

    async def ask(self, workspace: str, question: Question) -> Finding:
        """What the knowledge says to a question; not answered is an ordinary result.

        Raises:
            NotFound: there is no such workspace.
        """
        started = time.perf_counter()
        result = await self._search.search(workspace, question.text, scope=question.scope, limit=AMONG)
        candidates, confidence = self._weighed(result)
        found = Finding(
            answered=False,
            reason=Reason.NO_EVIDENCE,
            note=result.note,
            confidence=confidence,
            candidates=candidates,
            version=result.version,
            stages=(
                *result.stages,
                Stage(name="judge", outcome=f"{confidence:.0%} sure of the best of {len(candidates)}"),
            ),
        )
        finding, cost = found, Cost()
        if candidates and confidence >= self._learned.floor:
            asking = _Asking(workspace=workspace, question=question, vector=result.question, found=found)
            finding, cost = await self._answer(asking)
        return replace(finding, cost=replace(cost, milliseconds=_since(started)))

    async def rehearse(self, workspace: str, question: Question, staged: Staged | None) -> tuple[str | None, float]:
        """Which entry would be first for a question if `staged` were published, and how sure that would be; the entry by its id."""
        result = await self._search.search(workspace, question.text, scope=question.scope, limit=AMONG, staged=staged)
        candidates, confidence = self._weighed(result)
        return (candidates[0].entry_id if candidates else None), confidence

    def _weighed(self, result: SearchResult) -> tuple[tuple[Candidate, ...], float]:
        """Candidates that say different things, and how sure the first of them is."""
        candidates = tuple(result.candidates[number] for number in distinct(result.candidates, result.vectors))
        return candidates, self._learned.confidence.of(candidates)

    async def _answer(self, asking: _Asking) -> tuple[Finding, Cost]:
        found, cost = asking.found, Cost()
        if self._model is not None and asking.question.use_model:
            begun = time.perf_counter()
            reply = await self._call(self._model, asking)
            figures = (("tokens in", float(reply.cost.tokens_in)), ("tokens out", float(reply.cost.tokens_out)))
            stage = Stage(name="model", outcome=reply.outcome, milliseconds=_since(begun), figures=figures)
            if reply.finding is not None:
                return replace(reply.finding, stages=(*found.stages, stage)), reply.cost
            note = f"{reply.outcome[:1].upper()}{reply.outcome[1:]}, so Vigil goes by the evidence alone."
            asking = replace(asking, found=replace(found, note=note, stages=(*found.stages, stage)))
            cost = reply.cost
        if asking.found.confidence < self._least:
            return replace(asking.found, reason=Reason.NOT_SURE), cost
        return await self._quote(asking), cost

    async def _quote(self, asking: _Asking) -> Finding:
        begun, found = time.perf_counter(), asking.found
        best = found.candidates[0]
        words = await self._part(asking, best.text, MOST_WORDS)
        outcome = f"{len(words.split())} of the {len(best.text.split())} words of the best passage"
        return replace(
            found,
            answered=True,
            reason=Reason.ANSWERED,
            answer=plain(words),
            citations=(cite(best, words),),
            stages=(*found.stages, Stage(name="quote", outcome=outcome, milliseconds=_since(begun))),
        )

    async def _call(self, model: Model, asking: _Asking) -> _Reply:
        """Ask the model, once; what it says counts only as far as it stands in the evidence."""
        found = asking.found
        evidence = [
            Shown(candidate=candidate, text=await self._part(asking, candidate.text, EVIDENCE_WORDS))
            for candidate in found.candidates[:MOST_EVIDENCE]
        ]
        try:
            reply = await model.call(make_prompt(asking.question, evidence), Judgement, workspace=asking.workspace)
        except ModelUnavailable as error:
            return _Reply(finding=None, outcome=_failure(error), cost=Cost(calls=not isinstance(error, OverBudget)))
        judgement = reply.value
        if not judgement.answered:
            note = "The model found that the evidence does not answer the question."
            declined = replace(found, reason=Reason.MODEL_DECLINED, note=note)
            return _Reply(finding=declined, outcome="found no answer in the evidence", cost=reply.cost)
        checked = check(judgement, evidence)
        if isinstance(checked, str):
            return _Reply(finding=None, outcome=checked, cost=reply.cost)
        # No surer than half-way from what the search alone makes of it to certainty: nobody has measured this model here.
        confidence = min(judgement.confidence, 0.5 + 0.5 * found.confidence)
        if confidence < self._least:
            unsure = replace(found, reason=Reason.NOT_SURE, confidence=confidence, risk=checked.risk)
            return _Reply(finding=unsure, outcome="answered, and is not sure enough", cost=reply.cost)
        answered = replace(
            found,
            answered=True,
            reason=Reason.ANSWERED,
            answer=plain(checked.answer),
            confidence=confidence,
            risk=checked.risk,
            citations=checked.citations,
        )
        return _Reply(finding=answered, outcome="answered from the evidence", cost=reply.cost)

    async def _part(self, asking: _Asking, passage: str, most: int) -> str:
        """The stretch of a passage that answers best, word for word."""
        try:
            found = await quote(self._embedder, passage, asking.question.text, asking.vector, most=most)
        except ModelUnavailable:  # a remote embedder; words alone will do
            found = await quote(self._embedder, passage, asking.question.text, None, most=most)
        return passage[found.start : found.end]


def _failure(error: ModelUnavailable) -> str:
    if isinstance(error, ModelTimeout):
        return "the model did not answer in time"
    if isinstance(error, OverBudget):
        return "the day's budget for the model is spent"
    if isinstance(error, ModelMalformed):
        return "the model's answer had not the wanted shape"
    return "the model could not be reached"


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 3)
