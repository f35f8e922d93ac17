"""Writes reading sheets: lessons, and tickets that gave none, drawn at random with a fixed seed, each with its ticket, for readers who
judge them by docs/explanation/lessons-guideline.md. How their verdicts become figures is in judge_lessons.py.

    python tools/sample_lessons.py ../shared/data/tickets_irc_dev.jsonl.gz --out SHEETS

Drawn are lessons that are published without a person, and tickets that gave neither such a lesson nor one that waits for
a yes. A ticket of which anything was judged before is never drawn again. The recorded channels are cut in two by a hash of
their names; `--half` draws from one of them: whoever works on distilling reads the tickets of the half looked-at. The sheets
hold words of the tickets: they go outside the repository."""

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path

from vigil.domain.conversation import Role
from vigil.evaluate.learning.course import ended_of, stream_of
from vigil.evaluate.recorded import Shape, load
from vigil.learn.distil import distil
from vigil.learn.exchanges import part_in
from vigil.learn.lesson import Ended, Lesson

SEED = 20_261_120
LESSONS = 200
PER_SHEET = 50
QUALITY = Path(__file__).parents[1] / "tests" / "quality"
MOST_LINES = 80
"""Lines of a ticket that are shown, around what the lesson rests on: a reader of a thread of hours needs no more."""

ABOUT_LESSONS = """\
# Lessons to judge, sheet {sheet}

Each lesson stands with the ticket that it was made from. "customer" is who opened the ticket; "analyst" is somebody who helps them;
"other" is neither. Lines marked Q are those that the question was taken from, A those of the answer. The tickets are old chats about
Ubuntu. In the lesson, words such as <PERSON_1>, <URL_1> or <HOST_1> stand for something that was taken out.

Ask, in this order (in doubt the answer is no):
1. Does the question stand alone? Somebody who knows the product and not this ticket understands what is being asked. A missing name,
   number or date does no harm; a missing subject does. Clumsy grammar is fine.
2. Is the answer what resolved it? The ticket shows that an analyst said this and that it settled the question, or it is a complete
   answer to the question and nothing later in the ticket speaks against it. A question back, a guess that was dropped, a first try that
   didn't help, a promise to look into it and a remark on something else are no.
3. Is it right? As far as the ticket, and what you know of the subject, can tell. Advice that was right then and is outdated now counts
   as right. Advice that would do damage to somebody who follows it as it stands is no.
4. Is nothing personal in it? No name, nickname, address, number, key, host or id of anybody. Placeholders and public names (a
   product's, a package's, a documentation page's) are fine.
5. Would it help another customer? Somebody with the same question could act on it tomorrow. What holds only for this account, this hour
   or this outage is no; so is an answer that says no more than "yes", "read the manual" or "use another one".

Verdicts: "useful": all five yes. "harmless": 3 and 4 yes, and 1, 2 or 5 no. "wrong": 3 or 4 no, or 2 no in such a way that the answer
says the opposite of what resolved it. A lesson of several sentences is judged as a whole: an extra sentence beside the point does no
harm, one that is wrong makes the lesson wrong.

One line of JSON for each lesson, in the order of the sheet: {{"id": "TICKET ID", "number": N, "verdict": "useful"}}
"""

ABOUT_NOTHINGS = """\
# Tickets that gave nothing, sheet {sheet}

Each ticket stands with the reason why nothing was learned from it. "customer" is who opened the ticket; "analyst" is somebody who helps
them; "other" is neither, and nothing that they say counts. The tickets are old chats about Ubuntu.

Ask: does it hold a plain lesson? Plain means that an analyst answered a question in so many words, that the answer would pass all of
these five, and that nobody would have to know more than the ticket to write it down: (1) the question stands alone for somebody who
knows the product and not this ticket; (2) the answer is what resolved it, or a complete answer that nothing later speaks against; (3)
it is right; (4) nothing personal is in it; (5) another customer could act on it tomorrow ("yes", "read the manual" and "use another
one" are no). Answers that are spread over ten messages, that had to be guessed from a link alone, or that came from somebody who is not
an analyst are not plain. In doubt: no.

One line of JSON for each ticket, in the order of the sheet: {{"id": "TICKET ID", "number": 0, "verdict": "plain"}} or
{{"id": "TICKET ID", "number": 0, "verdict": "none"}}
"""


def main() -> None:
    arguments = _arguments()
    before = judged()
    tickets = [
        each
        for each in ended_of(load(arguments.tickets, shape=Shape.TICKETS))
        if each.ticket.id not in before
        and (arguments.half == "both" or looked_at(each) == (arguments.half == "looked-at"))
    ]
    lessons: list[tuple[Ended, Lesson]] = []
    nothing: list[tuple[Ended, str]] = []
    held = 0
    for each in tickets:
        made = distil(each)
        lessons += [(each, lesson) for lesson in made.lessons if lesson.sure]
        held += sum(not lesson.sure for lesson in made.lessons)
        if not made.lessons:
            nothing.append((each, ", ".join(reason.value for reason in made.nothing)))
    drawn = random.Random(arguments.seed)
    some_lessons = drawn.sample(lessons, min(arguments.count, len(lessons)))
    some_nothing = drawn.sample(nothing, min(arguments.count, len(nothing)))
    arguments.out.mkdir(parents=True, exist_ok=True)
    _sheets(arguments.out, "lessons", ABOUT_LESSONS, [_lesson(*each) for each in some_lessons])
    _sheets(arguments.out, "nothings", ABOUT_NOTHINGS, [_nothing(*each) for each in some_nothing])
    print(
        f"{len(tickets)} tickets, {len(lessons)} lessons, {held} held, {len(nothing)} tickets without; drawn with seed {arguments.seed}: "
        f"{len(some_lessons)} lessons, {len(some_nothing)} tickets without"
    )


def judged() -> set[str]:
    """Ids of the tickets of which anything was judged."""
    labels = json.loads((QUALITY / "lesson_labels.json").read_text("utf-8"))
    verdicts = json.loads((QUALITY / "lesson_verdicts.json").read_text("utf-8"))
    return {each["ticket"] for each in labels} | {each["id"] for rows in verdicts.values() for each in rows}


def _sheets(folder: Path, kind: str, about: str, shown: Sequence[str]) -> None:
    for number, start in enumerate(range(0, len(shown), PER_SHEET), start=1):
        _write(folder / f"{kind}-{number}.md", about.format(sheet=number), shown[start : start + PER_SHEET])


def looked_at(ended: Ended) -> bool:
    """Whether the ticket's channel is in the half that may be read while distilling is worked on."""
    return hashlib.sha256(stream_of(ended.ticket.id).encode()).digest()[0] % 2 == 0


def _lesson(ended: Ended, lesson: Lesson) -> str:
    conditions = f"CONDITIONS: {lesson.conditions}\n" if lesson.conditions else ""
    return (
        f'## "id": "{ended.ticket.id}", "number": {lesson.number}\n\nQUESTION: {lesson.question}\nANSWER: {lesson.answer}\n{conditions}\n'
        f"{_shown(ended, asked=lesson.asked_in, answered=lesson.answered_in)}"
    )


def _nothing(ended: Ended, reason: str) -> str:
    return f'## "id": "{ended.ticket.id}", "number": 0\n\nREASON: {reason}\n\n{_shown(ended)}'


def _shown(ended: Ended, *, asked: Sequence[str] = (), answered: Sequence[str] = ()) -> str:
    lines: list[str] = []
    marked: list[int] = []
    for place, message in enumerate(ended.messages):
        mark = "Q" if message.id in asked else "A" if message.id in answered else " "
        if mark != " ":
            marked.append(place)
        part = part_in(message, ended.ticket)
        role = part.value if part in (Role.CUSTOMER, Role.ANALYST) else "other"
        lines.append(f"{mark} {role:8} {message.author.name}: {' '.join(message.text.split())}")
    first = max(0, (marked[0] if marked else 0) - 10)
    return "\n".join(lines[first : first + MOST_LINES])


def _write(path: Path, about: str, shown: Sequence[str]) -> None:
    path.write_text(about + "\n" + "\n\n".join(shown) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tickets", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", choices=("both", "looked-at", "kept-out"), default="both")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=LESSONS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
