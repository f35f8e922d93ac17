"""What two answers to like questions have in common and where they part: words, numbers, commands, denials, opposites. What follows for the
knowledge is `reconcile`'s."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from vigil.knowledge.words import words

FRAME = 0.7
"""Share of words in the same order from which two answers are one sentence. Somebody who says a thing again seldom keeps its frame."""
MOST_SWAPPED = 2
FEW = 4
"""Words in an answer whose order is all it says: "tabs, not spaces"."""
LONGEST = 3_000
"""Characters that are compared; an answer has some 500."""
_NUMBER = re.compile(r"(?<=\bv)\d+(?:\.\d+)*\b|(?<![\w.])\d+(?:[.,:]\d+)*(?![\w%]*\d)|\d+(?:[.,:]\d+)*")
_SPELLED = {
    word: str(number)
    for number, word in enumerate(
        ("", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen"), start=1
    )
    if word
} | {
    "twice": "2", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90",
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000", "dozen": "12", "once": "1", "half": "0.5",
}  # fmt: skip
_COUNTED = r"second|minute|hour|day|night|week|month|quarter|year|time|try|user|device|seat|[kmgt]b"
_ONE = re.compile(
    rf"\b(?:one|an?|single) (?:\w+ )?(?:{_COUNTED})\b"
    r"|(?<!each )(?<!every )(?<!this )(?<!that )(?<!new )(?<!other )\b(?:only one|one|a single) "
    r"(?!of|that|which|who|is|was|can|has|or|more|by|another|and|in|on|at"
    r"|for|with|to|from|you|your|the|should|must|will|as|it|line|click|place|side|way|step|after|before)[a-z]{3,}",
    re.IGNORECASE,
)
"""One of something that is counted, or of some noun; else "one" is mostly a pronoun."""
_COMMAND = re.compile(
    r"`([^`\n]+)`|(?<![\w/:.~])(~?/[\w.-]+(?:/[\w.@-]*)+)|(?<![\w-])(--?[a-zA-Z][\w-]*(?:=\S+)?)|\b([\w.]{1,60}=[\w./@-]{1,200})"
    r"|\*\d+[*#\d]*|\b(\w{1,60}_\w{1,60})\b"
)
_CLAUSE = re.compile(
    r"[.;:!?]\s|,\s(?:but|and|so|as|because|it|the|use|ask|they)\b|\b(?:but|because|instead of|rather than|and not)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|cannot|neither|nor|without|avoid|wrong|off-limits|forbidden|impossible)\b|n['’]t\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"\A\s*(?:yes|no)\b[,.:!]?\s*", re.IGNORECASE)
_WARNING = re.compile(r"(?:please |so |no, )?(?:do not|don['’]t|never|avoid|not the)\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:can(?:['’]t|not| not)|(?:is|are)(?: not|n['’]t) (?:possible|allowed|supported|permitted)"
    r"|impossible|forbidden|not supported|whatever|regardless|no matter)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(?:before|after(?:wards)?|first|then|until)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|then)\b", re.IGNORECASE)
_YES = re.compile(r"\s*yes\b", re.IGNORECASE)
_TARGET = re.compile(
    r"\b(?:set|change|switch|put|move|point|raise|lower|turn)\b[^.;]{0,60}?\bto ([^\s,;]+[^\s,;.])", re.IGNORECASE
)
_GONE = re.compile(
    r"\b(?:no longer|any longer|not (?:\w+ ){0,3}any ?more"
    r"|(?:is|are|was|were|been) (?:\w+ )?(?:discontinued|removed|replaced|retired|withdrawn"
    r"|dropped|abolished|deprecated|switched off|shut down|superseded)"
    r"|discontinued|obsolete|(?:is|are) gone|ended (?:with|in|on)|used to\b|formerly|has moved to|any more since)",
    re.IGNORECASE,
)
_TURN = r"(?:turn|switch|put|leave)(?:ed|s|ing)?"
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (
            rf"{_TURN}(?: \w+){{0,4}} on|on by default|enabl\w+|activat\w+",
            rf"{_TURN}(?: [\w']+){{0,4}} off|off by default|disabl\w+|deactivat\w+",
        ),
        (r"yes", r"no(?=,)"),
        (r"ticks?|check(?= the box)", r"unticks?|uncheck"),
        (r"add|adding|put", r"remov\w+|delet\w+|drop(?= the)"),
        (r"rais\w+|increas\w+|higher|more|enlarg\w+", r"lower(?:ed|ing)?|decreas\w+|reduc\w+|fewer|less"),
        (r"allow\w*|permit\w*|accept\w*", r"den(?:y|ies)|block\w*|refus\w+|forbid\w*|prohibit\w*"),
        (r"start\w*", r"stop\w*"),
        (r"with", r"without"),
        (r"always|must", r"never|optional|needn't"),
        (r"before", r"after"),
        (r"install\w*", r"uninstall\w*"),
        (r"includ\w+", r"exclud\w+"),
        (r"at least|minimum|or newer|or more", r"at most|maximum|or older|up to|or less"),
        (r"free", r"costs?|charged|paid"),
        (r"public", r"private"),
        (r"encrypt\w*", r"unencrypted|decrypt\w*"),
        (r"manual\w*|by hand|yourself", r"automatic\w*|by itself"),
        (r"keep|leave", r"delete|remove|discard"),
        (r"possible", r"impossible"),
        (r"connect", r"disconnect|unplug"),
        (r"lock", r"unlock"),
    )
)
"""Words of which one advises what the other advises against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How the answer of a lesson stands to one that is known, in figures."""

    question: float
    """Cosine of the questions."""
    answer: float
    """Cosine of the answers."""
    kept: float
    """Share of the known answer's words that the lesson has."""
    shared: float
    """Share of the lesson's words that the known answer has."""
    added: int
    """Words that only the lesson has."""
    numbers_gone: int
    """Numbers that only the known answer has."""
    numbers_new: int
    commands_gone: int
    commands_new: int
    denied: int
    """Things said by both that one of them denies."""
    opposite: int
    """Pairs of opposites of which each answer has one."""
    swapped: bool
    """The same sentence with one or two other words in the place of its own."""
    reordered: bool
    """The same few words or the same figures in another order, or both say what comes before what and not in the same order."""
    turned: bool
    """What one puts before something, the other puts after it; or one says yes where the other denies."""
    refused: bool
    """One begins with what can't be done, and the other knows of no such thing."""
    aimed: bool
    """Both set something, each to another value."""
    gone: bool
    """The lesson says that something no longer holds, and the known answer doesn't."""


def compare(known: str, lesson: str, *, question: float, answer: float) -> Comparison:
    """Compare two answers; the cosines are given."""
    known, lesson = known[:LONGEST], lesson[:LONGEST]
    old, new = set(words(known)), set(words(lesson))
    old_numbers, new_numbers = numbers(known), numbers(lesson)
    old_commands, new_commands = commands(known), commands(lesson)
    return Comparison(
        question=question,
        answer=answer,
        kept=len(old & new) / max(1, len(old)),
        shared=len(old & new) / max(1, len(new)),
        added=len(new - old),
        numbers_gone=len(old_numbers - new_numbers),
        numbers_new=len(new_numbers - old_numbers),
        commands_gone=len(old_commands - new_commands),
        commands_new=len(new_commands - old_commands),
        denied=_denied(known, lesson),
        opposite=_opposites(known, lesson),
        swapped=_swapped(known, lesson),
        turned=bool(_first(known) & {(two, one) for one, two in _first(lesson)})
        or _turned(known, lesson)
        or _turned(lesson, known),
        reordered=_reordered(known, lesson),
        refused=_refused(known, lesson) or _refused(lesson, known),
        aimed=_aimed(known, lesson),
        gone=bool(_GONE.search(lesson)) and not _GONE.search(known),
    )


def numbers(text: str) -> frozenset[str]:
    """Numbers, spelled ones as digits; ``1,200`` is ``1200``."""
    found = {number.replace(",", "") for number in _NUMBER.findall(text)}
    if _ONE.search(text):
        found.add("1")
    return frozenset(found | {_SPELLED[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _SPELLED})


def commands(text: str) -> frozenset[str]:
    """Commands, paths, options and settings, as they are typed."""
    return frozenset(" ".join(match[match.lastindex or 0].split()) for match in _COMMAND.finditer(text))


@dataclass(frozen=True, slots=True)
class _Clause:
    words: frozenset[str]
    denies: bool
    warns: bool
    """It tells not to do something."""


def _clauses(text: str) -> list[_Clause]:
    found: list[_Clause] = []
    at = 0
    text = _ANSWERS.sub("", text)
    for end in (*(match.start() for match in _CLAUSE.finditer(text)), len(text)):
        clause = text[at:end].lstrip(" .;:,!?")
        at = end
        found.append(_Clause(frozenset(words(clause)), bool(_DENIAL.search(clause)), bool(_WARNING.match(clause))))
    return found


def _denied(known: str, lesson: str) -> int:
    """Clauses that both have, more or less, and only one denies."""
    count = 0
    for one, two in ((known, lesson), (lesson, known)):
        others = _clauses(two)
        denying = [each.words for each in others if each.denies]
        for said in _clauses(one):
            if not said.denies or any(said.words & other for other in denying):
                continue
            best = max(
                (said.words & other.words for other in others if not other.denies), key=len, default=frozenset[str]()
            )
            if said.warns:
                count += bool(best)
            elif len(best) >= 2 and len(best) * 2 >= min(len(said.words), 4) and not _figures(said.words) - best:
                count += 1
    return count


def _figures(said: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in said if word[0].isdigit())


def _opposites(known: str, lesson: str) -> int:
    count = 0
    for one, other in _OPPOSITES:
        first, second = _sides(one, other, known), _sides(one, other, lesson)
        count += first is not None and second is not None and first is not second
    return count


def _sides(one: re.Pattern[str], other: re.Pattern[str], text: str) -> bool | None:
    """Which of two opposites a text advises; the first that it names, None where it names neither."""
    prose = _COMMAND.sub(" ", text)
    first, second = one.search(prose), other.search(prose)
    if first and second:
        return first.start() < second.start()
    return bool(first) if first or second else None


def _swapped(known: str, lesson: str) -> bool:
    alike = SequenceMatcher(None, words(known), words(lesson), autojunk=False)
    return alike.ratio() >= FRAME and any(
        tag == "replace" and last - first <= MOST_SWAPPED and end - start <= MOST_SWAPPED
        for tag, first, last, start, end in alike.get_opcodes()
    )


def _reordered(known: str, lesson: str) -> bool:
    old, new = list(dict.fromkeys(words(known))), list(dict.fromkeys(words(lesson)))
    figures = [word for word in old if word in new and any(map(str.isdigit, word))]
    if len(figures) > 1 and figures != [word for word in new if word in figures]:
        return True
    turned = set(old) == set(new) and len(old) <= FEW
    if not turned and not (_ORDER.search(known) and _ORDER.search(lesson)):
        return False
    return [word for word in old if word in new] != [word for word in new if word in old]


def _first(text: str) -> set[tuple[str, str]]:
    """What comes before what: the words next to "before" and "then"."""
    found: set[tuple[str, str]] = set()
    for match in _BEFORE.finditer(text):
        earlier, later = words(text[: match.start()]), words(text[match.end() :])
        if earlier and later:
            found.add((earlier[-1], later[0]))
    return found


def _turned(one: str, other: str) -> bool:
    return (
        bool(_YES.match(one))
        and not _YES.match(other)
        and bool(_DENIAL.search(re.split(r"[.;:]\s", other, maxsplit=1)[0]))
    )


def _refused(one: str, other: str) -> bool:
    first = re.split(r"[.;:]\s", one, maxsplit=1)[0]
    return bool(_REFUSAL.search(first)) and not _DENIAL.search(other)


def _aimed(known: str, lesson: str) -> bool:
    old = {match.casefold() for match in _TARGET.findall(known)}
    new = {match.casefold() for match in _TARGET.findall(lesson)}
    return bool(old and new) and not old & new
