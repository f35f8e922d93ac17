"""The pinned requirements hold what they promise: every package with its hashes, and no address of a package index anywhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = sorted((ROOT / "requirements").glob("*.txt"))


def test_there_are_pinned_requirements() -> None:
    assert {path.name for path in PINNED} == {"build.txt", "base.txt", "dev.txt"}


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text())
    for block in blocks:
        if block.lstrip().startswith("#"):
            continue
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+", block), block[:80]
        assert "--hash=sha256:" in block, block[:80]


@pytest.mark.parametrize("path", [*PINNED, ROOT / "pyproject.toml", ROOT / "Makefile"], ids=lambda path: path.name)
def test_no_package_index_is_named(path: Path) -> None:
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", path.read_text())


def test_there_is_no_lock_file_with_addresses() -> None:
    assert not list(ROOT.glob("uv.lock"))
    assert not list(ROOT.glob("poetry.lock"))
