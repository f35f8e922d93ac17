"""The trust of entries as they stand: the words about what each says now, and not about what it said before. What a word weighs is
`trust.standing`'s."""

from collections.abc import Collection, Sequence
from datetime import datetime

from vigil.clock import Ids
from vigil.domain.knowledge import Revision
from vigil.errors import NotFound
from vigil.store.entries import Entries
from vigil.store.store import Session
from vigil.store.votes import Vote, Votes
from vigil.trust.standing import REACH, WEIGHTS, Trust, trust


async def trust_of(
    session: Session, entry_ids: Collection[str], *, now: datetime, without: Collection[str] = ()
) -> dict[str, Trust]:
    """How far each of these entries can be trusted; what was said about earlier words of theirs is left out."""
    votes = await Votes(session).of(entry_ids, since=now - REACH)
    found: dict[str, Trust] = {}
    for entry_id, words in votes.items():
        since = _unchanged_since(await _history(session, entry_id)) if words else None
        counted = [each for each in words if since is None or each.at >= since]
        found[entry_id] = trust(counted, now=now, without=without)
    return found


def vote(ids: Ids, entry_id: str, kind: str, reference: str, *, at: datetime, share: float = 1.0) -> Vote:
    """One word about an entry, at the weight that its kind has.

    Args:
        share: of it that falls on this entry, where an answer stood on several.
    """
    good, bad = WEIGHTS[kind]
    return Vote(
        id=ids.new("vot"),
        entry_id=entry_id,
        reference=reference,
        kind=kind,
        good=good * share,
        bad=bad * share,
        at=at,
    )


async def _history(session: Session, entry_id: str) -> Sequence[Revision]:
    try:
        return await Entries(session).history(entry_id)
    except NotFound:
        return ()


def _unchanged_since(history: Sequence[Revision]) -> datetime | None:
    """When the entry began to say what it says now. What a person brought back counts from then on:
    they have seen what spoke against it."""
    since = None
    said = retired = ""
    for revision in history:
        draft = revision.draft
        now_says = f"{draft.conditions}\n{draft.answer}"
        back = retired and revision.created_by != "vigil"
        if now_says != said or (back and revision.kind.value == "published"):
            since = revision.created_at
        said, retired = now_says, "yes" if revision.kind.value == "retired" else ""
    return since
