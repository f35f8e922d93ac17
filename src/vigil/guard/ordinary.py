"""Which words support talk uses all the time, so that a capital says nothing about them. What a rare word means is for `capitals` and
`names` to judge."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(files("vigil.guard").joinpath("weights/ordinary.txt").read_text(encoding="utf-8").split())


def is_ordinary(word: str) -> bool:
    """Whether a word, in any case, is one that everybody says: ``server``, ``Firefox``, ``please``."""
    return word.lower() in _words()
