"""When the newer side of a conflict wins by itself: it has to be better evidenced, by people who don't hang together, and the topic has to
let Vigil go that far. Everything else waits for a person."""

from dataclasses import dataclass

from vigil.clock import Clock
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind
from vigil.domain.topic import Autonomy
from vigil.learn.lesson import is_learned, merged
from vigil.learn.relation import Known, Reconciles, Relation
from vigil.learn.support import Backing, backing_of, bears_out
from vigil.learn.trusted import trust_of
from vigil.store.conversations import Conversations
from vigil.store.lessons import LessonRecord, Lessons, LessonState
from vigil.store.store import Session, Store
from vigil.store.workspaces import Workspaces
from vigil.trust.posterior import Beta

LEAST_STRENGTH = 2
"""Independent tickets behind the newer side: one is what any lesson has."""
MOST = 50
"""Conflicts with one entry that are looked at, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Won:
    """The newer side wins."""

    evidence: tuple[Evidence, ...]
    """All of its."""
    settled: tuple[LessonRecord, ...]
    """Earlier conflicts that said the same."""


class Winning:
    """Weighs the sides of a conflict."""

    def __init__(self, *, store: Store, reconciles: Reconciles, clock: Clock) -> None:
        self._store = store
        self._reconciles = reconciles
        self._clock = clock

    async def over(
        self, workspace: str, draft: Draft, backing: Backing, against: Known, *, topic: str | None
    ) -> Won | None:
        """Whether what contradicts an entry wins; None where a person has to decide.

        It does where the topic is set to reply by itself; the entry is one that Vigil learned and no person ever stood by; at least two
        tickets of different customers and analysts, in words of their own, say the new thing; all of them are newer than what stands behind
        the old; and the lower bound of the new side's posterior is above that of the old one's.
        """
        by_person = any(each.kind is EvidenceKind.PERSON for each in against.draft.evidence)
        if not is_learned(against.draft) or by_person:
            return None
        async with self._store.read(workspace) as session:
            if await _autonomy(session, topic) is not Autonomy.AUTO:
                return None
            waiting = await Lessons(session).find((LessonState.CONFLICT,), entry_id=against.entry_id, limit=MOST)
            old = (await trust_of(session, [against.entry_id], now=self._clock.now()))[against.entry_id]
        agreeing = [each for each in waiting if each.draft is not None and await self._agrees(each.draft, draft)]
        side, evidence, settled = backing, draft.evidence, list[LessonRecord]()
        async with self._store.read(workspace) as session:
            for each in agreeing:
                if each.draft is None:
                    continue
                theirs = await backing_of(Conversations(session), each.draft)
                if bears_out(theirs, side, draft.answer, [each.draft.answer]):
                    side, evidence = side | theirs, merged(evidence, each.draft.evidence)
                settled.append(each)
            newer = await _first(session, evidence) > await _last(session, against.draft.evidence)
        new = Beta(good=float(side.strength))
        if side.strength < LEAST_STRENGTH or not newer or new.interval()[0] <= old.low:
            return None
        return Won(evidence=evidence, settled=tuple(settled))

    async def _agrees(self, earlier: Draft, draft: Draft) -> bool:
        related = await self._reconciles.relate(draft, [Known(entry_id="earlier", draft=earlier)])
        return related.relation in (Relation.SAME, Relation.REFINES)


async def _autonomy(session: Session, topic: str | None) -> Autonomy:
    found = {each.key: each.autonomy for each in await Workspaces(session).topics()}
    return found.get(topic or "", (await Workspaces(session).get()).default_autonomy)


async def _first(session: Session, evidence: tuple[Evidence, ...]) -> float:
    return min(await _times(session, evidence), default=0.0)


async def _last(session: Session, evidence: tuple[Evidence, ...]) -> float:
    return max(await _times(session, evidence), default=0.0)


async def _times(session: Session, evidence: tuple[Evidence, ...]) -> list[float]:
    ids = [each.reference for each in evidence if each.kind is EvidenceKind.MESSAGE]
    return [each.sent_at.timestamp() for each in await Conversations(session).messages(ids)]
