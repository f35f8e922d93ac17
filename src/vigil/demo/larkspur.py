"""Reading the demo desk's files: documents, topics, tickets and the shared channel. Playing them is `play`'s."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from vigil.domain.conversation import ConversationKind, Person, Role
from vigil.domain.topic import Autonomy, Topic

DESK = Path(str(files("vigil.demo") / "desk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of a recorded conversation."""

    by: Person
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A ticket or a channel, as it went."""

    id: str
    title: str
    kind: ConversationKind
    topic: str | None
    shows: str
    """What a visitor sees Vigil do here; empty for one that is not part of the show."""
    people: tuple[Person, ...]
    lines: tuple[Line, ...]


def documents() -> Path:
    """The folder of documents."""
    return DESK / "documents"


def topics() -> list[Topic]:
    """The desk's topic list."""
    entries: list[dict[str, Any]] = tomllib.loads((DESK / "topics.toml").read_text("utf-8"))["topics"]
    return [
        Topic(
            key=entry["key"],
            name=entry["name"],
            description=entry.get("description", ""),
            examples=tuple(entry.get("examples", ())),
            owner=entry.get("owner"),
            autonomy=Autonomy(entry.get("autonomy", Autonomy.SUGGEST)),
        )
        for entry in entries
    ]


def tickets() -> list[Recording]:
    """All tickets, by id."""
    return [_recording(path) for path in sorted((DESK / "tickets").glob("*.toml"))]


def live() -> list[Recording]:
    """What was written for the living desk alone; the rest of the house is measured on `tickets`."""
    return [_recording(path) for path in sorted((DESK / "live").glob("*.toml"))]


def channel() -> Recording:
    """The shared channel."""
    return _recording(DESK / "channel.toml")


def expected() -> dict[tuple[str, int], frozenset[str]]:
    """By ticket and message (counted from 0): the documents that hold the answer, as people said before anything was tuned."""
    content: dict[str, Any] = tomllib.loads((DESK / "expected.toml").read_text("utf-8"))
    found: dict[tuple[str, int], frozenset[str]] = {}
    for each in content["questions"]:
        place = (each["ticket"], each["message"])
        found[place] = found.get(place, frozenset()) | {each["document"], *each.get("also", ())}
    return found


def shown() -> list[Recording]:
    """The tickets that the demo plays."""
    return [ticket for ticket in tickets() if ticket.shows]


def _recording(path: Path) -> Recording:
    content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    opened: datetime = content["opened_at"]
    people = {
        each["id"]: Person(id=each["id"], name=each["name"], role=Role(each["role"])) for each in content["people"]
    }
    return Recording(
        id=content["id"],
        title=content.get("title", content["id"]),
        kind=ConversationKind(content.get("kind", ConversationKind.ROOM)),
        topic=content.get("topic"),
        shows=content.get("shows", ""),
        people=tuple(people.values()),
        lines=tuple(
            Line(by=people[line["by"]], at=opened + timedelta(seconds=line["after"]), text=line["text"].strip())
            for line in content["messages"]
        ),
    )
