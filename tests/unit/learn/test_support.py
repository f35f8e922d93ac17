"""A second ticket counts for a lesson only where other people said it in words of their own."""

import pytest

from vigil.learn.support import Backing, bears_out, copied

FIRST = Backing(tickets=frozenset({"t1"}), customers=frozenset({"mia"}), analysts=frozenset({"tom"}))
SECOND = Backing(tickets=frozenset({"t2"}), customers=frozenset({"otto"}), analysts=frozenset({"eva"}))
SAID = "Set the backup window to two hours in the agent's file and restart it."
ANOTHER_WAY = "You need a longer window: put two hours into the file of the agent, then bounce the service."


def test_other_people_in_other_words() -> None:
    assert bears_out(FIRST, SECOND, ANOTHER_WAY, [SAID])


@pytest.mark.parametrize(
    "second",
    [
        Backing(tickets=FIRST.tickets, customers=SECOND.customers, analysts=SECOND.analysts),
        Backing(tickets=SECOND.tickets, customers=FIRST.customers, analysts=SECOND.analysts),
        Backing(tickets=SECOND.tickets, customers=SECOND.customers, analysts=FIRST.analysts),
        Backing(tickets=SECOND.tickets, customers=SECOND.customers, analysts=frozenset()),
    ],
)
def test_the_same_people_or_nobody_count_for_nothing(second: Backing) -> None:
    assert not bears_out(FIRST, second, ANOTHER_WAY, [SAID])


def test_words_that_were_heard_before_count_for_nothing() -> None:
    assert not bears_out(FIRST, SECOND, f"As said: {SAID}", [ANOTHER_WAY, SAID])
    assert copied("Restart it.", SAID), "too short to be anybody's own words"
    assert not copied(ANOTHER_WAY, SAID)
