"""A hand-written webhook service: FastAPI, httpx, redis-py, a token per request.

It stores and injects the same data as the service of the package, without deduplication, order,
leases and retries. With the environment variable ``CACHE_TOKEN`` it caches its token.
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
CACHES_TOKEN = bool(os.environ.get("CACHE_TOKEN"))


class Event(BaseModel):
    sessionId: str
    userId: str
    message: str
    channel: str
    timestamp: int
    custom: dict[str, Any] | None = None


class Shared:
    redis: Redis
    http: httpx.AsyncClient
    token: str | None = None


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    Shared.redis = Redis.from_url(os.environ["COGNIGY_SERVICE_REDIS_URL"])
    Shared.http = httpx.AsyncClient(timeout=10)
    yield
    await Shared.http.aclose()
    await Shared.redis.aclose()


app = FastAPI(lifespan=lifespan)


async def token() -> str:
    if CACHES_TOKEN and Shared.token is not None:
        return Shared.token
    response = await Shared.http.post(
        f"{BASE_URL}/api/v1/auth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": os.environ["COGNIGY_CLIENT_ID"],
            "client_secret": os.environ["COGNIGY_CLIENT_SECRET"],
            "scope": "session:write session:read",
        },
    )
    response.raise_for_status()
    Shared.token = response.json()["access_token"]
    return Shared.token


@app.post("/webhook")
async def webhook(event: Event, x_webhook_secret: str = Header()) -> dict[str, str]:
    if x_webhook_secret != os.environ["COGNIGY_SERVICE_SHARED_SECRETS"]:
        raise HTTPException(401)
    variables = {
        "last_user_message": event.message,
        "webhook_timestamp": event.timestamp,
        "channel_type": event.channel,
        "custom_data": json.dumps(event.custom or {}),
    }
    key = hashlib.sha256(event.sessionId.encode()).hexdigest()
    await Shared.redis.setex(f"session:{key}", 3600, json.dumps(variables))
    response = await Shared.http.post(
        f"{BASE_URL}/api/v1/sessions/{event.sessionId}/context",
        json={"variables": variables},
        headers={"Authorization": f"Bearer {await token()}"},
    )
    response.raise_for_status()
    return {"status": "processed", "sessionId": event.sessionId}
