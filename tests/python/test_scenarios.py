"""Runs the scenarios of all clients with ``Client`` and with ``AsyncClient``."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import cognigy_context as cc
import pytest
import scenarios
from cognigy_context.testing import Sandbox

# The expected number of scenarios, so that no scenario is missed.
COUNT = 54


def test_the_file_has_the_expected_number_of_scenarios() -> None:
    assert len(scenarios.SCENARIOS) == COUNT
    assert len({scenario["name"] for scenario in scenarios.SCENARIOS}) == COUNT


for_each_scenario = pytest.mark.parametrize(
    "scenario",
    scenarios.SCENARIOS,
    ids=[scenario["name"] for scenario in scenarios.SCENARIOS],
)


def prepare(scenario: dict[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Sends the control requests. Returns the keyword arguments of the client."""
    for request in scenario["control"]:
        scenarios.send_control(sandbox.url, request)
    return scenarios.client_settings(scenario["client"], sandbox.url)


def check_outcome(step: dict[str, Any], found: Any, saved: dict[str, Any]) -> None:
    """Asserts that a result or error is expected, and stores parts in ``saved``."""
    outcome = "error" if isinstance(found, cc.CognigyError) else "ok"
    assert outcome in step["expect"], f"{step['call']} returned {found!r}"
    if isinstance(found, cc.CognigyError):
        found = scenarios.comparable_error(found)
    found = scenarios.comparable_result(found)
    scenarios.assert_matches(step["expect"][outcome], found, step["call"])
    for name, pointer in step.get("save", {}).items():
        saved[name] = scenarios.value_at(found, pointer)


def check_final_state(scenario: dict[str, Any], sandbox: Sandbox) -> None:
    for request in scenario.get("then", []):
        found = scenarios.send_control(sandbox.url, request)
        scenarios.assert_matches(request.get("expect", {}), found, request["path"])


@for_each_scenario
def test_scenario_passes_with_client(
    scenario: dict[str, Any], sandbox: Sandbox
) -> None:
    settings = prepare(scenario, sandbox)
    saved: dict[str, Any] = {}
    with cc.Client(sandbox.url, **settings) as client:
        for step in scenario["steps"]:
            if "control" in step:
                scenarios.send_control(sandbox.url, step["control"])
                continue

            times = step.get("parallel", 1)
            # All threads call at the same time, also when the machine starts one late.
            barrier = Barrier(times)

            def call(step: dict[str, Any] = step, barrier: Barrier = barrier) -> Any:
                args = scenarios.expand(step["args"], saved)
                method = getattr(client, step["call"])
                barrier.wait()
                try:
                    return method(**scenarios.method_arguments(step["call"], args))
                except cc.CognigyError as error:
                    return error

            with ThreadPoolExecutor(times) as pool:
                for found in [pool.submit(call) for _ in range(times)]:
                    check_outcome(step, found.result(), saved)
    check_final_state(scenario, sandbox)


@for_each_scenario
def test_scenario_passes_with_async_client(
    scenario: dict[str, Any], sandbox: Sandbox
) -> None:
    settings = prepare(scenario, sandbox)
    saved: dict[str, Any] = {}

    async def main() -> None:
        async with cc.AsyncClient(sandbox.url, **settings) as client:

            async def call(step: dict[str, Any]) -> Any:
                args = scenarios.expand(step["args"], saved)
                method = getattr(client, step["call"])
                try:
                    result = method(**scenarios.method_arguments(step["call"], args))
                    return await result if inspect.isawaitable(result) else result
                except cc.CognigyError as error:
                    return error

            for step in scenario["steps"]:
                if "control" in step:
                    await asyncio.to_thread(
                        scenarios.send_control, sandbox.url, step["control"]
                    )
                    continue
                calls = [call(step) for _ in range(step.get("parallel", 1))]
                for found in await asyncio.gather(*calls):
                    check_outcome(step, found, saved)

    asyncio.run(main())
    check_final_state(scenario, sandbox)
