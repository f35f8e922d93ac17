"""Files of questions and of knowledge."""

import gzip
import json
from pathlib import Path

import pytest

from vigil.errors import InvalidInput
from vigil.evaluate.retrieval.files import check_match, load_knowledge, load_queries

CHAT = {
    "id": "fact:2005#1",
    "stream": "2005",
    "ts": "2005-10-07T06:21:00",
    "query": [{"id": "1", "text": "hello"}, {"id": "2", "text": "no sound"}],
    "relevant": ["sound"],
}
QUESTION = {"query_id": "q:1", "text": "Which editor?", "relevant": ["vim"]}
DIALOGUE = {
    "id": "conv#3",
    "turns": [
        {"speaker": "user", "text": "one"},
        {"speaker": "agent", "text": "two"},
        {"speaker": "user", "text": "three"},
        {"speaker": "user", "text": "four"},
    ],
    "answerability": "UNANSWERABLE",
    "relevant": [],
    "reference_answer": None,
}


def _file(folder: Path, *rows: object, packed: bool = False) -> Path:
    text = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    path = folder / ("some.jsonl.gz" if packed else "some.jsonl")
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_three_shapes_of_questions(tmp_path: Path, packed: bool) -> None:
    chat, question, dialogue = load_queries(_file(tmp_path, CHAT, QUESTION, DIALOGUE, packed=packed))
    assert (chat.text, chat.group, chat.at) == ("hello\nno sound", "2005", 1128666060.0)
    assert (question.text, question.group, question.answerable) == ("Which editor?", "q:1", True)
    assert (dialogue.text, dialogue.group, dialogue.answerable) == ("three\nfour", "conv", False)


def test_entries_with_and_without_names(tmp_path: Path) -> None:
    rows = (
        {"doc_id": "a", "aliases": ["alsa", "sound"], "text": "A"},
        {"doc_id": "b", "title": " B\n b ", "text": "B"},
    )
    named, titled = load_knowledge(_file(tmp_path, *rows))
    assert (named.key, named.title, named.aliases, named.answer) == ("a", "alsa", ("alsa", "sound"), "A")
    assert (titled.key, titled.title, titled.aliases) == ("b", "B b", ())


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"text": "no right entry is named"}, "line 1: `relevant`"),
        ({"relevant": ["a"]}, "`query`"),
        ({**DIALOGUE, "answerability": "MAYBE"}, "`answerability`"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, row: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        load_queries(_file(tmp_path, row))


def test_what_is_empty_twice_or_of_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no questions"):
        load_queries(_file(tmp_path))
    with pytest.raises(InvalidInput, match="holds no entries"):
        load_knowledge(_file(tmp_path))
    with pytest.raises(InvalidInput, match="twice"):
        load_knowledge(_file(tmp_path, *[{"doc_id": "a", "text": "A"}] * 2))
    queries = load_queries(_file(tmp_path, QUESTION))
    with pytest.raises(InvalidInput, match="'vim' is in the knowledge"):
        check_match(queries, load_knowledge(_file(tmp_path, {"doc_id": "a", "text": "A"})))
