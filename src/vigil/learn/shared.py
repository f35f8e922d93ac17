"""Pages that analysts linked in a ticket become knowledge, from allowed domains alone and the way of any lesson: redacted, looked through
for instructions to a machine, related, tried out. What becomes of each passage is `fate`'s."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from vigil.clock import Clock, Ids
from vigil.domain.conversation import Role
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Scope
from vigil.domain.timer import Timer
from vigil.errors import Denied, InvalidInput, NotFound
from vigil.guard.redact import Vault
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.chunks import TokenCounter
from vigil.knowledge.documents import Fetch, Limits, Loaded, load
from vigil.learn.exchanges import part_in, vault_of
from vigil.learn.fate import Candidate, Fate, Fates
from vigil.learn.lesson import INTERNAL, Ended
from vigil.learn.plan import Plan, Writes, nothing_to_write
from vigil.learn.support import Backing
from vigil.store.conversations import Conversations
from vigil.store.lessons import LessonRecord, Lessons, LessonState, Origin
from vigil.store.store import Session, Store

MOST_PAGES = 3
"""Linked pages of one ticket that are read: what an analyst sends to a customer, and not a list of links."""
MOST_PASSAGES = 20
"""Of one page; a whole manual is for `vigil knowledge add`, by a person."""
_LINK = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]{3,2000}", re.IGNORECASE)
_AFTER = ".,;:!?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that an analyst linked."""

    url: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Links:
    """Finds the pages that may become knowledge.

    Args:
        domains: their hosts: ``docs.example.com``, or ``*.example.com`` for every host below it.
    """

    domains: Sequence[str]

    def of(self, ended: Ended) -> list[Link]:
        """The pages that verified analysts linked, on allowed domains; the first ones, each once."""
        found: dict[str, Link] = {}
        if not self.domains:
            return []
        for message in ended.messages:
            if message.deleted_at is not None or part_in(message, ended.ticket) is not Role.ANALYST:
                continue
            for match in _LINK.finditer(message.text):
                url = match[0].rstrip(_AFTER).partition("#")[0]
                if self._allows(url):
                    found.setdefault(url, Link(url=url, message_id=message.id))
        return list(found.values())[:MOST_PAGES]

    def _allows(self, url: str) -> bool:
        """By its host; what the address leads to is checked when it is fetched."""
        try:
            host = (urlsplit(url).hostname or "").casefold()
        except ValueError:
            return False
        wanted = [each.strip().casefold() for each in self.domains]
        return any(
            host.endswith(each[1:]) if each.startswith("*.") else host == each.partition(":")[0] for each in wanted
        )


class Shared:
    """Learns from linked pages, in all workspaces.

    Args:
        links: which pages may be read.
        fetch: fetches them; it admits no other hosts either.
        count: how many tokens the embedder makes of a text.
    """

    def __init__(
        self,
        *,
        store: Store,
        knowledge: KnowledgeBase,
        fates: Fates,
        clock: Clock,
        ids: Ids,
        links: Links,
        fetch: Fetch,
        count: TokenCounter,
        limits: Limits,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._fates = fates
        self._clock = clock
        self._ids = ids
        self._links = links
        self._fetch = fetch
        self._count = count
        self._limits = limits

    async def ring(self, workspace: str, timer: Timer) -> Writes:
        """The alarm: a ticket's pages are to be read."""
        try:
            plans = await self.plans(workspace, timer.subject)
        except NotFound:  # forgotten meanwhile
            return nothing_to_write

        async def write(session: Session) -> None:
            for plan in plans:
                await plan.write(session)

        return write

    async def learn(self, workspace: str, ticket_id: str) -> list[LessonRecord]:
        """Read what was linked in a ticket now. Raises NotFound, Conflict, ModelUnavailable."""
        written: list[LessonRecord] = []
        for plan in await self.plans(workspace, ticket_id):
            async with self._store.write(workspace) as session:
                written += await plan.write(session)
        return written

    async def plans(self, workspace: str, ticket_id: str) -> list[Plan]:
        """What is learned from each linked page that was not looked at as it stands. Raises NotFound, ModelUnavailable."""
        async with self._store.read(workspace) as session:
            ticket = await Conversations(session).ticket(ticket_id)
            messages = await Conversations(session).of_ticket(ticket.id)
        ended = Ended(ticket=ticket, messages=messages)
        vault = vault_of(messages)
        return [await self._plan(workspace, ended, link, vault) for link in self._links.of(ended)]

    async def _plan(self, workspace: str, ended: Ended, link: Link, vault: Vault) -> Plan:
        empty = Plan(ids=self._ids, ticket_id=ended.ticket.id, through=_through(link.url, ""))
        record = LessonRecord(
            id=self._ids.new("les"),
            ticket_id=ended.ticket.id,
            through=empty.through,
            number=0,
            state=LessonState.NOTHING,
            evidence=(link.message_id,),
            origin=Origin.DOCUMENT,
            at=self._clock.now(),
        )
        try:
            loaded = await load(link.url, count=self._count, fetch=self._fetch, limits=self._limits)
        except (InvalidInput, Denied):
            return replace(empty, fates=(Fate(record=replace(record, reason="unreadable_page")),))
        through = _through(link.url, loaded.document.digest)
        empty, record = replace(empty, through=through), replace(record, through=through)
        async with self._store.read(workspace) as session:
            if await Lessons(session).learned(ended.ticket.id, through):
                return empty
        if not 0 < len(loaded.drafts) <= MOST_PASSAGES:
            reason = "page_is_too_long" if loaded.drafts else "unreadable_page"
            return replace(empty, fates=(Fate(record=replace(record, reason=reason)),))
        fates: list[Fate] = []
        for number, draft in enumerate(_passages(loaded, ended, link, vault), start=1):
            mine = replace(record, id=self._ids.new("les"), number=number)
            backing = Backing(tickets=frozenset({ended.ticket.id}))
            candidate = Candidate(record=mine, draft=draft, topic=ended.ticket.topic, backing=backing)
            fates.append(await self._fates.of(workspace, candidate))
        drafts = {fate.draft.key: fate.draft for fate in fates if fate.draft is not None}
        prepared = None
        if drafts:
            summary = f"a page linked in {ended.ticket.external_id}"
            prepared = await self._knowledge.prepare(workspace, list(drafts.values()), by="vigil", summary=summary)
        told = lambda: self._knowledge.published(workspace)  # noqa: E731
        return replace(empty, fates=tuple(fates), prepared=prepared, told=told)


def _passages(loaded: Loaded, ended: Ended, link: Link, vault: Vault) -> list[Draft]:
    """The page's passages as they may be kept. For analysts only, as everything that one ticket taught."""
    name = hashlib.sha256(link.url.encode()).hexdigest()[:16]
    evidence = (
        Evidence(kind=EvidenceKind.DOCUMENT, reference=link.url, title=vault.redact(loaded.document.title)),
        Evidence(kind=EvidenceKind.MESSAGE, reference=link.message_id, title="shared"),
    )
    return [
        Draft(
            key=f"shared:{name}:{number}",
            title=vault.redact(draft.title),
            question=vault.redact(draft.question or draft.title),
            answer=vault.redact(draft.answer),
            scope=Scope(product=ended.ticket.product, audience=INTERNAL, language=draft.scope.language),
            valid_from=draft.valid_from,
            valid_until=draft.valid_until,
            evidence=evidence,
        )
        for number, draft in enumerate(loaded.drafts, start=1)
    ]


def _through(url: str, digest: str) -> str:
    """Names a page as it stood, in the place of a message."""
    return f"page:{hashlib.sha256(f'{url} {digest}'.encode()).hexdigest()}"
