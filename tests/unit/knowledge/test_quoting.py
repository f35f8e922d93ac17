"""Of a passage the stretch that answers is quoted, whole pieces only."""

from vigil.knowledge.quote import MOST_WORDS, quote
from vigil.testing.embedder import HashEmbedder

EMBEDDER = HashEmbedder(dimensions=512)
FILLER = (
    "This part of the page is about something else that nobody has asked for today, and it goes on for quite a while. "
)


async def _quoted(passage: str, question: str) -> str:
    found = await quote(EMBEDDER, passage, question, EMBEDDER.embed_now([question]))
    return passage[found.start : found.end]


async def test_a_short_passage_is_quoted_whole() -> None:
    assert await _quoted("  Open Settings. Click Reset.  ", "how do I reset?") == "Open Settings. Click Reset."


async def test_of_a_long_passage_the_stretch_that_answers_is_quoted() -> None:
    passage = FILLER * 4 + "To reset the password open Settings and click Reset. " + FILLER * 4
    quoted = await _quoted(passage, "how do I reset the password")
    assert "click Reset." in quoted
    assert len(quoted.split()) <= MOST_WORDS


async def test_steps_are_never_cut_and_keep_what_announces_them() -> None:
    steps = "\n".join(
        f"{number}. Do the thing number {number} with the reset tool and wait for its light." for number in range(1, 15)
    )
    passage = f"{FILLER * 3}\n\nTo reset the device:\n\n{steps}\n\n{FILLER * 3}"
    assert await _quoted(passage, "how do I reset the device with the reset tool") == f"To reset the device:\n\n{steps}"


async def test_code_is_never_cut() -> None:
    code = "```\n" + "\n".join(f"reset --device {number}" for number in range(40)) + "\n```"
    passage = f"{FILLER * 3}\n\nRun this to reset a device:\n\n{code}\n\n{FILLER * 3}"
    quoted = await _quoted(passage, "reset a device: run what?")
    assert quoted == f"Run this to reset a device:\n\n{code}"


async def test_a_quotation_does_not_run_over_a_heading() -> None:
    passage = f"{FILLER * 3}\n\n## Reset\n\nClick Reset in Settings to reset it.\n\n## Billing\n\n{FILLER * 3}"
    assert await _quoted(passage, "click reset in settings") == "Click Reset in Settings to reset it."


async def test_an_announcement_is_not_quoted_without_what_it_announces() -> None:
    announcement = "How to reset the password of an account is explained in these steps:"
    passage = f"{FILLER * 3}\n\n{announcement}\n\n1. Wait.\n2. Call us.\n\n{FILLER * 3}"
    quoted = await _quoted(passage, "how to reset the password of an account")
    assert quoted.endswith(("2. Call us.", "while."))
    assert "1. Wait." in quoted


async def test_a_script_without_spaces_is_cut_too() -> None:
    passage = "これは関係のない文章です。" * 60 + "パスワードを再設定します。" + "これは関係のない文章です。" * 60
    found = await quote(EMBEDDER, passage, "パスワードを再設定", None)
    assert found.end - found.start < 700
    assert "パスワード" in passage[found.start : found.end]


async def test_without_a_vector_words_decide() -> None:
    passage = FILLER * 4 + "To reset the password open Settings and click Reset. " + FILLER * 4
    found = await quote(EMBEDDER, passage, "how do I reset the password", None)
    assert "click Reset." in passage[found.start : found.end]


async def test_white_space_is_quoted_as_nothing_harmful() -> None:
    assert (await quote(EMBEDDER, " \n ", "anything", None)).words == 0
