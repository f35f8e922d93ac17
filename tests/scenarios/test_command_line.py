"""A person at the command line: their own documents, a ticket, the story behind a decision, and clear words for what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.cli.commands import cli

Vigil = Callable[..., Result]

NODES = """# Nodes that are not ready

## The disk is full

When `kubectl describe node` shows DiskPressure, old container images fill the disk. Run `crictl rmi --prune` on the node; it
frees the images that no container uses.

## Losing power

A node that lost its power comes back by itself within ten minutes.
"""


@pytest.fixture
def vigil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vigil:
    """Runs `vigil ...` in an empty folder with an installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "nodes.md").write_text(NODES)

    def invoke(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=typed)

    return invoke


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_question_is_answered_from_ones_own_page(vigil: Vigil) -> None:
    assert vigil("knowledge", "add", "runbooks").exit_code == 0
    finding = as_json(vigil("ask", "kubectl describe shows DiskPressure on my node, how do I fix it?", "--json"))
    assert finding["answered"]
    assert "crictl rmi --prune" in finding["answer"]
    assert finding["citations"][0]["reference"].split("#")[0].endswith("nodes.md")
    assert finding["cost"]["calls"] == 0


def test_what_is_not_known_is_not_answered(vigil: Vigil) -> None:
    vigil("knowledge", "add", "runbooks")
    finding = as_json(vigil("ask", "which wine goes with turbot?", "--json"))
    assert not finding["answered"]
    assert finding["answer"] == ""


def test_an_empty_knowledge_base_says_so(vigil: Vigil) -> None:
    finding = as_json(vigil("ask", "my node reports DiskPressure, what can I do?", "--json"))
    assert (finding["answered"], finding["reason"]) == (False, "no_evidence")


def test_adding_again_reads_what_changed_and_retires_what_is_gone(vigil: Vigil, tmp_path: Path) -> None:
    page = tmp_path / "runbooks" / "nodes.md"
    first = as_json(vigil("knowledge", "add", "runbooks", "--json"))
    again = as_json(vigil("knowledge", "add", "runbooks", "--json"))
    assert (first["documents"], again["unchanged"], again["published"]) == (1, 1, 0)
    assert again["version"] == first["version"]
    page.write_text(NODES.replace("ten minutes", "twenty minutes"))
    changed = as_json(vigil("knowledge", "add", "runbooks", "--json"))
    assert changed["published"] >= 1
    page.unlink()
    (tmp_path / "runbooks" / "other.md").write_text("# Other\n\nSomething else entirely stands here.\n")
    gone = as_json(vigil("knowledge", "add", "runbooks", "--json"))
    assert gone["retired"] >= 1
    assert not as_json(vigil("ask", "kubectl describe shows DiskPressure on my node, how do I fix it?", "--json"))[
        "answered"
    ]


def test_knowledge_can_be_rolled_back(vigil: Vigil, tmp_path: Path) -> None:
    vigil("knowledge", "add", "runbooks")
    (tmp_path / "runbooks" / "nodes.md").write_text(NODES.replace("crictl rmi --prune", "wrong-command --all"))
    vigil("knowledge", "add", "runbooks")
    assert "wrong-command" in as_json(vigil("ask", "node shows DiskPressure, how do I fix it?", "--json"))["answer"]
    assert vigil("knowledge", "rollback", "1").exit_code == 0
    assert "crictl rmi" in as_json(vigil("ask", "node shows DiskPressure, how do I fix it?", "--json"))["answer"]
    assert [each["version"] for each in as_json(vigil("knowledge", "log", "--json"))] == [3, 2, 1]


def test_a_ticket_from_its_first_message_to_the_story_of_a_decision(vigil: Vigil) -> None:
    vigil("knowledge", "add", "runbooks")
    greeting = as_json(vigil("message", "room-1", "hello", "--author", "maria", "--json"))
    assert greeting["decision"]["kind"] == "silent"
    vigil("message", "room-1", "Hi Maria, I'm Jonas, how can I help?", "--author", "jonas", "--role", "analyst")
    asked = as_json(
        vigil(
            "message",
            "room-1",
            "kubectl describe shows DiskPressure on my node, how do I fix it?",
            "--author",
            "maria",
            "--json",
        )
    )
    decision = asked["decision"]
    assert decision["kind"] == "suggest"
    assert "crictl" in decision["answer"]

    story = vigil("why", decision["id"])
    assert story.exit_code == 0
    assert "crictl" in story.output or "Nodes" in story.output
    assert vigil("outcome", decision["id"], "adopted").exit_code == 0
    assert vigil("outcome", decision["id"], "dismissed").exit_code == 2
    shown = vigil("tickets", "show", "room-1")
    assert "maria" in shown.output
    assert "suggest" in shown.output


def test_the_big_switch_silences_everything(vigil: Vigil) -> None:
    vigil("knowledge", "add", "runbooks")
    assert vigil("workspace", "set", "--off").exit_code == 0
    asked = as_json(vigil("message", "r", "kubectl describe shows DiskPressure, how do I fix my node?", "--json"))
    assert (asked["decision"]["kind"], asked["decision"]["reason"]) == ("silent", "switched_off")


def test_try_answers_from_a_folder_and_keeps_nothing(vigil: Vigil, tmp_path: Path) -> None:
    result = vigil("try", "runbooks", "node shows DiskPressure, how do I fix it?")
    assert result.exit_code == 0, result.output
    assert "crictl" in result.output
    assert not (tmp_path / "home").exists()


def test_chatting_as_the_customer(vigil: Vigil) -> None:
    vigil("knowledge", "add", "runbooks")
    talk = "hello\n/analyst hi, I'm here\nmy node shows DiskPressure, how do I fix it?\n/why\n/quit\n"
    result = vigil("chat", typed=talk)
    assert result.exit_code == 0, result.output
    assert "crictl" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["why", "dec_nothing"], "no decision"),
        (["tickets", "show", "nothing"], "no ticket"),
        (["ask", "what?", "-w", "nowhere"], "no workspace"),
        (["knowledge", "add", "missing.md"], "missing.md"),
        (["knowledge", "add", "https://example.com/page"], "VIGIL_FETCH_ALLOW"),
        (["knowledge", "rollback", "99"], "version"),
        (["topics", "set", "runbooks/nodes.md"], "topic list"),
        (["workspace", "create", "Not A Key"], "lower-case"),
        (["token", "revoke", "tok_nothing"], "no living token"),
        (["demo", "--ticket", "LS-9999"], "no demo ticket"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(vigil: Vigil, words: list[str], message: str) -> None:
    result = vigil(*words)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_wrong_setting_is_named(vigil: Vigil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIL_PORT", "eighty")
    result = vigil("workspace", "list")
    assert result.exit_code == 1
    assert "VIGIL_PORT" in result.output


def test_a_token_is_shown_once_and_can_be_revoked(vigil: Vigil) -> None:
    made = as_json(vigil("token", "create", "ci", "--scope", "read", "--json"))
    assert made["secret"].startswith("vgl_")
    listed = vigil("token", "list")
    assert made["secret"] not in listed.output
    assert vigil("token", "revoke", made["id"]).exit_code == 0


PAST = """case,when,from,kind,body
T-1,2026-03-01 09:00,maria,customer,"kubectl describe shows DiskPressure on my node, how do I fix it?"
T-1,2026-03-01 09:30,jonas,agent,Run crictl rmi --prune on it.
T-2,2026-03-01 10:00,pia,customer,"where is
my invoice?"
,2026-03-01 11:00,pia,customer,a row without a ticket
"""


def test_past_tickets_are_previewed_imported_once_and_never_answered(vigil: Vigil, tmp_path: Path) -> None:
    vigil("knowledge", "add", "runbooks")
    (tmp_path / "past.csv").write_text(PAST)
    mapping = "ticket=case,at=when,author=from,role=kind,text=body"
    seen = as_json(vigil("import", "past.csv", "--map", mapping, "--preview", "--json"))
    assert (seen["rows"], seen["tickets"], len(seen["refused"])) == (3, 2, 1)
    assert as_json(vigil("tickets", "list", "--json")) == []
    imported = as_json(vigil("import", "past.csv", "--map", mapping, "--json"))
    again = as_json(vigil("import", "past.csv", "--map", mapping, "--json"))
    assert (imported["imported"], again["imported"], again["already_there"]) == (3, 0, 3)
    assert {ticket["external_id"] for ticket in as_json(vigil("tickets", "list", "--json"))} == {"T-1", "T-2"}
    assert {decision["reason"] for decision in as_json(vigil("decisions", "--json"))} == {"muted"}


def test_a_recording_is_replayed_into_a_report(vigil: Vigil, tmp_path: Path) -> None:
    lines = [
        {"id": "1", "ts": "2026-03-01T09:00:00", "author": "maria", "role": "customer", "text": "hello"},
        {"id": "2", "ts": "2026-03-01T09:00:30", "author": "jonas", "role": "analyst", "text": "hi, how can I help?"},
        {
            "id": "3",
            "ts": "2026-03-01T09:01:00",
            "author": "maria",
            "role": "customer",
            "text": "kubectl describe shows DiskPressure on my node, how do I fix it?",
        },
        {
            "id": "4",
            "ts": "2026-03-01T09:05:00",
            "author": "jonas",
            "role": "analyst",
            "text": "run crictl rmi --prune",
        },
    ]
    (tmp_path / "past.jsonl").write_text(json.dumps({"ticket_id": "T-1", "topic": "nodes", "messages": lines}) + "\n")
    figures = as_json(vigil("replay", "past.jsonl", "--knowledge", "runbooks", "--json"))
    assert figures["about"]["messages"] == 4
    assert figures["suggestions"]["shown"] == 1
    page = (tmp_path / "replay" / "past.html").read_text()
    assert "crictl" in page
    assert "<script" not in page
