"""Who answered whom, read off what the humans did."""

from tests.unit.evaluate.small import recording
from vigil.evaluate.answers import Humans, addressed, without_address
from vigil.evaluate.recording import Gold, Shape

TICKET = [
    ("t", 0, "customer", "it broke"),
    ("t", 1, "customer", "again"),
    ("t", 2, "robot", "hello, I am a robot"),
    ("t", 3, "analyst", "turn it off and on"),
    ("t", 4, "analyst", "and wait"),
    ("t", 9, "customer", "still broken"),
    ("t", 10, "analyst", "then send it in"),
    ("t", 11, "customer", "thanks"),
]

CHANNEL = [
    ("c", 0, "ann", "how do I mount an iso?"),
    ("c", 1, "ned", "bea: reboot"),
    ("c", 2, "robot", "ann: see the wiki"),
    ("c", 3, "ann", "anybody?"),
    ("c", 4, "ned", "ann: mount -o loop"),
    ("c", 30, "joe", "ann, did it work"),
]


def test_in_a_ticket_every_later_human_answers_the_customer() -> None:
    small = recording(TICKET, shape=Shape.TICKETS)
    first = small.conversations["t"][0]

    assert [each.position for each in Humans(small).answers(first)] == [3, 4, 6]


def test_in_a_ticket_each_turn_of_the_customer_ends_with_the_first_answer() -> None:
    found = Humans(recording(TICKET, shape=Shape.TICKETS)).exchanges()

    assert [(each.asked.position, each.answer.position, each.opening) for each in found] == [
        (0, 3, True),
        (5, 6, False),
    ]


def test_in_a_channel_who_is_named_is_answered_within_the_window_and_robots_do_not_count() -> None:
    small = recording(CHANNEL)
    first = small.conversations["c"][0]

    assert [each.position for each in Humans(small).answers(first)] == [4]


def test_where_annotators_looked_their_link_counts_and_not_the_name() -> None:
    gold = {"c/1": Gold(reply_to=("c/0",)), "c/4": Gold(reply_to=())}
    small = recording(CHANNEL, gold=gold)

    assert [each.position for each in Humans(small).answers(small.conversations["c"][0])] == [1]


def test_in_an_annotated_channel_openings_are_what_annotators_call_answered() -> None:
    gold = {
        "c/0": Gold(thread="x", opens_answered=True),
        "c/1": Gold(thread="y", reply_to=()),
        "c/3": Gold(thread="x", reply_to=("c/0",)),
        "c/4": Gold(thread="x", reply_to=("c/3",)),
        "c/5": Gold(thread="z", opens_answered=True, near_end=True),
    }
    found = Humans(recording(CHANNEL, gold=gold)).exchanges()

    assert [(each.asked.id, each.answer.id, each.opening, each.by_annotators) for each in found] == [
        ("c/0", "c/4", True, True)
    ]


def test_in_a_channel_without_annotations_exchanges_are_guessed_by_name_and_say_so() -> None:
    found = Humans(recording(CHANNEL)).exchanges()

    assert [(each.asked.id, each.answer.id, each.by_annotators) for each in found] == [("c/0", "c/4", False)]


def test_a_question_just_before_the_end_is_cut_short_in_a_channel_only() -> None:
    channel, ticket = recording(CHANNEL), recording(TICKET, shape=Shape.TICKETS)

    assert not Humans(channel).cut_short(channel.conversations["c"][0])
    assert Humans(channel).cut_short(channel.conversations["c"][5])
    assert not Humans(ticket).cut_short(ticket.conversations["t"][7])


def test_names_are_read_in_front_and_behind_an_at() -> None:
    assert addressed("Ann: hello") == {"ann"}
    assert addressed("hello @Bea, and @cy!") == {"bea", "cy"}
    assert addressed("http://example.org/x") == {"http"}  # a name that nobody has
    assert addressed("no names here") == frozenset()


def test_a_name_in_front_is_taken_off_only_where_somebody_has_it() -> None:
    assert without_address("ann: mount it", {"ann"}) == "mount it"
    assert without_address("note: mount it", {"ann"}) == "note: mount it"
