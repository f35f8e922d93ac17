"""How a ticket stands and how it is to be handed out, in lines for a person. The words are the messages' own; nothing is added to them."""

from vigil.domain.progress import Fact, Progress, Result
from vigil.domain.triage import Earlier, Triage


def told(progress: Progress) -> list[tuple[str, str]]:
    """A name and a text for each thing that is known, the most pressing first."""
    if progress.seq == 0:
        return [("stands", "nothing was read of it yet")]
    since = "" if progress.turn_since is None else f", since {progress.turn_since:%Y-%m-%d %H:%M} UTC"
    lines = [
        ("stands", progress.standing.replace("_", " ")),
        ("turn", f"{progress.turn}{since}"),
    ]
    if progress.wants is not None:
        lines.append(("wants", progress.wants.text))
    lines += [("asked", f"{each.role}: {each.text}") for each in progress.open_questions]
    for each in progress.open_promises:
        due = f"due {each.due:%Y-%m-%d %H:%M} UTC" if each.due is not None else "no time was said"
        lines.append(("promised", f"{each.role}: {each.text} ({due})"))
    if progress.next_step is not None:
        lines.append(("next", progress.next_step.text))
    lines += [(each.kind.value, _fact(each)) for each in progress.facts]
    if progress.fix is not None:
        lines.append(("advice", progress.fix.text))
    for each in progress.returns:
        last = "" if each.last_time is None else f"; last time: {each.last_time.text}"
        lines.append(("came back", f"{each.at:%Y-%m-%d %H:%M} UTC{last}"))
    lines.append(("mood", progress.mood.value))
    return lines


def _fact(fact: Fact) -> str:
    return fact.text if fact.result is Result.UNKNOWN else f"{fact.text} ({fact.result})"


def handed_out(triage: Triage) -> list[tuple[str, str]]:
    """A name and a text for each thing that is worth knowing."""
    urgent = triage.urgent
    who = "" if urgent.by is None else f" ({urgent.by})"
    lines = [("urgency", f"{urgent.urgency}: {urgent.reason}{who}"), ("topic", triage.topic or "none")]
    if triage.wants is not None:
        lines.append(("wants", triage.wants.text))
    for each in triage.who:
        owner = "owns the topic, " if each.owns else ""
        lines.append(("for", f"{each.person_id}: {owner}solved {each.solved} like it, has {each.load} open"))
    if triage.back is not None:
        lines.append(("came back", _earlier(triage.back)))
    lines += [("like", _earlier(each)) for each in triage.similar]
    return lines


def _earlier(each: Earlier) -> str:
    resolved = f"; resolved by: {each.resolved_by}" if each.resolved_by else ""
    return f"{each.ticket_id} ({each.likeness:.2f}): {each.title}{resolved}"
