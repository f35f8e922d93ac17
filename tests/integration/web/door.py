"""The HTTP application with a desk behind it whose assist is scripted, and a client that knocks."""

from dataclasses import dataclass
from datetime import timedelta
from json import dumps
from typing import Any

import httpx2
from fastapi import FastAPI

from vigil.assist.asked import Answering
from vigil.assist.situation import Situation
from vigil.channels.webhook.receiver import WebhookReceiver
from vigil.clock import CountingIds, ManualClock
from vigil.domain.decision import Decision
from vigil.domain.workspace import Workspace
from vigil.guard.access import Scope
from vigil.guard.oidc import IdentityProvider
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.index import EntryIndex
from vigil.language.model import Model
from vigil.learn.gaps import GapFinder
from vigil.learn.loop import Learner
from vigil.learn.review import Review
from vigil.runtime.accounts import SignIns
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import AlarmLimits, Alarms
from vigil.runtime.asking import Asking
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.followups import FollowUpDesk
from vigil.runtime.hashing import Hashing
from vigil.runtime.insight import Insight
from vigil.runtime.lastlook import LastLook
from vigil.runtime.library import Library
from vigil.runtime.newcomers import Newcomers, parts_by_group
from vigil.runtime.pulse import Pulse
from vigil.runtime.queue import DeskQueue
from vigil.runtime.recovery import Recovery
from vigil.runtime.sender import Sender, SendLimits
from vigil.runtime.topics import TopicModes
from vigil.runtime.tracking import Tracking
from vigil.runtime.uploads import Uploads
from vigil.runtime.workload import WorkloadView
from vigil.settings import Settings
from vigil.store.decisions import DecisionFilter
from vigil.store.store import Store
from vigil.testing.assist import ScriptedAssist
from vigil.testing.channel import MemoryChannel
from vigil.testing.embedder import HashEmbedder
from vigil.testing.learn import Repetition
from vigil.track.follower import Follower
from vigil.track.nudges import Nudges
from vigil.track.schedule import KIND as FOLLOW_UP
from vigil.track.schedule import FollowUpSchedule
from vigil.track.summaries import Summaries
from vigil.track.triage import Triages
from vigil.web.application import create_application
from vigil.web.console.needs import ConsoleNeeds, Provider
from vigil.web.console.tour import Tour
from vigil.web.services import Services

OURS, THEIRS = "acme", "globex"
POISON = "poison"
"""A message over which deciding fails."""
ANSWER = "Open Users, choose the user, then Reset password."


def tell(decision: Decision) -> str:
    return f"Vigil chose {decision.kind} because {decision.reason}."


class NoShelf:
    """Below some hundred entries nothing is indexed."""

    async def index(self, workspace: str, embedder_id: str, dimensions: int) -> EntryIndex:
        raise AssertionError(f"{workspace} has no index")


@dataclass
class Door:
    """Everything that a test needs to knock and to see what happened behind the door."""

    app: FastAPI
    store: Store
    clock: ManualClock
    administration: Administration
    desk: Desk
    knowledge: KnowledgeBase
    learner: Learner
    drain: Drain
    bell: Bell
    sign_ins: SignIns
    recovery: Recovery
    pulse: Pulse
    uploads: Uploads
    client: httpx2.AsyncClient
    tokens: dict[tuple[str, Scope], str]
    alarms: Alarms
    tracking: Tracking

    @classmethod
    async def open(
        cls,
        store: Store,
        clock: ManualClock,
        ids: CountingIds,
        *,
        settings: Settings,
        model: Model | None = None,
        tour: Tour | None = None,
    ) -> "Door":
        administration = Administration(store=store, clock=clock, ids=ids)
        bell = Bell()
        schedule = FollowUpSchedule(ids=ids)
        desk = Desk(store=store, clock=clock, ids=ids, bell=bell, inbox_limit=settings.inbox_limit, schedule=schedule)
        tokens: dict[tuple[str, Scope], str] = {}
        for workspace in (OURS, THEIRS):
            await administration.create_workspace(Workspace(id=workspace, name=workspace.title()), by="test")
            for scope in Scope:
                _, secret = await administration.create_token(
                    workspace, name=scope.value, scopes=frozenset({scope}), by="test"
                )
                tokens[workspace, scope] = secret
        pulse = Pulse(store=store, clock=clock)
        hashing = Hashing()
        sign_ins = SignIns(store=store, clock=clock, ids=ids, hashing=hashing)
        recovery = Recovery(store=store, clock=clock, ids=ids, hashing=hashing)
        embedder = HashEmbedder(dimensions=256)
        knowledge = KnowledgeBase(store=store, embedder=embedder, shelf=NoShelf(), clock=clock, ids=ids)
        learner = Learner(
            store=store,
            knowledge=knowledge,
            reconciles=Repetition(),
            clock=clock,
            ids=ids,
            least_confidence=0.0,
        )
        uploads = Uploads(
            store=store,
            knowledge=knowledge,
            count=lambda text: len(text.split()),
            clock=clock,
            ids=ids,
            most_bytes=settings.fetch_max_bytes,
        )
        tracking = Tracking(
            follow_ups=FollowUpDesk(store=store, clock=clock, ids=ids, schedule=schedule),
            summaries=Summaries(store=store, clock=clock),
            workload=WorkloadView(store=store, clock=clock),
        )
        app = create_application(
            Services(
                desk=desk,
                administration=administration,
                knowledge=knowledge,
                learner=learner,
                review=Review(store=store, knowledge=knowledge, embedder=embedder, clock=clock, ids=ids),
                gaps=GapFinder(store=store, knowledge=knowledge, embedder=embedder, clock=clock, least=0.6),
                tracking=tracking,
                count_tokens=lambda text: len(text.split()),
                triages=Triages(store=store, knowledge=knowledge, embedder=embedder, clock=clock),
                receiver=WebhookReceiver(administration=administration, clock=clock),
                story=tell,
                ids=ids,
                settings=settings,
                console=ConsoleNeeds(
                    sign_ins=sign_ins,
                    recovery=recovery,
                    topic_modes=TopicModes(
                        store=store, administration=administration, clock=clock, least=0.85, bar=0.9
                    ),
                    provider=None
                    if not settings.oidc_issuer
                    else Provider(
                        identities=IdentityProvider(settings, clock=clock),
                        newcomers=Newcomers(
                            store=store,
                            sign_ins=sign_ins,
                            clock=clock,
                            ids=ids,
                            parts=parts_by_group(settings.oidc_roles),
                            workspace=settings.oidc_workspace,
                        ),
                    ),
                    model=model,
                    queue=DeskQueue(store=store),
                    pulse=pulse,
                    library=Library(store=store),
                    insight=Insight(store=store),
                    uploads=uploads,
                    clock=clock,
                    asking=Asking(
                        store=store,
                        answering=Answering(
                            knowledge=knowledge, embedder=HashEmbedder(dimensions=256), clock=clock, least=0.6
                        ),
                        clock=clock,
                        ids=ids,
                        longest=settings.max_message_chars,
                    ),
                    built_in=frozenset({"console", "api"}),
                    tour=tour,
                ),
            )
        )
        return cls(
            app=app,
            store=store,
            clock=clock,
            administration=administration,
            desk=desk,
            knowledge=knowledge,
            learner=learner,
            drain=Drain(
                store=store,
                assists=ScriptedAssist(clock=clock, ids=ids, answer_of=answer_of),
                clock=clock,
                ids=ids,
                owner="worker-1",
                limits=DrainLimits(lease_s=20, max_attempts=3, burst_window_s=0),
                follower=Follower(),
                schedule=schedule,
            ),
            bell=bell,
            sign_ins=sign_ins,
            recovery=recovery,
            pulse=pulse,
            uploads=uploads,
            client=httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://vigil.test"),
            tokens=tokens,
            tracking=tracking,
            alarms=Alarms(
                store=store,
                alarms={FOLLOW_UP: Nudges(store=store, clock=clock, ids=ids, schedule=schedule)},
                clock=clock,
                owner="worker-1",
                limits=AlarmLimits(claim_s=30, max_attempts=3),
            ),
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        scope: Scope | None = Scope.ADMIN,
        workspace: str = OURS,
        json: Any = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx2.Response:
        """Knock at a path of the API with the token of a scope, or with none."""
        given = dict(headers or {})
        if json is not None:
            content = dumps(json).encode()  # in ASCII, so that it can carry half a surrogate pair
            given.setdefault("content-type", "application/json")
        if scope is not None:
            given["authorization"] = f"Bearer {self.tokens[workspace, scope]}"
        return await self.client.request(method, f"/api/v1{path}", content=content, headers=given, params=params)

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON at a path, which must be there."""
        response = await self.call("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def write(self, text: str, *, room: str = "T-1", name: str = "m1", workspace: str = OURS) -> None:
        """A customer writes, and the message is worked off."""
        self.clock.advance(timedelta(seconds=10))
        body = message(text, conversation=room, message_id=name)
        response = await self.call("POST", "/messages", json=body, scope=Scope.WRITE, workspace=workspace)
        assert response.status_code == 202, response.text
        await self.settle()

    async def settle(self) -> None:
        """Work off whatever came in."""
        for workspace, conversation in await self.bell.wait(at_most_s=1):
            await self.drain.drain(workspace, conversation)

    async def pass_time(self, by: timedelta) -> None:
        """Time passes, and what is to be looked at again then comes before the analysts."""
        self.clock.advance(by)
        await self.alarms.fire_due()
        await self.send_due()

    async def send_due(self) -> None:
        """Bring what is suggested before the analysts."""
        channel = MemoryChannel()
        await Sender(
            store=self.store,
            channels={"api": channel, "console": channel, "webhook": channel},
            standing=self.knowledge,
            last_look=LastLook(HashEmbedder(dimensions=256)),
            clock=self.clock,
            ids=CountingIds(),
            owner="worker-1",
            limits=SendLimits(claim_s=20, patience_s=6),
        ).send_due()

    async def decisions(self, workspace: str = OURS) -> list[Decision]:
        """Oldest first."""
        return list(reversed(await self.desk.decisions(workspace, DecisionFilter(limit=1000))))


def message(text: str = "How do I reset a password?", **changed: Any) -> dict[str, Any]:
    """The body of a posted message."""
    return {
        "event": "posted",
        "conversation": "T-1",
        "message_id": "m1",
        "author": {"id": "ada", "name": "Ada", "role": "customer"},
        "text": text,
        **changed,
    }


def answer_of(situation: Situation) -> str | None:
    if situation.message.text == POISON:
        raise RuntimeError
    return ANSWER if situation.message.text.endswith("?") else None


def told(response: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem that a refusal tells."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    return problem
