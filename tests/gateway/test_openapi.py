"""The OpenAPI document is true: property-based requests against the running server find no fault."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from gateway.openapi import document
from gateway.operations import PATH_PART
from gateway.routes import OPERATIONS
from gateway.server import Server
from gateway.settings import Settings
from integrations.spreadsheets import XLSX
from tests.gateway.conftest import API_TOKEN, MEDIA, SILENT
from tests.gateway.fakes import FakeInference

# `positive_data_acceptance` is left out: a schema cannot say what a valid SDP offer is, or which ids exist.
CHECKS = (
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
    openapi_checks.ignored_auth,
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag")
def as_text(ctx: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "replace")


@schemathesis.serializer(
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    WORD,
    XLSX,
    "text/csv",
    "application/vnd.ms-excel",
)
def as_bytes(ctx: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_dict(json.loads(document(OPERATIONS, "test")))


@schemathesis.hook
def before_call(ctx: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, object]) -> None:
    """A command may end the session, which must outlive the test."""
    if (
        case.operation.label == "POST /api/v1/sessions/{id}/commands"
        and len(case.path_parameters["id"]) == 20
    ):
        case.path_parameters["id"] = "unknown"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server on a loop of its own, and a session that exists."""
    data: Path = tmp_path_factory.mktemp("openapi")
    up: Future[tuple[str, str]] = Future()
    down = threading.Event()

    async def serve() -> None:
        server = Server(
            Settings(data=data, port=0, api_token=API_TOKEN, media=MEDIA, spoken=SILENT, ping_s=0.2),
            inference=FakeInference,
        )
        await server.start()
        await server.ready(30)
        headers = {"Authorization": f"Bearer {API_TOKEN}"}
        body = {"candidate": "Li Lei", "language": "zh"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(f"{server.url}/api/v1/sessions", json=body) as answer,
        ):
            up.set_result((server.url, (await answer.json())["id"]))
        await asyncio.to_thread(down.wait)
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    yield up.result(60)
    down.set()
    thread.join(30)


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_word(case: schemathesis.Case, served: tuple[str, str]) -> None:
    url, session = served
    id_ = case.path_parameters.get("id", "") if case.path_parameters else ""
    if PATH_PART.fullmatch(id_) and len(id_) % 2 and case.meta.generation.mode == GenerationMode.POSITIVE:
        case.path_parameters["id"] = session  # half of the time a session that exists
    if case.operation.label == "POST /api/v1/sessions/{id}/end":
        case.path_parameters["id"] = "unknown"  # the session must outlive the test
    case.call_and_validate(
        base_url=url, headers={"Authorization": f"Bearer {API_TOKEN}"}, checks=CHECKS, timeout=10
    )


def test_the_document_names_every_route_and_refusal() -> None:
    described = json.loads(document(OPERATIONS, "1.2.3"))
    assert described["openapi"] == "3.1.0"
    assert described["info"]["version"] == "1.2.3"
    create = described["paths"]["/api/v1/sessions"]["post"]
    assert {"201", "401", "403", "413", "415", "422", "503", "507"} <= set(create["responses"])
    assert create["security"] == [{"bearer": []}]
    assert described["paths"]["/healthz"]["get"]["security"] == []
    assert set(described["components"]["schemas"]) >= {
        "CreateSession",
        "SessionView",
        "Event",
        "ProblemDocument",
    }
    assert document(OPERATIONS, "1") == document(OPERATIONS, "1")
