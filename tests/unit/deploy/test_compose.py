"""The compose file is what it says: services that start in order, nothing as root, nothing written to but what is mounted."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from vigil import __version__
from vigil.settings import Settings

FILE = ROOT / "deploy" / "compose.yaml"
OURS = ("migrate", "web", "worker", "backup")
SERVICE = {
    "image", "build", "user", "read_only", "tmpfs", "cap_drop", "security_opt", "environment", "volumes", "restart", "stop_grace_period",
    "command", "depends_on", "healthcheck", "ports", "deploy", "profiles",
}  # fmt: skip
"""Keys that the compose specification has for a service, of those that are used here."""
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())


def test_the_shapes_are_those_of_the_specification(compose: dict[str, Any]) -> None:
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= SERVICE
        assert isinstance(service.get("command", []), list)
        assert all(isinstance(value, str) for value in service["environment"].values())
        assert DURATION.fullmatch(service["stop_grace_period"])
        assert service["restart"] in ("no", "always", "on-failure", "unless-stopped")
        for volume in service["volumes"]:
            name, _, place = volume.partition(":")
            assert name in compose["volumes"]
            assert place.startswith("/")
        check = service.get("healthcheck", {})
        assert set(check) <= {"test", "interval", "timeout", "retries", "start_period"}
        assert all(DURATION.fullmatch(check[key]) for key in ("interval", "timeout", "start_period") if key in check)
        for dependence, how in service.get("depends_on", {}).items():
            assert dependence in compose["services"]
            assert how["condition"] in ("service_healthy", "service_completed_successfully")


def test_it_starts_in_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["command"] == ["migrate"]
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert services[name]["command"] == ["serve", "--role", name]
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert "readyz" in services[name]["healthcheck"]["test"][-1]
        compile(services[name]["healthcheck"]["test"][-1], name, "exec")


@pytest.mark.parametrize("name", OURS)
def test_nothing_runs_as_root_or_writes_where_nothing_is_mounted(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert (service["user"], service["read_only"], service["cap_drop"]) == ("10001:10001", True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_no_password_stands_in_it_and_the_settings_exist(compose: dict[str, Any]) -> None:
    known = {f"VIGIL_{name.upper()}" for name in Settings.model_fields}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= known
    assert set(re.findall(r"\$\{([A-Z_]+):\?", FILE.read_text())) == {"VIGIL_DATABASE_PASSWORD"}
    assert "${VIGIL_DATABASE_PASSWORD}" not in FILE.read_text()  # each use stops where there is none


def test_the_image_is_of_this_version_and_not_root(compose: dict[str, Any]) -> None:
    assert compose["services"]["web"]["image"] == f"vigil:{__version__}"
    recipe = (ROOT / "deploy" / "Dockerfile").read_text()
    assert re.search(r"(?m)^USER 10001:10001$", recipe)
    assert recipe.count("--require-hashes") == 2
    for copied in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", recipe):
        assert all((ROOT / each).exists() for each in copied.split())
        assert {f"!{each}" for each in copied.split()} <= set((ROOT / ".dockerignore").read_text().splitlines())


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode != 0,
    reason="no docker compose here: the file is checked by these tests alone",
)
def test_compose_itself_reads_it() -> None:
    environment = {"VIGIL_DATABASE_PASSWORD": "x", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run(["docker", "compose", "-f", str(FILE), "config", "--quiet"], check=True, env=environment)
