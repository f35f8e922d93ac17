"""Whether two texts point at the same remedy: they share an address, a command, a package or a setting, or they mean nearly the same.
Who said them to whom is `answers`' affair."""

import re
from collections.abc import Collection
from functools import lru_cache

SAME_MEANING = 0.5
"""Cosine from which an answer counts as saying what was suggested: the issue's definition. With all-MiniLM-L6-v2 two answers about the same
subject lie above it, two about anything seldom do; the control beside the figure shows how seldom."""

_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>\"'`|)\]}]+", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`\n]{2,120})`")
_COMMANDS = (
    "apt|apt-get|aptitude|apt-cache|dpkg|snap|yum|dnf|rpm|pacman|zypper|brew|pip|npm|gem|cargo|git|docker|kubectl|helm|terraform|systemctl|"
    "service|journalctl|modprobe|lsmod|lspci|lsusb|mount|umount|fdisk|mkfs|fsck|chmod|chown|ifconfig|iwconfig|ip|iptables|ufw|ssh|scp|rsync|"
    "curl|wget|tar|grep|sed|update-grub|grub-install|update-rc.d|do-release-upgrade|xrandr|aws|gcloud|az|psql|mysql|openssl|crontab"
)
_COMMAND = re.compile(rf"(?<![\w./-])(?:sudo\s+|gksu\s+)?((?:{_COMMANDS})(?:\s+[\w./:@=+-]+){{1,2}})", re.IGNORECASE)
_SETTING = re.compile(r"(?<![\w-])(--[a-z][a-z0-9-]{2,}|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[\w.-]{2,}=[\w./:-]+)")
_PATH = re.compile(r"(?<![\w.])(~?/[\w.+-]+(?:/[\w.+-]+)+)")
_TOKEN = re.compile(
    r"(?<![\w./-])([a-z0-9]+(?:[-_.+][a-z0-9]+)+|[a-z]+\d[a-z\d]*|\d+[a-z][a-z\d]*)(?![\w/-])", re.IGNORECASE
)
_FIGURES_ONLY = re.compile(r"[\d.:+-]+[a-z]{0,2}", re.IGNORECASE)
_CALL = re.compile(r"(?<!\S)!([\w.+-]{2,60})")
_DOMAIN = re.compile(r".*\.(?:com|org|net|io|de|uk|edu|gov)", re.IGNORECASE)
_NO_PACKAGES = frozenset(_COMMANDS.split("|")) | frozenset(
    {
        "e.g",
        "i.e",
        "a.m",
        "p.m",
        "e.g.",
        "i.e.",
        "e-mail",
        "on-line",
        "re-install",
        "built-in",
        "set-up",
        "log-in",
        "up-to-date",
    }
)


@lru_cache(maxsize=32768)
def marks(text: str) -> frozenset[str]:
    """What a text points at, each as ``kind:value`` in lower case: ``url``, ``command``, ``setting``, ``path`` and ``token`` (a word built
    like a package or a file: with a hyphen, a dot, an underscore or a digit among letters)."""
    found = {f"url:{_address(url)}" for url in _URL.findall(text)}
    rest = _URL.sub(" ", text)
    found |= {f"command:{_plain(command)}" for command in _QUOTED.findall(rest)}
    found |= {f"command:{_plain(command)}" for command in _COMMAND.findall(rest)}
    found |= {f"setting:{_plain(setting)}" for setting in _SETTING.findall(rest)}
    found |= {f"path:{_plain(path)}" for path in _PATH.findall(rest)}
    for token in _TOKEN.findall(_PATH.sub(" ", rest)):
        word = token.lower()
        if (
            len(word) >= 4
            and word not in _NO_PACKAGES
            and not _FIGURES_ONLY.fullmatch(word)
            and not _DOMAIN.fullmatch(word)
        ):
            found.add(f"token:{word}")
    return frozenset(mark for mark in found if not mark.endswith(":"))


def shared(
    suggestion: str, answer: str, *, titles: Collection[str] = (), names: Collection[str] = ()
) -> tuple[str, ...]:
    """What both texts point at, sorted: marks that stand in both; a command of several words that stands in one and is spoken in the other;
    and ``entry:title`` where the answer calls an entry by its title, as in "!title".

    Args:
        titles: of the entries that the suggestion cites.
        names: of people, in lower case: they look like packages and are none.
    """
    one, other = marks(suggestion), marks(answer)
    both = (one & other) | _spoken(one, answer) | _spoken(other, suggestion)
    called = {name.lower() for name in _CALL.findall(answer)}
    both |= {f"entry:{title.lower()}" for title in titles if title.lower() in called}
    return tuple(sorted(mark for mark in both if mark.split(":", 1)[1] not in names))


def _spoken(written: frozenset[str], text: str) -> set[str]:
    commands = {mark for mark in written if mark.startswith("command:") and " " in mark}
    plain = f" {_plain(text)} " if commands else ""
    return {mark for mark in commands if f" {mark.removeprefix('command:')} " in plain}


def _address(url: str) -> str:
    """Without scheme, `www.` and closing punctuation, so that the same page is the same."""
    bare = url.lower().split("://", 1)[-1].removeprefix("www.")
    return bare.rstrip(".,;:!?'\"/")


def _plain(text: str) -> str:
    return " ".join(text.lower().removeprefix("sudo ").split()).rstrip(".,;:!?")
