"""What the HTTP doors need of the rest of the house, as one value that the composition root makes. Nothing here does anything."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from vigil.clock import Ids
from vigil.domain.decision import Decision
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.chunks import TokenCounter
from vigil.learn.gaps import GapFinder
from vigil.learn.loop import Learner
from vigil.learn.review import Review
from vigil.runtime.administration import Administration
from vigil.runtime.desk import Desk
from vigil.runtime.ports import Receiver
from vigil.runtime.tracking import Tracking
from vigil.settings import Settings
from vigil.track.triage import Triages
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a request may reach."""

    desk: Desk
    administration: Administration
    knowledge: KnowledgeBase
    learner: Learner
    """Lets a person say yes to what was learned."""
    review: Review
    """Shows people what waits for them, and does what they decide."""
    triages: Triages
    """What is worth knowing when a ticket is handed out."""
    gaps: GapFinder
    """What is asked again and again, and nothing answers."""
    tracking: Tracking
    """How tickets stand, and what is to be looked at again."""
    count_tokens: TokenCounter
    """How many tokens the embedder makes of a text: uploaded documents are cut by it."""
    receiver: Receiver
    """Understands what comes in at ``/hooks``."""
    story: Callable[[Decision], str]
    """Tells in words why a decision is what it is."""
    ids: Ids
    """Names the faults that are logged, so that a caller's report and the log's line find each other."""
    settings: Settings
    watch: Watch | None = None
    """What can be seen from outside; None for an application that nobody watches."""
    console: ConsoleNeeds | None = None
    """What the pages need; None for an application without pages."""


def services_of(request: Request) -> Services:
    """The services of the application that serves this request."""
    services: Services = request.app.state.services
    return services


Serving = Annotated[Services, Depends(services_of)]
"""A route's parameter of this type is given the services."""


def console_of(request: Request) -> ConsoleNeeds:
    """What the pages need; only in an application that has them."""
    console = services_of(request).console
    if console is None:
        raise LookupError("This application was made without pages.")
    return console


Console = Annotated[ConsoleNeeds, Depends(console_of)]
"""A route's parameter of this type is given what the pages need."""
