"""An administrator keeps an installation safe from the command line: backs it up, moves it, gets it back, and forgets a customer."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.cli.commands import cli

Vigil = Callable[..., Result]
ASKED = "my invoice for Gelsenkirchen zqxjkvbn is wrong, who can correct it for me?"


@pytest.fixture
def vigil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vigil:
    """Runs `vigil ...` in an empty folder with an installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=typed)

    return invoke


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_life_of_backups(vigil: Vigil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = vigil("message", "room-1", ASKED, "--author", "maria.klein")
    assert said.exit_code == 0, said.output
    assert (
        vigil("knowledge", "write", "Accounting corrects it.", "--question", "Who corrects an invoice?").exit_code == 0
    )
    (tmp_path / "backups").mkdir()
    made = as_json(vigil("backup", "backups", "--json"))
    path = Path(made["path"])
    assert path.parent.name == "backups"
    assert sum(part["rows"] for part in made["parts"]) > 5

    # Where something is there already, nothing is overwritten by accident.
    taken = vigil("backup", str(path))
    assert (taken.exit_code, "already" in taken.output) == (1, True)
    full = vigil("restore", str(path))
    assert (full.exit_code, "--replace" in full.output) == (1, True)

    # Maria asks to be forgotten.
    refused = vigil("erase", "person", "maria.klein", typed="n\n")
    assert (refused.exit_code, "Nothing was done" in refused.output) == (1, True)
    proof = as_json(vigil("erase", "person", "maria.klein", "--yes", "--backups", "backups", "--json"))
    assert proof["holds"]
    assert proof["proof"]["looked"]["found"] == []
    assert proof["proof"]["forgotten"]["messages"] == 1
    again = vigil("erase", "person", "maria.klein", "--yes")
    assert again.exit_code == 0, again.output
    assert "0 traces found" in again.output
    assert [each["kind"] for each in as_json(vigil("erase", "list", "--json"))] == ["person"]
    home = b"".join(each.read_bytes() for each in sorted((tmp_path / "home").rglob("*")) if each.is_file())
    assert (b"zqxjkvbn" in home, b"maria" in home.lower()) == (False, False)

    # The house burns down; the backup is from before, and the list lies beside it.
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "new"))
    back = as_json(vigil("restore", str(path), "--json"))
    assert (back["forgotten_again"], back["rows"]["tickets"], back["audit"]["broken"]) == (1, 1, [])
    new = b"".join(each.read_bytes() for each in sorted((tmp_path / "new").rglob("*")) if each.is_file())
    assert (b"zqxjkvbn" in new, b"maria" in new.lower()) == (False, False)
    assert as_json(vigil("ask", "Who corrects an invoice?", "--json"))["answered"]
    assert [ticket["subject"] for ticket in as_json(vigil("tickets", "list", "--json"))] == ["(erased)"]

    # It moves to another database.
    source, target = (f"sqlite:///{tmp_path / name / 'vigil.sqlite3'}" for name in ("new", "other"))
    moved = vigil("migrate", "--from", source, "--to", target)
    assert moved.exit_code == 0, moved.output
    assert "Every row was read back" in moved.output
    monkeypatch.setenv("VIGIL_DATABASE_URL", target)
    assert as_json(vigil("ask", "Who corrects an invoice?", "--json"))["answered"]
    assert vigil("migrate").exit_code == 0
    assert vigil("migrate", "--from", source).exit_code == 2


def test_a_changed_audit_trail_is_told(vigil: Vigil, tmp_path: Path) -> None:
    vigil("message", "room-1", ASKED)
    whole = vigil("audit", "verify")
    assert whole.exit_code == 0, whole.output
    assert "all linked" in whole.output
    with sqlite3.connect(tmp_path / "home" / "vigil.sqlite3") as connection:
        connection.execute("UPDATE audit SET actor = 'nobody' WHERE chain LIKE 'cnv_%' AND position = 1")
    connection.close()
    broken = vigil("audit", "verify")
    assert broken.exit_code == 1
    assert "does not hold at record 1" in broken.output
    assert len(json.loads(vigil("audit", "verify", "--json").stdout)["broken"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["restore", "nothing.zip"], "can't be restored"),
        (["backup", "b.zip"], "no database"),
        (["migrate", "--from", "sqlite:///nothing.sqlite3", "--to", "sqlite:///x.sqlite3"], "no database"),
        (["migrate", "--from", "nonsense", "--to", "sqlite:///x.sqlite3"], "is no database"),
        (["erase", "person", "nobody", "--yes"], "Nobody in this workspace"),
        (["erase", "ticket", "nothing", "--yes"], "no ticket"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(vigil: Vigil, words: list[str], message: str) -> None:
    result = vigil(*words)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output
