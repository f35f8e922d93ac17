"""Who should have a ticket: its topic's owner, those who solved such tickets before, and of them those who have the least to do. Pure."""

from collections.abc import Mapping

from vigil.domain.triage import Fit

SHOWN = 5
"""People that are named: somebody picks one of them."""
OWNER = 2.0
"""What owning the topic counts beside what somebody solved, which counts at most 1: an owner who has the time comes first."""
BUSY = 0.15
"""What each open ticket takes off: with some ten more on their desk, even an owner's ticket is better with a colleague who knows it."""


def fits(owner: str | None, solved: Mapping[str, int], load: Mapping[str, int]) -> tuple[Fit, ...]:
    """The people who could have it, the best first.

    Args:
        owner: the topic's; None where it has none.
        solved: tickets on this topic that are over, by who helped in them.
        load: open tickets by whose they are.
    """
    people = {*solved, *([owner] if owner else [])}
    most = max(solved.values(), default=0)
    found = [
        Fit(
            person_id=person,
            owns=person == owner,
            solved=solved.get(person, 0),
            load=load.get(person, 0),
            score=round(
                OWNER * (person == owner)
                + (solved.get(person, 0) / most if most else 0.0)
                - BUSY * load.get(person, 0),
                3,
            ),
        )
        for person in people
    ]
    return tuple(sorted(found, key=lambda fit: (-fit.score, fit.load, fit.person_id))[:SHOWN])
