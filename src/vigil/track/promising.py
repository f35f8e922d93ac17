"""What of a message is a promise: somebody says that they, or their side, will do something for the other later on. When it is due is `due`'s;
what a promise is, and what only looks like one, is set down in docs/explanation/tracking-guideline.md."""

# ruff: noqa: E501

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from vigil.domain.conversation import Role
from vigil.language.reading import read
from vigil.track.due import Due, due_in

LONGEST = 2_000
"""Characters of a message that are looked through; who promises something says so before that."""

_TELL = (
    r"get (?:right )?back (?:to|with)|(?:be|come|go) back (?:to you|with|in|at|by|here|tomorrow|on|after)|let you (?:guys |all )?know|let (?:them|him|her|everyone|everybody) know|keep you|"
    r"update (?:you|this|the ticket|here)|(?:post|send|give|share) (?:you )?(?:an? |another |the |more )?(?:short |quick |status )?updates?|follow[- ]up|report back|revert|text you|(?:give|drop) you (?:a |an )?(?:bell|ring|call|shout|line|message|update|buzz)|"
    r"reply|respond|write (?:back|to you|you|again|here)|ping you|tell you|be in touch|reach out(?: to you)?|get in touch|contact you|notify you|message you|drop you|confirm|circle back|touch base"
)
_LOOK = (
    r"(?:have|take|give it) (?:a |another )?(?:closer |proper |quick |good |deeper )?look|look (?:into|in|at|up|for|through|it|that|this|after)|check|investigate|find out|ask|dig|see (?:what|if|whether|why|where|who|how)|"
    r"talk (?:to|with)|speak (?:to|with)|discuss|test|reproduce|try to (?:reproduce|find|get|fix|reach|have|figure|sort|see)|figure (?:out|it)|verify|review|research|clarify|inquire|enquire|query|consult|analy[sz]e|read through|go through|trace|debug|run (?:it|this|that) (?:by|past)"
)
_DEED = (
    r"send|resend|e-?mail|mail|forward|pass|raise|escalate|open (?:a|an|the)|file|log (?:a|an|this|it)|create|push|release|ship|deploy|roll|publish|merge|patch|fix|repair|solve|resolve|correct|mend|call|ring|phone|give you|get (?:you|that|this|it|the|your|a|an|them|him|her|someone|somebody|our|one|on)|"
    r"have (?:it|that|this|your|the|an?|someone|somebody|them|our|one|news|something|more|everything|him|her|my)|chase|arrange|schedule|book|process|refund|credit|reimburse|issue|reset|restart|reboot|restore|extend|add|remove|delete|change|enable|disable|set|make sure|ensure|take care|take (?:it|this|that) (?:up|over|on|from)|sort|handle|"
    r"deal with|do (?:it|that|this|so|the|a|an|my best|your)|replace|order|prepare|finish|complete|provide|organi[sz]e|bring|put|hand|transfer|share|upload|attach|approve|monitor|watch|keep an eye|pick (?:it|this|that|you)? ?up|write (?:up|a|an|it|the|down)|work on|start|move|migrate|update|upgrade|apply|cancel|waive|expedite|prioriti[sz]e|flag|mention|"
    r"report|post|paste|pastebin|show|collect|gather|grab|dig (?:out|up)|build|compile|package|backport|document|implement|swap|assign|unlock|activate|deactivate|investigate|increase|raise|lift|roll back|revert|ready|draft|sign|pay|return|drop|join|meet|dial|visit|come (?:by|over|round)|be (?:there|with you|on site|on the call|online|available|done|able to (?:send|give|tell|fix|ship|deliver))|deliver|supply|submit|print|translate|double-?check|re-?check|re-?run|run|export|import|back up|sync|remind|nudge|speed|push"
)
_SELF = (
    r"be (?:honest|frank|gone|leaving|offline|busy|asleep|in a|on (?:holiday|vacation|leave)|right back|away|off|out|fine|ok|okay|happy|glad|good|back$|brb|able|using|going|needing|sure)|see$|see (?:you|ya)|assume|guess|bet|say|admit|stop|wait|never|go (?:to (?:bed|sleep|lunch|work|the gym)|home|now|for|and (?:try|see))|go$|have to|need|leave (?!you)|grab (?:a|some)|eat|sleep|love|hate|like|believe|hope|try$|sit|live|survive|never|always|bring (?:cake|beer)|get (?:some|a) (?:coffee|sleep|food|lunch)|"
    r"try (?:that|it|this|out|again|with|your|the|those|these|them|to (?:install|use|do|run|boot|remove|change|set|follow|restart|reinstall))|stick with|take (?:the (?:first|second|other)|this one|that one)|tell (?:the|my|our|him|her|them)|think|remember|look forward|miss|pass on (?:that|this|it)"
)
_MODAL = r"(?:'ll|’ll|ll| will| shall| am going to|'m going to|’m going to| are going to|'re going to|’re going to| is going to|'s going to| am gonna|'m gonna|'re gonna| gonna| are about to| am about to|'m about to)"
_ADVERB = r"(?: (?:also|just|now|then|definitely|certainly|quickly|personally|gladly|happily|immediately|still|try and|try to|go ahead and|go and|make sure to|be sure to|aim to|plan to|have to|need to|do my best to|most likely|first|later|soon|today|tomorrow|right away|again))*"
_WHO = (
    r"(?:\bi|\bwe|\b(?:some(?:one|body)|a colleague|an? (?:engineer|technician|agent|specialist)|my (?:colleagues?|team|manager|boss)|our (?:[a-z]+ )?(?:team|engineers?|colleagues?|technicians?|people|department|courier|driver|guys?)"
    r"|the (?:[a-z]+ )?(?:team|engineers?|technicians?|courier|driver|department|developers?|devs|guys)|engineering|billing|support|finance|accounting|logistics|security|legal|ops|dev|he|she|they|who)(?: (?:from|in|on|of|at|over)(?: (?:our|the|my))? [a-z]+(?: team)?)?)"
)
_FIRST = re.compile(rf"{_WHO}{_MODAL}(?!\s*(?:not|never|no longer)\b){_ADVERB} (?P<deed>.+)", re.IGNORECASE)
_STARTS = re.compile(
    rf"^(?:(?:ok(?:ay)?|sure|yes|yep|right|alright|no problem|of course|sorry|thanks|great|good|got it|noted|understood|absolutely|certainly|and|then|so|but|hi|well|fair enough|perfect|cool|on it)[\s,.!:;-]+)*(?:will(?! (?:you|it|that|this|the|there|they|we|i|he|she|not)\b)|gonna|going to|i'?d be|and|to)?{_ADVERB}\s*(?P<deed>(?:get back to you|come back to you|let you (?:guys |all )?know|keep you|update you|be in touch|ping you|getting back to|coming back to|back (?:to|with) you|back with|back (?:in|at|by)\b).*)",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"^(?:(?:ok(?:ay)?|sure|yes|yep|right|alright|no problem|of course|sorry|thanks|great|got it|noted|understood|absolutely)[\s,.!:;-]+)*will(?: also| then| definitely)? (?P<deed>(?!you\b|it\b|that\b|this\b|the\b|there\b|they\b|we\b|i\b|he\b|she\b|not\b|do that\b|try\b).+)",
    re.IGNORECASE,
)
_PROGRESSIVE = re.compile(
    r"\b(?:i'?m|i am|we'?re|we are) (?:now )?(?P<deed>(?:getting|coming|sending|shipping|releasing|deploying|pushing|calling|rolling|forwarding|escalating|bringing|putting|emailing|issuing|meeting|delivering|planning to|aiming to|due to) .+)",
    re.IGNORECASE,
)
_LETME = re.compile(
    rf"\blet (?:me|us) (?P<deed>(?:{_TELL}|ask|find out|raise|escalate|forward|talk|speak|chase|pass|look into|dig|investigate|reach|get|send|sort|arrange|discuss|confirm (?:this |that |it )?with|check (?:this |that |it )?with|run (?:this|it|that) (?:by|past)).*)",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\byou(?:'ll|’ll| will| can expect to| should)(?: also| then| definitely| certainly| all)? (?P<deed>(?:get|have|receive|hear|see (?:it|the|a|an)|be (?:refunded|contacted|credited|notified|called|informed|reimbursed|back (?:online|up)|able to))\b.+)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme)\.? )?(?-i:[A-Z])[\w-]+(?: (?-i:[A-Z])[\w-]+){0,2}(?:'ll| will| is going to)(?: \w+ly)? (?P<deed>(?:write to|call|contact|e-?mail|phone|ring|visit|meet|get back to|send|help|reach out to|reply to|answer|update|join|take over|look at|look into|follow up|be in touch|come by)\b.+)",
    re.IGNORECASE,
)
_HAS_ASKED = re.compile(
    r"\b(?:i|we)(?:'ve| have)? (?:just |also |already )*(?:asked|told|arranged for|booked|scheduled|got) .{2,60}? (?:to|for) (?P<deed>(?:call|write|contact|e-?mail|phone|ring|visit|come|get back|reply|answer|join|send|pick|look)\b.+)",
    re.IGNORECASE,
)
_WILL_BE = re.compile(
    r"(?:^|\b(?:fix|patch|release|hotfix|update|upgrade|version|build|refund|credit|replacement|parcel|package|invoice|payment|engineer|technician|report|statement|rollout|deployment|deploy|migration|change|order|part|parts|credentials|licen[cs]e|keys?|account|server|service|access|it|this|that|everything|they|export|data|draft|quote|contract|agreement|bug|issue|ticket|correction|answer|transfer|database|restore|cluster|site|courier|all|summary|feature|plan))(?: for [a-z ]{2,20}| to [a-z ]{2,20})?"
    r"(?:^|\b|(?='))(?:'ll| ?will| ?should| is going to| are going to| is due| is scheduled| is planned| is set| are due| goes| go| ships| ship| lands| comes| leaves| gets| arrives|'s going| is going| is coming| is shipping| is landing| is leaving)(?: also| now| then| to)?(?! (?:not|never)\b)(?P<deed>(?: .+|$))",
    re.IGNORECASE,
)
_DELIVERS = re.compile(
    r"\b(?:out|live|ready|fixed|done|released|deployed|shipped|sent|delivered|with you|back|up|online|on (?:site|its way)|available|there|merged|in (?:production|place|your|the (?:next|mail))|resolved|refunded|credited|processed|completed?|finished|restored|reach|arrive|arrives|go|goes|land|lands|ship|ships|be|call|come|show up|hit|in)\b",
    re.IGNORECASE,
)
_TAKES_TIME = re.compile(
    r"\b(?:give (?:me|us)|(?:i|we)(?:'ll| will)? (?:just )?need|(?:it(?:'ll| will)?|this(?:'ll| will)?|that(?:'ll| will)?)?(?: should| might)?(?: only)? ?takes? (?:me|us)|eta|expect (?:it|this|that|an (?:answer|update)|a (?:reply|fix)|news|me|us|the|to hear)|allow (?:me|us)|target is|aiming for|shooting for|(?:we|i)(?:'re| are|'m| am) (?:aiming|targeting|planning|shooting) (?:for|to)|done (?:by|in)|ready (?:by|in)|bear with (?:me|us))\b",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"\b(?:a |one |1 |just a |another )?(?:sec|second|moment|minute|min|mo|bit|while)s?\b", re.IGNORECASE
)
_CONDITION = re.compile(
    r"\b(?:if (?:you|it|that|this|there|the|we|i|not|they|nothing|so|possible|he|she|someone|anyone)|(?:once|when|whenever|after|as soon as|until|unless|provided|in case) (?:that )?you(?!r (?:request|order|refund|ticket))\b|unless|in case|depending|provided (?:that )?|should you)\b",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:hopefully|maybe|might|perhaps|may be|may|could|would|i (?:think|guess|hope|believe|suppose|assume|wish|doubt)|probably|possibly|not sure|no idea|if possible|with luck|i'?d (?:guess|imagine|hope|love|like|rather|say)|can'?t promise|no promises|can'?t say|don'?t know|hard to say)\b",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(
    r"\b(?:said|told|promised|thought|mentioned|hoped|wanted|asked|was going to|were going to|was supposed|were supposed|had (?:said|promised)|announced|wrote|claimed|says|keeps? saying|as promised|like (?:i|we) promised)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:won'?t|will not|will never|can'?t|cannot|can not|not going to|not gonna|unable|isn'?t going to|aren'?t going to|shouldn'?t|doesn'?t|don'?t|didn'?t|not be able|never|nobody will|no one will)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?？。])\s+(?=\S)|\n+")
_WHEN = re.compile(
    r"\b(?:when|what time|how long(?! does| do )|how soon|by when|until when|eta|which day|what day|any idea of time|time ?frame|timeline|today\?|tomorrow\?|still today)\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\b(?:job|cron|script|timer|scheduler|backup|system|bot|task|process|token|session|certificate|cert|link|cache|trial|subscription|meeting|maintenance window|sale|store|shop|office)s? (?:will |that )?(?:runs?|starts?|expires?|ends?|restarts?|opens?|closes?|refresh(?:es)?|kicks?|is scheduled|are scheduled)\b|\b(?:usually|normally|typically|generally|on average)\b|\b(?:it|this|that)(?:'ll| will)?(?: only| just)? takes?\b(?! (?:me|us)\b)|\b(?:by itself|by themselves|automatically|on its own)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    rf"(?:[,;–—]|\s-\s|\bso\b|\band\b|\bthen\b|\bbut\b|\bplus\b)+\s*(?=(?:{_WHO}{_MODAL}|you(?:'ll|’ll| will)\b|(?:the|your|our) [a-z ]{{2,25}}(?: will| goes| ships| should)\b|it(?:'ll| will| should)\b|(?:[a-z-]+ ){{1,3}}(?:will|should) (?:be|reach|arrive|come|go|get|follow|call|contact)\b|(?:i|we) (?:send|reply|answer|connect|call|come|ship|deliver) |expect\b|let me\b|give me\b|i(?:'m| am) (?:sending|forwarding|escalating|calling))|(?:i )?(?:just )?(?:sent|did|restarted|have|told)\b)",
    re.IGNORECASE,
)
_AND_DEED = re.compile(
    rf"(?:,| and| then|, and| and then)\s+(?:then |also |will )?(?=(?:{_TELL}|{_DEED}|{_LOOK})\b)", re.IGNORECASE
)
_TELLS = re.compile(rf"\b(?:{_TELL}|{_LOOK}|hear|back|give (?:me|us)|eta|expect)\b", re.IGNORECASE)
_STARTS_TELL = re.compile(rf"^(?:{_TELL})\b", re.IGNORECASE)
_STARTS_LOOK = re.compile(rf"^(?:{_LOOK})\b", re.IGNORECASE)
_STARTS_DEED = re.compile(rf"^(?:{_DEED}|{_TELL}|{_LOOK})\b", re.IGNORECASE)
_STARTS_SELF = re.compile(rf"^(?:{_SELF})\b", re.IGNORECASE)
_FOR_OTHER = re.compile(
    rf"^(?:{_TELL}|send|resend|upload|paste|pastebin|post|attach|forward|share|e-?mail|mail|provide|give you|tell you (?:if|whether|what|when|how|as soon|tomorrow|today|later)|show you|call you|pay|sign|bring|return|get (?:it|that|this|them) (?:to|over to) (?:you|y'?all|u)|get (?:you|that|those|the|them|it) (?:[a-z ]{{0,20}})?(?:to you|for you)|get (?:you|those|the)|have (?:it|that|them|the .{{2,20}}) (?:for you|ready|with you|sent)|ask (?:my|our|the|him|her|them)|collect|gather|file|report|open an? (?:new )?(?:ticket|bug|issue|case|request)|add (?:it|that|them|the|more)|fill|check (?:with|and)|find out|try (?:it|that|this) .*(?:and|then) (?:let|report|get|tell|update))\b",
    re.IGNORECASE,
)
_TO_YOU = re.compile(
    r"(?:call|text|contact|e-?mail|mail|message|ring|phone|notify|inform|update|tell|let|send|write to|reach out to|get back to|come back to) (?:you|u|y'?all)\b",
    re.IGNORECASE,
)
_I_OR_WE = re.compile(r"\b(?:i|we)\b|\b(?:i|we)(?:'|’)?ll\b", re.IGNORECASE)
_OTHERS = re.compile(r"^(?:he|she|they|who)\b|^.{0,60}\b(?:he|she|they)(?:'ll| will)\b", re.IGNORECASE)
_YOU_MAY = re.compile(r"\byou (?:can|could|may|might|need|must|have to)\b", re.IGNORECASE)
_TO_DO = re.compile(
    r"^(?:(?:please|just|then|and|so|ok|but|or)[\s,]+)*(?:you (?:can|could|should|need|must|have to|may|will need|'ll need|want|might)|try|use|run|check|restart|install|go|open|start|stop|wait|call (?:us|me)|come|take|bring|send (?:me|us)|let (?:me|us)|remember|make sure|keep|have a|see|give (?:it|him|her|them))\b",
    re.IGNORECASE,
)
_COMES = re.compile(
    r"(?:\bwill\b|'ll\b|\bshould (?:be|have|get|arrive|come|reach|work|show|hit|land|start)|\b(?:is|are) (?:going to|due|scheduled|planned|set|booked|expected)\b|\b(?:comes?|goes out|goes live|go live|ships?|arrives?|lands?|leaves?|reaches|gets?|follows?|starts)\b"
    r"|\b(?:i|we) (?:send|reply|answer|connect|call|come|do|ship|deliver|bring|release|deploy|fix|repair|replace|refund|pay|write|check|start|meet|visit|install|switch|move)\b|(?:'s|\bis|\bare) (?:in your|with you|on your|at your|there|ready|back|done|live)\b"
    r"|^(?:delivery|pick-?up|fix|update|refund|replacement|release|rollout|maintenance|deployment|shipment|shipping|technician|engineer|visit|appointment|callback|answer|report|eta|expect)\b|\bready\b|\bdone\b|\bbooked\b|\bscheduled\b)",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\b(?:un)?till?\b", re.IGNORECASE)
_FILLS_FIRST = re.compile(
    r"^(?:(?:ok(?:ay)?|sure|yes|yep|yeah|right|alright|understood|perfect|great|good|no worries|no problem|deal|super|agreed|fine|so|then|well|hm+|let'?s say|say|make (?:it|that)|it'?s|that'?s|probably)[\s,.!:;-]+)+",
    re.IGNORECASE,
)
_FILLS = re.compile(
    r"\b(?:ok(?:ay)?|sure|yes|yep|yeah|right|alright|understood|perfect|great|good|no worries|no problem|deal|super|agreed|fine|then|it is|at the (?:very )?latest|latest|maximum|max|tops|not later|no later than|and|by|in|on|at|the|so|well|sharp|let'?s say|say|make (?:it|that)|or so|for sure|promised?|definitely|before|between|until|around|about|from now|sir|ma'?am|mate|thanks|thank you|too|again|instead|today|i'?m on it)\b",
    re.IGNORECASE,
)
_TELLS_NOW = re.compile(r"tell you (?!if|whether|what|when|how|as soon|tomorrow|today|later)", re.IGNORECASE)
_HERE = re.compile(
    r"https?://|www\.|\bhere (?:you go|is|are|it|they)\b|^(?:paste|pastebin|quote|copy|show|explain|give you|tell you|put it)\b[^:]*:\s*\S",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise as it stands in one message."""

    text: str
    """The part of the sentence that makes it."""
    due: Due | None
    tells: bool
    """It is to tell what came of something, so that any answer keeps it."""


def tells(deed: str) -> bool:
    """Whether what was promised is word on something, so that any answer keeps it."""
    return _TELLS.search(deed) is not None


def asks_when(text: str) -> bool:
    """Whether a question is about a time, so that a time alone answers it."""
    return _WHEN.search(text[:LONGEST]) is not None


def promises_in(
    text: str, part: Role, now: datetime, zone: tzinfo = UTC, *, asked_when: bool = False
) -> list[Promised]:
    """The promises of one message, written at `now` by somebody in `zone` who plays `part`, in order.

    Args:
        asked_when: the other has just asked for a time.
    """
    found: list[Promised] = []
    reading = read(text[:LONGEST])
    for sentence in _SENTENCE.split(reading.text if reading.prefix.isdigit() else reading.body):
        found += _in_sentence(sentence, part, now, zone, answers=asked_when)
    return _one_deed_each(found)


def _in_sentence(sentence: str, part: Role, now: datetime, zone: tzinfo, *, answers: bool) -> list[Promised]:
    if sentence.rstrip(" )\"'").endswith("?") or _CONDITION.search(sentence):
        return []
    if answers and (alone := _time_alone(sentence, now, zone)) is not None:
        return [alone]
    found: list[Promised] = []
    for clause in _SPLIT.split(sentence):
        arranged = _HAS_ASKED.search(clause or "")
        if arranged is not None and (due := due_in(arranged["deed"], now, zone)) is not None:
            found.append(Promised(text=arranged["deed"], due=due, tells=False))
        elif clause and not _GUESS.search(clause):
            found += _in_clause(clause.strip(" ,;"), part, now, zone)
    return _with_their_time(found)


def _with_their_time(found: list[Promised]) -> list[Promised]:
    """ "I'll lift the block, it will be usable in ten minutes": the time that follows in the same sentence is the deed's."""
    if len(found) == 2 and found[0].due is None and found[1].due is not None and not _STARTS_DEED.match(found[1].text):
        return [Promised(text=found[0].text, due=found[1].due, tells=found[0].tells)]
    return found


def _in_clause(clause: str, part: Role, now: datetime, zone: tzinfo) -> list[Promised]:
    negated = _NEGATED.search(clause)
    if negated is not None and not re.search(r"\b(?:sorry|why)\b", clause[: negated.start()], re.IGNORECASE):
        return []
    due = due_in(clause, now, zone)
    deed = _deed(clause)
    said = _SAID_BEFORE.search(
        re.sub(r"^(?:like|as) (?:i|we) (?:said|mentioned|told you)\b", "", clause, flags=re.IGNORECASE)
    )
    if said is not None and (deed is None or said.start() < clause.find(deed)):
        return []
    if deed is not None and (due is not None or not _OTHERS.match(clause) or _TO_YOU.match(deed)):
        return _deeds(deed, clause, part, now, zone)
    if due is None or _MACHINE.search(clause) or _only_waits(due):
        return []
    doing = _PROGRESSIVE.search(clause)
    if doing is not None:  # without a time it is being done now
        return _deeds(doing["deed"].strip(), clause, part, now, zone)
    waits = _TAKES_TIME.search(clause) is not None
    yours = _YOURS.search(clause) is not None
    if part is Role.CUSTOMER:
        asks_time = re.search(r"\b(?:give (?:me|us)|bear with)\b", clause, re.IGNORECASE)
        return [Promised(text=clause, due=due, tells=waits)] if asks_time or yours else []
    if (
        yours
        or waits
        or (_COMES.search(clause) is not None and not _TO_DO.match(clause) and not _YOU_MAY.search(clause))
    ):
        return [Promised(text=clause, due=due, tells=waits)]
    return []


def _deed(clause: str) -> str | None:
    """What somebody says that they will do; None where they don't."""
    for pattern in (_FIRST, _WILL, _LETME):
        found = pattern.search(clause)
        if found is not None:
            return found["deed"].strip()
    found = _STARTS.match(clause)
    return None if found is None else found["deed"].strip()


def _deeds(deed: str, clause: str, part: Role, now: datetime, zone: tzinfo) -> list[Promised]:
    whole = due_in(clause, now, zone)
    parts = [each.strip() for each in _AND_DEED.split(deed) if each and each.strip()]
    own = _I_OR_WE.search(clause) is not None
    found = [
        Promised(
            text=each,
            due=due_in(each, now, zone),
            tells=_STARTS_TELL.match(each) is not None or _STARTS_LOOK.match(each) is not None,
        )
        for each in parts
        if _is_deed(each, part, whole, own=own)
    ]
    if len({each.due.at for each in found if each.due is not None}) > 1:
        return found
    tells = any(each.tells for each in found)
    return [Promised(text=clause if whole else found[0].text, due=whole, tells=tells)] if found else []


def _is_deed(deed: str, part: Role, due: Due | None, *, own: bool) -> bool:
    """`own`: the speaker's own, where "be away" and "try it" are for themselves."""
    if own and _STARTS_SELF.match(deed) and (due is None or not _STARTS_DEED.match(deed)):
        return False
    if _HERE.search(deed) and due is None:
        return False
    if part is Role.CUSTOMER:
        return _FOR_OTHER.match(deed) is not None and not _TELLS_NOW.match(deed)
    return True


def _only_waits(due: Due) -> bool:
    """ "In a minute" is no time that anybody notes down."""
    return (
        _WAITING.fullmatch(re.sub(r"^(?:in|give (?:me|us)|another|need)\s+", "", due.words, flags=re.IGNORECASE))
        is not None
    )


def _time_alone(text: str, now: datetime, zone: tzinfo) -> Promised | None:
    """A short answer to when."""
    if len(text.split()) > 9 or "?" in text or _GUESS.search(text) or _MACHINE.search(text) or _UNTIL.search(text):
        return None
    due = due_in(_FILLS_FIRST.sub("", text), now, zone, answer=True)
    if due is None or _only_waits(due):
        return None
    rest = _FILLS.sub(" ", text)
    for word in due.words.split():
        rest = rest.replace(word, " ", 1)
    return Promised(text=text, due=due, tells=False) if not re.search(r"\w{3,}", rest) else None


def _one_deed_each(found: list[Promised]) -> list[Promised]:
    """Doing something and telling what came of it is one deed, where no two different times are said."""
    kept: list[Promised] = []
    for promised in found:
        last = kept[-1] if kept else None
        same_time = last is None or last.due is None or promised.due is None or last.due.at == promised.due.at
        if last is not None and same_time and (_STARTS_TELL.match(promised.text) or (last.tells and promised.tells)):
            kept[-1] = Promised(text=last.text, due=promised.due or last.due, tells=True)
        else:
            kept.append(promised)
    return kept
