"""The one list of stories of all languages, with ``Client`` and with ``AsyncClient``."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import cognigy_context as cc
import pytest
import scenarios
from cognigy_context.testing import Sandbox

COUNT = 52


def test_no_scenario_is_left_out() -> None:
    assert len(scenarios.SCENARIOS) == COUNT
    assert len({scenario["name"] for scenario in scenarios.SCENARIOS}) == COUNT


every_scenario = pytest.mark.parametrize(
    "scenario", scenarios.SCENARIOS, ids=[one["name"] for one in scenarios.SCENARIOS]
)


def begin(scenario: dict[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    for request in scenario["control"]:
        scenarios.control(sandbox.url, request)
    return scenarios.settings(scenario["client"], sandbox.url)


def judge(step: dict[str, Any], found: Any, saved: dict[str, Any]) -> None:
    outcome = "error" if isinstance(found, cc.CognigyError) else "ok"
    assert outcome in step["expect"], f"{step['call']} came to {found!r}"
    if isinstance(found, cc.CognigyError):
        found = scenarios.told(found)
    found = scenarios.shown(found)
    scenarios.expect(step["expect"][outcome], found, step["call"])
    for name, pointer in step.get("save", {}).items():
        saved[name] = scenarios.at(found, pointer)


def end(scenario: dict[str, Any], sandbox: Sandbox) -> None:
    for request in scenario.get("then", []):
        found = scenarios.control(sandbox.url, request)
        scenarios.expect(request.get("expect", {}), found, request["path"])


@every_scenario
def test_client(scenario: dict[str, Any], sandbox: Sandbox) -> None:
    settings = begin(scenario, sandbox)
    saved: dict[str, Any] = {}
    with cc.Client(sandbox.url, **settings) as client:
        for step in scenario["steps"]:
            if "control" in step:
                scenarios.control(sandbox.url, step["control"])
                continue

            times = step.get("parallel", 1)
            # A thread that the machine starts late must not miss what the others wait for.
            begin_together = Barrier(times)

            def call(
                step: dict[str, Any] = step, begin_together: Barrier = begin_together
            ) -> Any:
                args = scenarios.expanded(step["args"], saved)
                method = getattr(client, step["call"])
                begin_together.wait()
                try:
                    return method(**scenarios.arguments(step["call"], args))
                except cc.CognigyError as error:
                    return error

            with ThreadPoolExecutor(times) as pool:
                for found in [pool.submit(call) for _ in range(times)]:
                    judge(step, found.result(), saved)
    end(scenario, sandbox)


@every_scenario
def test_async_client(scenario: dict[str, Any], sandbox: Sandbox) -> None:
    settings = begin(scenario, sandbox)
    saved: dict[str, Any] = {}

    async def story() -> None:
        async with cc.AsyncClient(sandbox.url, **settings) as client:

            async def call(step: dict[str, Any]) -> Any:
                args = scenarios.expanded(step["args"], saved)
                method = getattr(client, step["call"])
                try:
                    result = method(**scenarios.arguments(step["call"], args))
                    return await result if inspect.isawaitable(result) else result
                except cc.CognigyError as error:
                    return error

            for step in scenario["steps"]:
                if "control" in step:
                    await asyncio.to_thread(
                        scenarios.control, sandbox.url, step["control"]
                    )
                    continue
                calls = [call(step) for _ in range(step.get("parallel", 1))]
                for found in await asyncio.gather(*calls):
                    judge(step, found, saved)

    asyncio.run(story())
    end(scenario, sandbox)
