"""`vigil timers`: what is to happen later is seen, and can be taken back."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigil.app import App
from vigil.cli.commands import cli
from vigil.domain.workspace import DEFAULT_WORKSPACE
from vigil.settings import Settings


def vigil(*words: str, fails: int = 0) -> str:
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == fails, result.output
    return result.output


async def set_two(home: Path) -> str:
    """One timer for once and one that comes again; the id of the first."""
    async with App.open(Settings(home=home)) as app:
        later = app.clock.now() + timedelta(days=14)
        once = await app.timers.set(DEFAULT_WORKSPACE, "track.follow_up", "tkt_1", at=later)
        await app.timers.set(DEFAULT_WORKSPACE, "track.summary", "desk", every="0 7 * * 1-5 Europe/Berlin")
    return once.id


def test_timers_are_listed_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    timer_id = asyncio.run(set_two(tmp_path))
    listed = vigil("timers", "list")
    assert timer_id in listed
    assert "0 7 * * 1-5 Europe/Berlin" in listed
    assert [each["kind"] for each in json.loads(vigil("timers", "list", "--json"))] == [
        "track.summary",
        "track.follow_up",
    ]
    assert "is cancelled" in vigil("timers", "cancel", timer_id)
    assert timer_id not in vigil("timers", "list")
    assert "cancelled" in vigil("timers", "list", "--all", "--kind", "track.follow_up")
    assert "already" in vigil("timers", "cancel", timer_id, fails=1)
    assert "no timer" in vigil("timers", "cancel", "tmr_nobody", fails=1)
