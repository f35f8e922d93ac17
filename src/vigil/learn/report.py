"""What was learned lately, in a page that a team lead reads: new, changed, in conflict, retired, held and why, and how the knowledge
grew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vigil.domain.knowledge import Revision, RevisionKind
from vigil.domain.topic import Autonomy
from vigil.learn.lesson import INTERNAL, is_learned
from vigil.store.audit import Audit
from vigil.store.entries import Entries
from vigil.store.lessons import WAITING, LessonRecord, Lessons, LessonState
from vigil.store.store import Store

WEEK = timedelta(days=7)
WEEKS = 8
"""Of the curve: two months show whether it still rises."""
MOST_WAITING = 1_000
"""Of what waits for a person, counted; nobody's list should come near it."""
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One lesson."""

    lesson_id: str
    """By which a person accepts or rejects it; empty for an entry that retired."""
    ticket_id: str
    entry_id: str | None
    title: str
    """Of the entry, or of what waits; empty where there is none."""
    reason: str
    messages: tuple[str, ...]
    """The messages behind it, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A point of the curve."""

    start: datetime
    tickets: int
    """That were learned from."""
    lessons: int
    """New in it."""
    known: int
    """New lessons up to its end, those before the curve left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was learned from one instant to another."""

    since: datetime
    until: datetime
    tickets: int
    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    more_evidence: int
    """Lessons that were known already."""
    conflicts: tuple[Line, ...]
    held: tuple[Line, ...]
    rejected: tuple[Line, ...]
    """By a person, or because a person had rejected the same."""
    retired: tuple[Line, ...]
    nothing: Mapping[str, int] = field(default_factory=dict[str, int])
    """Why questions taught nothing, and how often."""
    waiting_for_yes: int
    """Lessons in force that analysts are shown and customers are not."""
    waiting_for_decision: int
    """Held lessons and conflicts of any age, which a person has to accept or reject; at most `MOST_WAITING` are counted."""
    lowered: tuple[str, ...]
    """Topics that took a step back by themselves, by key."""
    curve: tuple[Week, ...]


async def report(store: Store, workspace: str, *, until: datetime, span: timedelta = WEEK) -> Report:
    """What was learned in the time before `until`."""
    since = until - span
    async with store.read(workspace) as session:
        records = await Lessons(session).since(until - max(WEEK * WEEKS, span))
        recent = [each for each in records if each.at >= since]
        mentioned = {each.entry_id for each in recent if each.entry_id is not None}
        titles = {key: each.revision.draft.title for key, each in (await Entries(session).standing(mentioned)).items()}
        learned = [each for each in await _all(Entries(session), retired=False) if _is_lesson(each)]
        waiting = await Lessons(session).find(WAITING, limit=MOST_WAITING)
        steps = await Audit(session).latest("workspace", limit=_PAGE)
        gone = [each for each in await _all(Entries(session), retired=True) if _is_lesson(each)]

    def lines(state: LessonState, *relations: str) -> tuple[Line, ...]:
        return tuple(
            _line(each, titles)
            for each in recent
            if each.state is state and (not relations or each.relation in relations)
        )

    return Report(
        since=since,
        until=until,
        tickets=len({each.ticket_id for each in recent}),
        new=lines(LessonState.PUBLISHED, "new"),
        changed=lines(LessonState.PUBLISHED, "refines"),
        more_evidence=len(lines(LessonState.PUBLISHED, "same")),
        conflicts=lines(LessonState.CONFLICT),
        held=lines(LessonState.HELD),
        rejected=lines(LessonState.REJECTED),
        retired=tuple(
            Line(
                lesson_id="",
                ticket_id="",
                entry_id=each.entry_id,
                title=each.draft.title,
                reason=_why_retired(each),
                messages=(),
            )
            for each in gone
            if each.created_at >= since
        ),
        nothing=dict(Counter(each.reason for each in recent if each.state is LessonState.NOTHING).most_common()),
        waiting_for_yes=sum(each.draft.scope.audience == INTERNAL for each in learned),
        waiting_for_decision=len(waiting),
        lowered=tuple(
            each.subject
            for each in steps
            if each.actor == "vigil" and each.action == f"topic.{Autonomy.SUGGEST}" and each.at >= since
        ),
        curve=_curve(records, until),
    )


async def _all(entries: Entries, *, retired: bool) -> list[Revision]:
    found: list[Revision] = []
    while page := await entries.entries(retired=retired, start=found[-1].entry_id if found else "", limit=_PAGE):
        found += page
    return found


def _is_lesson(revision: Revision) -> bool:
    return is_learned(revision.draft) and revision.kind in (RevisionKind.PUBLISHED, RevisionKind.RETIRED)


def _why_retired(revision: Revision) -> str:
    """A person, or its time, or what was said of it."""
    if revision.created_by != "vigil":
        return f"by {revision.created_by}"
    until = revision.draft.valid_until
    return "outlived" if until is not None and until <= revision.created_at else "contradicted"


def _line(record: LessonRecord, titles: Mapping[str, str]) -> Line:
    title = record.draft.title if record.draft is not None else titles.get(record.entry_id or "", "")
    return Line(
        lesson_id=record.id,
        ticket_id=record.ticket_id,
        entry_id=record.entry_id,
        title=title,
        reason=record.note or record.reason,
        messages=record.evidence,
    )


def _curve(records: Sequence[LessonRecord], until: datetime) -> tuple[Week, ...]:
    found: list[Week] = []
    known = 0
    for number in range(WEEKS, 0, -1):
        start = until - number * WEEK
        mine = [each for each in records if start <= each.at < start + WEEK or (number == 1 and each.at == until)]
        new = sum(each.state is LessonState.PUBLISHED and each.relation == "new" for each in mine)
        known += new
        found.append(Week(start=start, tickets=len({each.ticket_id for each in mine}), lessons=new, known=known))
    return tuple(found)
