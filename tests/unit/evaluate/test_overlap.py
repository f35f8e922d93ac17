"""Two texts point at the same remedy when they name the same thing, however it is dressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.evaluate.overlap import marks, shared


@pytest.mark.parametrize(
    ("suggestion", "answer", "mark"),
    [
        (
            "See https://help.ubuntu.com/community/Java/.",
            "read http://help.ubuntu.com/community/Java",
            "url:help.ubuntu.com/community/java",
        ),
        ("Run `sudo apt-get install w32codecs`", "apt-get install w32codecs", "command:apt-get install w32codecs"),
        ("Restart it: sudo systemctl restart nginx", "try systemctl restart nginx", "command:systemctl restart nginx"),
        ("Unmute with `alsamixer -c 0`", "bea: alsamixer -c 0", "command:alsamixer -c 0"),
        ("Install ubuntu-restricted-extras.", "you want ubuntu-restricted-extras", "token:ubuntu-restricted-extras"),
        ("Set MAX_CONNECTIONS=200", "MAX_CONNECTIONS is too low", "setting:max_connections"),
        ("Edit /etc/X11/xorg.conf", "look in /etc/X11/xorg.conf, please", "path:/etc/x11/xorg.conf"),
        ("use --no-cache for it", "did you pass --no-cache ?", "setting:--no-cache"),
    ],
)
def test_the_same_remedy_is_found(suggestion: str, answer: str, mark: str) -> None:
    assert mark in shared(suggestion, answer)


@pytest.mark.parametrize(
    ("suggestion", "answer"),
    [
        ("Please restart the machine", "restart the machine, please"),
        ("e.g. 10.04 or 2.6.32", "i.e. 10.04, 2.6.32, e.g. that"),
        ("see help.ubuntu.com", "it is on help.ubuntu.com somewhere"),
        ("use apt-get", "apt-get is your friend"),
        ("", "w32codecs"),
    ],
)
def test_common_words_versions_and_whole_sites_prove_nothing(suggestion: str, answer: str) -> None:
    assert shared(suggestion, answer) == ()


def test_names_of_people_are_no_packages() -> None:
    assert shared("ask dr_willis about it", "dr_willis knows", names={"dr_willis"}) == ()


def test_calling_the_entry_by_its_title_is_pointing_at_it() -> None:
    assert shared("Membership means recognition.", "!membership", titles=["Membership"]) == ("entry:membership",)
    assert shared("Membership means recognition.", "no membership!", titles=["Membership"]) == ()
    assert shared("Membership means recognition.", "!java | ann", titles=["Membership"]) == ()


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(":" in mark and not mark.endswith(":") for mark in marks(text))
