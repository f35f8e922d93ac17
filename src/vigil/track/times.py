"""How people say times, as patterns and word lists. What a match means is worked out in `due`."""

# ruff: noqa: E501

import re
from typing import Final

NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        [
            "zero",
            "a an one",
            "two couple",
            "three few",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve dozen",
        ]
    )
    for word in words.split()
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90}
_WORD_NUMBER = "|".join(sorted(NUMBERS, key=len, reverse=True))
SECONDS: Final = {"min": 60, "m": 60, "h": 3600, "day": 86_400, "week": 7 * 86_400, "d": 86_400, "w": 7 * 86_400}
_UNIT = r"(?P<unit>min(?:ute)?s?|m|hours?|hrs?|h|(?:business|working|work) days?|days?|d|weeks?|w)"
_AMOUNT = (
    rf"(?:(?P<low>\d{{1,3}}|{_WORD_NUMBER})\s*(?:-|–|to|or)\s*)?"
    rf"(?P<half>half an?|half|(?:a |three )?quarters? of an|the)?\s*"
    rf"(?P<many>\d{{1,3}}(?:[.,]5)?|a couple(?: of)?|a few|(?:{_WORD_NUMBER})(?: of)?)?(?P<more> (?:more|another|full|good|short))?"
)
LENGTH = re.compile(
    rf"(?P<lead>\b(?:with)?in|\bunder|\bafter|\binside|\bgive (?:me|us)|\b(?:i|we)(?:'ll)? need|\btakes?(?: me| us)?|\bbe|\beta(?: is|:)?|\banother|\bexpect|"
    rf"\bup to|\bat most)?\s*(?:the next |about |around |roughly |approximately |approx\.? |maybe |max(?:imum)? |less than |at most |say |another |~|like |no more than |"
    rf"up to |probably )*(?<![\w.:/-]){_AMOUNT}[\s-]*{_UNIT}(?P<tail> and a half| or (?:so|two|three|four)|ish)?(?![\w/])(?P<after>\s+(?:from now|tops|at most|max|or less|ago|later|each|per))?",
    re.IGNORECASE,
)
WITHIN = re.compile(r"within the (?:hour|day|week)", re.IGNORECASE)
LATER: Final = {" or two": 2, " or three": 3, " or four": 4}

_ZONE_NAMES = "utc|gmt|cest|cet|eest|eet|west|wet|bst|ist|jst|kst|aest|aedt|acst|awst|nzst|nzdt|hkt|sgt|msk|est|edt|et|cst|cdt|ct|mst|mdt|mt|pst|pdt|pt|eastern|central|mountain|pacific"
ZONES: Final = {
    "et": "America/New_York",
    "eastern": "America/New_York",
    "ct": "America/Chicago",
    "central": "America/Chicago",
    "mt": "America/Denver",
    "mountain": "America/Denver",
    "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "london": "Europe/London",
    "uk": "Europe/London",
    "berlin": "Europe/Berlin",
    "german": "Europe/Berlin",
    "paris": "Europe/Paris",
    "madrid": "Europe/Madrid",
    "amsterdam": "Europe/Amsterdam",
    "new york": "America/New_York",
    "chicago": "America/Chicago",
    "san francisco": "America/Los_Angeles",
    "tokyo": "Asia/Tokyo",
    "singapore": "Asia/Singapore",
    "sydney": "Australia/Sydney",
    "india": "Asia/Kolkata",
}
"""Names that change with the season, and cities; the fixed ones are known to dateparser."""
_CITIES = "|".join(name for name in ZONES if len(name) > 2)
_ZONE = rf"(?:\s*\(?(?P<zone>(?:{_ZONE_NAMES})\b(?:[+-]\d{{1,2}}(?!\d))?|(?:{_CITIES}) time\b)\)?)?"
ZONE_APART = re.compile(rf"^.{{0,30}}?\b(?P<zone>(?:{_ZONE_NAMES.upper()})\b)")
_HOUR_WORD = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
CLOCK = re.compile(
    rf"(?<![\w.:/-])(?:(?P<lead>at|by|before|until|till|around|about|from|since|was|ca\.?|not later than|no later than|~)\s*(?:about |around |roughly |~)?)?(?:"
    rf"(?P<noon>noon|midday|midnight)"
    rf"|(?P<part>half past|quarter past|quarter to)\s+(?P<past>\d{{1,2}}|{_HOUR_WORD})"
    rf"|(?P<hour>\d{{1,2}})(?:(?:[:.h]|(?<=\d\d)(?=[0-5]\d(?:\s|$|[.,!]| ?(?:utc|gmt|hrs|h))))(?P<minute>[0-5]\d))?\s*(?P<half>a\.?m\b\.?|p\.?m\b\.?|uhr|hrs|h|o'?clock)?"
    rf"|(?P<word>{_HOUR_WORD})(?:\s+(?P<thirty>thirty|fifteen))?\s*(?P<whalf>a\.?m\b\.?|p\.?m\b\.?|o'?clock)?"
    rf")(?![\w:/%])(?!\.\d)(?!\s*(?:{_UNIT.replace('?P<unit>', '?:')})\b){_ZONE}",
    re.IGNORECASE,
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|satur|sat|sun)(?:day)?"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
DAY = re.compile(
    r"\b(?:"
    r"(?P<after>(?:the )?day after tomorrow|overmorrow)"
    r"|(?P<tomorrow>tomorrow|tomorow|tommorow|tommorrow|tmrw|tmr|2morrow)"
    r"|(?P<today>(?:later |earlier )?today|tonight|(?:this|in the) (?:morning|afternoon|arvo|evening)|(?:after|before|over|at) lunch|(?:by |before )?(?:the )?(?:end of (?:the |my |our |business )*day|close of (?:business|play)|day'?s end)"
    r"|eod|cob|eob)"
    rf"|(?P<nextday>{_WEEKDAY})(?:,? (?:of )?next week)"
    rf"|(?P<which>next |this |coming |this coming )?(?P<weekday>{_WEEKDAY})(?:s)?(?! ?\d{{1,2}}(?:st|nd|rd|th)\b)"
    r"|(?P<week>(?:by |before )?(?:the )?end of (?:the |this |next )?week|eow|(?:later |some ?time )?(?:this|next) week)"
    r"|(?P<weekend>(?:over |on |at |during )?(?:the|this|next) weekend)"
    r"|(?P<month>(?:by |before )?(?:the )?end of (?:the |this |next )?month|month(?:'s)? end|eom)"
    rf"|(?P<date>\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? \d{{4}})?|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?)"
    r"|the (?P<nth>\d{1,2})(?:st|nd|rd|th)"
    r")(?:'s)?(?!\w)(?:\s+(?P<daypart>morning|afternoon|evening|night|noon))?",
    re.IGNORECASE,
)
PAST = re.compile(
    r"\b(?:ago|yesterday|last (?:week|month|year|night|time|monday|tuesday|wednesday|thursday|friday))\b", re.IGNORECASE
)
BETWEEN = re.compile(
    r"\b(?:between|from)\s+(?P<low>\d{1,2})(?:[:.]\d\d)?\s*(?:am|pm|h)?\s*(?:and|to|-|–)\s*(?P<high>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?(?:\s*(?P<half>am|pm))?\b(?!\s*(?:min|hour|day|week))",
    re.IGNORECASE,
)
"""A stretch of the day, which ends at its later hour."""
