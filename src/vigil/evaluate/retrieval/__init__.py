"""How good the search is, on questions whose right entries are known."""
