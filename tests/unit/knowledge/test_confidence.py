"""How sure: never less for a better candidate, never more for a rival beside it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.knowledge import Candidate, Evidence, EvidenceKind
from vigil.knowledge.confidence import TRAITS, distinct
from vigil.knowledge.learned import shipped

CONFIDENCE = shipped().confidence


def _candidate(text: str, score: float = 9.0, **parts: float) -> Candidate:
    scores = tuple({"cosine": 0.5, "latest": 0.3, "bm25": 1.0, **parts}.items())
    return Candidate(revision_id=text, entry_id=text, title=text, text=text, score=score, scores=scores)


def test_of_nothing_nobody_is_sure() -> None:
    assert CONFIDENCE.of([]) == 0.0


def test_the_shipped_weights_are_never_below_zero() -> None:
    assert len(CONFIDENCE.weights) == len(TRAITS)
    assert min(CONFIDENCE.weights) >= 0


@given(st.sampled_from(["cosine", "latest", "bm25"]), st.floats(0, 1), st.floats(0, 1))
def test_a_better_fit_is_never_less_sure(trait: str, low: float, high: float) -> None:
    low, high = sorted((low, high))
    rival = _candidate("rival", 8.0)
    worse, better = (CONFIDENCE.of([_candidate("best", **{trait: value}), rival]) for value in (low, high))
    assert 0 < worse <= better < 1


@given(st.lists(st.floats(0, 9), max_size=12), st.floats(0, 9))
def test_a_rival_never_makes_it_surer_and_a_nearer_one_less_sure(scores: list[float], near: float) -> None:
    best = _candidate("best")
    others = [_candidate(f"{number}", score) for number, score in enumerate(sorted(scores, reverse=True))]
    without = CONFIDENCE.of([best, *others])
    beside = sorted([*others, _candidate("rival", near)], key=lambda candidate: -candidate.score)
    assert CONFIDENCE.of([best, *beside]) <= without + 1e-12


def test_sections_of_one_page_stand_by_one_another_and_other_pages_do_not() -> None:
    def section(reference: str, title: str, score: float) -> Candidate:
        evidence = (Evidence(kind=EvidenceKind.DOCUMENT, reference=reference),)
        return replace(_candidate(f"{reference}{title}", score), title=title, evidence=evidence)

    best = section("guide.md", "Guide", 9.0)
    alone = CONFIDENCE.of([best])
    assert CONFIDENCE.of([best, section("guide.md#more", "Guide › More", 9.0)]) >= alone
    assert CONFIDENCE.of([best, section("other.md", "Guide", 9.0)]) < alone
    untitled = [replace(_candidate(name), title="") for name in ("one", "two")]
    assert CONFIDENCE.of(untitled) < CONFIDENCE.of(untitled[:1])


def test_the_best_of_two_poor_ones_does_not_stand_out() -> None:
    poor = _candidate("poor", 3.0, cosine=0.2, latest=0.0)
    assert CONFIDENCE.of([poor, replace(poor, score=0.0)]) < 0.25


def test_entries_that_say_the_same_are_one_and_the_better_one_stays() -> None:
    vectors = np.array([[1, 0], [0.999, 0.04], [0, 1]], np.float32)
    same = [_candidate("It costs $5 a month."), _candidate("The price is $5 a month."), _candidate("Something else.")]
    assert distinct(same, vectors) == [0, 2]


@pytest.mark.parametrize(
    "other", ["It costs $7 a month.", "It does not cost $5 a month.", "It costs $5 a month, see https://a.example"]
)
def test_entries_that_differ_in_a_number_a_denial_or_an_address_are_two(other: str) -> None:
    vectors = np.array([[1, 0], [1, 0]], np.float32)
    assert distinct([_candidate("It costs $5 a month."), _candidate(other)], vectors) == [0, 1]


def test_the_same_words_are_the_same_whatever_the_vectors() -> None:
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    assert distinct([_candidate("one two"), _candidate("one  two")], vectors) == [0]
