"""Rows 6 and 7: injections over a network, some at a time."""

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
from measuring import report
from tenant import API_KEY, body, control, forget, held, row, tenant

from cognigy_context import AsyncClient, Client

AT_A_TIME = 64
ROUNDS = 5
HEADERS = {"X-API-Key": API_KEY, "Content-Type": "application/json"}
# Of the peers that take long, a part is run.
SAMPLE = 1_000

Inject = Callable[[int], Awaitable[Any]]


async def all_of(count: int, inject: Inject) -> list[Any]:
    """So many injections, of which the answers are kept."""
    numbers = iter(range(count))
    answers: list[Any] = [None] * count

    async def worker() -> None:
        for number in numbers:
            answers[number] = await inject(number)

    await asyncio.gather(*(worker() for _ in range(AT_A_TIME)))
    return answers


async def by_us(url: str, count: int) -> tuple[float, list[Any]]:
    settings: Any = {"api_key": API_KEY, "rate": None, "max_concurrent": AT_A_TIME}
    async with AsyncClient(url, **settings) as client:

        async def inject(number: int) -> Any:
            session, variables = row(number)
            given = {"session_id": session, "variables": variables}
            return (await client.inject(given)).result

        start = time.perf_counter()
        answers = await all_of(count, inject)
        return time.perf_counter() - start, answers


async def by_httpx(url: str, count: int) -> tuple[float, list[Any]]:
    limits = httpx.Limits(
        max_connections=AT_A_TIME, max_keepalive_connections=AT_A_TIME
    )
    async with httpx.AsyncClient(
        headers=HEADERS, limits=limits, trust_env=False, timeout=60
    ) as client:

        async def inject(number: int) -> Any:
            session, variables = row(number)
            answer = await client.put(
                f"{url}/api/v2/sessions/{session}/context", content=body(variables)
            )
            answer.raise_for_status()
            return answer.json()

        start = time.perf_counter()
        answers = await all_of(count, inject)
        return time.perf_counter() - start, answers


async def by_aiohttp(url: str, count: int) -> tuple[float, list[Any]]:
    connector = aiohttp.TCPConnector(limit=AT_A_TIME)
    async with aiohttp.ClientSession(headers=HEADERS, connector=connector) as client:

        async def inject(number: int) -> Any:
            session, variables = row(number)
            address = f"{url}/api/v2/sessions/{session}/context"
            async with client.put(address, data=body(variables)) as answer:
                answer.raise_for_status()
                return await answer.json()

        start = time.perf_counter()
        answers = await all_of(count, inject)
        return time.perf_counter() - start, answers


def comparable(answers: list[Any]) -> list[Any]:
    """What was answered, of what does not depend on the time and on who came first."""
    return [(it["sessionId"], sorted(it["variables"])) for it in answers]


def row_6() -> None:
    count = 5_000
    with tenant() as url:
        results = []
        for run in (by_us, by_httpx, by_aiohttp):
            _, answers = asyncio.run(run(url, SAMPLE))
            # Which of those that are under way together comes last is chance.
            sessions = {name: sorted(keys) for name, keys in held(url).items()}
            results.append((comparable(answers), sessions))
            forget(url)
        assert results[0] == results[1] == results[2]
        times: dict[str, list[float]] = {"us": [], "httpx": [], "aiohttp": []}
        for _ in range(ROUNDS):
            times["us"].append(asyncio.run(by_us(url, count))[0] / count)
            times["aiohttp"].append(asyncio.run(by_aiohttp(url, count))[0] / count)
            times["httpx"].append(asyncio.run(by_httpx(url, SAMPLE))[0] / SAMPLE)
    work = f"Python async: an injection, of {count:,}, {AT_A_TIME} at a time, to the sandbox"
    for number, peer, reach in (
        ("6", "httpx", "≤ 1/5×"),
        ("6b", "aiohttp", "≤ 1/1.5×"),
    ):
        rounds = list(zip(times["us"], times[peer], strict=True))
        report(work, rounds, row=number, peer=peer, reach=reach)


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def many_by_us(url: str, count: int) -> tuple[float, int]:
    """Seconds, and by how many bytes the process grew after the first tenth."""
    settings: Any = {"api_key": API_KEY, "rate": None, "max_concurrent": AT_A_TIME}

    def rows() -> Iterator[Any]:
        for number in range(count):
            session, variables = row(number)
            yield {"session_id": session, "variables": variables}

    with Client(url, **settings) as client:
        start = time.perf_counter()
        run = client.inject_many(rows(), concurrency=AT_A_TIME)
        warm = grown = 0
        for ended, outcome in enumerate(run, 1):
            assert outcome.status == "injected"
            if ended == count // 10:
                warm = resident_bytes()
            elif ended % 10_000 == 0:
                grown = max(grown, resident_bytes() - warm)
        seconds = time.perf_counter() - start
        assert run.summary["injected"] == count
    return seconds, grown


async def many_by_httpx(url: str, count: int) -> float:
    """What an integrator writes today."""
    gate = asyncio.Semaphore(AT_A_TIME)
    limits = httpx.Limits(
        max_connections=AT_A_TIME, max_keepalive_connections=AT_A_TIME
    )
    async with httpx.AsyncClient(
        headers=HEADERS, limits=limits, trust_env=False, timeout=60
    ) as client:

        async def inject(number: int) -> str:
            session, variables = row(number)
            async with gate:
                answer = await client.put(
                    f"{url}/api/v2/sessions/{session}/context", content=body(variables)
                )
            answer.raise_for_status()
            json.loads(answer.content)
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
            # Which of those that are under way together comes last is chance.
            sessions = {name: sorted(keys) for name, keys in held(url).items()}
            results.append((sessions, control(url, "GET", "counters")["statuses"]))
            forget(url)
        assert results[0] == results[1]
        theirs = [asyncio.run(many_by_httpx(url, sample)) / sample for _ in range(3)]
        seconds, grown = many_by_us(url, count)
        theirs += [asyncio.run(many_by_httpx(url, sample)) / sample for _ in range(2)]
    ours = seconds / count
    work = (
        f"Python: a row of inject_many, of {count:,}, {AT_A_TIME} at a time"
        f" (memory grew by {grown / 1e6:.1f} MB after the first tenth)"
    )
    rounds = [(ours, statistics.median(theirs))]
    peer = "httpx + asyncio.Semaphore"
    report(work, rounds, row="7", peer=peer, reach="≤ 1/8×, flat memory")
    assert grown < 16 << 20, "memory is flat"
