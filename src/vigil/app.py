"""The composition root: the only place that knows which adapter stands behind which port. It opens an installation and closes it again."""

import os
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from vigil.assist.asked import Answering
from vigil.assist.hearing import TrainedHearing
from vigil.assist.pipeline import Pipeline, Thresholds
from vigil.assist.story import explain
from vigil.channels.desk import BUILT_IN, DeskChannel
from vigil.channels.webhook.channel import WebhookChannel
from vigil.channels.webhook.receiver import WebhookReceiver
from vigil.clock import Clock, Ids, ManualClock, RandomIds, SystemClock
from vigil.errors import Misconfigured
from vigil.evaluate.system import StoredSystem
from vigil.guard.fetch import Fetcher
from vigil.guard.injection import suspicion
from vigil.guard.oidc import IdentityProvider, check_provider_address
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.chunks import TokenCounter
from vigil.knowledge.documents import Limits
from vigil.knowledge.intake import Intake
from vigil.knowledge.lance import LanceShelf
from vigil.language.bundled import BundledEmbedder
from vigil.language.embedder import Embedder
from vigil.language.model import Model
from vigil.language.observed import CallMeter, ObservedModel
from vigil.language.remote import remote_embedder_from
from vigil.language.stored_budget import StoredBudget
from vigil.learn.care import Care
from vigil.learn.edits import Edits
from vigil.learn.gaps import GapFinder
from vigil.learn.loop import Learner
from vigil.learn.reconcile import Reconciler
from vigil.learn.review import Review
from vigil.learn.shared import Links, Shared
from vigil.learn.when import CARE, DOCUMENTS, EDIT, LearningTimes
from vigil.learn.when import KIND as LEARN_TICKET
from vigil.runtime.accounts import SignIns
from vigil.runtime.administration import Administration
from vigil.runtime.alarms import Alarm, AlarmLimits, Alarms
from vigil.runtime.asking import Asking
from vigil.runtime.bell import Bell
from vigil.runtime.desk import Desk
from vigil.runtime.drain import Drain, DrainLimits
from vigil.runtime.followups import FollowUpDesk
from vigil.runtime.hashing import Hashing
from vigil.runtime.health import Health
from vigil.runtime.insight import Insight
from vigil.runtime.lastlook import LastLook
from vigil.runtime.library import Library
from vigil.runtime.meter import Meter
from vigil.runtime.newcomers import Newcomers, parts_by_group
from vigil.runtime.ports import Channel
from vigil.runtime.pulse import Pulse
from vigil.runtime.queue import DeskQueue
from vigil.runtime.recovery import Recovery
from vigil.runtime.sender import Sender, SendLimits
from vigil.runtime.timers import Timers
from vigil.runtime.topics import TopicModes
from vigil.runtime.tracking import Tracking
from vigil.runtime.uploads import Uploads
from vigil.runtime.worker import Worker
from vigil.runtime.workload import WorkloadView
from vigil.settings import Settings
from vigil.store.backlog import Backlog, backlog
from vigil.store.store import Store
from vigil.track.follower import Follower
from vigil.track.nudges import Nudges
from vigil.track.occasions import KIND as SUMMARY
from vigil.track.occasions import SummaryTimes
from vigil.track.schedule import KIND as FOLLOW_UP
from vigil.track.schedule import FollowUpSchedule
from vigil.track.summaries import Summaries
from vigil.track.triage import Triages
from vigil.trust.outcomes import EarnedThresholds

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from vigil.telemetry.metrics import Metrics
    from vigil.web.console.tour import Tour
    from vigil.web.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An open installation: every door and every room, wired."""

    settings: Settings
    clock: Clock
    ids: Ids
    store: Store
    embedder: Embedder
    knowledge: KnowledgeBase
    administration: Administration
    desk: Desk
    worker: Worker
    receiver: WebhookReceiver
    intake: Intake
    count_tokens: TokenCounter
    timers: Timers
    alarms: Alarms
    learner: Learner
    review: Review
    care: Care
    shared: Shared
    gaps: GapFinder
    triages: Triages
    tracking: Tracking
    health: Health
    sign_ins: SignIns
    recovery: Recovery
    newcomers: Newcomers
    identities: IdentityProvider | None
    """The identity provider that people may sign in through; None without one."""
    topic_modes: TopicModes
    model: Model | None
    """None without one."""
    pulse: Pulse
    uploads: Uploads
    metrics: "Metrics | None"
    """What this process counted; None where nobody asked it to count."""

    @staticmethod
    @asynccontextmanager
    async def open(
        settings: Settings,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        durable: bool = True,
        metered: bool = False,
    ) -> AsyncGenerator["App"]:
        """Open everything that the settings name, and close it at the end.

        Args:
            clock: the time that everything lives by; the machine's by default.
            ids: where ids come from; random by default.
            durable: False only for an installation that is thrown away, such as a replay's.
            metered: count what happens, for whoever reads ``/metrics``.

        Raises:
            Misconfigured: a setting names something that isn't there.
        """
        clock = clock or SystemClock()
        ids = ids or RandomIds(clock)
        metrics = _metrics() if metered else None
        async with AsyncExitStack() as stack:
            store = await Store.open(settings.resolved_database_url(), durable=durable)
            stack.push_async_callback(store.close)
            administration = Administration(store=store, clock=clock, ids=ids)
            await administration.ensure_default()
            embedder, count = await _embedder(settings, stack)
            model = await _model(settings, store, clock, stack, metrics)
            knowledge = KnowledgeBase(
                store=store,
                embedder=embedder,
                shelf=LanceShelf(settings.resolved_index_uri()),
                clock=clock,
                ids=ids,
                model=model,
                least_confidence=settings.suggest_confidence,
            )
            await knowledge.open()
            stack.push_async_callback(knowledge.close)
            health = Health(store=store, knowledge=knowledge, model_last=None if model is None else lambda: model.last)
            stack.push_async_callback(health.close)
            pulse = Pulse(store=store, clock=clock)
            stack.push_async_callback(pulse.close)
            uploads = Uploads(
                store=store,
                knowledge=knowledge,
                count=count,
                clock=clock,
                ids=ids,
                most_bytes=settings.fetch_max_bytes,
            )
            stack.push_async_callback(uploads.close)
            links = Links(settings.learn_domains)
            learner = Learner(
                store=store,
                knowledge=knowledge,
                reconciles=Reconciler(embedder),
                clock=clock,
                ids=ids,
                least_confidence=settings.suggest_confidence,
                model=model,
                suspects=lambda text: suspicion(text) is not None,
                links=links,
            )
            edits = Edits(store=store, knowledge=knowledge, fates=learner.fates, clock=clock, ids=ids)
            shared = Shared(
                store=store,
                knowledge=knowledge,
                fates=learner.fates,
                clock=clock,
                ids=ids,
                links=links,
                fetch=Fetcher(
                    settings.learn_domains, max_bytes=settings.fetch_max_bytes, timeout_s=settings.fetch_timeout_s
                ),
                count=count,
                limits=Limits(most_bytes=settings.fetch_max_bytes),
            )
            care = Care(
                store=store,
                knowledge=knowledge,
                clock=clock,
                ids=ids,
                least=settings.reply_confidence,
                bar=settings.auto_precision,
            )
            learning = LearningTimes(ids=ids, quiet_s=settings.learn_quiet_s)
            schedule, told = FollowUpSchedule(ids=ids), SummaryTimes(ids=ids)
            summaries = Summaries(store=store, clock=clock, model=model)
            tracking = Tracking(
                follow_ups=FollowUpDesk(store=store, clock=clock, ids=ids, schedule=schedule),
                summaries=summaries,
                workload=WorkloadView(store=store, clock=clock),
            )
            nudges = Nudges(store=store, clock=clock, ids=ids, schedule=schedule, ends=learning)
            hashing = Hashing()
            sign_ins = SignIns(store=store, clock=clock, ids=ids, hashing=hashing)
            identities = _identities(settings, clock)
            if identities is not None:
                stack.push_async_callback(identities.close)
            bell = Bell()
            webhook = WebhookChannel(administration=administration, clock=clock)
            stack.push_async_callback(webhook.close)
            yield App(
                settings=settings,
                clock=clock,
                ids=ids,
                store=store,
                embedder=embedder,
                knowledge=knowledge,
                administration=administration,
                desk=Desk(
                    store=store,
                    clock=clock,
                    ids=ids,
                    bell=bell,
                    inbox_limit=settings.inbox_limit,
                    meter=metrics,
                    memory=knowledge,
                    learning=learning,
                    schedule=schedule,
                    summaries=told,
                ),
                worker=_worker(
                    settings, store, embedder, knowledge, webhook, bell, clock, ids, metrics, learning, schedule, told
                ),
                receiver=WebhookReceiver(administration=administration, clock=clock),
                intake=_intake(settings, knowledge, count),
                count_tokens=count,
                timers=Timers(store=store, clock=clock, ids=ids),
                alarms=_alarms(
                    settings,
                    store,
                    clock,
                    ids,
                    {
                        LEARN_TICKET: learner,
                        EDIT: edits,
                        DOCUMENTS: shared,
                        CARE: care,
                        FOLLOW_UP: nudges,
                        SUMMARY: summaries,
                    },
                ),
                learner=learner,
                tracking=tracking,
                review=Review(store=store, knowledge=knowledge, embedder=embedder, clock=clock, ids=ids),
                care=care,
                shared=shared,
                gaps=GapFinder(
                    store=store,
                    knowledge=knowledge,
                    embedder=embedder,
                    clock=clock,
                    least=settings.suggest_confidence,
                ),
                triages=Triages(store=store, knowledge=knowledge, embedder=embedder, clock=clock),
                health=health,
                sign_ins=sign_ins,
                recovery=Recovery(store=store, clock=clock, ids=ids, hashing=hashing),
                newcomers=Newcomers(
                    store=store,
                    sign_ins=sign_ins,
                    clock=clock,
                    ids=ids,
                    parts=parts_by_group(settings.oidc_roles),
                    workspace=settings.oidc_workspace,
                ),
                identities=identities,
                topic_modes=TopicModes(
                    store=store,
                    administration=administration,
                    clock=clock,
                    least=settings.reply_confidence,
                    bar=settings.auto_precision,
                ),
                model=model,
                pulse=pulse,
                uploads=uploads,
                metrics=metrics,
            )

    def web(self, *, tour: "Tour | None" = None) -> "FastAPI":
        """The HTTP doors; the console with a tour where one is given."""
        from vigil.web.application import create_application  # half a second to import, and only a server needs it
        from vigil.web.console.needs import ConsoleNeeds, Provider
        from vigil.web.services import Services

        return create_application(
            Services(
                desk=self.desk,
                administration=self.administration,
                knowledge=self.knowledge,
                learner=self.learner,
                review=self.review,
                gaps=self.gaps,
                triages=self.triages,
                tracking=self.tracking,
                count_tokens=self.count_tokens,
                receiver=self.receiver,
                story=explain,
                ids=self.ids,
                settings=self.settings,
                watch=self._watch(),
                console=ConsoleNeeds(
                    sign_ins=self.sign_ins,
                    recovery=self.recovery,
                    topic_modes=self.topic_modes,
                    provider=None
                    if self.identities is None
                    else Provider(identities=self.identities, newcomers=self.newcomers),
                    model=self.model,
                    queue=DeskQueue(store=self.store),
                    pulse=self.pulse,
                    library=Library(store=self.store),
                    insight=Insight(store=self.store),
                    uploads=self.uploads,
                    clock=self.clock,
                    asking=self.asking(),
                    built_in=frozenset(BUILT_IN),
                    tour=tour,
                ),
            )
        )

    def asking(self) -> Asking:
        """Where colleagues ask Vigil itself."""
        answering = Answering(
            knowledge=self.knowledge, embedder=self.embedder, clock=self.clock, least=self.settings.suggest_confidence
        )
        return Asking(
            store=self.store,
            answering=answering,
            clock=self.clock,
            ids=self.ids,
            longest=self.settings.max_message_chars,
        )

    def observability(self) -> "ASGIApp":
        """Health and metrics alone, for a process without the doors."""
        from vigil.web.watch import observability_application

        return observability_application(self._watch(), self.ids)

    def _watch(self) -> "Watch":
        from vigil.web.watch import Watch

        metrics = self.metrics
        if metrics is None:
            return Watch(health=self.health, metrics=None)

        async def page() -> bytes:
            return metrics.page(await self._backlog())

        return Watch(health=self.health, metrics=page)

    async def _backlog(self) -> Backlog | None:
        try:
            return await backlog(self.store, at=self.clock.now())
        except (SQLAlchemyError, OSError):  # the page says that the database is away, and goes on counting
            return None

    def system(self, workspace: str, clock: ManualClock) -> StoredSystem:
        """This installation as a replay sees it; `clock` is the one that it was opened with."""
        return StoredSystem(
            workspace=workspace, desk=self.desk, store=self.store, clock=clock, settle=self.worker.settle
        )


async def _embedder(settings: Settings, stack: AsyncExitStack) -> tuple[Embedder, TokenCounter]:
    if settings.embedder == "bundled":
        bundled = BundledEmbedder()
        return bundled, bundled.count_tokens
    return await stack.enter_async_context(await remote_embedder_from(settings)), _roughly


def _roughly(text: str) -> int:
    """Tokens of a text for an embedder whose own way of counting isn't known: English has some four characters in one."""
    return len(text) // 4 + 1


def _identities(settings: Settings, clock: Clock) -> IdentityProvider | None:
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise Misconfigured("VIGIL_OIDC_ISSUER is set without VIGIL_OIDC_CLIENT_ID; the provider tells it.")
    check_provider_address(settings.oidc_issuer)
    return IdentityProvider(settings, clock=clock)


def _metrics() -> "Metrics":
    from vigil.telemetry.metrics import Metrics  # a quarter of a second to import, and only a server counts

    return Metrics()


async def _model(
    settings: Settings, store: Store, clock: Clock, stack: AsyncExitStack, meter: CallMeter | None
) -> ObservedModel | None:
    if not settings.model:
        return None
    from vigil.language.pydantic_ai_model import (
        model_from,  # takes two seconds to import, and most installations have no model
    )

    budget = StoredBudget(
        store=store, clock=clock, daily_tokens=settings.model_daily_tokens, daily_money=settings.model_daily_money
    )
    model = model_from(settings, budget)
    if model is None:
        return None
    return ObservedModel(await stack.enter_async_context(model), name=settings.model, meter=meter)


def _worker(
    settings: Settings,
    store: Store,
    embedder: Embedder,
    knowledge: KnowledgeBase,
    webhook: WebhookChannel,
    bell: Bell,
    clock: Clock,
    ids: Ids,
    meter: Meter | None,
    learning: LearningTimes,
    schedule: FollowUpSchedule,
    told: SummaryTimes,
) -> Worker:
    owner = f"{socket.gethostname()}:{os.getpid()}:{ids.new('run')}"
    channels: dict[str, Channel] = dict.fromkeys(BUILT_IN, DeskChannel())
    channels["webhook"] = webhook
    drain = Drain(
        store=store,
        assists=Pipeline(
            knowledge=knowledge,
            embedder=embedder,
            clock=clock,
            ids=ids,
            thresholds=Thresholds.of(settings),
            # What is heard was learned on the bundled embedder's vectors, whatever the search uses.
            hearing=TrainedHearing(embedder if isinstance(embedder, BundledEmbedder) else BundledEmbedder()),
            earned=EarnedThresholds(
                store=store, clock=clock, precision=settings.wanted_precision, least=settings.suggest_confidence
            ),
        ),
        clock=clock,
        ids=ids,
        owner=owner,
        limits=DrainLimits(
            lease_s=settings.lease_s,
            max_attempts=settings.max_attempts,
            burst_window_s=settings.burst_window_s,
        ),
        meter=meter,
        learning=learning,
        follower=Follower(zone=ZoneInfo(settings.time_zone)),
        schedule=schedule,
        summaries=told,
    )
    sender = Sender(
        store=store,
        channels=channels,
        standing=knowledge,
        last_look=LastLook(embedder),
        clock=clock,
        ids=ids,
        owner=owner,
        limits=SendLimits(claim_s=settings.lease_s, patience_s=settings.post_patience_s),
        meter=meter,
    )
    return Worker(store=store, drain=drain, sender=sender, bell=bell, clock=clock)


def _alarms(settings: Settings, store: Store, clock: Clock, ids: Ids, alarms: Mapping[str, Alarm]) -> Alarms:
    return Alarms(
        store=store,
        alarms=alarms,
        clock=clock,
        owner=f"{socket.gethostname()}:{os.getpid()}:{ids.new('run')}",
        limits=AlarmLimits(max_attempts=settings.max_attempts),
    )


def _intake(settings: Settings, knowledge: KnowledgeBase, count: TokenCounter) -> Intake:
    fetcher = Fetcher(settings.fetch_allow, max_bytes=settings.fetch_max_bytes, timeout_s=settings.fetch_timeout_s)
    return Intake(knowledge=knowledge, fetch=fetcher, count=count, limits=Limits(most_bytes=settings.fetch_max_bytes))
