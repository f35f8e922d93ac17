"""Texts as words: what the keyword index holds, what overlap is counted in, and what covers a question. Vectors are the embedder's."""

import re
import unicodedata

MAX_CHARS = 20_000
"""Characters of a text that are cut into words; a passage has some 2,000, a message at most as many as this."""
MAX_WORD = 64
"""Longest word that is kept: a hash or a token of base64 finds nothing and fills the index."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:[.+#'/:@_-]+[^\W_{_CJK}]+)*[+#]*")
_PART = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_IS_CJK = re.compile(f"[{_CJK}]")

_COMMON = """
a about after again aint all also am an and another any anybody anyone anything are arent as at be because been before
being both but by can cannot cant could couldnt did didnt do does doesnt doing done dont each every few for from
further get gets getting give go going gonna good got had hadnt has hasnt have havent having he hello help her here
hes hey hi him his how i id if ill im in into is isnt it itll its ive just know let lets like look make many may maybe
me might mine more most much must my need no nor not now of off ok okay on once one only or other our out over own
please really right same say see shall she should shouldnt so some somebody someone something still such sure tell
than thank thanks that thats the their them then there theres these they theyre thing things think this those though
through to too try trying under until up us use used using very want wants was wasnt way we well were werent weve what
whats when where which while who whom whos whose why will with without wont would wouldnt yeah yes yet you your youre
yours youve
"""
STOP_WORDS = frozenset(_COMMON.split())
"""English words that stand in any message, whatever it is about. They carry no topic; other languages' words are weighed by how common
they are among the candidates."""

_ENDINGS = (
    ("'s", "", 2),
    ("ies", "y", 3),
    ("sses", "ss", 2),
    ("ing", "", 4),
    ("ed", "", 4),
    ("es", "", 4),
    ("s", "", 3),
)


def words(text: str) -> list[str]:
    """Words of `text` in order, folded (case, accents, compatibility forms) and without their commonest endings, stop words left out.

    A compound such as ``apt-get`` or ``/etc/fstab`` counts as itself and as its parts; scripts without spaces give pairs of characters.
    """
    found: list[str] = []
    for match in _WORD.finditer(_fold(text[:MAX_CHARS])):
        word = match[0]
        if _IS_CJK.match(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        _keep(word, found)
        if not word.isalnum():
            parts = _PART.findall(word)
            if len(parts) > 1:
                for part in parts:
                    _keep(part, found)
    return found


def _keep(word: str, found: list[str]) -> None:
    if word.replace("'", "") not in STOP_WORDS and len(word) <= MAX_WORD:
        found.append(_stem(word))


def _stem(word: str) -> str:
    """Without a plural's, a participle's or an owner's ending: crude, and the same for question and entry, which is what matters."""
    if not word.isascii() or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    for ending, instead, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)] + instead
    return word


def _fold(text: str) -> str:
    folded = text.lower()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded.replace("\u2019", "'"))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not unicodedata.combining(char)))
