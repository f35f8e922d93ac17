"""A message as numbers, read off its scene. Which number weighs how much is in `hearing`'s weights."""

import math
from collections.abc import Sequence
from itertools import pairwise

from vigil.assist.scene import ANSWERS, FAR, NEAR, NONE, OWN, REGULAR, Scene
from vigil.language.reading import read


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NONE


def _largest(cosines: Sequence[float]) -> float:
    return max(cosines) if cosines else NONE


NAMES = (
    *("said", "window", "spoke_to_share", "asked_share", "asked", "named", "named_share", "partners"),
    *("since_mine", "ago_mine", "since_question", "ago_question", "said_since_question", "named_since_question"),
    *("named_since_mine", "ago_named", "since_named", "ago_spoke_to", "since_spoke_to"),
    *("last_named", "last_asked", "last_size", "streak", "mean_size", "small_share"),
    *("to_somebody", "to_unknown", "to_ago", "to_asked", "to_spoke_to_me"),
    *(
        "just_now",
        "lately",
        "voices_now",
        "voices",
        "helpers",
        "lately_to_somebody",
        "open_questions",
        "gap",
        "ago_question_of_others",
    ),
    *("cos_last", "cos_others", "cos_others_now", "cos_mine", "cos_lately", "cos_my_last", "cos_my_question", "cos_me"),
    *(
        "size",
        "content",
        "mark",
        "ends_with_mark",
        "question",
        "problem",
        "greeting",
        "small_talk",
        "first_person",
        "link",
    ),
    *("advice", "refers_back", "names_somebody"),
)
"""The figures of every message, in their order."""


def figures(scene: Scene) -> list[float]:
    """A message's figures, in the order of `NAMES`."""
    author, room, reading, count = scene.author, scene.room, scene.reading, len(scene.recent)
    had, asked = author.last is not None, author.question is not None
    last = read(scene.recent[author.last].text) if author.last is not None else None
    near = scene.cosines()
    others = [near[place] for place in scene.others if place in near]
    now = [near[place] for place in scene.others if place >= count - 5]
    mine = [near[place] for place in scene.mine if place in near]
    lately = [cosine for place, cosine in near.items() if place >= count - 10]
    named_since_mine = author.called is not None and (author.last is None or author.called > author.last)
    helpers = sum(
        who != scene.me and room.said[who] >= REGULAR and room.spoke_to.get(who, 0) > ANSWERS * room.said[who]
        for who in room.voices
    )
    return [
        math.log1p(author.said),
        math.log1p(count),
        _share(author.spoke_to, author.said),
        _share(author.asked, author.said),
        math.log1p(author.asked),
        math.log1p(author.named),
        _share(author.named, author.said),
        math.log1p(len(author.partners)),
        scene.since(author.last),
        scene.ago(author.last),
        scene.since(author.question),
        scene.ago(author.question),
        math.log1p(author.said_since) if asked else NONE,
        math.log1p(author.named_since) if asked else NONE,
        float(named_since_mine),
        scene.ago(author.called),
        scene.since(author.called),
        scene.ago(author.calling),
        scene.since(author.calling),
        float(scene.my_last_named) if had else NONE,
        float(scene.my_last_asked) if had else NONE,
        math.log1p(last.length) if last is not None else NONE,
        float(author.streak),
        _share(author.words, author.said),
        _share(author.small, author.said),
        float(scene.to is not None),
        float(bool(reading.prefix) and scene.to is None),
        scene.ago(scene.their_last),
        float(scene.their_last_asked) if scene.their_last is not None else NONE,
        float(scene.their_last_to_me) if scene.their_last is not None else NONE,
        float(room.just_now),
        float(room.lately),
        float(len(room.voices_now)),
        float(len(room.voices)),
        float(helpers),
        room.lately_to_somebody / (room.lately + 1),
        float(room.open_questions),
        scene.since(count - 1 if count else None),
        FAR if room.question_ago is None else math.log1p(room.question_ago),
        near[count - 1] if count else NONE,
        _largest(others),
        _largest(now),
        _largest(mine),
        math.fsum(lately) / len(lately) if lately else NONE,
        scene.cosine(author.last),
        _own_question(scene),
        scene.like_me(),
        math.log1p(reading.length),
        math.log1p(len(reading.words)),
        float(reading.question_mark),
        float(reading.ends_with_mark),
        float(reading.question),
        float(reading.problem),
        float(reading.greeting),
        float(reading.small_talk),
        float(reading.first_person),
        float(reading.link),
        float(reading.advice),
        float(reading.refers_back),
        float(scene.to is None and not reading.words.isdisjoint(scene.people)),
    ]  # fmt: skip


def _own_question(scene: Scene) -> float:
    """Likeness to the author's last question, as far as it is among what is compared."""
    place = scene.author.question
    known = place is not None and (place in scene.mine[:OWN] or place >= len(scene.recent) - NEAR)
    return scene.cosine(place) if known else NONE


TICKET_NAMES = (
    *(
        "answered_share",
        "turns_share",
        "helpers_here",
        "first_helper_share",
        "their_last_helper",
        "minutes_open",
        "others_per_mine",
    ),
    *(
        "cos_first",
        "cos_their_last",
        "their_size",
        "their_question",
        "their_advice",
        "their_link",
        "their_small_talk",
        "their_questions",
    ),
    *("to_their_last", "characters", "lower", "capitals"),
)
"""What is known besides of a message inside a ticket, in its order."""


def ticket_figures(scene: Scene) -> list[float]:
    """A ticket message's further figures, in the order of `TICKET_NAMES`; the scene is the ticket's own messages."""
    recent, text = scene.recent, scene.message.text
    last = scene.others[0] if scene.others else None
    theirs = read(recent[last].text) if last is not None else None
    helpers = {who: said for who, said in scene.room.said.items() if who != scene.me}
    by = [earlier.author.id == scene.me for earlier in recent]
    turns = sum(one != two for one, two in pairwise(by))
    questions = sum(read(recent[place].text).question for place in scene.others)
    return [
        _share(scene.author.answered, scene.author.said),
        turns / len(recent) if recent else NONE,
        float(len(helpers)),
        max(helpers.values()) / len(scene.others) if helpers else NONE,
        float(helpers[recent[last].author.id]) if last is not None else NONE,
        scene.since(0 if recent else None),
        len(scene.others) / max(1, scene.author.said),
        scene.cosine(0 if recent else None),
        scene.cosine(last) if last is not None and last >= len(recent) - NEAR else NONE,
        math.log1p(theirs.length) if theirs is not None else NONE,
        float(theirs.question) if theirs is not None else NONE,
        float(theirs.advice) if theirs is not None else NONE,
        float(theirs.link or theirs.command) if theirs is not None else NONE,
        float(theirs.small_talk) if theirs is not None else NONE,
        questions / max(1, len(scene.others)),
        float(last is not None and scene.to == recent[last].author.id),
        math.log1p(len(text)),
        float(text[:1].islower()),
        sum(letter.isupper() for letter in text[:1000]) / max(1, len(text[:1000])),
    ]  # fmt: skip
