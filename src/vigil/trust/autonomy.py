"""Which topics have gone further than their outcomes bear out. Going further is a person's decision; taking a step back is not."""

from collections.abc import Iterable

from vigil.domain.decision import OutcomeKind
from vigil.trust.outcomes import RIGHT, WRONG
from vigil.trust.posterior import Beta


def fallen(judged: Iterable[tuple[str | None, str, OutcomeKind]], *, precision: float) -> dict[str | None, Beta]:
    """Topics whose answers are right less often than wanted, beyond doubt: the upper end of the posterior's interval lies below
    `precision`. Of each ticket the newest word counts, since those of one ticket hang together.

    Args:
        judged: the topic, the ticket, and what was said, the newest first.
    """
    seen: set[str] = set()
    counts: dict[str | None, list[int]] = {}
    for topic, ticket, kind in judged:
        if ticket in seen or kind not in RIGHT | WRONG:
            continue
        seen.add(ticket)
        counts.setdefault(topic, [0, 0])[kind in WRONG] += 1
    found = {topic: Beta(good=float(good), bad=float(bad)) for topic, (good, bad) in counts.items()}
    return {topic: each for topic, each in found.items() if each.interval()[1] < precision}
