"""How passages are cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.knowledge.blocks import Block, BlockKind, from_markdown
from vigil.knowledge.chunks import PASSAGE_TOKENS, SMALL_TOKENS, WHOLE_TOKENS, Passage, TokenCounter, passages


def words(text: str) -> int:
    """A token counter that is easy to follow."""
    return len(text.split())


def prose(number: int, word: str = "word") -> str:
    return " ".join([word] * number)


def cut(markdown: str) -> list[Passage]:
    return passages(from_markdown(markdown), words)


def paths(found: list[Passage]) -> list[str]:
    return [f"{passage.path}~{passage.ordinal}" for passage in found]


def test_each_section_is_a_passage_under_all_of_its_headings() -> None:
    found = cut(f"Intro {prose(60)}\n\n# Backups\n\n{prose(60)}\n\n## Restore\n\n{prose(60)}\n\n# Plans\n\n{prose(60)}")
    assert [passage.headings for passage in found] == [(), ("Backups",), ("Backups", "Restore"), ("Plans",)]
    assert paths(found) == ["~1", "backups~1", "backups/restore~1", "plans~1"]
    assert [passage.anchor for passage in found] == ["", "backups", "restore", "plans"]


def test_small_neighbours_below_one_heading_are_one_passage_with_their_headings_in_bold() -> None:
    found = cut("# Backups\n\nTwo ways.\n\n## By hand\n\nPress it.\n\n## By clock\n\nSet it.\n\n# Plans\n\nThree.")
    assert [passage.text for passage in found] == [
        "Two ways.\n\n**By hand**\n\nPress it.\n\n**By clock**\n\nSet it.",
        "Three.",
    ]
    assert found[0].headings == ("Backups",)


def test_topics_are_never_joined_however_small() -> None:
    assert len(cut("# One\n\na\n\n# Two\n\nb\n\n# Three\n\nc")) == 3


def test_sections_that_say_enough_stay_apart() -> None:
    enough = prose(SMALL_TOKENS)
    assert len(cut(f"# Top\n\n## One\n\n{enough}\n\n## Two\n\n{enough}")) == 2


def test_a_question_and_its_answer_are_one_passage_whatever_is_beside_them() -> None:
    found = cut("# FAQ\n\nHello.\n\n## Can I pay by card?\n\nYes.\n\n## And by cheque?\n\nNo.\n\n## Notes\n\nNone.")
    assert [(passage.headings[-1], passage.text, passage.asks) for passage in found] == [
        ("FAQ", "Hello.", False),
        ("Can I pay by card?", "Yes.", True),
        ("And by cheque?", "No.", True),
        ("Notes", "None.", False),
    ]


def test_a_long_section_is_cut_between_paragraphs_into_parts_of_much_the_same_size() -> None:
    found = cut("# Long\n\n" + "\n\n".join(prose(50, f"w{number}") for number in range(9)))
    assert [words(passage.text) for passage in found] == [150, 150, 150]
    assert paths(found) == ["long~1", "long~2", "long~3"]


def test_items_stay_whole_and_keep_their_numbers() -> None:
    found = cut("# Steps\n\n" + "\n".join(f"{number}. {prose(29)}" for number in range(1, 11)))
    assert [passage.text.split()[0] for passage in found] == ["1.", "6."]
    assert found[1].text.count("\n") == 4


def test_what_announces_code_goes_along_with_it() -> None:
    found = cut(f"# Run\n\n{prose(150)}\n\nThen run this:\n\n```\n{prose(120)}\n```")
    assert [passage.text.split("\n")[0] for passage in found] == [prose(150), "Then run this:"]


def test_code_and_tables_stay_whole_up_to_a_limit_and_are_then_cut_between_lines() -> None:
    whole = "```sh\n" + "\n".join(f"line {number} of the script" for number in range(100)) + "\n```"
    assert [passage.text for passage in cut(f"# Script\n\n{whole}")] == [whole]
    rows = "\n".join(f"| row {number} | {prose(4)} |" for number in range(WHOLE_TOKENS // 2))
    found = cut(f"# Table\n\n| a | b |\n|---|---|\n{rows}")
    assert len(found) > 2
    assert all(passage.text.startswith("| a | b |\n|---|---|\n| row ") for passage in found)
    assert all(words(passage.text) <= PASSAGE_TOKENS * 1.3 for passage in found)
    long_script = "\n".join(f"step {number}" for number in range(WHOLE_TOKENS))
    for passage in cut(f"# Script\n\n~~~sh\n{long_script}\n~~~"):
        assert passage.text.startswith("~~~sh\nstep ")
        assert passage.text.endswith("\n~~~")


def test_an_endless_paragraph_is_cut_at_the_end_of_sentences() -> None:
    found = cut("# Wall\n\n" + " ".join(f"Sentence {number} has six words." for number in range(100)))
    assert len(found) == 3
    assert all(passage.text.startswith("Sentence") and passage.text.endswith("words.") for passage in found)


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    text = "x" * 100_000
    found = cut(text)
    assert "".join(passage.text for passage in found) == text
    assert max(len(passage.text) for passage in found) < 5_000


def test_editing_one_section_leaves_the_keys_of_the_others_alone() -> None:
    def document(middle: str) -> str:
        parts = (
            "# A",
            prose(60),
            "## Notes",
            prose(60),
            "# B",
            middle,
            "## Notes",
            prose(60),
            "# C",
            prose(300),
            "# C",
            prose(60),
        )
        return "\n\n".join(parts)

    before = {path for path in paths(cut(document(prose(60)))) if not path.startswith("b~")}
    for middle in (prose(900), "short", ""):
        after = {path for path in paths(cut(document(middle))) if not path.startswith("b~")}
        assert after == before


def test_no_two_passages_share_a_name() -> None:
    found = cut(
        "\n\n".join(
            f"# {heading}\n\ntext" for heading in ("Notes", "Notes 2", "Notes", "C", "C++", "C#", "?", "!", "Notes")
        )
    )
    assert len(set(paths(found))) == len(found) == 9


def test_a_passage_knows_the_page_that_it_begins_on() -> None:
    blocks = [
        Block(kind=BlockKind.HEADING, text="Top", level=1, page=1),
        Block(kind=BlockKind.PROSE, text=prose(150), page=1),
        Block(kind=BlockKind.PROSE, text=prose(150), page=2),
    ]
    assert [passage.page for passage in passages(blocks, words)] == [1, 2]


texts = st.lists(
    st.sampled_from(
        [
            "# A",
            "## B",
            "### A",
            "# A?",
            prose(5),
            prose(45),
            prose(230),
            "- a\n- b",
            f"```\n{prose(700)}\n```",
            "Then:",
        ]
    ),
    max_size=25,
)


def nothing(text: str) -> int:
    return 0 * len(text)


def far_too_much(text: str) -> int:
    return 3 * len(text)


@settings(deadline=None)
@given(texts, st.sampled_from([words, nothing, far_too_much, len]))
def test_nothing_is_lost_or_said_twice_and_names_are_unique(parts: list[str], count: TokenCounter) -> None:
    blocks = from_markdown("\n\n".join(parts))
    found = passages(blocks, count)
    assert len(set(paths(found))) == len(found)
    said = sum(passage.text.count("w") for passage in found)
    assert said == sum(block.text.count("w") for block in blocks)
    assert all(passage.text.strip() for passage in found)
