"""How urgent a ticket is, by how it stands: what its words say, how the customer sounds, what was promised and is late. Pure; a person's
word goes before it, and that is the caller's to see to."""

# ruff: noqa: E501

import re
from datetime import datetime

from vigil.domain.conversation import Role
from vigil.domain.progress import OVER, Mood, Noted, Progress, Question, Turn
from vigil.domain.triage import Urgency, Urgent

_CRITICAL: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "something that others depend on is down",
        re.compile(
            r"\b(?:prod(?:uction)?|live (?:site|system|shop)|our (?:site|shop|service|app|website|cluster|database|platform)|everything|all (?:our )?(?:nodes|servers|instances|users|customers|sites)|whole (?:company|team|site|cluster|office))\b.{0,40}\b(?:down|offline|unreachable|broken|gone|unavailable|dead|not (?:working|responding|reachable))\b|\boutage\b",
            re.IGNORECASE,
        ),
    ),
    (
        "data may be lost",
        re.compile(
            r"\b(?:lost (?:all )?(?:our |my |the )?(?:data|files|database|volume)|data loss|(?:dropped|deleted|wiped|erased|overwrote|overwritten) (?:the |our |my |a |all )?(?:\w+ ){0,2}(?:table|database|volume|bucket|disk|folder|snapshots?|backups?|data|vm|instance|server)|corrupt(?:ed|ion))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "it is about security",
        re.compile(
            r"\b(?:hacked|breach(?:ed)?|compromised|leaked|data leak|ransom\w*|stolen|unauthori[sz]ed (?:access|login)|someone (?:else )?(?:is|has|logged|got) (?:in|into|access)|exposed (?:key|secret|password|token)|phish\w*|(?:key|token|password|secret)\b.{0,30}\b(?:pasted|leaked|public|pushed))\b",
            re.IGNORECASE,
        ),
    ),
)
_HIGH: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "money is being lost, or is wrong",
        re.compile(
            r"\b(?:losing (?:money|sales|orders|customers)|charged (?:twice|double)|double.?charged|can'?t (?:pay|sell|take orders|invoice)|suspended)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "somebody can't work",
        re.compile(
            r"\b(?:locked out|can'?t (?:log ?in|sign ?in|work|access)|cannot (?:log ?in|sign ?in|work|access)|blocked|blocking|nobody (?:can|is able))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "there is a deadline",
        re.compile(
            r"\b(?:deadline|urgent(?:ly)?|asap|emergency|by (?:tonight|tomorrow|today|noon)|due (?:today|tomorrow|tonight)|go-?live|goes live|launch(?:es)? (?:today|tomorrow)|immediately)\b",
            re.IGNORECASE,
        ),
    ),
)


def urgency_of(progress: Progress, *, now: datetime) -> Urgent:
    """How soon somebody should look at a ticket that stands so."""
    if progress.standing in OVER and not progress.open_questions:
        return Urgent(urgency=Urgency.LOW, reason="it looks resolved", message_id=progress.standing_in)
    said = [progress.wants, *(each for each in progress.open_questions if each.role is Role.CUSTOMER)]
    for urgency, signs in ((Urgency.CRITICAL, _CRITICAL), (Urgency.HIGH, _HIGH)):
        for reason, pattern in signs:
            shown = next((each for each in said if each is not None and pattern.search(each.text)), None)
            if shown is not None:
                return Urgent(urgency=urgency, reason=reason, message_id=_in(shown))
    late = [each for each in progress.open_promises if each.role is Role.ANALYST and each.due and each.due < now]
    if late:
        return Urgent(urgency=Urgency.HIGH, reason="a promise is overdue", message_id=late[0].message_id)
    if progress.mood is Mood.ANGRY:
        return Urgent(urgency=Urgency.HIGH, reason="the customer sounds angry", message_id=progress.mood_in)
    if progress.mood is Mood.WORRIED:
        return Urgent(urgency=Urgency.HIGH, reason="the customer sounds pressed", message_id=progress.mood_in)
    if progress.returns:
        return Urgent(urgency=Urgency.HIGH, reason="the customer came back", message_id=progress.returns[-1].message_id)
    if progress.turn is Turn.NOBODY:
        return Urgent(urgency=Urgency.LOW, reason="nothing is open", message_id=progress.turn_in)
    return Urgent(urgency=Urgency.NORMAL, reason="nothing speaks for more", message_id=progress.turn_in)


def _in(shown: Noted | Question) -> str:
    return shown.message_id
