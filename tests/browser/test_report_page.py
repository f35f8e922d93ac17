"""The replay report in a real Chromium: it asks nobody outside for anything, runs no script, and fits a phone in both colour schemes."""

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import async_playwright
from typer.testing import CliRunner

from vigil.cli.commands import cli

pytestmark = pytest.mark.browser

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def page_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report over one ticket in which somebody tries to get a script onto the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nodes.md").write_text(
        "# Nodes\n\nWhen kubectl shows DiskPressure, run `crictl rmi --prune` on the node.\n"
    )
    said = [
        ("maria", "customer", f"hello {HOSTILE}"),
        ("jonas", "analyst", "hi, how can I help?"),
        ("maria", "customer", f"kubectl describe shows DiskPressure on my node {HOSTILE}, how do I fix it?"),
        ("jonas", "analyst", f"run crictl rmi --prune {HOSTILE}"),
    ]
    messages = [
        {"id": str(number), "ts": f"2026-03-01T09:0{number}:00", "author": author, "role": role, "text": text}
        for number, (author, role, text) in enumerate(said)
    ]
    (tmp_path / "past.jsonl").write_text(
        json.dumps({"ticket_id": HOSTILE, "topic": "nodes", "messages": messages}) + "\n"
    )
    result = CliRunner().invoke(cli, ["replay", "past.jsonl", "--knowledge", "nodes.md"])
    assert result.exit_code == 0, result.output
    return tmp_path / "replay" / "past.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_the_report_is_safe_and_fits(
    chromium: str, page_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    asked: list[str] = []
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = await browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(page_path.as_uri())
        title = await page.title()
        measured: Any = await page.evaluate("[document.documentElement.scrollWidth, document.scripts.length]")
        background: Any = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await browser.close()
    assert asked == [page_path.as_uri()]
    assert problems == []
    assert "owned" not in title
    assert measured == [width, 0]
    brightness = sum(int(part) for part in re.findall(r"\d+", str(background))[:3]) / 3
    assert (brightness > 128) == (scheme == "light")
