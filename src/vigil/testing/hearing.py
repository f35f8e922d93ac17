"""The hearing that ships, opened once for all tests."""

from functools import cache

from vigil.assist.hearing import TrainedHearing
from vigil.language.bundled import BundledEmbedder


@cache
def shipped_hearing() -> TrainedHearing:
    """With the embedder that ships."""
    return TrainedHearing(BundledEmbedder())
