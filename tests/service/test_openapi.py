"""The OpenAPI document, and the routes in another application."""

import subprocess
import sys

import httpx
import pytest
import schemathesis
from cognigy_context import AsyncClient
from cognigy_context.service import Settings, create_app, router
from cognigy_context.testing import Sandbox
from conftest import HEADERS, Serve, control
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import checks
from seed import SEED
from workers import Workers

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def test_generated_requests_get_only_documented_responses(
    service: Workers, sandbox: Sandbox
) -> None:
    control(sandbox, "PATCH", "config", {"createSessions": True})
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    tested: set[str] = set()
    for operation in schema.get_all_operations():
        valid_operation = operation.ok()
        tested.add(valid_operation.label)

        @settings(
            max_examples=60,
            deadline=None,
            derandomize=SEED is None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=valid_operation.as_strategy())
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=HEADERS, checks=CHECKS)

        send()
    assert {"POST /webhook", "POST /context/sync"} <= tested
    assert len(tested) == 6


def test_routes_have_examples_and_security_schemes() -> None:
    client = AsyncClient("http://127.0.0.1:9", api_key="k")
    settings_with_both = Settings(
        shared_secrets=("s",), webhook_secrets=("whsec_a2V5",)
    )
    document = create_app(settings_with_both, client=client).openapi()
    assert set(document["paths"]) == {
        "/webhook",
        "/context/sync",
        "/context/inspect/{session_id}",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    for path in ("/webhook", "/context/sync"):
        operation = document["paths"][path]["post"]
        assert operation["requestBody"]["content"]["application/json"]["schema"][
            "example"
        ]
        assert operation["security"] == [
            {"sharedSecret": []},
            {"webhookSignature": [], "webhookId": [], "webhookTimestamp": []},
        ]
        assert "webhook-id" in [item["name"] for item in operation["parameters"]]
        problems = operation["responses"]["503"]["content"]["application/problem+json"]
        assert set(problems["examples"]) == {
            "store-unreachable",
            "too-many-connections",
            "upstream-unreachable",
        }
    schemes = document["components"]["securitySchemes"]
    assert {name: scheme["name"] for name, scheme in schemes.items()} == {
        "sharedSecret": "x-webhook-secret",
        "webhookSignature": "webhook-signature",
        "webhookId": "webhook-id",
        "webhookTimestamp": "webhook-timestamp",
    }


@pytest.mark.anyio
async def test_docs_are_served_only_when_they_are_enabled(serve: Serve) -> None:
    assert (await (await serve()).get("/docs")).status_code == 404
    response = await (await serve(docs=True)).get("/docs")
    assert response.status_code == 200
    assert "/openapi.json" in response.text


@pytest.mark.anyio
async def test_router_works_in_another_application(sandbox: Sandbox) -> None:
    app = FastAPI()
    async with AsyncClient(sandbox.url, api_key=sandbox.api_key) as client:
        routes = router(Settings(no_auth=True), client=client)
        app.include_router(routes, prefix="/cognigy")
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://app") as caller,
        ):
            ready = await caller.get("/cognigy/readyz")
            inspected = await caller.get("/cognigy/context/inspect/s")
    assert ready.json() == {"status": "ready"}
    assert inspected.status_code == 200


@pytest.mark.parametrize("module", ["fastapi", "redis", "uvicorn", "prometheus_client"])
def test_package_imports_no_module_of_the_extra(module: str) -> None:
    code = f"import sys, cognigy_context; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
