"""Vigil: the colleague in the support chat who helps without being asked."""

__version__ = "0.1.0"
