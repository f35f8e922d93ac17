"""A ticket gets its topic without a model, or honestly none; a person's choice stands."""

from dataclasses import replace
from datetime import timedelta

from tests.unit.assist.small_desk import BILLING, OpenDesk
from vigil.assist.topic import Topics
from vigil.domain.topic import Autonomy, Topic
from vigil.testing.embedder import HashEmbedder
from vigil.testing.situations import MIA

NODES = Topic(
    key="nodes",
    name="Kubernetes nodes",
    description="Nodes that are NotReady, upgrades, autoscaler",
    examples=("two nodes are NotReady since the upgrade", "the autoscaler adds no nodes"),
)
TOPICS = (BILLING, NODES)
ABOUT_NODES = "two of our nodes are NotReady since the upgrade"


async def test_the_nearest_topic_is_taken() -> None:
    choice = await Topics(HashEmbedder(dimensions=256)).choose("w", 1, TOPICS, [ABOUT_NODES])
    assert choice.topic is NODES
    assert choice.likeness > choice.second


async def test_far_from_all_means_none() -> None:
    chooser = Topics(HashEmbedder(dimensions=256))
    assert (await chooser.choose("w", 1, TOPICS, ["the coffee machine leaks on the third floor"])).topic is None
    assert (await chooser.choose("w", 1, TOPICS, ["hello"])).topic is None
    assert (await chooser.choose("w", 1, (), [ABOUT_NODES])).topic is None


async def test_between_two_alike_none_is_taken() -> None:
    twin = replace(NODES, key="twin")
    assert (await Topics(HashEmbedder(dimensions=256)).choose("w", 1, (NODES, twin), [ABOUT_NODES])).topic is None


async def test_a_topic_list_is_embedded_once_and_again_when_it_changes() -> None:
    embedder = HashEmbedder(dimensions=256)
    chooser = Topics(embedder)
    await chooser.choose("w", 1, TOPICS, [ABOUT_NODES])
    first = embedder.embedded
    await chooser.choose("w", 1, TOPICS, [ABOUT_NODES])
    assert embedder.embedded == first + 1
    await chooser.choose("w", 2, TOPICS, [ABOUT_NODES])
    assert embedder.embedded > first + 2


async def test_a_ticket_gets_its_topic_from_its_opening_and_with_it_the_topics_autonomy(open_desk: OpenDesk) -> None:
    desk = open_desk(topics=(replace(BILLING, autonomy=Autonomy.SHADOW), NODES))
    await desk.say(MIA, "hello")
    assert desk.ticket.topic is None
    verdict = await desk.say(MIA, "where is the invoice for january")
    assert desk.ticket.topic == "billing"
    assert verdict.posts == ()


async def test_a_topic_once_given_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(topics=TOPICS)
    await desk.say(MIA, "where is the invoice for january")
    await desk.say(MIA, ABOUT_NODES, after=timedelta(hours=1))
    assert desk.ticket.topic == "billing"


async def test_a_persons_choice_is_never_overwritten(open_desk: OpenDesk) -> None:
    desk = open_desk(topics=TOPICS)
    await desk.say(MIA, "hello")
    desk.change_ticket(replace(desk.ticket, topic=None, topic_by_person=True))
    await desk.say(MIA, ABOUT_NODES)
    assert desk.ticket.topic is None
