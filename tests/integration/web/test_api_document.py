"""The OpenAPI document itself: served as it is written down, whole, and with examples that are true."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tests.conftest import ROOT
from tests.integration.web.door import Door
from vigil.web.application import api_document


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in api_document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


async def test_it_is_served_to_everybody_as_it_is(door: Door) -> None:
    served = await door.call("GET", "/openapi.json", scope=None)
    assert served.status_code == 200
    assert served.json() == json.loads(json.dumps(api_document()))
    assert served.json()["openapi"].startswith("3.1")


def test_every_reference_in_it_leads_somewhere() -> None:
    document = api_document()
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert references <= document["components"]["schemas"].keys()
    assert "Problem" in references


def test_every_operation_is_told_in_words_and_announces_its_refusals_as_problems() -> None:
    for label, operation in operations():
        assert operation["summary"], label
        assert not operation["summary"].endswith("."), label
        assert operation["description"], label
        assert operation["tags"], label
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (label, parameter["name"])
        refusals = {status for status in operation["responses"] if status >= "4"}
        assert {"401", "422", "500"} <= refusals, label
        assert "{" not in label or "404" in refusals or label.startswith("PUT"), label
        if label.split()[0] in ("POST", "PUT", "PATCH"):
            assert "413" in refusals, label
        for status in refusals:
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"], label


def test_every_example_is_what_its_shape_says() -> None:
    document = api_document()
    shown = 0
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", []):
            validator = jsonschema_rs.Draft202012Validator(
                {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            )
            validator.validate(example)
            shown += 1
    assert shown > 8


def test_the_reference_page_has_not_drifted() -> None:
    checked = subprocess.run(
        [sys.executable, "tools/write_api_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
