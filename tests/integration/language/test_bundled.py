"""The bundled embedder with its real weights: what whoever searches or compares texts relies on."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.language.bundled import DIMENSIONS, MAX_TOKENS, WEIGHTS, BundledEmbedder
from vigil.language.embedder import Embedder


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder(threads=1)


def test_it_fills_the_port_and_names_itself(embedder: BundledEmbedder) -> None:
    port: Embedder = embedder
    assert port.id == "all-MiniLM-L6-v2-int8-1"
    assert port.dimensions == DIMENSIONS == 384


async def test_a_question_is_nearer_to_its_answer_than_to_another_subject(embedder: BundledEmbedder) -> None:
    question, answer, other = await embedder.embed(
        [
            "How do I reset my password?",
            "To change a forgotten password, open Account and choose Reset.",
            "Our office is closed on Sundays.",
        ]
    )
    assert question @ answer > 0.5 > question @ other + 0.2


async def test_no_texts_give_no_rows(embedder: BundledEmbedder) -> None:
    assert (await embedder.embed([])).shape == (0, DIMENSIONS)


async def test_every_row_has_unit_length_also_of_an_empty_text(embedder: BundledEmbedder) -> None:
    vectors = await embedder.embed(
        ["", " ", "ok", "\ud800 half a character", "🙂🙂", "שלום عالم", "x" * 500, "\x00\x07"]
    )
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


async def test_a_vector_does_not_depend_on_the_neighbours_in_its_batch() -> None:
    short, long = "disk full", "the disk of my server is full again " * 20
    alone = await BundledEmbedder(threads=1).embed([short])
    beside = await BundledEmbedder(threads=1).embed([long, short, long + "!", "", short])
    np.testing.assert_allclose(beside[1], alone[0], atol=2e-6)
    np.testing.assert_array_equal(beside[1], beside[4])


async def test_rows_come_back_in_the_order_of_their_texts_over_many_batches(embedder: BundledEmbedder) -> None:
    texts = [f"ticket {number} " * (number % 40) for number in range(120)]
    together = await embedder.embed(texts)
    for number in (0, 7, 39, 119):
        np.testing.assert_allclose(
            together[number], BundledEmbedder(threads=1).embed_now([texts[number]])[0], atol=2e-6
        )


async def test_256_tokens_are_read_and_the_rest_is_not(embedder: BundledEmbedder) -> None:
    words = " ".join(["disk"] * (MAX_TOKENS - 3))
    within, beyond, longer = await embedder.embed([f"{words} paper", f"{words} paper money", words])
    assert embedder.count_tokens(f"{words} paper") == MAX_TOKENS
    assert embedder.count_tokens(f"{words} paper money") == MAX_TOKENS + 1
    np.testing.assert_allclose(within, beyond, atol=1e-6)
    assert within @ longer < 0.9999


async def test_a_text_of_megabytes_is_cut_before_it_is_read(embedder: BundledEmbedder) -> None:
    head = "restart the router " * 100
    np.testing.assert_allclose(*(await embedder.embed([head, head + "x" * 5_000_000])), atol=1e-6)


async def test_many_callers_at_once_each_get_their_own_vectors(embedder: BundledEmbedder) -> None:
    texts = [f"question number {number}" for number in range(20)]
    answers = await asyncio.gather(*(embedder.embed([text]) for text in texts))
    np.testing.assert_allclose(np.concatenate(answers), embedder.embed_now(texts), atol=2e-6)


async def test_changing_an_answer_does_not_change_what_is_remembered(embedder: BundledEmbedder) -> None:
    first = await embedder.embed(["remember me"])
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(await embedder.embed(["remember me"]), kept)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_vector(text: str) -> None:
    assert np.isfinite(_SHARED.embed_now([text])).all()


def test_what_is_shipped_stays_under_23_megabytes() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 23_000_000


_SHARED = BundledEmbedder(threads=1)
