"""Reads questions with their right entries, and the knowledge that they are asked of, from JSON lines. Scores are `scoring`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from vigil.domain.knowledge import Draft
from vigil.errors import InvalidInput
from vigil.evaluate.lines import Row, rows
from vigil.evaluate.streams import in_utc

USER_TURNS = 2
"""Last turns of the user in a dialogue that are searched for. The last alone often lacks what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question whose right entries are known."""

    group: str
    """What must not be split between folds: a stream, a conversation, or the question itself."""
    text: str
    relevant: frozenset[str]
    """Keys of the right entries."""
    answerable: bool = True
    at: float = 0.0
    """When it was asked, in seconds since 1970; 0 where that is not known."""
    reference: str = ""
    """A good answer, where one is given."""


class _Message(Row):
    text: str


class _Turn(Row):
    speaker: str
    text: str


class _QueryRow(Row):
    """One of three shapes: a chat's last messages, a question, or a dialogue."""

    id: str = ""
    query_id: str = ""
    stream: str = ""
    ts: datetime | None = None
    query: tuple[_Message, ...] = ()
    text: str = ""
    turns: tuple[_Turn, ...] = ()
    answerability: Literal["ANSWERABLE", "PARTIAL", "UNANSWERABLE", "UNDERSPECIFIED"] = "ANSWERABLE"
    relevant: tuple[str, ...]
    reference_answer: str | None = None

    @model_validator(mode="after")
    def _asks(self) -> "_QueryRow":
        if not (self.query or self.text or self.turns):
            raise ValueError("a question needs `query` (messages), `text` or `turns`")
        return self


class _DocumentRow(Row):
    doc_id: str = Field(min_length=1)
    text: str
    title: str | None = None
    aliases: tuple[str, ...] = ()


def load_queries(path: Path) -> list[Query]:
    """Read questions; blocking, so call it in a thread.

    Raises:
        InvalidInput: the file can't be read, has no rows, or a line is not what it should be (the message names line and field).
    """
    queries = [_query(number, row) for number, row in rows(path, _QueryRow)]
    if not queries:
        raise InvalidInput(
            f"{path.name} holds no questions; give JSON lines with `query`, `text` or `turns`, and `relevant`."
        )
    return queries


def load_knowledge(path: Path) -> list[Draft]:
    """Read entries; blocking, so call it in a thread.

    Raises:
        InvalidInput: as `load_queries`, or an id stands there twice.
    """
    drafts: dict[str, Draft] = {}
    for number, row in rows(path, _DocumentRow):
        if row.doc_id in drafts:
            raise InvalidInput(f"{path.name}, line {number}: `doc_id` {row.doc_id[:80]!r} stands there twice.")
        title = " ".join((row.title or next(iter(row.aliases), "")).split())
        drafts[row.doc_id] = Draft(key=row.doc_id, title=title, aliases=row.aliases, answer=row.text)
    if not drafts:
        raise InvalidInput(f"{path.name} holds no entries; give JSON lines with `doc_id` and `text`.")
    return list(drafts.values())


def check_match(queries: Sequence[Query], drafts: Sequence[Draft]) -> None:
    """Raises:
    InvalidInput: not one right entry of the questions is in the knowledge: the two files don't belong together.
    """
    keys = {draft.key for draft in drafts}
    if not any(keys & query.relevant for query in queries):
        named = next((key for query in queries for key in sorted(query.relevant)), None)
        example = f", such as {named!r}" if named else ""
        raise InvalidInput(
            f"None of the questions' right entries{example} is in the knowledge: give the file that they were asked of."
        )


def _query(number: int, row: _QueryRow) -> Query:
    if row.query:
        text = "\n".join(message.text for message in row.query)
    elif row.turns:
        text = "\n".join([turn.text for turn in row.turns if turn.speaker == "user"][-USER_TURNS:])
    else:
        text = row.text
    name = row.id or row.query_id or str(number)
    return Query(
        group=row.stream or name.partition("#")[0],
        text=text,
        relevant=frozenset(row.relevant),
        answerable=row.answerability in ("ANSWERABLE", "PARTIAL"),
        at=0.0 if row.ts is None else in_utc(row.ts).timestamp(),
        reference=row.reference_answer or "",
    )
