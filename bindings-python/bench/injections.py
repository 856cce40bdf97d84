"""Rows 6 and 7: concurrent injections over a network."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from measure import report
from tenant import (
    API_KEY,
    control,
    encode_body,
    injection,
    reset,
    stored_variables,
    tenant,
)

from cognigy_context import AsyncClient, Client

CONCURRENCY = 64
ROUNDS = 5
HEADERS = {"X-API-Key": API_KEY, "Content-Type": "application/json"}
# Slow peers send only this number of injections per round.
SAMPLE = 1_000

# Row 7 fails above this growth of the memory.
MAX_GROWTH_BYTES = 16 << 20

Inject = Callable[[int], Awaitable[Any]]


async def inject_all(count: int, inject: Inject) -> list[Any]:
    """Sends injections, 64 at a time. Returns the responses, in order."""
    numbers = iter(range(count))
    responses: list[Any] = [None] * count

    async def worker() -> None:
        for number in numbers:
            responses[number] = await inject(number)

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return responses


async def by_us(url: str, count: int) -> tuple[float, list[Any]]:
    """Returns the seconds of all injections, and the responses."""
    settings: Any = {"api_key": API_KEY, "rate": None, "max_concurrent": CONCURRENCY}
    async with AsyncClient(url, **settings) as client:

        async def inject(number: int) -> Any:
            session, variables = injection(number)
            given = {"session_id": session, "variables": variables}
            return (await client.inject(given)).result

        start = time.perf_counter()
        responses = await inject_all(count, inject)
        return time.perf_counter() - start, responses


async def by_httpx(url: str, count: int) -> tuple[float, list[Any]]:
    """Returns the seconds of all injections, and the responses."""
    limits = httpx.Limits(
        max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY
    )
    async with httpx.AsyncClient(
        headers=HEADERS, limits=limits, trust_env=False, timeout=60
    ) as client:

        async def inject(number: int) -> Any:
            session, variables = injection(number)
            response = await client.put(
                f"{url}/api/v2/sessions/{session}/context",
                content=encode_body(variables),
            )
            response.raise_for_status()
            return response.json()

        start = time.perf_counter()
        responses = await inject_all(count, inject)
        return time.perf_counter() - start, responses


async def by_aiohttp(url: str, count: int) -> tuple[float, list[Any]]:
    """Returns the seconds of all injections, and the responses."""
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(headers=HEADERS, connector=connector) as client:

        async def inject(number: int) -> Any:
            session, variables = injection(number)
            address = f"{url}/api/v2/sessions/{session}/context"
            async with client.put(address, data=encode_body(variables)) as response:
                response.raise_for_status()
                return await response.json()

        start = time.perf_counter()
        responses = await inject_all(count, inject)
        return time.perf_counter() - start, responses


def comparable(responses: list[Any]) -> list[Any]:
    """Returns the part of the responses that is the same in each run."""
    return [(it["sessionId"], sorted(it["variables"])) for it in responses]


def row_6() -> None:
    count = 5_000
    with tenant() as url:
        results = []
        for run in (by_us, by_httpx, by_aiohttp):
            _, responses = asyncio.run(run(url, SAMPLE))
            # Only the names: the last value of concurrent injections is random.
            sessions = {
                session: sorted(variables)
                for session, variables in stored_variables(url).items()
            }
            results.append((comparable(responses), sessions))
            reset(url)
        assert results[0] == results[1] == results[2]
        times: dict[str, list[float]] = {"us": [], "httpx": [], "aiohttp": []}
        for _ in range(ROUNDS):
            times["us"].append(asyncio.run(by_us(url, count))[0] / count)
            times["aiohttp"].append(asyncio.run(by_aiohttp(url, count))[0] / count)
            times["httpx"].append(asyncio.run(by_httpx(url, SAMPLE))[0] / SAMPLE)
    work = f"Python async: an injection, of {count:,}, {CONCURRENCY} at a time, to the sandbox"
    for number, peer, reach in (
        ("6", "httpx", "≤ 1/5×"),
        ("6b", "aiohttp", "≤ 1/1.5×"),
    ):
        rounds = list(zip(times["us"], times[peer], strict=True))
        report(work, rounds, row=number, peer=peer, reach=reach)


def resident_bytes() -> int:
    """Returns the resident memory of this process (Linux only)."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def many_by_us(url: str, count: int) -> tuple[float, int]:
    """Injects with ``inject_many``.

    Returns:
        The seconds, and by how many bytes the process grew after the first tenth.
    """
    settings: Any = {"api_key": API_KEY, "rate": None, "max_concurrent": CONCURRENCY}

    def payloads() -> Iterator[Any]:
        for number in range(count):
            session, variables = injection(number)
            yield {"session_id": session, "variables": variables}

    with Client(url, **settings) as client:
        start = time.perf_counter()
        run = client.inject_many(payloads(), concurrency=CONCURRENCY)
        warm_bytes = grown_bytes = 0
        for completed, outcome in enumerate(run, 1):
            assert outcome.status == "injected"
            if completed == count // 10:
                warm_bytes = resident_bytes()
            elif completed % 10_000 == 0:
                grown_bytes = max(grown_bytes, resident_bytes() - warm_bytes)
        seconds = time.perf_counter() - start
        assert run.summary["injected"] == count
    return seconds, grown_bytes


async def many_by_httpx(url: str, count: int) -> float:
    """Injects as an integrator without this library would. Returns the seconds."""
    semaphore = asyncio.Semaphore(CONCURRENCY)
    limits = httpx.Limits(
        max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY
    )
    async with httpx.AsyncClient(
        headers=HEADERS, limits=limits, trust_env=False, timeout=60
    ) as client:

        async def inject(number: int) -> str:
            session, variables = injection(number)
            async with semaphore:
                response = await client.put(
                    f"{url}/api/v2/sessions/{session}/context",
                    content=encode_body(variables),
                )
            response.raise_for_status()
            json.loads(response.content)
            return "injected"

        start = time.perf_counter()
        outcomes = await asyncio.gather(*(inject(number) for number in range(count)))
        seconds = time.perf_counter() - start
    assert outcomes == ["injected"] * count
    return seconds


def row_7() -> None:
    count, sample = 100_000, 2 * SAMPLE
    with tenant() as url:
        results = []
        for run in (
            lambda: many_by_us(url, sample),
            lambda: asyncio.run(many_by_httpx(url, sample)),
        ):
            run()
            # Only the names: the last value of concurrent injections is random.
            sessions = {
                session: sorted(variables)
                for session, variables in stored_variables(url).items()
            }
            results.append((sessions, control(url, "GET", "counters")["statuses"]))
            reset(url)
        assert results[0] == results[1]
        theirs = [asyncio.run(many_by_httpx(url, sample)) / sample for _ in range(3)]
        seconds, grown_bytes = many_by_us(url, count)
        theirs += [asyncio.run(many_by_httpx(url, sample)) / sample for _ in range(2)]
    ours = seconds / count
    work = (
        f"Python: a row of inject_many, of {count:,}, {CONCURRENCY} at a time"
        f" (memory grew by {grown_bytes / 1e6:.1f} MB after the first tenth)"
    )
    rounds = [(ours, statistics.median(theirs))]
    peer = "httpx + asyncio.Semaphore"
    report(work, rounds, row="7", peer=peer, reach="≤ 1/8×, flat memory")
    assert grown_bytes < MAX_GROWTH_BYTES, "the memory grows with the input"
