"""Settings in the console: each is kept, told back, refused with a reason where it can't be, and written down. The model is tried in
words."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from tests.integration.web.browser import Browser
from tests.integration.web.door import ANSWER, OURS, Door
from vigil.clock import CountingIds, ManualClock
from vigil.domain.account import Part
from vigil.domain.decision import OutcomeKind
from vigil.domain.followup import FollowUpReason
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import ModelRules
from vigil.language.pydantic_ai_model import model_from
from vigil.language.stored_budget import StoredBudget
from vigil.settings import Settings
from vigil.store.store import Store
from vigil.store.tables import decisions
from vigil.testing.openai_stub import Answer, OpenAIStub, fails, never, says


@pytest.fixture
async def admin(door: Door) -> Browser:
    return await Browser.of(door, Part.ADMIN)


async def suggested(door: Door, number: int) -> str:
    """A ticket on billing with an answer that is sure enough for a customer; its decision's id."""
    await door.write("How do I pay?", room=f"T-{number}", name=f"m{number}")
    decision = (await door.decisions())[-1]
    await door.desk.change_ticket(OURS, decision.ticket_id or "", by="test", topic="billing")
    sure = update(decisions).where(decisions.c.workspace_id == OURS, decisions.c.id == decision.id)
    async with door.store.write(OURS) as session:
        await session.execute(sure.values(confidence=0.9))
    return decision.id


async def test_the_big_switch_withdraws_what_is_on_its_way_and_stands_on_every_page(door: Door, admin: Browser) -> None:
    viewer = await Browser.of(door, Part.VIEWER)
    await door.write("How do I pay?", room="T-1", name="m1")
    decided = (await door.decisions())[-1]
    assert decided.answer == ANSWER
    page = await admin.send("/settings/switch", do="off")
    assert "Vigil is switched off everywhere." in page.text
    await door.send_due()
    (post,) = await door.desk.posts(OURS, [decided.id])
    assert (post.state, post.reason) == ("withdrawn", "Vigil is switched off in this workspace")
    for browser in (admin, viewer):
        for path in ("/desk", f"/tickets/{decided.ticket_id}", "/account"):
            shown = await browser.get(path)
            assert 'role="status" hidden' not in shown.text, path
            assert shown.headers["x-vigil-off"] == "1"
    await admin.send("/settings/switch", do="on")
    assert (await viewer.get("/desk")).headers["x-vigil-off"] == "0"
    await door.write("How do I pay again?", room="T-2", name="m2")
    await door.send_due()
    (post,) = await door.desk.posts(OURS, [(await door.decisions())[-1].id])
    assert post.state == "sent"
    assert (await admin.send("/settings/switch", do="x")).status_code == 422


async def test_a_silent_channel_says_nothing_and_the_others_do(door: Door, admin: Browser) -> None:
    await door.write("How do I pay?", room="T-1", name="m1")
    decided = (await door.decisions())[-1]
    assert "channel api" in (await admin.get("/settings/hours")).text
    await admin.send("/settings/channels")
    assert (await door.administration.workspace(OURS)).silent_on == {"api"}
    await door.send_due()
    (post,) = await door.desk.posts(OURS, [decided.id])
    assert (post.state, post.reason) == ("withdrawn", "Vigil is switched off on this channel")
    await admin.send("/settings/channels", **{"channel api": "on"})
    assert (await door.administration.workspace(OURS)).silent_on == frozenset()


async def test_quiet_hours_are_kept_and_bad_ones_told(door: Door, admin: Browser) -> None:
    told = await admin.send("/settings/hours", start="18:00", end="07:30", zone="Europe/Berlin", day6="on", do="set")
    assert "are kept" in told.text
    quiet = (await door.administration.workspace(OURS)).quiet
    assert quiet is not None
    assert (quiet.zone, quiet.start.hour, quiet.end.minute, quiet.days) == ("Europe/Berlin", 18, 30, {6})
    for bad, why in (
        ({"start": "x", "end": "07:30", "zone": "UTC"}, "hours and minutes"),
        ({"start": "18:00", "end": "07:30", "zone": "Mars"}, "no time zone"),
        (
            {"start": "18:00", "end": "07:30", "zone": "UTC", **{f"day{day}": "on" for day in range(7)}},
            "has to be left",
        ),
    ):
        refused = await admin.send("/settings/hours", **bad)
        assert refused.status_code == 422
        assert why in refused.text
    assert (await door.administration.workspace(OURS)).quiet == quiet
    await admin.send("/settings/hours", do="none")
    assert (await door.administration.workspace(OURS)).quiet is None


async def test_how_it_behaves_without_a_topic(door: Door, admin: Browser) -> None:
    await admin.send("/settings", name=" Acme  Support ", autonomy="shadow")
    found = await door.administration.workspace(OURS)
    assert (found.name, found.first_line, found.default_autonomy) == ("Acme Support", False, "shadow")
    assert (await admin.send("/settings", name="x", autonomy="everything")).status_code == 422


async def test_topics_are_added_changed_and_removed(door: Door, admin: Browser) -> None:
    await admin.send(
        "/settings/topic", new="yes", name="Billing & plans", examples="I paid twice\n\n  Where is my invoice? "
    )
    (topic,) = await door.administration.topics(OURS)
    assert topic == Topic(
        key="billing-plans", name="Billing & plans", examples=("I paid twice", "Where is my invoice?")
    )
    twice = await admin.send("/settings/topic", new="yes", name="Billing", key="billing-plans")
    assert (twice.status_code, "already" in twice.text) == (422, True)
    assert (await admin.send("/settings/topic", new="yes", name="???")).status_code == 422
    page = await admin.get("/settings/topic?key=billing-plans")
    assert "Where is my invoice?" in page.text
    await admin.send("/settings/topic", key="billing-plans", name="Money", owner="the billing team")
    assert (await door.administration.topics(OURS))[0].owner == "the billing team"
    assert (await admin.send("/settings/topic", key="nothing", name="x")).status_code == 404
    assert (await admin.get("/settings/topic?key=nothing")).status_code == 404
    await admin.send("/settings/topic/remove", key="billing-plans")
    assert await door.administration.topics(OURS) == ()


async def test_a_topic_replies_by_itself_only_when_it_has_earned_that(door: Door, admin: Browser) -> None:
    await door.administration.set_topics(OURS, [Topic(key="billing", name="Billing")], by="test")
    page = await admin.get("/settings/topics")
    assert "has been judged yet" in page.text
    refused = await admin.send("/settings/topic/mode", key="billing", mode="auto")
    assert refused.status_code == 409
    assert (await door.administration.topics(OURS))[0].autonomy is Autonomy.SUGGEST
    await admin.send("/settings/topic/mode", key="billing", mode="shadow")
    assert (await door.administration.topics(OURS))[0].autonomy is Autonomy.SHADOW
    for number in range(22):
        decision_id = await suggested(door, number)
        await door.desk.record_outcome(OURS, decision_id, kind=OutcomeKind.ADOPTED, by="kim")
    page = await admin.get("/settings/topics")
    assert "22 were right: at least 90%" in page.text
    assert (await admin.send("/settings/topic/mode", key="billing", mode="auto")).status_code == 200
    assert (await door.administration.topics(OURS))[0].autonomy is Autonomy.AUTO
    await door.desk.record_outcome(
        OURS, await suggested(door, 99), kind=OutcomeKind.DISMISSED, by="kim", reason="Wrong"
    )
    assert "Of 23 answers" in (await admin.get("/settings/topics")).text


async def test_secrets_are_shown_once(door: Door, admin: Browser) -> None:
    assert (await admin.send("/settings/tokens", name="bridge")).status_code == 422, "no scope"
    made = await admin.send("/settings/tokens", name="bridge", **{"scope read": "on", "scope write": "on"})
    secret = made.text.split('value="vgl_')[1].split('"')[0]
    token = next(each for each in await door.administration.tokens(OURS) if each.name == "bridge")
    assert token.scopes == {"read", "write"}
    assert secret not in (await admin.get("/settings/access")).text
    rotated = await admin.send(f"/settings/tokens/{token.id}", do="rotate")
    assert await door.administration.whose(f"vgl_{secret}") is None
    new = "vgl_" + rotated.text.split('value="vgl_')[1].split('"')[0]
    living = await door.administration.whose(new)
    assert living is not None
    await admin.send(f"/settings/tokens/{living.id}", do="revoke")
    assert await door.administration.whose(new) is None
    made = await admin.send("/settings/webhooks", name="desk", post_url="https://desk.example.com/x")
    webhook = (await door.administration.integrations(OURS))[0]
    assert webhook.secret in made.text
    assert webhook.secret not in (await admin.get("/settings/access")).text
    rotated = await admin.send(f"/settings/webhooks/{webhook.id}", do="rotate")
    changed = await door.administration.integration(OURS, webhook.id)
    assert changed is not None
    assert changed.secret in rotated.text
    await admin.send(f"/settings/webhooks/{webhook.id}", do="disable")
    assert await door.administration.integration(OURS, webhook.id) is None
    bad = await admin.send("/settings/webhooks", name="desk", post_url="javascript:alert(1)")
    assert bad.status_code == 422


async def test_what_was_done_stands_in_words_with_who_did_it(door: Door, admin: Browser) -> None:
    await admin.send("/settings/switch", do="off")
    await admin.send("/settings/topic", new="yes", name="Billing")
    page = (await admin.get("/settings/history")).text
    assert "switched Vigil off" in page
    assert "added the topic" in page
    assert "Kim admin" in page
    for action in {each.action for each in await door.administration.history(OURS, limit=500)}:
        assert f" {action} " not in page, f"{action} has no words"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (says({"word": "ready"}), "It answers, in"),
        (says({"word": "no"}), "not what it was asked for"),
        (fails(401), "refused the key"),
        (fails(404), "no such model"),
        (fails(500), "answered 500"),
        (never(), "did not answer within 0.5 s"),
        (says({"other": 1}), "wanted shape"),
    ],
    ids=["good", "strange", "no key", "no model", "broken", "silent", "malformed"],
)
async def test_the_model_is_tried_in_words(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path, answer: Answer, told: str
) -> None:
    async with OpenAIStub([answer]) as stub:
        patience_s = 0.5 if "0.5 s" in told else 60.0  # only where nothing comes is it waited for
        door = await with_model(store, clock, ids, tmp_path, stub, patience_s=patience_s)
        admin = await Browser.of(door, Part.ADMIN)
        assert "openai:stub-1" in (await admin.get("/settings/model")).text
        page = await admin.send("/settings/model/test")
        assert page.status_code == 200
        assert told in page.text
        assert "sk-secret" not in page.text
        await door.client.aclose()


async def with_model(
    store: Store, clock: ManualClock, ids: CountingIds, home: Path, stub: OpenAIStub, *, patience_s: float = 60.0
) -> Door:
    settings = Settings(
        home=home,
        model="openai:stub-1",
        model_base_url=stub.base_url,
        model_api_key=SecretStr("sk-secret"),
        model_timeout_s=patience_s,
    )
    budget = StoredBudget(store=store, clock=clock, daily_tokens=10_000, daily_money=1.0)
    return await Door.open(store, clock, ids, settings=settings, model=model_from(settings, budget))


async def test_a_workspace_without_a_model_asks_none(
    store: Store, clock: ManualClock, ids: CountingIds, tmp_path: Path
) -> None:
    async with OpenAIStub([says({"word": "ready"})]) as stub:
        door = await with_model(store, clock, ids, tmp_path, stub)
        admin = await Browser.of(door, Part.ADMIN)
        assert "Kept" in (await admin.send("/settings/model", daily_tokens="5,000", daily_money="0.25")).text
        rules = (await door.administration.workspace(OURS)).model
        assert rules == ModelRules(on=False, daily_tokens=5000, daily_money=0.25)
        assert "uses no language model" in (await admin.send("/settings/model/test")).text
        assert stub.requests == []
        await admin.send("/settings/model", on="on")
        assert "It answers, in" in (await admin.send("/settings/model/test")).text
        tokens, _ = await door.administration.spent_today(OURS)
        assert f"Spent today (UTC): {tokens:,} tokens" in (await admin.get("/settings/model")).text
        assert tokens > 0
        for bad in ({"daily_tokens": "many"}, {"daily_money": "-1"}, {"daily_money": "nan"}, {"daily_money": "inf"}):
            assert (await admin.send("/settings/model", **bad)).status_code == 422, bad
        await door.client.aclose()


async def test_without_a_model_the_page_says_so(door: Door, admin: Browser) -> None:
    page = await admin.get("/settings/model")
    assert "None is set up" in page.text
    assert (await admin.send("/settings/model/test")).status_code == 422


TIMES = {
    "unanswered_s": "20",
    "stalled_s": "2.5",
    "promise_lead_s": "10",
    "promise_grace_s": "0",
    "quiet_s": "48",
    "fix_s": "24",
    "resolved_s": "24",
    "close_after_days": "14",
}


async def test_the_rules_of_follow_ups_are_changed(door: Door, admin: Browser) -> None:
    asked = door.tracking.follow_ups
    assert 'value="15"' in (await admin.get("/settings/follow-ups")).text
    ticked = {f"reason {each}": "on" for each in FollowUpReason if each is not FollowUpReason.STALLED}
    assert "Kept" in (await admin.send("/settings/follow-ups", **TIMES, **ticked)).text
    rules = await asked.rules(OURS)
    assert (rules.unanswered_s, rules.stalled_s, rules.promise_grace_s, rules.quiet_s) == (1200, 9000, 0, 172_800)
    assert (rules.close_after_days, rules.paused) == (14, {FollowUpReason.STALLED})
    for name, typed in (
        ("unanswered_s", "soon"),
        ("stalled_s", "-1"),
        ("fix_s", "inf"),
        ("quiet_s", "nan"),
        ("resolved_s", ""),
        ("close_after_days", "1.5"),
        ("close_after_days", "100000"),
    ):
        refused = await admin.send("/settings/follow-ups", **{**TIMES, name: typed})
        assert refused.status_code == 422, (name, typed)
        assert 'role="alert"' in refused.text
    assert await asked.rules(OURS) == rules
    assert "changed the rules for follow-ups" in (await admin.get("/settings/history")).text
    assert "Kept" in (await admin.send("/settings/follow-ups", **TIMES, **ticked, **{"reason stalled": "on"})).text
    assert (await asked.rules(OURS)).paused == frozenset()
