"""How far a topic may go: by the lower end of what its outcomes allow, so that few say little."""

import pytest

from vigil.domain.topic import Autonomy
from vigil.trust.autonomy import earned
from vigil.trust.earned import Judged, least_share


def judged(right: int, wrong: int) -> list[Judged]:
    return [Judged(confidence=0.9, right=number < right) for number in range(right + wrong)]


@pytest.mark.parametrize(
    ("right", "wrong", "highest"), [(0, 0, "suggest"), (21, 0, "suggest"), (22, 0, "auto"), (40, 4, "suggest")]
)
def test_a_topic_earns_to_reply_by_itself(right: int, wrong: int, highest: str) -> None:
    assert earned(judged(right, wrong), bar=0.9).highest is Autonomy(highest)


@pytest.mark.parametrize(("right", "wrong"), [(0, 0), (5, 0), (10, 2), (22, 0)])
def test_what_is_missing_is_just_enough(right: int, wrong: int) -> None:
    missing = earned(judged(right, wrong), bar=0.9).missing
    assert earned(judged(right + missing, wrong), bar=0.9).highest is Autonomy.AUTO
    if missing:
        assert earned(judged(right + missing - 1, wrong), bar=0.9).highest is Autonomy.SUGGEST


def test_the_bound_is_clopper_and_pearson() -> None:
    assert least_share(22, 22) == pytest.approx(0.1 ** (1 / 22), abs=1e-9)  # all right: the closed form
    assert least_share(10, 8) == pytest.approx(0.550396, abs=1e-6)  # the quantile of the beta distribution
    assert least_share(5, 0) == 0.0
