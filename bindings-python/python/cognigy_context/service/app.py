"""The routes of the service, and an application with them."""

import asyncio
import logging
import os
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cognigy_context import AsyncClient, ValidationError, __version__

from . import openapi
from .auth import RequestAuthenticator
from .deadline import Deadline
from .memory_store import MemoryStore
from .metrics import CONTENT_TYPE, ServiceMetrics
from .parsing import parse_event, parse_sync, sync_dedup_key
from .problems import (
    BODY_INCOMPLETE,
    BODY_TOO_LARGE,
    CALLER_UNKNOWN,
    HEADERS_TOO_LARGE,
    METHOD_NOT_ALLOWED,
    NO_SUCH_ROUTE,
    SERVICE_FAILED,
    ProblemError,
    json_response,
    problem_from_validation_error,
    problem_response,
)
from .processor import SessionProcessor
from .settings import Settings
from .store import Store

__all__ = ["create_app", "router"]

_log = logging.getLogger("cognigy_context.service")

_Handler = Callable[[Request, Deadline], Coroutine[Any, Any, "_Result"]]


class _Result:
    """The body of a response, and what the log says about the request.

    Attributes:
        body: The body.
        session: The hash of the session id; None without a session.
        outcome: ``processed``, ``duplicate``, ``older``, or ``ok`` for a request that reads.
    """

    def __init__(
        self, body: dict[str, Any], session: str | None = None, outcome: str = "ok"
    ) -> None:
        self.body = body
        self.session = session
        self.outcome = outcome


class _Service:
    """The state that all requests of a process share."""

    def __init__(
        self, settings: Settings, store: Store | None, client: AsyncClient | None
    ) -> None:
        self.settings = settings
        self.authenticator = RequestAuthenticator(settings)
        self.metrics = ServiceMetrics()
        self._given_store, self._given_client = store, client
        self._processor: SessionProcessor | None = None
        self._tasks: set[asyncio.Task[_Result]] = set()

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Creates the store and the client on the server's event loop, and closes them at the end."""
        client = self._given_client or _create_client(self.settings)
        store = self._given_store or _create_store(self.settings)
        self._processor = SessionProcessor(self.settings, store, client, self.metrics)
        try:
            yield
        finally:
            await self._drain()
            self._processor = None
            # A given store or client belongs to the caller, who closes it.
            if self._given_store is None:
                await store.close()
            if self._given_client is None:
                await client.close()

    async def _drain(self) -> None:
        """Waits for the requests in progress, up to the time budget of one request."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.settings.budget_seconds)

    def _on_task_done(self, task: "asyncio.Task[_Result]") -> None:
        self._tasks.discard(task)
        # Retrieves the exception, which asyncio would log when the caller has disconnected.
        if not task.cancelled():
            task.exception()

    @property
    def processor(self) -> SessionProcessor:
        if self._processor is None:
            raise RuntimeError(
                "the service has not started. Run the application with its lifespan."
            )
        return self._processor

    async def handle(self, route: str, request: Request, handler: _Handler) -> Response:
        """Runs a handler, and returns the response to its result or its failure."""
        started = time.monotonic()
        self.metrics.requests_in_progress.inc()
        problem, session, outcome = "", None, ""
        try:
            self._check_headers(request)
            # Continues when the caller disconnects, unlike the task of the request.
            deadline = Deadline(self.settings.budget_seconds)
            task = asyncio.ensure_future(handler(request, deadline))
            self._tasks.add(task)
            task.add_done_callback(self._on_task_done)
            result = await asyncio.shield(task)
            session, outcome = result.session, result.outcome
            response = json_response(result.body)
        except ProblemError as error:
            problem = error.problem.name
            outcome = f"{problem} reason={error.reason}" if error.reason else problem
            if error.problem is CALLER_UNKNOWN:
                self.metrics.record_refused_caller(error.reason or "unknown")
            session = error.session
            response = problem_response(error.problem)
        except Exception as error:  # noqa: BLE001 (every failure gets a response)
            problem = outcome = SERVICE_FAILED.name
            # The log omits the message, which may contain data.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error(
                "%s: internal error %s at\n%s", route, type(error).__name__, where
            )
            response = problem_response(SERVICE_FAILED)
        finally:
            self.metrics.requests_in_progress.dec()
        seconds = time.monotonic() - started
        self.metrics.record_response(route, response.status_code, problem, seconds)
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        _log.log(
            level,
            "%s %d %s session=%s %.1f ms",
            route,
            response.status_code,
            outcome,
            session or "-",
            seconds * 1000,
        )
        return response

    def _check_headers(self, request: Request) -> None:
        """Applies the limits of headers under any server. The service's own protocol refuses such
        requests before it has read them completely."""
        headers = request.scope["headers"]
        size = len(request.scope.get("raw_path") or b"")
        size += len(request.scope.get("query_string", b""))
        # The separators count as in a request: ": " and a line break.
        size += sum(len(name) + len(value) + 4 for name, value in headers)
        if (
            size > self.settings.max_header_bytes
            or len(headers) > self.settings.max_header_count
        ):
            raise ProblemError(HEADERS_TOO_LARGE)

    async def read_body(self, request: Request, deadline: Deadline) -> bytes:
        """Authenticates a request and reads its body.

        Raises:
            ProblemError: The caller is not authenticated, or the body is too large or incomplete.
        """
        is_authenticated = self.authenticator.authenticate(request.headers)
        limit = self.settings.max_body_bytes
        too_large = replace(
            BODY_TOO_LARGE,
            detail=f"The limit is {limit:,} bytes. Send less data in one request.",
        )
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and _exceeds(length, limit):
            raise ProblemError(too_large)
        parts, size = [], 0
        try:
            with anyio.fail_after(deadline.remaining):
                async for part in request.stream():
                    size += len(part)
                    if size > limit:
                        raise ProblemError(too_large)
                    parts.append(part)
        except (ClientDisconnect, TimeoutError):
            raise ProblemError(BODY_INCOMPLETE) from None
        body = b"".join(parts)
        if not is_authenticated:
            self.authenticator.verify_signature(request.headers, body)
        return body

    async def webhook(self, request: Request, deadline: Deadline) -> _Result:
        body = await self.read_body(request, deadline)
        event, dedup_key = parse_event(body, request.headers.get("webhook-id"))
        session = self.processor.hash_session(event.session_id)
        work = self.processor.process_event(deadline, event, dedup_key, len(body))
        outcome = await _tag_session(session, work)
        answer = {"status": "processed", "sessionId": event.session_id}
        return _Result(answer, session, outcome)

    async def sync(self, request: Request, deadline: Deadline) -> _Result:
        body = await self.read_body(request, deadline)
        session_id, data = parse_sync(body)
        session = self._hash_session(session_id)
        dedup_key = sync_dedup_key(request.headers.get("webhook-id"))
        work = self.processor.sync(deadline, session_id, data, dedup_key, len(body))
        size, outcome = await _tag_session(session, work)
        answer = {"status": "success", "context_size_bytes": size}
        return _Result(answer, session, outcome)

    async def inspect(self, request: Request, deadline: Deadline) -> _Result:
        if not self.authenticator.authenticate(request.headers):
            path = request.scope.get("raw_path") or request.url.path.encode()
            signed = path.partition(b"?")[0]
            self.authenticator.verify_signature(request.headers, signed)
        session_id = request.path_params["session_id"]
        session = self._hash_session(session_id)
        work = self.processor.inspect(deadline, session_id)
        return _Result(await _tag_session(session, work), session)

    async def ready(self, request: Request, deadline: Deadline) -> _Result:
        await self.processor.check_ready(deadline)
        return _Result({"status": "ready"})

    def _hash_session(self, session_id: str) -> str:
        try:
            return self.processor.hash_session(session_id)
        except ValidationError as error:
            problem = problem_from_validation_error(error, lambda _: "/session_id")
            raise ProblemError(problem) from None


def _exceeds(length: str, limit: int) -> bool:
    """Returns whether a number in decimal digits exceeds a limit. Python cannot parse a number of
    thousands of digits."""
    digits = length.lstrip("0")
    return len(digits) > len(str(limit)) or int(digits or "0") > limit


async def _tag_session(session: str, work: Awaitable[Any]) -> Any:
    """Awaits work about a session, and adds the session to its problem, for the log."""
    try:
        return await work
    except ProblemError as error:
        error.session = session
        raise


def _create_client(settings: Settings) -> AsyncClient:
    """Creates a client from the environment, with the rate limit of the settings."""
    return AsyncClient(rate=settings.limits(), max_concurrent=settings.max_concurrent)


def _create_store(settings: Settings) -> Store:
    if settings.redis_url is None:
        return MemoryStore(settings)
    # Imported here, because the import of redis is slow.
    from .redis_store import RedisStore

    return RedisStore(settings, _tenant_key())


def _tenant_key() -> str:
    """Returns a hash of the tenant's URL and id, which is the same in all workers."""
    names = ("COGNIGY_BASE_URL", "COGNIGY_TENANT_URL", "COGNIGY_TENANT_ID")
    text = "\n".join(os.environ.get(name, "") for name in names)
    return sha256(text.encode()).hexdigest()[:16]


class _SessionIdConvertor(PathConvertor):
    """Matches the rest of a path, line breaks included."""

    regex = r"[\s\S]*"


register_url_convertor("cognigy_session_id", _SessionIdConvertor())


def _router(service: _Service) -> APIRouter:
    routes = APIRouter(lifespan=service.lifespan)

    async def webhook(request: Request) -> Response:
        return await service.handle("/webhook", request, service.webhook)

    async def sync(request: Request) -> Response:
        return await service.handle("/context/sync", request, service.sync)

    async def inspect(request: Request) -> Response:
        route = "/context/inspect/{session_id}"
        return await service.handle(route, request, service.inspect)

    async def healthz() -> Response:
        return json_response({"status": "ok"})

    async def readyz(request: Request) -> Response:
        return await service.handle("/readyz", request, service.ready)

    async def metrics() -> Response:
        return Response(service.metrics.render(), media_type=CONTENT_TYPE)

    def add(path: str, method: str, endpoint: Any, operation: dict[str, Any]) -> None:
        routes.add_api_route(
            path, endpoint, methods=[method], response_class=Response, **operation
        )

    add("/webhook", "POST", webhook, openapi.WEBHOOK)
    add("/context/sync", "POST", sync, openapi.SYNC)
    inspect_path = "/context/inspect/{session_id:cognigy_session_id}"
    add(inspect_path, "GET", inspect, openapi.INSPECT)
    add("/healthz", "GET", healthz, openapi.HEALTH)
    add("/readyz", "GET", readyz, openapi.READY)
    if service.settings.metrics:
        add("/metrics", "GET", metrics, openapi.METRICS)
    return routes


def router(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    client: AsyncClient | None = None,
) -> APIRouter:
    """Returns the routes for an existing application: ``app.include_router(router(settings))``.

    The store and the client are created when the application starts, and closed when it stops.

    Turn off the access log of your server: its lines contain paths, and thereby session ids.

    Args:
        settings: The settings; None reads them from the environment.
        store: The session store; None creates one: in Redis with ``redis_url``, otherwise in
            memory. A given store is not closed.
        client: The client of the tenant; None creates one from the environment. A given client is
            not closed.

    Returns:
        APIRouter: The routes.

    Raises:
        ConfigurationError: No secret is set and ``no_auth`` is false, or a setting is invalid. A
            missing setting of the tenant is reported when the application starts.

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
    """Returns an application with all routes, problems for unknown routes, ``/openapi.json`` and, with
    ``docs``, ``/docs``.

    Run it with :class:`~cognigy_context.service.http_limits.LimitedHttpProtocol`, which limits the
    headers of a request before they are read, as ``cognigy-context serve`` does.

    Args:
        settings: The settings; None reads them from the environment.
        store: The session store; None creates one: in Redis with ``redis_url``, otherwise in
            memory. A given store is not closed.
        client: The client of the tenant; None creates one from the environment. A given client is
            not closed.

    Returns:
        FastAPI: The application.

    Raises:
        ConfigurationError: No secret is set and ``no_auth`` is false, or a setting is invalid. A
            missing setting of the tenant is reported when the application starts.
    """
    settings = settings or Settings.from_env()
    app = FastAPI(
        title="Cognigy context service",
        version=__version__,
        description="Receives web-messaging events and injects their derived variables into the "
        "context of the session before it responds.",
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
    )
    app.include_router(_router(_Service(settings, store, client)))
    generate_document = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi.add_security(generate_document(), settings)
        return app.openapi_schema

    async def on_http_error(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        problems = {404: NO_SUCH_ROUTE, 405: METHOD_NOT_ALLOWED}
        response = problem_response(problems.get(status, SERVICE_FAILED))
        headers = getattr(error, "headers", None) or {}
        response.headers.update(headers)
        return response

    app.openapi = document  # type: ignore[method-assign]
    app.add_exception_handler(HTTPException, on_http_error)
    return app
