"""Concrete things in a text: addresses, commands, packages, paths and settings. Two texts that share one speak of the same remedy, which is
how a suggestion is judged where nobody labelled anything."""

# ruff: noqa: E501

import re
from collections import Counter
from collections.abc import Iterable

from vigil.knowledge.words import STOP_WORDS

LEAST_NAMED = 2
"""How often a word must be installed or removed by somebody in the recording, to count as a package's name: once may be a slip."""

LEAST_SHARE = 0.05
"""Share of a word's occurrences that must follow such a verb: "install what you like" makes no package of "what"."""

_ADDRESS = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>\"'`)\]]+", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w/:.])~?/[A-Za-z][\w.-]*(?:/[\w.@+-]+)+/?")
_SETTING = re.compile(
    r"\b([A-Za-z][\w.-]{1,40})=[\w\"'/.-]+|\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b|\b([a-z]{2,}_[a-z_]{2,})\b"
    r"|\b([\w-]+\.(?:conf|cfg|ini|ya?ml|json|toml|sh|py|list|deb))\b"
)
_FLAG = re.compile(r"(?<![\w-])(--[a-z][a-z-]{2,})")
_BINARY = re.compile(
    r"\b(dpkg-reconfigure|modprobe|lsmod|lspci|lsusb|dmesg|ifconfig|iwconfig|iwlist|dhclient|xrandr|fdisk|gparted|mkfs(?:\.\w+)?|fsck|chmod|chown|chroot"
    r"|update-grub|grub-install|update-rc\.d|update-alternatives|gsettings|gconftool(?:-2)?|gconf-editor|visudo|rsync|ssh-keygen|systemctl|initctl|crontab|mencoder|mplayer|ffmpeg"
    r"|alsamixer|nmcli|glxinfo|xdpyinfo|alien|debootstrap|do-release-upgrade|ln -s|kubectl|docker|terraform|psql|pip|npm)\b"
)
_INSTALLED = re.compile(
    r"\b(?:install|reinstall|remove|purge|apt-cache (?:search|policy|show)|dpkg-reconfigure|build-dep)\s+((?:-\S+\s+)*)([a-z0-9][a-z0-9+.-]{2,40})"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9+.-]{2,40}")
_NO_PACKAGE = frozenset(
    [
        "the",
        "that",
        "this",
        "and",
        "from",
        "with",
        "your",
        "for",
        "new",
        "any",
        "all",
        "some",
        "one",
        "two",
        "more",
        "not",
        "just",
        "only",
        "then",
        "when",
        "via",
        "into",
        "onto",
        "also",
        "again",
        "ubuntu",
        "linux",
        "windows",
        "debian",
        "packages",
        "package",
        "software",
        "apps",
        "app",
        "programs",
        "program",
        "drivers",
        "driver",
        "version",
        "latest",
        "updates",
        "update",
        "stuff",
        "things",
        "something",
        "anything",
        "everything",
        "from.",
        "it.",
        "them",
        "them.",
        "your.",
        "disc",
        "disk",
        "media",
    ]
)


# `apt-get`, `sudo`, `wget` and their like stand in half of all answers and say nothing about which; what they fetch counts instead.


def packages_named(texts: Iterable[str]) -> frozenset[str]:
    """Names that somebody installs or removes in these texts."""
    said = [text.lower() for text in texts]
    counts = Counter(match[2].rstrip(".-") for text in said for match in _INSTALLED.finditer(text))
    everywhere = Counter(word.rstrip(".-") for text in said for word in _WORD.findall(text))
    return frozenset(
        name
        for name, count in counts.items()
        if count >= LEAST_NAMED
        and count >= LEAST_SHARE * everywhere[name]
        and name not in _NO_PACKAGE
        and name not in STOP_WORDS
    )


def things(text: str, packages: frozenset[str]) -> frozenset[str]:
    """What a text names that could be acted on."""
    found = {f"address {_plain_address(match[0])}" for match in _ADDRESS.finditer(text)}
    rest = _ADDRESS.sub(" ", text)
    found |= {f"path {match[0].rstrip('/.')}" for match in _PATH.finditer(rest)}
    found |= {f"setting {next(filter(None, match.groups())).lower()}" for match in _SETTING.finditer(rest)}
    found |= {f"flag {match[1]}" for match in _FLAG.finditer(rest)}
    lowered = rest.lower()
    found |= {f"command {match[1]}" for match in _BINARY.finditer(lowered)}
    found |= {f"package {word}" for word in (each.rstrip(".-") for each in _WORD.findall(lowered)) if word in packages}
    return frozenset(found)


def _plain_address(address: str) -> str:
    return re.sub(r"^(?:https?://|ftp://)?(?:www\.)?", "", address.lower()).rstrip("/.,;:!?")
