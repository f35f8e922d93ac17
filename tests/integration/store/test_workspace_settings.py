"""What a workspace's admins set is kept, holds for every process at once, and stands in the audit trail with who did it."""

from datetime import time

import pytest

from vigil.clock import CountingIds, ManualClock
from vigil.domain.hours import QuietHours
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import ModelRules, Workspace
from vigil.errors import InvalidInput, ModelOff, NotFound, OverBudget
from vigil.guard.access import Scope
from vigil.language.stored_budget import StoredBudget
from vigil.runtime.administration import Administration
from vigil.store.store import Store

HERE = "acme"
HOURS = QuietHours(zone="Europe/Berlin", start=time(18, 30), end=time(8), days=frozenset({6}))


@pytest.fixture
async def administration(store: Store, clock: ManualClock, ids: CountingIds) -> Administration:
    made = Administration(store=store, clock=clock, ids=ids)
    await made.create_workspace(Workspace(id=HERE, name="Acme"), by="test")
    return made


async def done(administration: Administration) -> list[tuple[str, str, str]]:
    """What the trail says after the workspace was made, oldest first."""
    records = await administration.history(HERE, limit=100)
    return [(each.actor, each.action, each.subject) for each in reversed(records)][1:]


async def test_each_setting_is_kept_and_written_down(administration: Administration) -> None:
    await administration.set_quiet_hours(HERE, HOURS, by="ada")
    await administration.set_silent_on(HERE, ["slack", "api"], by="ada")
    await administration.set_silent_on(HERE, ["slack"], by="kim")
    await administration.set_model_rules(HERE, ModelRules(on=False, daily_money=0.5), by="kim")
    await administration.change_workspace(HERE, by="kim", silenced=True, default_autonomy=Autonomy.SHADOW)
    found = await administration.workspace(HERE)
    assert (found.quiet, found.silent_on, found.silenced) == (HOURS, {"slack"}, True)
    assert found.model == ModelRules(on=False, daily_money=0.5)
    assert await done(administration) == [
        ("ada", "workspace.quiet_hours", HERE),
        ("ada", "channel.silenced", "api"),
        ("ada", "channel.silenced", "slack"),
        ("kim", "channel.unsilenced", "api"),
        ("kim", "model.off", HERE),
        ("kim", "model.budget", HERE),
        ("kim", "workspace.silenced", HERE),
        ("kim", "workspace.shadow", HERE),
    ]
    await administration.set_quiet_hours(HERE, None, by="ada")
    assert (await administration.workspace(HERE)).quiet is None


async def test_topics_are_added_changed_and_removed_one_by_one(administration: Administration) -> None:
    await administration.set_topic(HERE, Topic(key="billing", name="Billing"), by="ada")
    await administration.set_topic(HERE, Topic(key="access", name="Access"), by="ada")
    await administration.set_topic(HERE, Topic(key="billing", name="Money", examples=("I paid twice",)), by="ada")
    await administration.set_autonomy(HERE, "access", Autonomy.SHADOW, by="ada")
    topics = await administration.topics(HERE)
    assert [(each.key, each.name, each.autonomy) for each in topics] == [
        ("billing", "Money", "suggest"),
        ("access", "Access", "shadow"),
    ]
    await administration.remove_topic(HERE, "billing", by="ada")
    assert [each.key for each in await administration.topics(HERE)] == ["access"]
    assert [(action, subject) for _, action, subject in await done(administration)] == [
        ("topic.added", "billing"),
        ("topic.added", "access"),
        ("topic.changed", "billing"),
        ("topic.shadow", "access"),
        ("topic.removed", "billing"),
    ]
    with pytest.raises(NotFound):
        await administration.remove_topic(HERE, "billing", by="ada")
    with pytest.raises(InvalidInput, match="key"):
        await administration.set_topic(HERE, Topic(key="Not so", name="x"), by="ada")


async def test_a_rotated_secret_opens_and_the_one_before_no_more(administration: Administration) -> None:
    token, old = await administration.create_token(HERE, name="bridge", scopes=frozenset({Scope.READ}), by="ada")
    fresh, new = await administration.rotate_token(HERE, token.id, by="ada")
    assert await administration.whose(old) is None
    found = await administration.whose(new)
    assert found is not None
    assert (found.id, found.name, found.scopes) == (fresh.id, "bridge", {"read"})
    with pytest.raises(NotFound):
        await administration.rotate_token(HERE, token.id, by="ada")
    webhook = await administration.create_integration(HERE, name="desk", post_url=None, asserts_roles=False, by="ada")
    secret = await administration.rotate_integration(HERE, webhook.id, by="ada")
    changed = await administration.integration(HERE, webhook.id)
    assert changed is not None
    assert changed.secret == secret != webhook.secret


async def test_a_workspace_may_spend_less_than_the_installation_and_nothing_at_all(
    administration: Administration, store: Store, clock: ManualClock
) -> None:
    budget = StoredBudget(store=store, clock=clock, daily_tokens=1000, daily_money=1.0)
    await budget.spend(HERE, 100, 0.2)
    await administration.set_model_rules(HERE, ModelRules(daily_tokens=100), by="ada")
    with pytest.raises(OverBudget, match="this workspace allows"):
        await budget.check(HERE)
    await administration.set_model_rules(HERE, ModelRules(daily_money=0.2), by="ada")
    with pytest.raises(OverBudget, match="this workspace allows"):
        await budget.check(HERE)
    await administration.set_model_rules(HERE, ModelRules(daily_tokens=5000, daily_money=5.0), by="ada")
    await budget.check(HERE)
    await budget.spend(HERE, 900, 0.0)
    with pytest.raises(OverBudget, match="1,000 tokens"):  # what the installation allows holds as well
        await budget.check(HERE)
    await administration.set_model_rules(HERE, ModelRules(on=False), by="ada")
    with pytest.raises(ModelOff, match="switches it on"):
        await budget.check(HERE)
    with pytest.raises(InvalidInput):
        await administration.set_model_rules(HERE, ModelRules(daily_money=float("nan")), by="ada")
