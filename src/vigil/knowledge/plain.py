"""An answer as it is said in a chat: without the marks by which Markdown sets words off. The evidence keeps them, and citations quote it
word for word."""

import re

_CODE = re.compile(r"(```.*?```|``[^\n]+?``|`[^`\n]+`)", re.DOTALL)
"""What stands in code means what it says, and its ticks tell readers so."""
_HEADING = re.compile(r"^#{1,6} +(?=\S)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*_\\/.])(\*{1,3}|_|__(?!\w+__))(?=[^\s*_])([^*_\n]*[^\s*_\\])\1(?![\w*_/]|\.\w)")
"""Around whole words only, as people write it: `2*3*4`, `a_b_c`, `__init__` and `*.log and *.txt` stay."""
_NESTED = 3
"""Marks within marks, such as strong words in an emphasised sentence: each round takes one kind off."""


def plain(text: str) -> str:
    """`text` without marks of emphasis and headings; everything else as it is."""
    parts = _CODE.split(text)
    for place in range(0, len(parts), 2):  # what stands between pieces of code
        said = _HEADING.sub("", parts[place])
        for _ in range(_NESTED):
            said, changed = _EMPHASIS.subn(r"\2", said)
            if not changed:
                break
        parts[place] = said
    return "".join(parts)
