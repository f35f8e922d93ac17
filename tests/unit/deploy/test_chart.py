"""The Helm chart makes what a cluster takes: shapes, references that meet, nothing as root, nothing written to but what is mounted."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.conftest import ROOT
from tests.unit.deploy.chart import Chart, merged
from vigil import __version__
from vigil.settings import Settings

FOLDER = ROOT / "deploy" / "chart"
S3 = {"index": {"uri": "s3://bucket/vigil"}}
FULL: dict[str, Any] = {
    "env": [{"name": "AWS_REGION", "value": "eu-central-1"}],
    "index": {"volume": {"storageClass": "nfs"}},
    "podAnnotations": {"prometheus.io/scrape": "true"},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "support", "operator": "Exists"}],
    "settings": {"VIGIL_MODEL": "openai:gpt-5-mini"},
}
CASES: dict[str, dict[str, Any]] = {"plain": {}, "object storage": S3, "everything": FULL}

FIELDS: dict[str, set[str]] = {
    "Deployment": {"replicas", "selector", "strategy", "template"},
    "Job": {"backoffLimit", "activeDeadlineSeconds", "template"},
    "Service": {"type", "selector", "ports"},
    "PersistentVolumeClaim": {"accessModes", "storageClassName", "resources"},
    "PodDisruptionBudget": {"maxUnavailable", "selector"},
}
POD = {
    "automountServiceAccountToken", "containers", "nodeSelector", "restartPolicy", "securityContext", "terminationGracePeriodSeconds",
    "tolerations", "topologySpreadConstraints", "volumes",
}  # fmt: skip
CONTAINER = {
    "args", "env", "envFrom", "image", "imagePullPolicy", "livenessProbe", "name", "ports", "readinessProbe", "resources",
    "securityContext", "startupProbe", "volumeMounts",
}  # fmt: skip
VERSIONS = {
    "Deployment": "apps/v1", "Job": "batch/v1", "Service": "v1", "ConfigMap": "v1", "PersistentVolumeClaim": "v1",
    "PodDisruptionBudget": "policy/v1",
}  # fmt: skip
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@pytest.fixture(params=CASES, ids=str)
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return Chart(FOLDER).render(CASES[request.param])


def of(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        each["metadata"]["name"]: each["spec"]["template"] for each in objects if "template" in each.get("spec", {})
    }


def test_the_shapes_are_those_of_kubernetes(objects: list[dict[str, Any]]) -> None:
    assert {each["kind"] for each in objects} >= {"Deployment", "Job", "Service", "ConfigMap", "PodDisruptionBudget"}
    for each in objects:
        kind, name = each["kind"], each["metadata"]["name"]
        assert each["apiVersion"] == VERSIONS[kind]
        assert NAME.fullmatch(name)
        assert all(isinstance(value, str) for value in each["metadata"]["labels"].values())
        assert set(each.get("spec", {})) <= FIELDS.get(kind, set())
    for template in pods(objects).values():
        assert set(template["spec"]) <= POD
        for container in template["spec"]["containers"]:
            assert set(container) <= CONTAINER
            assert all(isinstance(word, str) for word in container["args"])
            assert all(isinstance(each.get("value", ""), str) for each in container["env"])


def test_what_is_named_is_there(objects: list[dict[str, Any]]) -> None:
    for name, each in of(objects, "Deployment").items():
        spec = each["spec"]
        wanted = spec["selector"]["matchLabels"].items()
        assert wanted <= spec["template"]["metadata"]["labels"].items()
        assert of(objects, "PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"].items() == wanted
        (container,) = spec["template"]["spec"]["containers"]
        assert [source["configMapRef"]["name"] for source in container["envFrom"]] == list(of(objects, "ConfigMap"))
        ports = {port["name"] for port in container["ports"]}
        probes = [container[probe] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= ports
        assert [probe["httpGet"]["path"] for probe in probes] == ["/healthz", "/healthz", "/readyz"]
    for template in pods(objects).values():
        volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        for container in template["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
        claims = {v["persistentVolumeClaim"]["claimName"] for v in volumes.values() if "persistentVolumeClaim" in v}
        assert claims <= set(of(objects, "PersistentVolumeClaim"))
    (service,) = of(objects, "Service").values()
    web = next(each for name, each in pods(objects).items() if name.endswith("-web"))
    assert service["spec"]["selector"].items() <= web["metadata"]["labels"].items()
    assert service["spec"]["ports"][0]["targetPort"] in {port["name"] for port in web["spec"]["containers"][0]["ports"]}


def test_nothing_runs_as_root_or_writes_where_nothing_is_mounted(objects: list[dict[str, Any]]) -> None:
    assert len(pods(objects)) == 3
    for template in pods(objects).values():
        outside = template["spec"]["securityContext"]
        assert outside["runAsNonRoot"] is True
        assert outside["runAsUser"] > 0
        assert outside["seccompProfile"] == {"type": "RuntimeDefault"}
        assert template["spec"]["automountServiceAccountToken"] is False
        for container in template["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"/tmp", "/var/lib/vigil"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
            assert "memory" in container["resources"]["limits"]


def test_the_database_is_migrated_before_a_new_version_starts(objects: list[dict[str, Any]]) -> None:
    (job,) = of(objects, "Job").values()
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["migrate"]
    assert {volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]} == {
        "tmp",
        "home",
    }  # nothing that comes later
    assert "envFrom" not in container
    for deployment in of(objects, "Deployment").values():
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_object_storage_needs_no_volume() -> None:
    rendered = Chart(FOLDER).render(S3)
    assert not of(rendered, "PersistentVolumeClaim")
    web = pods(rendered)["acme-vigil-web"]["spec"]["containers"][0]
    assert {"name": "VIGIL_INDEX_URI", "value": "s3://bucket/vigil"} in web["env"]


def test_a_changed_setting_restarts_the_pods() -> None:
    def sums(values: dict[str, Any]) -> set[str]:
        rendered = Chart(FOLDER).render(values)
        return {
            each["metadata"]["annotations"]["checksum/settings"]
            for name, each in pods(rendered).items()
            if not name.endswith("migration")
        }

    assert len(sums({})) == 1
    assert sums({}).isdisjoint(sums({"settings": {"VIGIL_MODEL": "x:y"}}))


@pytest.mark.parametrize("case", CASES)
def test_values_fit_their_schema(case: str) -> None:
    schema = json.loads((FOLDER / "values.schema.json").read_text())
    jsonschema_rs.validate(schema, merged(Chart(FOLDER).values, CASES[case]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"existingSecret": ""},
        {"settings": {"VIGIL_DATABASE_URL": "postgresql://me:secret@db/x"}},
        {"settings": {"VIGIL_PORT": 8080}},
        {"webs": {}},
        {"index": {"volume": {"accessMode": "Sometimes"}}},
        {"service": {"port": 0}},
    ],
    ids=str,
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    schema = json.loads((FOLDER / "values.schema.json").read_text())
    assert not jsonschema_rs.is_valid(schema, merged(Chart(FOLDER).values, wrong))


def test_settings_that_the_chart_names_exist() -> None:
    known = {f"VIGIL_{name.upper()}" for name in Settings.model_fields}
    said = "".join(path.read_text() for path in [*sorted((FOLDER / "templates").iterdir()), FOLDER / "values.yaml"])
    assert set(re.findall(r"\bVIGIL_[A-Z_]+", said)) <= known


def test_the_chart_is_of_this_version() -> None:
    about = Chart(FOLDER).about
    assert (about["version"], about["appVersion"]) == (__version__, __version__)


@pytest.mark.skipif(
    shutil.which("helm") is None, reason="no helm here: the chart is rendered by the tests' own reader alone"
)
@pytest.mark.parametrize("case", CASES)
def test_helm_makes_the_same(case: str, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps(CASES[case]))
    subprocess.run(["helm", "lint", "--strict", str(FOLDER), "-f", str(values)], check=True, capture_output=True)
    made = subprocess.run(
        ["helm", "template", "acme", str(FOLDER), "-f", str(values)], check=True, capture_output=True, text=True
    )

    def known(objects: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
        for each in objects:  # the sum is over YAML, which the two write differently
            template = each.get("spec", {}).get("template", {}).get("metadata", {})
            template.get("annotations", {}).pop("checksum/settings", None)
        return {(each["kind"], each["metadata"]["name"]): each for each in objects}

    objects = [each for each in yaml.safe_load_all(made.stdout) if each]
    assert known(objects) == known(Chart(FOLDER).render(CASES[case]))
