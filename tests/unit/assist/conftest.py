"""The small desk as fixtures; what it knows is in `small_desk`."""

import pytest

from tests.unit.assist.small_desk import OpenDesk, opener, what_is_known
from vigil.testing.knowledge import KnownAnswers


@pytest.fixture
def knowledge() -> KnownAnswers:
    return what_is_known()


@pytest.fixture
def open_desk(knowledge: KnownAnswers) -> OpenDesk:
    return opener(knowledge)
