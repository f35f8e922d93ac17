"""What an analyst's sentence shows on its face: advice, a question back, a promise, something done to this account, an outage, a plan.
Patterns only; what follows from them is `exchanges`' and `distil`'s."""

# ruff: noqa: E501

import re
from dataclasses import dataclass
from functools import lru_cache

from vigil.language.reading import Reading, read

_PROMISE = re.compile(
    r"\b(?:look(?:ing)? into (?:it|this|that)|get back to you|come back to you|let you know|keep you (?:posted|updated)|i'?ll (?:check|ask|see|look|find out|forward|raise"
    r"|try|do it|take (?:a look|it|this|over|care))|we'?ll (?:check|look|see|investigate|find out)|let me (?:check|look|see|ask|find)|i(?:'m| am) (?:checking|looking|asking|on it)"
    r"|we(?:'re| are) (?:checking|looking|investigating)|one (?:moment|second|sec|minute)|just a (?:moment|second|sec|minute)|g(?:ive |im)me a (?:moment|second|sec|minute)|hang on|hold on|bear with"
    r"|(?:passed|forwarded|handed|escalated) (?:it|this|that|you)?\s?(?:on )?to|opened an? (?:internal )?(?:ticket|bug|issue)|ich (?:schaue|prüfe|frage)|wir (?:prüfen|schauen)|melde mich"
    r"|je (?:vérifie|regarde|reviens)|lo (?:reviso|miro|consulto)|vou (?:verificar|ver))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:i|we)(?:'ve| have|'d| had)?(?: just| now| also| already)? (?:refunded|credited|reset|unlocked|enabled|disabled|re-?enabled|activated|deactivated|restarted|rebooted|restored|raised|increased"
    r"|lifted|removed|deleted|cancelled|canceled|added|booked|moved|migrated|changed|corrected|fixed|cleared|reissued|issued|sent|merged|transferred|extended|waived|upgraded|approved|took|put|applied|granted)\b"
    r"|\b(?:your|the) (?:account|invoice|refund|payment|quota|limit|order|subscription|credit|project|instance)(?: \S+)? (?:is|was|has been|have been|are) (?:now )?"
    r"(?:refunded|credited|reset|unlocked|enabled|activated|restored|raised|increased|lifted|cancelled|canceled|corrected|updated|issued|sent|approved|on its way)\b",
    re.IGNORECASE,
)
_OUTAGE = re.compile(
    r"\b(?:outage|incident|degraded|disruption|maintenance (?:right now|window is|at the moment)|(?:is|are|was|were) down(?: (?:right now|at the moment|for everybody))?|status ?page|being worked on"
    r"|working on (?:it|a fix)|should be (?:back|fixed|up)|(?:is|are|it's) (?:back|up) again|back (?:up|online|to normal)|known (?:issue|problem) (?:right now|at the moment)|störung|panne|avería)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:roadmap|planned|(?:in|with|for) the next (?:release|version|quarter|month|year)|next (?:quarter|month|year)|coming soon|will be (?:available|released|added|supported|included)"
    r"|release (?:date|is|will)|(?:is|be|get|gets|comes?|coming) (?:released|out)\b|not (?:yet|released|available yet|supported yet)|isn'?t (?:out|released|available|supported) yet|in the future|upcoming|geplant|demnächst)\b",
    re.IGNORECASE,
)
_DIRECTS = re.compile(
    r"\b(?:you(?:'ll| will)? (?:can|could|need|should|have to|must|may|might|want)|you'll need|make sure|try|use|run|type|set|install|remove|add|edit|open|click|check|enable|disable|restart|reboot"
    r"|reinstall|update|upgrade|download|create|change|delete|select|choose|go to|put|rename|replace|configure|unplug|mount|copy|swap|point|pass|unless|because|instead of|the fix|the reason|needs? to|has to"
    r"|must be|it's in|comes? from|depends on|means that|that means|that's (?:the|because)|it must be|versuche?n? sie|stellen sie|öffnen sie|klicken sie|essayez|utilisez|prueba|usa|abra|tente)\b",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"\b[A-Za-z][\w.-]*\s?[=:]\s?[\w\"'/.-]+|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[a-z]+_[a-z_]+\b|\b[\w-]+\.(?:conf|cfg|ini|ya?ml|json|toml|sh|py|list|deb|log)\b"
)
_GAVE_UP = re.compile(
    r"\b(?:(?:i )?(?:don'?t|do not) know|no idea|not sure|no experience|never (?:used|tried)|(?:haven'?t|havent) (?:used|tried)|don'?t kn ?ow|i give up|can'?t help|no clue|dunno|weiß nicht|keine ahnung)\b",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:^|\s)(?:!|#)[a-z]|(?:^|\s)/(?:msg|join|j|query|topic)\b|\b(?:ubotu|ubottu|paste ?bin|pastebinit|flood\w*|this channel|the channel|in here|in channel|off-?topic|pm me|private message|my nick\w*|your nick\w*"
    r"|highlight|enter key|ask (?:your|the|a|away)|don'?t ask|just ask|one line|be patient|repeat(?:ing)? yourself|brb|afk|read the topic)\b",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"^\W*(?:(?:and|so|but|ok|well|then)\W+)*(?:(?:did|have|had|are|were|do|does|can|could|will|would|is|was) (?:you|u|it|that|there)\b|(?:what|which|who|whose|why)(?:'s)?\b(?! (?:i|he|she|you said)\b))",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:depends|google|search (?:for|the)|(?:see|read|check) the (?:faq|docs?|forums?|wiki|manual|link|page)|read up|rtfm|look it up|search engine|no problem|anyone else|somebody else|someone else"
    r"|(?:what|like|as) (?:he|she|they|i|\S+) (?:said|told|wrote)|above|same (?:here|thing)|me too)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:^|[:\"“”>|`!.]\s*)(?:\W|\b(?:please|pls|plz|kindly|important|note|attention|now|also|then|and|next)\b)*"
    r"(?:\b(?:please|kindly)\s+(?!help|tell|advise|explain|let|can|could|someone|somebody|any)[a-z]{2,}"
    r"|\b(?:can|could|would|will) (?:you|u) (?:please )?(?!tell|explain|help|say|show|advise|recommend|suggest|confirm|point|give me)[a-z]{2,}"
    r"|\b(?:keep in mind|make sure|be sure|ensure|remember) (?:to|that|a|the)\b"
    r"|\b(?!(?:and|but|for|from|with|what|when|where|how|why|who|which|does|has|have|had|was|were|are|can|will|would|did|not|all|any|some|there|here|after|before"
    r"|since|while|until|because|into|onto|about|like|just|only|even|also|than|then|that|this|these|those|the|its|it|is|is it|no|yes|none|nothing|both|each|got|cant|dont)\b)"
    r"(?![a-z]*(?:ing|ed|s|ly)\b)[a-z]{3,}\s+(?:my|your|the|a|an|all|any|this|these|those|me|us|our|his|her|their|it|them|every|as|up|out)\b)",
    re.IGNORECASE,
)
_COMMAND_TO_BOT = re.compile(r"^\s*[!@/][a-z][\w-]*(?:\s*[|>]\s*\S+|\s+\S+)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one sentence shows."""

    reading: Reading
    asks: bool
    promise: bool
    done: bool
    outage: bool
    plan: bool
    gave_up: bool
    channel: bool
    """About how people talk here: where to paste, whom to ask, which room."""
    vague: bool
    """Points elsewhere instead of answering: a search engine, a forum, what somebody said before."""
    directs: bool
    """Tells what to do, or why it is so."""
    concrete: bool
    """Holds a command, a link, a path or a setting."""

    @property
    def answers(self) -> bool:
        """May be part of an answer."""
        return not (self.asks or self.promise or self.done or self.outage or self.plan or self.gave_up or self.channel)


@lru_cache(maxsize=4096)
def sign(sentence: str) -> Sign:
    """Read one sentence of an analyst's."""
    reading = read(sentence)
    concrete = reading.command or reading.link or _SETTING.search(sentence) is not None
    return Sign(
        reading=reading,
        asks=reading.ends_with_mark
        or _ASKS_BACK.match(reading.body) is not None
        or (reading.auxiliary and reading.length > 3 and reading.question_mark),
        promise=_PROMISE.search(sentence) is not None,
        done=_DONE.search(sentence) is not None,
        outage=_OUTAGE.search(sentence) is not None,
        plan=_PLAN.search(sentence) is not None,
        channel=_CHANNEL.search(sentence) is not None,
        gave_up=_GAVE_UP.search(sentence) is not None,
        vague=_VAGUE.search(sentence) is not None,
        directs=reading.advice or _DIRECTS.search(sentence) is not None,
        concrete=concrete,
    )


def order_at(sentence: str) -> int | None:
    """Where a customer's sentence begins to tell its reader to do something; None where it only asks or tells."""
    found = _ORDER.search(sentence)
    return None if found is None else found.start()


def calls_bot(text: str) -> bool:
    """Nothing but a command to a bot of the channel, such as ``!mp3 | nick``."""
    return _COMMAND_TO_BOT.match(text) is not None
