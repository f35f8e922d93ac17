"""Passwords: what is kept of one, and whether a given one is it. Where that is kept is `store.accounts`'s."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vigil.errors import InvalidInput

SHORTEST: Final = 12
"""Characters. NIST SP 800-63B (2025) wants 15 of a password that stands alone; with a few tries a quarter of an hour, 12 is beyond
guessing, and people don't write it on a note."""
LONGEST: Final = 200
"""Characters: a sentence fits, a book doesn't."""

_hasher = PasswordHasher()  # argon2id with 64 MiB, three passes, four lanes: the second choice of RFC 9106


def check_password(password: str) -> None:
    """Raises InvalidInput for one that is too short or too long. No rules on characters: they make passwords worse."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"Choose a password of {SHORTEST} to {LONGEST} characters; a few words in a row will do.")


def hashed(password: str) -> str:
    """What is kept of a password. Takes some 50 ms of a processor: call it in a thread."""
    return _hasher.hash(password)


def holds(kept: str | None, password: str) -> bool:
    """Whether it is the password that was kept. Where nothing was (None, or an empty text) it takes as long, so that nobody learns who has
    an account, and never holds."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody signs in with this")
