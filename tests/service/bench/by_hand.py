"""The same service as one writes it by hand: FastAPI, httpx, redis-py, a token for each request.

It stores and injects the same, and does nothing about duplicates, order, leases or failures.
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

BASE = os.environ["COGNIGY_BASE_URL"]
KEEPS_TOKEN = bool(os.environ.get("KEEPS_TOKEN"))


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
async def life(_: FastAPI) -> AsyncIterator[None]:
    Shared.redis = Redis.from_url(os.environ["COGNIGY_SERVICE_REDIS_URL"])
    Shared.http = httpx.AsyncClient(timeout=10)
    yield
    await Shared.http.aclose()
    await Shared.redis.aclose()


app = FastAPI(lifespan=life)


async def token() -> str:
    if KEEPS_TOKEN and Shared.token is not None:
        return Shared.token
    answer = await Shared.http.post(
        f"{BASE}/api/v1/auth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": os.environ["COGNIGY_CLIENT_ID"],
            "client_secret": os.environ["COGNIGY_CLIENT_SECRET"],
            "scope": "session:write session:read",
        },
    )
    answer.raise_for_status()
    Shared.token = answer.json()["access_token"]
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
    answer = await Shared.http.post(
        f"{BASE}/api/v1/sessions/{event.sessionId}/context",
        json={"variables": variables},
        headers={"Authorization": f"Bearer {await token()}"},
    )
    answer.raise_for_status()
    return {"status": "processed", "sessionId": event.sessionId}
