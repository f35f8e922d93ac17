"""What a message does in a ticket: asks, answers, asks back, puts off, reports, settles. Read off its words and how the ticket stood; what
follows for the ticket is `advance`'s. The rules follow docs/explanation/tracking-guideline.md."""

# ruff: noqa: E501

import re
from enum import StrEnum

from vigil.domain.conversation import Role
from vigil.domain.progress import Mood, Progress, Turn
from vigil.language.reading import Reading, read


class CustomerAct(StrEnum):
    """What a customer's message does."""

    ASKS = "asks"
    """Wants something: a question, or a problem told to get help."""
    FAILS = "fails"
    """It didn't help, or it is still so."""
    SETTLES = "settles"
    """It works, or they found it."""
    ACCEPTS = "accepts"
    """Thanks for an answer, or takes it."""
    TRIES = "tries"
    """Will do what was said."""
    GIVES_UP = "gives_up"
    TELLS = "tells"
    """Gives what was asked for, or more about it."""
    NOTHING = "nothing"


class AnalystAct(StrEnum):
    """What an analyst's message does."""

    ASKS = "asks"
    """A question back."""
    ANSWERS = "answers"
    """Says something that would settle it."""
    HOLDS = "holds"
    """Looks into it, doesn't know, asks for patience."""
    NOTHING = "nothing"


LONGEST = 800
"""Characters of a message that its act is read from: it shows at the beginning, and patterns on a pasted log would cost seconds."""

_TRIES = re.compile(
    r"\b(?:(?:i'?ll|i will|ill|let me|gonna|going to|will|lemme) (?:just |now |then |go |quickly |have to )?(?:try|give (?:it|that|this) a|check|test|do (?:that|it|so)|look|have a look|take a look|see|read|reboot|restart|install|google|go (?:with|and|try)|download|run|use)|trying (?:it|that|this|now)|am trying|i'?m (?:trying|doing|installing|downloading|rebooting|checking|reading)|brb|be right back|checking|one (?:sec|moment|minute)|hold on|hang on|will do|just a (?:sec|moment|minute))\b",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r"\b(?:give up|giving up|gave up|forget it|whatever|too bad|bummer|that sucks|oh well|thanks anyway|thank you anyway|thanks for trying|i'?ll (?:just )?(?:live|go without)|not worth it)\b",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(
    r"\b(?:i see|ah+|oh+ ok|gotcha|got it|makes sense|good to know|that explains|understood|ok(?:ay)? (?:thanks|thank|thx|cool|great|good|ty)|cool|great|perfect|awesome|excellent|nice|sweet|brilliant|wonderful|will do|much appreciated|good idea|that'?s (?:it|what i|great|good|fine|perfect|all)|you'?re right|i'?ll (?:go with|use|do) (?:that|it|this)|so it is|fair enough|alright|you rock|rocks?|ic|yay|woot|sounds good)\b",
    re.IGNORECASE,
)
_SETTLED = re.compile(
    r"\b(?:found it|got it (?:working|to work|now)|it'?s working|is working(?: now)?|now works?|works? now|working now|works(?: like a charm| perfectly| fine| great| for me)?[!. ]*$|worked(?:[!. ]|$)|(?:it|that|this) (?:did work|worked|works)|fixed(?: it)?[!. ]*$|solved|that did (?:it|the trick)|did the trick|i have (?:mounted|fixed|solved|installed|found) (?:it|them)|never ?mind|nvm|figured (?:it|that) out|all (?:good|set|fixed)|no longer (?:happens|an issue)|sorted)\b",
    re.IGNORECASE,
)
_BY_THEMSELVES = re.compile(
    r"\b(?:found it|got it (?:working|to work|fixed|sorted)|never ?mind|nvm|fixed (?:it|now)|solved|sorted|figured (?:it|that) out|(?:it|that|this)(?:'s| is)? (?:now )?(?:works?|worked|working)(?: now| again)?[!. ]*$|works now|working now|that did it)\b",
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"\b(?:(?:doesn'?t|does not|didn'?t|did not|don'?t|won'?t|isn'?t|ain'?t|not) (?:seem to )?(?:work|help|working|do anything|change|fix|boot|start|exist|there|show|find|let|recogni[sz]e|detect|mount|connect|load|open|appear)|no (?:luck|go|joy|dice|change|difference|effect|such)|still (?:not|no|the same|get|have|can'?t|doesn'?t|won'?t|fails?|broken|crash\w*|same)|same (?:error|thing|problem|result|issue)|nothing happen\w*|(?:already|i) (?:did|tried|have|done) (?:that|this|it)|tried that|i (?:can'?t|cannot|could not|couldn'?t)|it (?:says|said|fails|failed|crash\w*|gives|gave|returns|hangs|freezes|keeps|stops)|(?:i )?(?:get|got|getting) (?:an? |the |this )?(?:error|message|blank)|error|failed|not found|no such|command not found|permission denied|unable|couldn'?t find)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:i (?:need|want|would like|wanna|am trying|was trying|wish|am looking|was wondering|wonder|have (?:a|an|this|some) (?:problem|question|issue|trouble))|i'?d (?:like|love|rather)|i'?m (?:trying|looking|having|wondering|unable|stuck|not able|getting|struggling)|trying to|looking for|need (?:help|to|some|a)|having (?:trouble|problems?|issues?|difficult)|help (?:me|with|please)|can'?t (?:seem|get|find|figure|make|access|connect|install|log|open|use|play|see|boot|mount|run|start)|cannot|doesn'?t work|not working|won'?t|wonder(?:ing)? (?:if|how|why|what|whether)|any(?:one|body) (?:know|here|have|ever|using|use|got|tried|can|able|else|experience)|how (?:to|do|can|would|come)|please|no idea (?:how|why|what)|don'?t (?:know|understand|see) (?:how|why|what|where|which|if|the))\b",
    re.IGNORECASE,
)
_OBJECTS = re.compile(
    r"\b(?:but|though|although|however|not|no|isn'?t|aren'?t|wasn'?t|don'?t|dont|doesn'?t|didn'?t|can'?t|cant|couldn'?t|won'?t|never|nothing|none|only|i (?:thought|tried|did|already|have|had|got)|already|i'?ve|wrong|instead|except|without|still|again)\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"^\W{0,3}(?:yes|yep|yeah|yup|ya|no|nope|nah|correct|indeed|exactly|true|right|sure|of course)\b", re.IGNORECASE
)
_JOKES = re.compile(r"[:;=]-?[pP/)D](?!\w)|\blol\b|\bhaha")
_LOOK_THERE = re.compile(
    r"\b(?:look (?:at|in|into|for)|try|use|install|run|go to|see|check out|edit|open)\b", re.IGNORECASE
)
_NO_REAL_QUESTION = re.compile(
    r"^\W*(?:(?:hi|hello|hey|yo)[\s,!.]*)?(?:(?:can|may|could) i ask|anyone (?:here|there|home|around|awake|alive)|anybody (?:here|there|home|around|awake|alive)|any(?:one|body)\s*\?|are you (?:there|here|still there)|you (?:there|here)|hello|how are you|how'?s it going|what'?s up|sup|is any(?:one|body) (?:here|there|around|awake)|who'?s (?:here|there)|(?:can|could|would) (?:some ?one|any ?one|some ?body|any ?body|you|u)(?: please)? help(?: me)?(?: out)?|any ?one on|i (?:have|would like to ask|want to ask|need to ask) (?:a |an |another |one more )?(?:quick |simple )?question|i have a question|got a (?:quick )?question|quick question|really|seriously|what|huh|eh|right|no|yes|ok|isn'?t it|wtf|oh)\b[^?]{0,25}\?*\W*$",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"\b(?:let me (?:see|check|look|think|ask|find)|i'?ll (?:check|look|see|ask|find|get back|have a look|investigate)|we'?ll (?:check|look|see|ask|find|get back|investigate|have)|one (?:sec|second|moment|minute)|just a (?:sec|second|moment|minute)|hold on|hang on|bear with|looking into|look into|checking|give me a|wait|i (?:don'?t|do not|dunno|wouldn'?t) know|dunno|no idea|no clue|not sure|beats me|never (?:used|tried|heard|seen)|haven'?t (?:used|tried)|me (?:too|neither)|same here|same problem|i have (?:the )?same|can'?t help|i'?m on it|on it|good question|strange|weird|odd|hmm+|that sucks|sorry to hear|wtf)\b",
    re.IGNORECASE,
)
_DOESNT_KNOW = re.compile(
    r"\b(?:idk|dunno|unsure|i'?m not sure|i (?:don'?t|do not)(?: really)? know|no (?:idea|clue)|gotta go|i don'?t recall|can'?t help)\b(?!.*\b(?:but|try|i (?:usually|just|use))\b)",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"^(?:\W*(?:and|so|but|ok|okay|well|hm+|or|also|then)\W+)*(?:what|which|where|when|how|why|who|did|do|does|are|is|have|has|can you (?:tell|post|paste|show|give|send|describe|check|try|confirm|share)|could you (?:tell|post|paste|show|give|send|describe|check|try|confirm|share)|you mean|u mean|with what|for what|on what|any (?:error|message|output)|anything in|tell (?:me|us)|please (?:send|share|provide|paste|post|tell|describe|confirm))\b",
    re.IGNORECASE,
)
_DIRECTS = re.compile(
    r"\b(?:try|use|run|type|check|install|reinstall|uninstall|apt(?:-get)?|sudo|go to|go into|open|click|press|edit|add|remove|delete|set|enable|disable|select|choose|download|read|see|look (?:at|in|for|up)|google|search|mount|reboot|restart|boot|configure|change|put|copy|make sure|you (?:can|could|need|should|have to|must|may|might|want|will need|'ll need)|need to|it'?s (?:in|under|at|on|called|a|an|the|not|because|in the|just|normal|possible|fixed|included)|that'?s (?:because|a|the|why|how|normal|in|not|it)|there(?:'s| is| are|'re)|because|should (?:be|work|do)|will (?:work|do|be)|works|it (?:is|does|means|should|will|depends|has|comes|can|works)|by (?:default|using|running)|instead|just|via|with the|means|called|in (?:the )?(?:system|menu|settings|preferences|synaptic|/)|yes|yeah|yep|yup|no|nope|nah|not (?:yet|really|possible|that i know|supported|in)|ask in|/join|channel)\b",
    re.IGNORECASE,
)
_GREETS = re.compile(
    r"^\W*(?:hi|hello|hey|yo|welcome|howdy|good (?:morning|evening|afternoon)|np|no problem|no worries|you'?re welcome|yw|yvw|sure|glad|enjoy|good luck|gl|bye|cya|cheers|sorry|lol|haha\w*|heh\w*|rofl|thanks|thx|nice|cool|great|good|ok|okay|k|yeah|hmm*|ah+|oh+|:\S+|;\S+)\b[\W\w]{0,25}$",
    re.IGNORECASE,
)
_IN_A_HURRY = re.compile(
    r"\b(?:urgent(?:ly)?|asap|as soon as possible|immediately|right now|emergency|critical|production (?:is )?(?:down|affected)|prod (?:is )?down|losing (?:money|customers|sales|orders|data)|deadline|can'?t wait|cannot wait|blocked|blocking|everything is down|all (?:users|customers) (?:are )?affected|in a hurry|demo (?:in|at|tomorrow)|go-?live|worried|afraid|desperate|please help)\b",
    re.IGNORECASE,
)
_PLEASED = re.compile(
    r"\b(?:thank you so much|thanks so much|thanks a lot|you rock|awesome|perfect|excellent|brilliant|wonderful|amazing|love it|great(?: help| job| support)|fantastic|legend|hooray|yay|woot|much appreciated|you(?:'re| are) (?:great|the best|a star))\b|:-?D",
    re.IGNORECASE,
)

SIGNS = {
    "tries": _TRIES,
    "gives_up": _GIVES_UP,
    "accepts": _ACCEPTS,
    "settled": _SETTLED,
    "by_themselves": _BY_THEMSELVES,
    "no_work": _NO_WORK,
    "wish": _WISH,
    "objects": _OBJECTS,
    "yes_or_no": _YES_OR_NO,
    "jokes": _JOKES,
    "look_there": _LOOK_THERE,
    "no_real_question": _NO_REAL_QUESTION,
    "holds": _HOLDS,
    "doesnt_know": _DOESNT_KNOW,
    "asks_back": _ASKS_BACK,
    "directs": _DIRECTS,
    "greets": _GREETS,
    "in_a_hurry": _IN_A_HURRY,
    "pleased": _PLEASED,
}
"""The patterns by name: what the trained scores look at as well."""


def customer_act(reading: Reading, before: Progress) -> CustomerAct:
    """What a customer's message does, after how the ticket stood."""
    text = reading.body[:LONGEST]
    mine = [question for question in before.questions if question.role is Role.CUSTOMER]
    answered = bool(mine) and not any(question.open for question in mine)
    asked_back = any(question.open and question.role is Role.ANALYST for question in before.questions)
    asks = _asks(reading)
    settled = reading.solved or _SETTLED.search(text) is not None
    if mine and not answered:  # "works on the other machine" is no end while nobody has answered
        settled = _BY_THEMSELVES.search(text) is not None
    fails = reading.not_solved or _NO_WORK.search(text) is not None
    if settled and not fails and not (asks and reading.ends_with_mark):
        return CustomerAct.SETTLES if mine else CustomerAct.NOTHING
    if mine and fails and not reading.small_talk:
        return CustomerAct.FAILS
    if _GIVES_UP.search(text) and not asks:
        return CustomerAct.GIVES_UP
    if asks:
        return CustomerAct.ASKS
    if before.turn is Turn.CUSTOMER and _TRIES.search(text):
        return CustomerAct.TRIES
    if answered and not asked_back and _takes_it(reading):
        return CustomerAct.ACCEPTS
    if answered and not asked_back and reading.length > 2 and _OBJECTS.search(text):
        return CustomerAct.FAILS
    if not mine and reading.problem and reading.length > 3:
        return CustomerAct.ASKS
    if reading.small_talk and not asked_back:
        return CustomerAct.NOTHING
    return CustomerAct.TELLS


def _takes_it(reading: Reading) -> bool:
    """Thanks, or an "ok" to what was said."""
    if reading.thanks or (reading.small_talk and reading.acknowledges):
        return True
    return reading.length <= 8 and _ACCEPTS.search(reading.body[:LONGEST]) is not None


def _asks(reading: Reading) -> bool:
    text = reading.body[:LONGEST]
    if reading.small_talk or _NO_REAL_QUESTION.match(text):
        return False
    marked = reading.ends_with_mark and reading.length > 1
    return marked or reading.question or (_WISH.search(text) is not None and reading.length > 3)


def analyst_act(reading: Reading, before: Progress, *, directed: bool) -> AnalystAct:
    """What an analyst's message does, after how the ticket stood. `directed`: it speaks to the customer, or follows a message of theirs."""
    text = reading.body[:LONGEST]
    asked = [question for question in before.open_questions if question.role is Role.CUSTOMER]
    if asked and directed and reading.acknowledges and reading.length <= 2 and _YES_OR_NO.match(text):
        return AnalystAct.ANSWERS if read(asked[-1].text).question else AnalystAct.NOTHING
    if reading.length == 0 or reading.small_talk or (reading.length == 1 and not directed):
        return AnalystAct.NOTHING
    concrete = reading.link or reading.command
    directs = reading.advice or concrete or reading.bot_call or _DIRECTS.search(text) is not None
    if reading.ends_with_mark or (reading.question and _ASKS_BACK.match(text) is not None):
        return AnalystAct.ANSWERS if _suggests(reading) else AnalystAct.ASKS
    if (_HOLDS.search(text) and not (concrete or reading.length > 14)) or _DOESNT_KNOW.search(text):
        return AnalystAct.HOLDS
    if _ASKS_BACK.match(text) and not directs:
        return AnalystAct.ASKS
    if _GREETS.match(text) and not directs:
        return AnalystAct.NOTHING
    if _JOKES.search(text) and reading.length <= 8 and not concrete:
        return AnalystAct.NOTHING
    if directed:
        return AnalystAct.ANSWERS
    return AnalystAct.ANSWERS if directs and reading.length >= 3 else AnalystAct.NOTHING


def _suggests(reading: Reading) -> bool:
    """ "network-admin?" or "restart evolution?": a way out in the form of a question; or advice behind a question."""
    if reading.ends_with_mark:
        plain = not (reading.wh or reading.auxiliary or reading.second_person or reading.acknowledges)
        return plain and reading.length <= 3 and (reading.advice or reading.command or "-" in reading.body)
    return reading.link or reading.command or _LOOK_THERE.search(reading.body[:LONGEST]) is not None


def mood_of(text: str) -> Mood | None:
    """How a customer's message sounds; None where its words show nothing."""
    reading = read(text)
    if reading.furious:
        return Mood.ANGRY
    if _IN_A_HURRY.search(reading.body[:LONGEST]):
        return Mood.WORRIED
    if _PLEASED.search(reading.body[:LONGEST]) or (reading.thanks and reading.solved):
        return Mood.PLEASED
    return None
