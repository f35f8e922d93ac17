"""What must hold after `faults.py`, read from the database and from the receiver: nothing lost, nothing twice, everything in order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from _herd import Got
from sqlalchemy import text

from vigil.knowledge.base import KnowledgeBase
from vigil.store.audit import Audit
from vigil.store.store import Store

W = "default"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Each figure but those of the last group must be 0."""

    lost: int = 0
    """Messages that were taken in and have no decision."""
    decided_twice: int = 0
    """Messages with more than one decision, follow-ups left out: those are about a message that was decided on long before."""
    followed_up_twice: int = 0
    """Follow-ups that were said again by somebody: decisions that no follow-up knows as its own."""
    out_of_order: int = 0
    """Decisions that were made before one further ahead in their conversation."""
    parked: int = 0
    posts_doubled: int = 0
    """Decisions of which the receiver saw more than one key for the same eyes: who calls a human tells the customer and the analyst."""
    posts_lost: int = 0
    """Posts that count as sent and never arrived."""
    posts_stuck: int = 0
    posts_failed: int = 0
    posts_out_of_order: int = 0
    chains_broken: int = 0
    leases_left: int = 0
    entries_not_found: int = 0
    exits_not_clean: int = 0

    repeated: int = 0
    """Deliveries of a key that the receiver had seen: what the key is for."""
    sent: int = 0
    withdrawn: int = 0
    withdrawn_yet_received: int = 0
    """Posts whose sender died before it could note that they had gone; by the next look they were no longer wanted."""

    def faults(self) -> dict[str, int]:
        """What must be 0 and isn't."""
        harmless = {"repeated", "sent", "withdrawn", "withdrawn_yet_received"}
        return {name: figure for name, figure in asdict(self).items() if figure and name not in harmless}


async def backlog(store: Store) -> tuple[int, int]:
    """Events and posts that wait."""
    async with store.across_workspaces() as connection:
        events = await connection.execute(text("SELECT count(*) FROM inbox WHERE state = 'waiting'"))
        posts = await connection.execute(text("SELECT count(*) FROM outbox WHERE state = 'waiting'"))
        return events.scalar_one(), posts.scalar_one()


async def judge(store: Store, sent: set[str], posts: Mapping[str, Got], repeated: int) -> Verdict:
    """`sent` are the ids of the messages that a door has taken, `posts` what the receiver got by key, in its order."""
    verdict = Verdict(repeated=repeated)
    decided: dict[str, list[tuple[int, int]]] = defaultdict(list)
    by_message: dict[str, int] = defaultdict(int)
    async with store.across_workspaces() as connection:
        rows = await connection.execute(
            text(
                "SELECT m.external_id AS message, d.conversation_id, d.position, d.decided_at FROM decisions d "
                "JOIN messages m ON m.workspace_id = d.workspace_id AND m.id = d.message_id "
                "WHERE NOT m.by_vigil AND d.reason <> 'follow_up'"
            )
        )
        for row in rows:
            by_message[row.message] += 1
            decided[row.conversation_id].append((row.position, row.decided_at))
        again = await connection.execute(
            text(
                "SELECT count(*) FROM decisions d WHERE d.reason = 'follow_up' AND NOT EXISTS "
                "(SELECT 1 FROM follow_ups f WHERE f.workspace_id = d.workspace_id AND f.decision_id = d.id)"
            )
        )
        verdict.followed_up_twice = again.scalar_one()
        parked = await connection.execute(text("SELECT count(*) FROM inbox WHERE state = 'parked'"))
        verdict.parked = parked.scalar_one()
        leases = await connection.execute(text("SELECT count(*) FROM conversations WHERE lease_owner IS NOT NULL"))
        verdict.leases_left = leases.scalar_one()
        outbox = (await connection.execute(text("SELECT id, state FROM outbox ORDER BY id"))).all()
    verdict.lost = len(sent - set(by_message))
    verdict.decided_twice = sum(times > 1 for times in by_message.values())
    for turns in decided.values():
        moments = [moment for _, moment in sorted(turns)]
        verdict.out_of_order += sum(later < earlier for earlier, later in pairwise(moments))
    _judge_posts(verdict, [(row.id, row.state) for row in outbox], posts)
    async with store.read(W) as session:
        for conversation in decided:
            verdict.chains_broken += await Audit(session).broken_at(conversation) is not None
    return verdict


def _judge_posts(verdict: Verdict, outbox: Sequence[tuple[str, str]], posts: Mapping[str, Got]) -> None:
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    places: dict[str, list[str]] = defaultdict(list)
    for got in posts.values():
        keys[got.decision, got.visibility].add(got.key)
        places[got.conversation].append(got.key)
    verdict.posts_doubled = sum(len(some) > 1 for some in keys.values())
    verdict.posts_out_of_order = sum(some != sorted(some) for some in places.values())
    for key, state in outbox:
        verdict.sent += state == "sent"
        verdict.withdrawn += state == "withdrawn"
        verdict.posts_lost += state == "sent" and key not in posts
        verdict.posts_stuck += state == "waiting"
        verdict.posts_failed += state == "failed"
        verdict.withdrawn_yet_received += state == "withdrawn" and key in posts


async def not_found(knowledge: KnowledgeBase, questions: Mapping[str, str]) -> int:
    """How many of these questions don't bring up the entry that has their word in it; and one more where the index isn't well."""
    missing = 0
    for question, word in questions.items():
        result = await knowledge.search(W, question, limit=10)
        missing += not any(word in candidate.text for candidate in result.candidates)
    return missing + (not (await knowledge.ready_check(W)).ready)
