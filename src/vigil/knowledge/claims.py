"""What in an answer can be checked letter by letter: that quoted words stand in a text, and that numbers, addresses and commands were not
made up. Whether an answer is right is decided elsewhere."""

import re
from dataclasses import dataclass

_QUOTES = str.maketrans("‘’‚‛“”„‟«»`´‐‑‒–—\u00a0\u2007\u202f", "''''\"\"\"\"\"\"''-----   ")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_STEP = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|#{1,6})[ \t]+", re.MULTILINE)
_ADDRESS = re.compile(r"(?:https?|ftp|ssh)://[^\s<>\"'`)\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_COMMAND = re.compile(
    r"```[^\n]*\n(?P<block>.*?)```|`(?P<code>[^`\n]+)`|(?P<path>(?<![\w/:.~])~?/[\w.-]+(?:/[\w.@-]*)+)"
    r"|(?P<flag>(?<![\w-])--?[a-zA-Z][\w-]*)",
    re.DOTALL,
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nothing|cannot|without|unless|except|nicht|kein\w*|nie|ohne|pas|jamais|sans|no|nunca|sin|não)\b|n't\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text with all white space as single spaces and all kinds of quotation marks and dashes as one, and where each character was."""

    text: str
    origin: tuple[int, ...]


def find(quoted: str, text: str) -> tuple[int, int] | None:
    """Where `quoted` stands in `text`, word for word: start and end. White space and kinds of quotation marks and dashes may differ."""
    wanted, where = _plain(quoted), _plain(text)
    if not wanted.text:
        return None
    at = 0
    while (at := where.text.find(wanted.text, at)) >= 0:
        end = at + len(wanted.text)
        if not (_in_word(where.text, at) or _in_word(where.text, end)):
            return where.origin[at], where.origin[end - 1] + 1
        at += 1
    return None


def unsupported(answer: str, evidence: str) -> list[str]:
    """Numbers, addresses and commands of `answer` that stand nowhere in `evidence`, in order, each once."""
    plain = _squeezed(evidence)
    said = set(_NUMBER.findall(evidence))
    missing = [address.rstrip(".,;:!?") for address in _ADDRESS.findall(answer)]
    missing = [address for address in missing if _squeezed(address) not in plain]
    rest = _ADDRESS.sub(" ", answer)
    for match in _COMMAND.finditer(rest):
        missing += [
            line.strip()
            for line in match[match.lastgroup or 0].splitlines()
            if line.strip() and _squeezed(line).rstrip(".,;:") not in plain
        ]
    numbers = _NUMBER.findall(_STEP.sub("", rest))
    missing += [number for number in numbers if number not in said]
    return list(dict.fromkeys(missing))


def particulars(text: str) -> frozenset[str]:
    """What two texts that say the same must share: numbers, addresses, commands, and how often something is denied."""
    found = {f"number {number}" for number in _NUMBER.findall(_STEP.sub("", text))}
    found |= {f"address {address.rstrip('.,;:!?')}" for address in _ADDRESS.findall(text)}
    found |= {f"command {_squeezed(match[match.lastgroup or 0])}" for match in _COMMAND.finditer(text)}
    return frozenset({*found, f"denied {len(_NEGATION.findall(text))}"})


def _plain(text: str) -> _Plain:
    characters: list[str] = []
    origin: list[int] = []
    for number, character in enumerate(text.translate(_QUOTES)):
        if character.isspace():
            if not characters or characters[-1] == " ":
                continue
            character = " "
        characters.append(character)
        origin.append(number)
    while characters and characters[-1] == " ":
        characters.pop()
        origin.pop()
    return _Plain("".join(characters), tuple(origin))


def _in_word(text: str, at: int) -> bool:
    """Whether a cut at `at` would go through a word: ``no`` doesn't stand in ``now``."""
    return 0 < at < len(text) and all(char.isalnum() and char.isascii() for char in text[at - 1 : at + 1])


def _squeezed(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())
