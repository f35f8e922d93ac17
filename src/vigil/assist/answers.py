"""The port through which the knowledge base is asked, and several findings as one. How an answer is found is `knowledge`'s."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from vigil.domain.decision import Cost, Stage
from vigil.knowledge.finding import Finding, Question
from vigil.trust.risk import worse


class Asks(Protocol):
    """The knowledge base, as far as assist needs it."""

    async def ask(self, workspace: str, question: Question) -> Finding:
        """What is known about a question; not known is an ordinary result.

        Raises:
            VigilError: it can't be asked at all.
        """
        ...


async def ask_all(asks: Asks, workspace: str, questions: Sequence[Question]) -> list[Finding]:
    """All questions in turn. A message is worth one model call: once a question has cost one, the others are answered by quoting."""
    findings: list[Finding] = []
    for question in questions:
        called = any(finding.cost.calls for finding in findings)
        findings.append(await asks.ask(workspace, replace(question, use_model=question.use_model and not called)))
    return findings


def together(findings: Sequence[Finding], least: float) -> Finding:
    """Several findings as one: the answers that are at least `least` sure, with the lowest confidence and the highest risk among them."""
    if len(findings) == 1:
        return findings[0]
    good = [finding for finding in findings if finding.answered and finding.confidence >= least]
    whole = max(good or findings, key=lambda finding: (finding.answered, finding.confidence))
    if good:
        risk = good[0].risk
        for finding in good[1:]:
            risk = worse(risk, finding.risk)
        whole = replace(
            whole,
            answer="\n\n".join(dict.fromkeys(finding.answer for finding in good)),
            confidence=min(finding.confidence for finding in good),
            risk=risk,
            citations=tuple(dict.fromkeys(citation for finding in good for citation in finding.citations)),
            note=f"{len(good)} of {len(findings)} questions are answered",
        )
    return replace(
        whole,
        candidates=tuple(candidate for finding in findings for candidate in finding.candidates),
        version=max(finding.version for finding in findings),
        cost=_sum([finding.cost for finding in findings]),
        stages=tuple(
            replace(stage, name=f"{stage.name} {number}")
            for number, finding in enumerate(findings, 1)
            for stage in finding.stages
        ),
    )


def stages_of(finding: Finding) -> tuple[Stage, ...]:
    """What happened inside the knowledge base, named as parts of asking."""
    return tuple(replace(stage, name=f"ask: {stage.name}") for stage in finding.stages)


def _sum(costs: Sequence[Cost]) -> Cost:
    return Cost(
        model=next((cost.model for cost in costs if cost.model), None),
        calls=sum(cost.calls for cost in costs),
        tokens_in=sum(cost.tokens_in for cost in costs),
        tokens_out=sum(cost.tokens_out for cost in costs),
        money=sum(cost.money for cost in costs),
        milliseconds=max(cost.milliseconds for cost in costs),
    )
