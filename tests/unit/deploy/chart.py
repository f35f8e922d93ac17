"""As much of Helm's templates as the chart uses: values, include, if, with, and a handful of functions. Where `helm` itself is installed,
the tests compare what it makes; this lets the chart be checked everywhere."""

import hashlib
import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

_ACTION = re.compile(r"(?s)\{\{(-?)\s*(.*?)\s*(-?)\}\}")
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')


@dataclass
class Block:
    """A stretch of a template: text, or an action with what stands in it."""

    action: str = ""
    text: str = ""
    inside: list["Block"] = field(default_factory=list["Block"])
    otherwise: list["Block"] = field(default_factory=list["Block"])


class Chart:
    """A chart in a folder, to be rendered with values."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about: dict[str, Any] = yaml.safe_load((folder / "Chart.yaml").read_text())
        self.values: dict[str, Any] = yaml.safe_load((folder / "values.yaml").read_text())
        self._parts: dict[str, list[Block]] = {}

    def render(self, changes: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """All objects of the chart."""
        context = {
            "Values": merged(self.values, changes or {}),
            "Release": {"Name": "acme", "Service": "Helm"},
            "Chart": {"AppVersion": str(self.about["appVersion"])},
        }
        for path in sorted((self.folder / "templates").glob("*.tpl")):
            _written(parsed(path.read_text()), context, self._parts)
        objects: list[dict[str, Any]] = []
        for path in sorted((self.folder / "templates").glob("*.yaml")):
            text = _written(parsed(path.read_text()), context, self._parts)
            objects += [each for each in yaml.safe_load_all(text) if each]
        return objects


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Values with changes, as Helm lays them over one another."""
    made = dict(base)
    for key, value in changes.items():
        old = made.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        made[key] = merged(cast("dict[str, Any]", old), cast("dict[str, Any]", value)) if both else value
    return made


def parsed(source: str) -> list[Block]:
    """The blocks of a template."""
    root = Block()
    open_blocks: list[tuple[Block, list[Block]]] = [(root, root.inside)]
    place, trim = 0, False
    for found in _ACTION.finditer(source):
        text = source[place : found.start()]
        text = text.lstrip() if trim else text
        text = text.rstrip() if found[1] else text
        open_blocks[-1][1].append(Block(text=text))
        place, trim = found.end(), bool(found[3])
        action = found[2]
        verb = action.split(" ", 1)[0]
        if action.startswith("/*"):
            continue
        if verb == "end":
            open_blocks.pop()
        elif verb == "else":
            owner = open_blocks.pop()[0]
            open_blocks.append((owner, owner.otherwise))
        else:
            block = Block(action=action)
            open_blocks[-1][1].append(block)
            if verb in ("if", "with", "define"):
                open_blocks.append((block, block.inside))
    assert len(open_blocks) == 1, "a block is not ended"
    rest = source[place:]
    root.inside.append(Block(text=rest.lstrip() if trim else rest))
    return root.inside


def _written(blocks: list[Block], dot: Any, parts: dict[str, list[Block]], root: Any = None) -> str:
    root = dot if root is None else root
    out: list[str] = []
    for block in blocks:
        verb, _, rest = block.action.partition(" ")
        if not block.action:
            out.append(block.text)
        elif verb == "define":
            parts[json.loads(rest)] = block.inside
        elif verb in ("if", "with"):
            value = _value(rest, dot, parts, root)
            inside = dot if verb == "if" or not value else value
            out.append(_written(block.inside if value else block.otherwise, inside, parts, root))
        else:
            value = _value(block.action, dot, parts, root)
            out.append(value if isinstance(value, str) else json.dumps(value))
    return "".join(out)


def _value(expression: str, dot: Any, parts: dict[str, list[Block]], root: Any) -> Any:
    piped: list[Any] = []
    for step in expression.split(" | "):
        first, *words = _WORD.findall(step)
        arguments = [_word(word, dot, root) for word in words] + piped
        if first == "include":
            piped = [_written(parts[arguments[0]], arguments[1], parts, root)]
        elif first in FUNCTIONS:
            piped = [FUNCTIONS[first](*arguments)]
        else:
            assert not arguments, f"the chart calls {first}, which its test can't do"
            piped = [_word(first, dot, root)]
    return piped[0]


def _word(word: str, dot: Any, root: Any) -> Any:
    if word.startswith('"'):
        return json.loads(word)
    if word.isdigit():
        return int(word)
    assert word.startswith("."), f"the chart says {word}, which its test can't read"
    names = [name for name in word.split(".") if name]
    value = root if names and names[0] in ("Values", "Release", "Chart") else dot
    for name in names:
        value = value[name]
    return value


def _indented(width: int, text: str) -> str:
    return "\n" + "\n".join(" " * width + line if line else line for line in text.split("\n"))


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False).rstrip("\n")


def _default(fallback: Any, value: Any) -> Any:
    return value or fallback


def _quoted(value: Any) -> str:
    return json.dumps(str(value))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "quote": _quoted,
    "default": _default,
    "toYaml": _yaml,
    "nindent": _indented,
    "not": operator.not_,
    "sha256sum": _sha256,
}
