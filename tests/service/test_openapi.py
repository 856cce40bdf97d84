"""The service does what its own OpenAPI document says, whatever it is sent."""

import subprocess
import sys

import httpx
import pytest
import schemathesis
from cognigy_context import AsyncClient
from cognigy_context.service import Settings, create_app, router
from cognigy_context.testing import Sandbox
from conftest import HEADERS, control
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


def test_nothing_that_is_sent_makes_it_fail_or_answer_what_is_not_documented(
    service: Workers, sandbox: Sandbox
) -> None:
    control(sandbox, "PATCH", "config", {"createSessions": True})
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    tried: set[str] = set()
    for operation in schema.get_all_operations():
        case_of = operation.ok()
        tried.add(case_of.label)

        @settings(
            max_examples=60,
            deadline=None,
            derandomize=SEED is None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=case_of.as_strategy())
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=HEADERS, checks=CHECKS)

        send()
    assert {"POST /webhook", "POST /context/sync"} <= tried
    assert len(tried) == 6


def test_each_route_has_an_example_and_says_who_may_call() -> None:
    client = AsyncClient("http://127.0.0.1:9", api_key="k")
    both = Settings(shared_secrets=("s",), webhook_secrets=("whsec_a2V5",))
    document = create_app(both, client=client).openapi()
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
        assert operation["security"] == [{"sharedSecret": []}, {"standardWebhooks": []}]
        problems = operation["responses"]["503"]["content"]["application/problem+json"]
        assert set(problems["examples"]) == {
            "store-unreachable",
            "upstream-unreachable",
        }


@pytest.mark.anyio
async def test_the_routes_go_into_an_application_of_ones_own(sandbox: Sandbox) -> None:
    app = FastAPI()
    async with AsyncClient(sandbox.url, api_key=sandbox.api_key) as client:
        mine = Settings(no_auth=True)
        app.include_router(router(mine, client=client), prefix="/cognigy")
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://mine") as caller,
        ):
            ready = await caller.get("/cognigy/readyz")
            inspected = await caller.get("/cognigy/context/inspect/s")
    assert ready.json() == {"status": "ready"}
    assert inspected.status_code == 200


@pytest.mark.parametrize("module", ["fastapi", "redis", "uvicorn", "prometheus_client"])
def test_the_package_alone_needs_none_of_the_extra(module: str) -> None:
    code = f"import sys, cognigy_context; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
