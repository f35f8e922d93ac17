"""The demo's support desk is what the demo says it is: enough of it, well formed, consistent, and no two pieces from one template."""

import csv
import re
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

import vigil
from vigil.domain.conversation import ConversationKind, Role
from vigil.domain.topic import Autonomy

DESK = Path(vigil.__file__).parent / "demo" / "desk"
DOCUMENTS = DESK / "documents"
TICKETS = sorted((DESK / "tickets").glob("*.toml"))
CHANNEL = DESK / "channel.toml"
LIKENESS = 0.15
"""Largest share of the shorter text's 5-grams of words that two texts may have in common. Two tickets made from one template share
well over half; people who write about the same trouble in words of their own share none or one."""
FRONT_MATTER = {"title", "product", "audience", "language", "aliases", "valid_until"}


@cache
def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def split_front_matter(path: Path) -> tuple[dict[str, str], str]:
    text = path.read_text("utf-8")
    opening, head, body = text.split("---\n", 2)
    assert opening == "", f"{path.name} does not begin with its front matter"
    return {key: value for key, _, value in (line.partition(": ") for line in head.splitlines())}, body


def headings_of(path: Path) -> set[str]:
    """Everything that `expected.toml` may call a heading: a Markdown or HTML heading, or the question of a CSV row."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as rows:
            return {row["question"] for row in csv.DictReader(rows)}
    if path.suffix == ".html":
        return set(re.findall(r"<h[1-3]>(.*?)</h[1-3]>", path.read_text("utf-8")))
    without_code = re.sub(r"^```.*?^```", "", split_front_matter(path)[1], flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^#{1,3} (.+?)\s*$", without_code, flags=re.MULTILINE))


def five_grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}


def too_alike(texts: dict[str, str]) -> list[str]:
    grams = {name: five_grams(text) for name, text in texts.items()}
    return [
        f"{one} ~ {other}"
        for one, other in combinations(grams, 2)
        if len(grams[one] & grams[other]) / min(len(grams[one]), len(grams[other])) > LIKENESS
    ]


def first_paragraph(body: str) -> str:
    """The first paragraph of prose: no heading, no table, no code."""
    for block in re.split(r"\n\s*\n", body):
        if block.strip() and not re.match(r"\s*(#|\||```)", block):
            return block
    return body


def asked(path: Path) -> list[dict[str, Any]]:
    ticket = load(path)["id"]
    return [question for question in load(DESK / "expected.toml")["questions"] if question["ticket"] == ticket]


def test_there_are_enough_documents_of_every_kind() -> None:
    markdown = list(DOCUMENTS.glob("*.md"))
    heads = [split_front_matter(path)[0] for path in markdown]
    assert len(markdown) >= 44
    assert list(DOCUMENTS.glob("*.html"))
    assert list(DOCUMENTS.glob("*.csv"))
    assert sum(head.get("audience") == "internal" for head in heads) >= 5
    assert {"de", "pt"} <= {head.get("language") for head in heads}


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.md")), ids=lambda path: path.stem)
def test_a_document_has_a_title_real_headings_and_a_readable_length(path: Path) -> None:
    head, body = split_front_matter(path)
    assert head["title"]
    assert set(head) <= FRONT_MATTER
    assert head.get("audience", "public") in {"public", "internal"}
    assert not head.get("valid_until") or date.fromisoformat(head["valid_until"])
    assert len(re.findall(r"^# ", re.sub(r"^```.*?^```", "", body, flags=re.M | re.S), flags=re.M)) == 1
    assert len(headings_of(path)) >= 2 or "|" in body
    assert 130 <= len(body.split()) <= 700


def test_one_page_is_outdated_and_its_successor_is_not() -> None:
    outdated, _ = split_front_matter(DOCUMENTS / "price-list-2025.md")
    successor, _ = split_front_matter(DOCUMENTS / "price-list-2026.md")
    assert date.fromisoformat(outdated["valid_until"]) < date(2026, 1, 1)
    assert "valid_until" not in successor


def test_the_faq_has_a_question_and_an_answer_in_every_row() -> None:
    with (DOCUMENTS / "faq.csv").open(encoding="utf-8", newline="") as rows:
        table = list(csv.DictReader(rows))
    assert len(table) >= 10
    assert all(row["question"] and row["answer"] and row["aliases"] for row in table)


def test_topics_have_owners_examples_and_all_three_levels_of_autonomy() -> None:
    topics = load(DESK / "topics.toml")["topics"]
    assert 10 <= len(topics) <= 14
    assert len({topic["key"] for topic in topics}) == len(topics)
    for topic in topics:
        assert topic["name"]
        assert topic["description"]
        assert topic["owner"]
        assert 3 <= len(topic["examples"]) <= 5
    levels = Counter(Autonomy(topic["autonomy"]) for topic in topics)
    assert levels[Autonomy.AUTO] == 2
    assert levels[Autonomy.SHADOW] == 1


def test_there_are_enough_tickets_and_each_has_an_id_of_its_own() -> None:
    assert len(TICKETS) >= 42
    assert len({load(path)["id"] for path in TICKETS}) == len(TICKETS)
    assert 6 <= sum("shows" in load(path) for path in TICKETS) <= 16


@pytest.mark.parametrize("path", [*TICKETS, CHANNEL], ids=lambda path: path.stem)
def test_a_conversation_is_well_formed(path: Path) -> None:
    conversation = load(path)
    channel = path == CHANNEL
    assert set(conversation) <= {"id", "title", "topic", "kind", "opened_at", "shows", "people", "messages"}
    assert ConversationKind(conversation.get("kind", "room")) is (
        ConversationKind.CHANNEL if channel else ConversationKind.ROOM
    )
    assert conversation["title"]
    assert conversation["opened_at"].tzinfo == UTC
    assert datetime(2026, 1, 1, tzinfo=UTC) < conversation["opened_at"] < datetime(2026, 6, 1, tzinfo=UTC)
    if not channel:
        assert path.name.startswith(conversation["id"].removeprefix("LS-") + "-")
        assert conversation["topic"] in {topic["key"] for topic in load(DESK / "topics.toml")["topics"]}
        assert 3 <= len(conversation["messages"]) <= 25
    people = {person["id"]: Role(person["role"]) for person in conversation["people"]}
    assert len(people) == len(conversation["people"])
    assert {message["by"] for message in conversation["messages"]} == set(people)
    assert all(message["text"].strip() for message in conversation["messages"])
    times = [message["after"] for message in conversation["messages"]]
    assert times[0] == 0
    assert all(earlier < later for earlier, later in pairwise(times))


def test_somebody_has_the_same_name_and_role_in_every_conversation() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in [*TICKETS, CHANNEL]:
        for person in load(path)["people"]:
            known = seen.setdefault(person["id"], (person["name"], person["role"]))
            assert known == (person["name"], person["role"])


def test_the_channel_is_long_and_has_many_voices() -> None:
    channel = load(CHANNEL)
    assert len(channel["messages"]) >= 60
    assert sum(person["role"] == "customer" for person in channel["people"]) >= 5
    assert len(asked(CHANNEL)) >= 2


def test_no_two_tickets_open_alike() -> None:
    assert not too_alike({path.stem: load(path)["messages"][0]["text"] for path in TICKETS})


def test_no_two_analysts_answers_are_the_same_text() -> None:
    by_analysts = Counter(
        message["text"]
        for path in TICKETS
        for message in load(path)["messages"]
        if message["by"].startswith("ana-") and len(message["text"].split()) > 5
    )
    assert [text for text, times in by_analysts.items() if times > 1] == []


def test_no_two_documents_begin_alike() -> None:
    assert not too_alike({path.stem: first_paragraph(split_front_matter(path)[1]) for path in DOCUMENTS.glob("*.md")})


def test_about_two_thirds_of_the_tickets_can_be_answered_from_the_documents() -> None:
    share = sum(bool(asked(path)) for path in TICKETS) / len(TICKETS)
    assert 0.6 <= share <= 0.8


def test_every_expected_answer_stands_under_a_heading_that_exists() -> None:
    conversations = {load(path)["id"]: load(path) for path in [*TICKETS, CHANNEL]}
    questions = load(DESK / "expected.toml")["questions"]
    assert len(questions) >= 30
    for question in questions:
        conversation = conversations[question["ticket"]]
        message = conversation["messages"][question["message"]]
        roles = {person["id"]: person["role"] for person in conversation["people"]}
        assert roles[message["by"]] == "customer", question
        assert question["heading"] in headings_of(DESK / question["document"]), question
        assert all((DESK / also).is_file() and also != question["document"] for also in question.get("also", []))


def test_no_expected_answer_is_internal_or_outdated() -> None:
    for question in load(DESK / "expected.toml")["questions"]:
        for name in [question["document"], *question.get("also", [])]:
            if name.endswith(".md"):
                head, _ = split_front_matter(DESK / name)
                assert head.get("audience") != "internal", question
                assert "valid_until" not in head, question


def test_every_example_of_an_address_is_one_that_nobody_owns() -> None:
    """Documentation ranges (RFC 5737, RFC 3849), private ranges, and host names below .example or example.org only."""
    free = re.compile(r"^(10|127|192\.168|172\.1[678]|203\.0\.113|198\.51\.100|192\.0\.2)\.")
    for path in [*DOCUMENTS.iterdir(), *TICKETS, CHANNEL]:
        for address in re.findall(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", path.read_text("utf-8")):
            assert free.match(address), f"{path.name}: {address}"
