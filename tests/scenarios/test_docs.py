"""The docs do what they say: commands run in order in an empty folder, links lead somewhere, and the reference has not drifted."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conftest import ROOT
from vigil.cli.commands import cli

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
RUN = sorted(path for folder in ("tutorial", "how-to") for path in (ROOT / "docs" / folder).glob("*.md"))

BLOCK = re.compile(
    r"(?:<!-- (?P<mark>file: (?P<file>[\w./-]+)|not run: [^>]+) -->\n+)?```(?P<language>\w+)\n(?P<body>.*?)```",
    re.DOTALL,
)
"""A fenced block, and the comment before it: `file: PATH` writes the block there, `not run: REASON` leaves it out."""


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    for block in BLOCK.finditer(page.read_text()):
        if block["file"]:
            path = tmp_path / block["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["body"])
        elif block["language"] == "sh" and not block["mark"]:
            for line in block["body"].strip().splitlines():
                words = shlex.split(line, comments=True)
                assert words[0] == "vigil", f"{page.name} shows a command that the tests can't run: {line}"
                result = CliRunner().invoke(cli, words[1:])
                assert result.exit_code == 0, f"{line}\n{result.output}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which isn't there"


def test_the_reference_has_not_drifted() -> None:
    checked = subprocess.run(
        [sys.executable, "tools/write_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
