"""The OpenAPI document keeps its word: generated requests, good and bad, get only answers that it announces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import schemathesis.specs.openapi.checks

from tests.integration.web.serving import Served, serving
from vigil.guard.access import Scope
from vigil.web.application import api_document

EXAMPLES = 8
"""Generated requests a route, besides the systematic ones: the whole stays under a minute on two cores."""

tool: Any = schemathesis  # its types are half unknown
checks: Any = schemathesis.specs.openapi.checks
config = {"generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"}}
schema: Any = tool.openapi.from_dict(api_document(), config=tool.Config.from_dict(config))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    with serving(folder) as there:
        yield there


BEYOND_A_SCHEMA = {
    "POST /api/v1/messages": "which characters of Unicode are printable",
    "GET /api/v1/tickets": "which words are cursors",
    "GET /api/v1/decisions": "which words are cursors",
    "GET /api/v1/inbox/parked": "which words are cursors",
    "GET /api/v1/follow-ups": "which words are cursors",
    "POST /api/v1/follow-ups/{follow_up_id}/snooze": "how far ahead it lies",
    "POST /api/v1/follow-ups/{follow_up_id}/wrong": "what is more than spaces",
    "GET /api/v1/tickets/{ticket_id}/decisions": "which words are cursors",
    "POST /api/v1/decisions/{decision_id}/outcome": "which kind needs which words",
    "GET /api/v1/knowledge/lessons": "which words are cursors",
    "POST /api/v1/knowledge/entries": "what ends before it begins",
    "POST /api/v1/knowledge/documents": "what can be read",
    "PUT /api/v1/topics": "that a key stands once",
    "POST /api/v1/webhooks": "what a URL is",
    "POST /hooks/{workspace}/{webhook_id}": "what is signed",
}
"""Routes with a rule that a JSON schema can't tell, and the rule: a request may fit the document and still be refused."""

PASSED_OVER = {
    "GET /api/v1/knowledge/gaps": "a query of another name",
    "GET /api/v1/knowledge/versions": "a query of another name",
}
"""Routes all of whose parameters may be left out, so that the only way to violate the document is one that every route passes over."""


@schema.parametrize()
def test_the_api_does_what_its_document_says(case: Any, served: Served) -> None:
    unsure = [checks.positive_data_acceptance] if case.operation.label in BEYOND_A_SCHEMA else []
    unsure += [checks.negative_data_rejection] if case.operation.label in PASSED_OVER else []
    headers = {"Authorization": f"Bearer {served.tokens[Scope.ADMIN]}"}
    case.call_and_validate(base_url=served.url, headers=headers, excluded_checks=unsure)


@schema.include(path_regex="(ticket_id|decision_id)").parametrize()
def test_answers_about_what_is_there_have_the_documented_shape(case: Any, served: Served) -> None:
    for name in ("ticket_id", "decision_id"):
        if name in case.path_parameters:
            case.path_parameters[name] = getattr(served, name)
    headers = {"Authorization": f"Bearer {served.tokens[Scope.ADMIN]}"}
    response: Any = case.call(base_url=served.url, headers=headers)
    assert response.status_code < 500
    case.validate_response(response, checks=[checks.status_code_conformance, checks.response_schema_conformance])
