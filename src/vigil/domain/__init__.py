"""The words of the trade as values: frozen, keyword-only, standard library only. No I/O, no clock, no randomness."""
