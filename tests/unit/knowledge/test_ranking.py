"""What speaks for a candidate, and the score that is made of it."""

import numpy as np
import pytest

from vigil.domain.knowledge import Draft
from vigil.knowledge.learned import shipped
from vigil.knowledge.ranking import SIGNALS, Asked, Ranker, entry_names, entry_words, signals, why

VPN = Draft(
    key="vpn",
    title="VPN",
    aliases=("virtual private network", "VPN"),
    answer="Install the VPN client to reach the office.",
)
MAIL = Draft(key="mail", title="Mail", answer="Open the mail settings and add the account of the office.")


def _table(question: str, *drafts: Draft, cosines: tuple[float, ...] = ()) -> dict[str, list[float]]:
    near = np.array([[cosine] * 3 for cosine in cosines or [0.0] * len(drafts)], dtype=np.float32)
    table = signals(
        Asked.of(question), [entry_words(draft) for draft in drafts], [entry_names(draft) for draft in drafts], near
    )
    return {name: table[:, number].tolist() for number, name in enumerate(SIGNALS)}


def test_an_entry_that_holds_the_questions_words_is_ahead_by_words() -> None:
    table = _table("how do I install the vpn client", VPN, MAIL)
    assert table["bm25"] == [1.0, 0.0]
    assert table["overlap"][0] == pytest.approx(1.0)
    assert table["overlap"][1] == 0.0


def test_a_word_that_all_candidates_share_counts_little() -> None:
    table = _table("vpn office", VPN, MAIL)
    assert 0 < table["overlap"][1] < 0.5 < table["overlap"][0]


def test_what_was_asked_last_counts_by_itself() -> None:
    table = _table("my mail is broken\nand how do I get the vpn client", VPN, MAIL)
    assert table["latest"][0] > table["overlap"][0]
    assert table["latest"][1] == 0.0


def test_an_error_code_counts_by_itself() -> None:
    coded = Draft(key="code", title="LB-6003 Challenge failed", answer="Port 80 must be open.")
    table = _table("the certificate was not renewed, mail says lb-6003, what now", coded, MAIL)
    assert table["codes"] == [1.0, 0.0]
    assert _table("the mail was not renewed", coded, MAIL)["codes"] == [0.0, 0.0]


def test_a_name_counts_only_when_all_of_it_is_said() -> None:
    assert _table("private network trouble", VPN)["naming"] == [0.0]
    assert _table("trouble with my virtual private network", VPN)["naming"][0] > 0
    assert _table("vpn trouble", VPN)["naming"][0] > 0


def test_a_misspelt_name_is_seen_by_its_letters() -> None:
    assert _table("vertual privat networks", VPN)["letters"][0] > 0.6
    assert _table("mail", VPN)["letters"][0] == 0.0


def test_the_same_name_twice_is_one_name() -> None:
    assert _table("anything", VPN, MAIL)["names"] == pytest.approx([np.log(2), 0.0])


def test_no_candidates_and_no_words_are_no_trouble() -> None:
    assert signals(Asked.of("vpn"), [], [], np.zeros((0, 3), np.float32)).shape == (0, len(SIGNALS))
    assert _table("", VPN)["bm25"] == [0.0]


def test_the_shipped_ranker_prefers_meaning_words_and_names() -> None:
    weights = dict(zip(SIGNALS, shipped().ranker.weights.tolist(), strict=True))
    assert all(weight >= 0 for weight in weights.values())
    assert weights["cosine"] > 0


def test_scores_are_the_weighted_sum() -> None:
    ranker = Ranker(weights=np.arange(len(SIGNALS), dtype=np.float64))
    assert ranker.scores(np.eye(len(SIGNALS))[2:4]).tolist() == [2.0, 3.0]


def test_in_words_what_speaks_for_a_candidate() -> None:
    assert why((("cosine", 0.71), ("overlap", 0.5), ("naming", 1.2), ("bm25", 1.0))) == (
        "meaning 0.71, 50% of the question's words, named in the question, best by keywords"
    )
    assert why((("cosine", 0.1),)) == "meaning 0.10"
