"""Whose turn it is: conversations with something to do, one of each workspace after the other, so that nobody's flood holds up anybody
else. It may forget: the inbox is the truth, and a sweep finds again what was left out."""

from collections import Counter, OrderedDict
from typing import Final

Key = tuple[str, str]
"""Workspace and conversation."""

MOST: Final = 500
"""Conversations of one workspace that are lined up here; the others stay where they are, in the database."""


class Turns:
    """Lines up conversations.

    Args:
        at_once: conversations that may be worked on side by side.
        of_one: how many of these may be of one workspace, so that there is always room for another's.
    """

    def __init__(self, *, at_once: int, of_one: int) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._lines: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._busy: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, key: Key) -> None:
        """Put a conversation at the end of its workspace's line, unless it stands there."""
        workspace, conversation = key
        line = self._lines.setdefault(workspace, OrderedDict())
        if len(line) < MOST:
            line.setdefault(conversation)

    def next(self) -> Key | None:
        """The next conversation to work on, which from now on counts as begun; None where nothing waits or there is no room."""
        if self._busy.total() >= self._at_once:
            return None
        for workspace in list(self._lines):
            if self._busy[workspace] >= self._of_one:
                continue
            line = self._lines[workspace]
            conversation, _ = line.popitem(last=False)
            if line:
                self._lines.move_to_end(workspace)
            else:
                del self._lines[workspace]
            self._busy[workspace] += 1
            return workspace, conversation
        return None

    def done(self, key: Key) -> None:
        """A conversation that was begun is no longer worked on."""
        self._busy[key[0]] -= 1
        if not self._busy[key[0]]:
            del self._busy[key[0]]
