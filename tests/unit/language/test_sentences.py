"""Courtesy is left out of what is said; a word that also begins a statement stays with it."""

import pytest

from vigil.language.sentences import sentences_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Two machines will do. No Kubernetes for one shop.", ["Two machines will do.", "No Kubernetes for one shop."]),
        ("Right click the icon and choose Mount.", ["Right click the icon and choose Mount."]),
        ("Correct the path in /etc/fstab.", ["Correct the path in /etc/fstab."]),
        ("no you cannot resize it", ["no you cannot resize it"]),
        ("ok thanks, how do I mount the second disk?", ["how do I mount the second disk?"]),
        ("Great! How do I mount the second disk now?", ["How do I mount the second disk now?"]),
    ],
)
def test_courtesy_goes_and_what_is_said_stays(said: str, kept: list[str]) -> None:
    assert sentences_of(said) == kept
