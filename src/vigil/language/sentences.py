"""What a message says, sentence by sentence, without greeting, thanks and "please" around it. What a sentence shows is in `reading`."""

import re
from collections.abc import Collection

from vigil.language import lexicon
from vigil.language.reading import read

_SENTENCE = re.compile(r"(?<=[.!?？。])\s+(?=\S)|\n+")


def _any_of(*lists: frozenset[str]) -> str:
    return (
        "(?:"
        + "|".join(
            re.escape(phrase)
            for phrase in sorted(
                frozenset(phrase for some in lists for phrase in some), key=lambda phrase: (-len(phrase), phrase)
            )
        )
        + ")"
    )


_GREETING = re.compile(
    rf"^(?:{_any_of(lexicon.GREETING)}\b(?:[ ,]+{_any_of(lexicon.GREETED)}\b)*[\s,.!:;)-]*)+", re.IGNORECASE
)
_THANKS_FIRST = re.compile(
    rf"^(?:(?:{_any_of(lexicon.THANKS, lexicon.ACKNOWLEDGE - lexicon.BEGINNINGS)}\b[\s,.!:;)-]+"
    rf"|{_any_of(lexicon.BEGINNINGS)}\b\s*(?:[,.!:;)]|-+\s)[\s,.!:;)-]*))+(?:{_any_of(lexicon.LEADS_IN)}\b\s*)?",
    re.IGNORECASE,
)
_COURTESY_LAST = re.compile(
    rf"(?:[\s,;.!-]+(?:{_any_of(lexicon.THANKS, lexicon.PLEASE)}|in advance)\b)+[\s.!?:)]*$", re.IGNORECASE
)


def sentences_of(text: str, people: Collection[str] = ()) -> list[str]:
    """What a message says, sentence by sentence: without greeting, thanks and "please" around it, and without "@name" or "name:" in front
    where it is one of `people` (lower case); "terraform:" stays."""
    reading = read(text)
    spoken_to = reading.text.startswith("@") or reading.prefix in people
    body = _GREETING.sub("", reading.body if spoken_to else reading.text)
    kept: list[str] = []
    for raw in _SENTENCE.split(body):
        sentence = _GREETING.sub("", raw.strip())
        if not sentence or read(sentence).small_talk:
            continue
        if not read(sentence).pasted:
            sentence = _without_courtesy(_THANKS_FIRST.sub("", sentence)) or sentence
        kept.append(sentence)
    return kept


def _without_courtesy(sentence: str) -> str:
    """Only the last words are looked at, so that a long run of dots costs nothing."""
    return sentence[:-80] + _COURTESY_LAST.sub(_mark, sentence[-80:])


def _mark(courtesy: re.Match[str]) -> str:
    """A question stays a question when the "please?" behind it goes."""
    return "?" if "?" in courtesy[0] else ""
