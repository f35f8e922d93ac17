"""`vigil learn`: an export goes in, lessons come out, a person says yes to one, and the report tells of it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigil.cli.commands import cli

ROWS = [
    {
        "ticket_id": "T-1",
        "messages": [
            {
                "author": "mia",
                "role": "customer",
                "text": "our backup job of the billing database fails with BK-12, any idea?",
            },
            {"author": "tom", "role": "analyst", "text": "Set BACKUP_WINDOW=2h in backup.conf and restart the agent."},
            {"author": "mia", "role": "customer", "text": "that worked, thanks"},
        ],
    },
    {
        "ticket_id": "T-2",
        "messages": [
            {"author": "otto", "role": "customer", "text": "why is the console of our second project empty today?"},
            {"author": "tom", "role": "analyst", "text": "I'll look into it and get back to you."},
        ],
    },
]


def vigil(*words: str, fails: int = 0) -> str:
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == fails, result.output
    return result.output


def test_an_export_teaches_and_a_person_confirms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    export = tmp_path / "tickets.jsonl"
    export.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    learned = json.loads(vigil("learn", str(export), "--json"))
    assert (learned["tickets"], learned["new"], learned["knowledge_version"]) == (2, 1, 1)
    assert learned["nothing"] == {"promise": 1}
    assert json.loads(vigil("learn", str(export), "--json"))["learned_from"] == 0, "nothing was said since"

    shown = vigil("learn", "--report")
    assert "our backup job of the billing database fails with BK-12" in shown
    assert "1 lessons are shown to analysts only" in shown
    report = json.loads(vigil("learn", "--report", "--json"))
    (line,) = report["new"]
    assert report["curve"][-1]["lessons"] == 1

    asked = ("ask", "the backup of our billing database fails with BK-12", "--json")
    assert json.loads(vigil(*asked))["candidates"] == []
    vigil("knowledge", "confirm", line["entry_id"])
    assert "BACKUP_WINDOW" in json.loads(vigil(*asked))["candidates"][0]["text"]
    vigil("knowledge", "rollback", "0")
    assert json.loads(vigil(*asked))["candidates"] == []


def test_either_a_file_or_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    assert "--report" in vigil("learn", fails=2)
