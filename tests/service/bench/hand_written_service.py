"""Baseline for the benchmark: a webhook service written by hand with FastAPI, httpx and redis-py.

It stores and injects the same data as ``cognigy_context.service``, so that the benchmark can compare
both. It has no deduplication, event order, leases or retries, does not check the data, and does not
encode the session id in the URL.

It requests a token per event, unless the environment variable ``CACHE_TOKEN`` is set (to any text, even
``0``). It never renews a cached token.
"""

import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel
from redis.asyncio import Redis

BASE_URL = os.environ["COGNIGY_BASE_URL"]
CACHE_TOKEN = bool(os.environ.get("CACHE_TOKEN"))
# How long Redis stores the variables of a session.
SESSION_TTL_SECONDS = 3600


class Event(BaseModel):
    sessionId: str
    userId: str
    message: str
    channel: str
    timestamp: int
    custom: dict[str, Any] | None = None


class Connections:
    """The connections of the process and its cached token."""

    redis: Redis
    http: httpx.AsyncClient
    token: str | None = None


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    Connections.redis = Redis.from_url(os.environ["COGNIGY_SERVICE_REDIS_URL"])
    Connections.http = httpx.AsyncClient(timeout=10)
    yield
    await Connections.http.aclose()
    await Connections.redis.aclose()


app = FastAPI(lifespan=lifespan)


async def get_token() -> str:
    """Returns the cached token, or requests a new one."""
    if CACHE_TOKEN and Connections.token is not None:
        return Connections.token
    response = await Connections.http.post(
        f"{BASE_URL}/api/v1/auth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": os.environ["COGNIGY_CLIENT_ID"],
            "client_secret": os.environ["COGNIGY_CLIENT_SECRET"],
            "scope": "session:write session:read",
        },
    )
    response.raise_for_status()
    Connections.token = response.json()["access_token"]
    return Connections.token


@app.post("/webhook")
async def webhook(event: Event, x_webhook_secret: str = Header()) -> dict[str, str]:
    # The service of the package accepts several secrets in this variable; the benchmark sets only one.
    if x_webhook_secret != os.environ["COGNIGY_SERVICE_SHARED_SECRETS"]:
        raise HTTPException(401)
    variables = {
        "last_user_message": event.message,
        "webhook_timestamp": event.timestamp,
        "channel_type": event.channel,
        "custom_data": json.dumps(event.custom or {}),
    }
    session_hash = hashlib.sha256(event.sessionId.encode()).hexdigest()
    await Connections.redis.setex(
        f"session:{session_hash}", SESSION_TTL_SECONDS, json.dumps(variables)
    )
    response = await Connections.http.post(
        f"{BASE_URL}/api/v1/sessions/{event.sessionId}/context",
        json={"variables": variables},
        headers={"Authorization": f"Bearer {await get_token()}"},
    )
    response.raise_for_status()
    return {"status": "processed", "sessionId": event.sessionId}
