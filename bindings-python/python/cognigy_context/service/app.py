"""The routes, and an application of them."""

import asyncio
import logging
import os
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cognigy_context import AsyncClient, ValidationError, __version__

from . import documentation
from .answers import (
    BODY_INCOMPLETE,
    BODY_TOO_LARGE,
    FAILED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    Refused,
    answer,
    json_answer,
    of_validation,
)
from .caller import Callers
from .desk import Budget, Desk, read_event, read_sync
from .memory_store import MemoryStore
from .meters import CONTENT_TYPE, Meters
from .settings import Settings
from .stores import Store

__all__ = ["create_app", "router"]

_log = logging.getLogger("cognigy_context.service")

_Work = Callable[[Request, Budget], Coroutine[Any, Any, "_Done"]]


class _Done:
    """What a request came to, and which session it was about."""

    def __init__(self, body: dict[str, Any], session: str | None = None) -> None:
        self.body = body
        self.session = session


class _Service:
    """What all requests of a process share."""

    def __init__(
        self, settings: Settings, store: Store | None, client: AsyncClient | None
    ) -> None:
        self.settings = settings
        self.callers = Callers(settings)
        self.meters = Meters()
        self._store, self._client = store, client
        self._desk: Desk | None = None
        self._under_way: set[asyncio.Task[_Done]] = set()

    @asynccontextmanager
    async def life(self, _: object) -> AsyncIterator[None]:
        """Everything that has to be on the loop of the server."""
        client = self._client or _client(self.settings)
        store = self._store or _store(self.settings)
        self._desk = Desk(self.settings, store, client, self.meters)
        try:
            yield
        finally:
            await self._drain()
            self._desk = None
            # What was given is for its giver to close.
            if self._store is None:
                await store.close()
            if self._client is None:
                await client.close()

    async def _drain(self) -> None:
        """Waits for what is under way, for as long as a request may take."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self.settings.budget_seconds)

    def _ended(self, task: "asyncio.Task[_Done]") -> None:
        self._under_way.discard(task)
        # Looked at here too, because nobody else may be left to do so.
        if not task.cancelled():
            task.exception()

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            raise RuntimeError(
                "the service has not started: serve the application with its lifespan"
            )
        return self._desk

    async def serve(self, route: str, request: Request, work: _Work) -> Response:
        """Runs work and answers what it comes to. Whatever happens, there is an answer."""
        started = time.monotonic()
        self.meters.under_way.inc()
        problem, session = "", None
        try:
            # A caller that hangs up does not stop what was begun: half of it may be done.
            budget = Budget(self.settings.budget_seconds)
            task = asyncio.ensure_future(work(request, budget))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
            done = await asyncio.shield(task)
            session = done.session
            response = json_answer(done.body)
        except Refused as refused:
            problem = refused.problem.name
            session = refused.session
            response = answer(refused.problem)
        except Exception as error:  # noqa: BLE001 (there is an answer to everything)
            problem = FAILED.name
            # Without its message, which may hold data.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("%s failed: %s at\n%s", route, type(error).__name__, where)
            response = answer(FAILED)
        finally:
            self.meters.under_way.dec()
        seconds = time.monotonic() - started
        self.meters.answered(route, response.status_code, problem, seconds)
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        _log.log(
            level,
            "%s %d %s session=%s %.1f ms",
            route,
            response.status_code,
            problem or "ok",
            session or "-",
            seconds * 1000,
        )
        return response

    async def body(self, request: Request, budget: Budget) -> bytes:
        """The body of a request whose caller may ask.

        Raises:
            Refused: The caller may not, or the body is too large or did not arrive.
        """
        is_known = self.callers.may_ask(request.headers)
        most = self.settings.max_body_bytes
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and _is_more(length, most):
            raise Refused(BODY_TOO_LARGE)
        parts, size = [], 0
        try:
            with anyio.fail_after(budget.left):
                async for part in request.stream():
                    size += len(part)
                    if size > most:
                        raise Refused(BODY_TOO_LARGE)
                    parts.append(part)
        except (ClientDisconnect, TimeoutError):
            raise Refused(BODY_INCOMPLETE) from None
        body = b"".join(parts)
        if not is_known:
            self.callers.check_signature(request.headers, body)
        return body

    async def webhook(self, request: Request, budget: Budget) -> _Done:
        body = await self.body(request, budget)
        event, mark = read_event(body, request.headers.get("webhook-id"))
        session = self.desk.hash(event.session_id)
        await _about(session, self.desk.webhook(budget, event, mark, len(body)))
        return _Done({"status": "processed", "sessionId": event.session_id}, session)

    async def sync(self, request: Request, budget: Budget) -> _Done:
        body = await self.body(request, budget)
        session_id, data = read_sync(body)
        session = self._hash(session_id)
        size = await _about(
            session, self.desk.sync(budget, session_id, data, len(body))
        )
        return _Done({"status": "success", "context_size_bytes": size}, session)

    async def inspect(self, request: Request, budget: Budget) -> _Done:
        if not self.callers.may_ask(request.headers):
            path = request.scope.get("raw_path") or request.url.path.encode()
            self.callers.check_signature(request.headers, path.partition(b"?")[0])
        session_id = request.path_params["session_id"]
        session = self._hash(session_id)
        return _Done(
            await _about(session, self.desk.inspect(budget, session_id)), session
        )

    async def ready(self, request: Request, budget: Budget) -> _Done:
        await self.desk.is_ready(budget)
        return _Done({"status": "ready"})

    def _hash(self, session_id: str) -> str:
        try:
            return self.desk.hash(session_id)
        except ValidationError as error:
            raise Refused(of_validation(error, lambda _: "/session_id")) from None


def _is_more(length: str, most: int) -> bool:
    """Whether a number, however long, is more than ``most``."""
    digits = length.lstrip("0")
    return len(digits) > len(str(most)) or int(digits or "0") > most


async def _about(session: str, work: Awaitable[Any]) -> Any:
    """Work about a session; what it is refused with says so, for the log."""
    try:
        return await work
    except Refused as refused:
        refused.session = session
        raise


def _client(settings: Settings) -> AsyncClient:
    """A client as the environment says, with the limits of the settings."""
    return AsyncClient(rate=settings.limits(), max_concurrent=settings.max_concurrent)


def _store(settings: Settings) -> Store:
    if settings.redis_url is None:
        return MemoryStore(settings)
    # redis takes a while to be imported.
    from .redis_store import RedisStore

    return RedisStore(settings, _tenant())


def _tenant() -> str:
    """What workers of the same tenant have in common, and nobody can read."""
    names = ("COGNIGY_BASE_URL", "COGNIGY_TENANT_URL", "COGNIGY_TENANT_ID")
    text = "\n".join(os.environ.get(name, "") for name in names)
    return sha256(text.encode()).hexdigest()[:16]


class _SessionId(PathConvertor):
    """The rest of a path, line breaks included."""

    regex = r"[\s\S]*"


register_url_convertor("cognigy_session_id", _SessionId())


def _router(service: _Service) -> APIRouter:
    routes = APIRouter(lifespan=service.life)

    async def webhook(request: Request) -> Response:
        return await service.serve("/webhook", request, service.webhook)

    async def sync(request: Request) -> Response:
        return await service.serve("/context/sync", request, service.sync)

    async def inspect(request: Request) -> Response:
        route = "/context/inspect/{session_id}"
        return await service.serve(route, request, service.inspect)

    async def healthz() -> Response:
        return json_answer({"status": "ok"})

    async def readyz(request: Request) -> Response:
        return await service.serve("/readyz", request, service.ready)

    async def metrics() -> Response:
        return Response(service.meters.text(), media_type=CONTENT_TYPE)

    def add(path: str, method: str, endpoint: Any, about: dict[str, Any]) -> None:
        routes.add_api_route(
            path, endpoint, methods=[method], response_class=Response, **about
        )

    add("/webhook", "POST", webhook, documentation.WEBHOOK)
    add("/context/sync", "POST", sync, documentation.SYNC)
    inspected = "/context/inspect/{session_id:cognigy_session_id}"
    add(inspected, "GET", inspect, documentation.INSPECT)
    add("/healthz", "GET", healthz, {"summary": "Whether the process is alive"})
    add("/readyz", "GET", readyz, documentation.READY)
    if service.settings.metrics:
        add("/metrics", "GET", metrics, {"summary": "Counters, for Prometheus"})
    return routes


def router(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    client: AsyncClient | None = None,
) -> APIRouter:
    """The routes, for an application of your own: ``app.include_router(router(settings))``. They
    start and stop with it.

    Your server's own access log would show session ids, which are in a path: turn it off.

    Args:
        settings: How it behaves; from the environment when None.
        store: What keeps sessions; as the settings say when None.
        client: What calls the tenant; as the environment says when None. One that is given is
            not closed.

    Raises:
        ConfigurationError: Callers would have no way to prove who they are, or a setting can be
            none. A tenant that is not configured is told when the application starts.

    Example:
        >>> from fastapi import FastAPI
        >>> from cognigy_context.service import Settings, router
        >>> app = FastAPI()
        >>> app.include_router(router(Settings(shared_secrets=("s3cret",))))
    """
    return _router(_Service(settings or Settings.from_env(), store, client))


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    client: AsyncClient | None = None,
) -> FastAPI:
    """The whole application: the routes, problems for what is not there, and ``/openapi.json``.

    Args:
        settings: How it behaves; from the environment when None.
        store: What keeps sessions; as the settings say when None.
        client: What calls the tenant; as the environment says when None.

    Raises:
        ConfigurationError: As for :func:`router`.
    """
    settings = settings or Settings.from_env()
    app = FastAPI(
        title="Cognigy context service",
        version=__version__,
        description="Takes events of web messaging, and puts what is derived of them into the "
        "context of their session before it answers.",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(_router(_Service(settings, store, client)))
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = documentation.describe(plain(), settings)
        return app.openapi_schema

    async def not_there(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        known = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}
        response = answer(known.get(status, FAILED))
        headers = getattr(error, "headers", None) or {}
        response.headers.update(headers)
        return response

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_exception_handler(HTTPException, not_there)
    return app
