"""What a message shows on its face: question, greeting, thanks, whom it speaks to, a cry for a human. The word lists are in `lexicon`; what
follows from a reading is decided by the abilities above."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from vigil.guard.sanitise import clean
from vigil.language import lexicon

MAX_CHARS = 20_000
"""Characters that are read of one message: the default of `Settings.max_message_chars`; what is longer is never answered."""
MAX_WORDS = 400
"""Words that are read of one message; a longer one has said what it is for by then."""

_TOKEN_OR_STOP = re.compile(r"([^\W_]+(?:['’][^\W_]+)*)|[.!?;,:()\n？。]")
_QUESTION_MARK = re.compile(r"[?？؟](?![^\s?]*[=&])")
_LINK = re.compile(r"(?:https?|ftp)://|www\.", re.IGNORECASE)
_COMMAND = re.compile(
    r"(?:^|[\s`])(?:sudo|apt(?:-get)?|kubectl|helm|docker|git|ssh|scp|curl|wget|systemctl|npm|pip|psql|terraform|aws|gcloud|chmod) [a-z-]"
    r"|(?:^|\s)(?:\./|~/|/(?:etc|usr|var|home|dev|opt|proc|boot|tmp|bin|mnt|media|sys|srv)\b)|`[^`]+`|\s--[a-z]"
)
_PASTED = re.compile(
    r"[a-z]{3,40}(?:error|exception)\b|\b(?:err(?:no)?|e)_[a-z_]+|\berrno\b|traceback|segfault|\b0x[0-9a-f]{2,}"
    r"|exit (?:code|status) \d|\"[^\"]{12,}\"|```"
    r"|\b[45]\d\d (?:error|bad|not found|forbidden|gateway|service|internal|too many|unauthori[sz]ed)|\berror[: ]+[a-z]*\d+",
    re.IGNORECASE,
)
_SMILE = re.compile(r"[:;=][-']?[)D(pPoO/|3](?![\w/])|[\U0001f600-\U0001f64f]")
_AT = re.compile(r"(?<![\w.])@([^\W_][\w.\-]{0,39})")
_MARKS = r"\s?(?:[,:;>]|-+>|-+(?=\s))+\s*"
_PREFIX = re.compile(rf"(?:@(?P<at>[^\s,:;>@/]{{1,40}})(?:{_MARKS}|\s+|$)|(?P<bare>[^\s,:;>@]{{1,40}}){_MARKS})")
_ORDINARY = (lexicon.STOP_WORDS, lexicon.ACKNOWLEDGE, lexicon.GREETING, lexicon.LEADS_IN, lexicon.HELP, lexicon.THANKS)
"""Words that open sentences in front of a comma and are nobody's name."""
_WORDS_IN_CAPITALS = re.compile(r"\b[^\W\d_]{2,}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one text shows. Made once for a text and kept for a while, so that looking back over a hundred messages is cheap."""

    text: str
    """Cleaned."""
    body: str
    """Without "nick:" in front."""
    prefix: str
    """The word in front of a colon, comma or arrow, in lower case: perhaps a person's name. Empty where there is none."""
    at: tuple[str, ...]
    """Names behind an @, in lower case."""
    words: frozenset[str]
    """Words that say what it is about, in lower case."""
    length: int
    """Number of words in `body` after the greeting."""
    greeting: bool
    thanks: bool
    acknowledges: bool
    """Starts with yes, no, ok, ah, lol ..."""
    solved: bool
    """Says that it works now, or never mind."""
    not_solved: bool
    """Says that it still doesn't work, or that an answer was no help."""
    wants_human: bool
    furious: bool
    question_mark: bool
    ends_with_mark: bool
    wh: bool
    """Starts with how, what, where ..."""
    auxiliary: bool
    """Starts with is, can, does, any ..."""
    wh_inside: bool
    """A later clause starts with how, what, where ..."""
    leads_in: bool
    """Starts with and, but, so ..."""
    how_to: bool
    anybody: bool
    help: bool
    problem: bool
    first_person: bool
    starts_first_person: bool
    second_person: bool
    advice: bool
    """Starts like an instruction or a question back: try, use, you can, did you ..."""
    refers_back: bool
    other_subject: bool
    """Announces another question."""
    link: bool
    command: bool
    pasted: bool
    """Holds an error message, a code or a quotation."""
    bot_call: bool
    smile: bool

    @property
    def question(self) -> bool:
        """Has the form of a question or of a call for help."""
        return (
            self.question_mark
            or ((self.wh or self.wh_inside) and self.length > 2)
            or (self.auxiliary and self.length > 3)
            or self.anybody
        )

    @property
    def small_talk(self) -> bool:
        """Nothing but greeting, thanks, acknowledgement or "it works now": no question, no problem, few words."""
        if self.length == 0:
            return not self.question_mark and not self.pasted
        asks = self.question_mark or self.wh or self.wh_inside or self.anybody
        if asks or self.not_solved or self.wants_human or self.furious or self.pasted:
            return False
        if self.solved:
            return self.length <= 20 and not self.problem
        polite = self.thanks or (self.acknowledges and self.length <= 3)
        return polite and not self.problem and not self.how_to and self.length <= 14

    @property
    def informative(self) -> bool:
        """Says something that could be searched for."""
        return not self.small_talk and (len(self.words) >= 2 or self.pasted)


@lru_cache(maxsize=8192)
def read(text: str) -> Reading:
    """Read one text."""
    whole = clean(text[:MAX_CHARS])
    prefix, body = _split_prefix(whole)
    tokens, clauses = _tokens(body.casefold())
    greeting = _starts(tokens, lexicon.GREETING)
    rest = tokens[greeting:]
    if greeting:
        rest = rest[_starts(rest, lexicon.GREETED) :]
    grams = _grams(tokens)
    led = rest[_starts(rest, lexicon.LEADS_IN) :]
    lead = len(rest) != len(led)

    def holds(phrases: frozenset[str]) -> bool:
        return not phrases.isdisjoint(grams)

    return Reading(
        text=whole,
        body=body,
        prefix=prefix,
        at=tuple(name.rstrip(".-").casefold() for name in _AT.findall(whole)) if "@" in whole else (),
        words=frozenset(token for token in rest if len(token) > 2 and token not in lexicon.STOP_WORDS),
        length=len(rest),
        greeting=greeting > 0,
        thanks=holds(lexicon.THANKS),
        acknowledges=_starts(rest, lexicon.ACKNOWLEDGE) > 0,
        solved=holds(lexicon.SOLVED),
        not_solved=holds(lexicon.NOT_SOLVED),
        wants_human=holds(lexicon.WANTS_HUMAN),
        furious=holds(lexicon.FURIOUS) or ("!!" in whole and _shouts(whole)),
        question_mark=_QUESTION_MARK.search(whole) is not None,
        ends_with_mark=whole.rstrip(" .!)\"'").endswith(("?", "？", "؟")),
        wh=_starts(led, lexicon.WH) > 0,
        auxiliary=_starts(led, lexicon.AUXILIARY) > 0,
        wh_inside=any(_starts(clause[_starts(clause, lexicon.LEADS_IN) :], lexicon.WH) for clause in clauses),
        leads_in=lead,
        how_to=holds(lexicon.HOW_TO),
        anybody=holds(lexicon.ANYBODY),
        help=holds(lexicon.HELP),
        problem=holds(lexicon.PROBLEM),
        first_person=holds(lexicon.FIRST_PERSON),
        starts_first_person=_starts(led, lexicon.FIRST_PERSON) > 0,
        second_person=holds(lexicon.SECOND_PERSON),
        advice=_starts(led, lexicon.ADVICE) > 0,
        refers_back=holds(lexicon.REFERS_BACK),
        other_subject=holds(lexicon.OTHER_SUBJECT),
        link=_LINK.search(whole) is not None,
        command=_COMMAND.search(whole) is not None,
        pasted=_PASTED.search(whole) is not None,
        bot_call=len(whole) > 1 and whole[0] in "!/." and whole[1].isalpha(),
        smile=_SMILE.search(whole) is not None,
    )


def addressed(reading: Reading, names: Collection[str]) -> tuple[str, ...]:
    """Which of `names` (lower case) the text speaks to: "nick: ...", "nick, ...", "@nick ..."; first the one in front."""
    found = [reading.prefix] if reading.prefix and reading.prefix in names else []
    found += [name for name in reading.at if name in names and name not in found]
    return tuple(found)


def _tokens(text: str) -> tuple[list[str], list[list[str]]]:
    """The words, and the words that each clause after the first begins with."""
    tokens: list[str] = []
    starts: list[int] = []
    stopped = False
    for token in _TOKEN_OR_STOP.findall(text):
        if not token:
            stopped = bool(tokens)
            continue
        if stopped:
            starts.append(len(tokens))
            stopped = False
        tokens.append(token.replace("'", "").replace("’", ""))
        if len(tokens) == MAX_WORDS:
            break
    return tokens, [tokens[start : start + 6] for start in starts]


def _split_prefix(text: str) -> tuple[str, str]:
    """The word in front of a colon or comma and the rest; ("", text) where the word is an ordinary opening of a sentence."""
    found = _PREFIX.match(text)
    if found is None or text.startswith("//", found.end()):
        return "", text
    if found["at"]:
        return found["at"].casefold(), text[found.end() :]
    name = found["bare"].casefold()
    plain = name.replace("'", "").replace("’", "")
    if any(plain in words for words in _ORDINARY):
        return "", text
    return name, text[found.end() :]


def _starts(tokens: list[str], phrases: frozenset[str]) -> int:
    """How many tokens the longest phrase at the beginning takes; 0 for none."""
    for size in (3, 2, 1):
        if len(tokens) >= size and " ".join(tokens[:size]) in phrases:
            return size
    return 0


def _grams(tokens: list[str]) -> set[str]:
    """All runs of one to four tokens."""
    grams = set(tokens)
    pairs = [f"{a} {b}" for a, b in pairwise(tokens)]
    triples = [f"{a} {b}" for a, b in zip(pairs, tokens[2:], strict=False)]
    grams.update(pairs, triples, (f"{a} {b}" for a, b in zip(triples, tokens[3:], strict=False)))
    return grams


def _shouts(text: str) -> bool:
    """Several words in capitals: anger, not an acronym."""
    words = _WORDS_IN_CAPITALS.findall(text)
    return len(words) >= 5 and sum(word.isupper() for word in words) >= 0.8 * len(words)
