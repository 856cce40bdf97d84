//! The clients: [`PyClient`], whose calls block, and [`PyAsyncCalls`], on which `AsyncClient` is built.
//! Both have the same methods, defined once in [`python_methods`].
//!
//! ```text
//!  Client.inject(…)        AsyncClient.inject(…)          _async_client.py: coroutines
//!         └────────┬──────────────┘
//!        ClientMethods::inject: with the GIL, checks and writes the request, or raises
//!                  │ PendingCall
//!        the core's client sends it without the GIL; callbacks go to the callback queue
//!                  │ ResultConverter
//!         ┌────────┴──────────────┐
//!  pending_call::wait:      asyncio::start:
//!  blocks the thread        a future of the loop, completed in batches
//!         └────────┬──────────────┘
//!        on the caller's thread: runs the callbacks, converts the result to Python
//! ```

mod arguments;
mod asyncio;
mod bulk;
mod callbacks;
mod exit_webhooks;
mod fork_safe_client;
mod methods;
mod pending_call;
mod python_methods;
mod results;
mod settings;

use pyo3::prelude::*;

pub(crate) use bulk::{PyAsyncBulk, PyBulkOutcome, PyBulkRun};
pub(crate) use results::{
    PyDialogState, PyDocument, PyInjectedVariables, PyInjectionResult, PyStateUpdateResult,
};

pub(crate) use exit_webhooks::discard_at_exit;

use methods::ClientMethods;

/// Calls the API of one Cognigy.AI tenant. Each call blocks until it has finished.
///
/// Any number of threads may share a client, and a forked child process may use it: the child opens
/// its own connections. The client logs to the logger ``cognigy_context``.
///
/// Some arguments have a default from the environment: ``COGNIGY_BASE_URL`` (or
/// ``COGNIGY_TENANT_URL``), ``COGNIGY_TENANT_ID``, ``CRM_WEBHOOK_URL`` and, when no credentials are
/// given, ``COGNIGY_API_KEY``, ``COGNIGY_CLIENT_ID`` and ``COGNIGY_CLIENT_SECRET``.
///
/// Times are seconds (``int`` or ``float``) or a ``timedelta``. For a time or a count, ``None``
/// means the default that its entry below states.
///
/// Args:
///     base_url: Address of the tenant's API, for example ``"https://api-trial.cognigy.ai"``. A
///         trailing ``/new``, ``/api/v1`` or ``/api/v2`` is accepted.
///     api_key: API key, sent as ``X-API-Key``. If client credentials are given too, the key is
///         used for the API family ``platform`` only.
///     bearer_token: Access token, sent unchanged.
///     get_token: Callable that takes the name of an API family and returns a token, or a tuple of
///         a token and its lifetime in seconds. It runs on its own thread.
///     client_id: OAuth 2 client id. The client requests a token for each API family.
///     client_secret: OAuth 2 client secret.
///     tenant_id: Tenant id, sent as ``organisation-id``.
///     token_urls: Token endpoints that replace the default ones, by API family:
///         ``"sessions_v1"``, ``"sessions_v2"``, ``"botsessions"``, ``"documents"``,
///         ``"runtime_v2"``, ``"platform"``.
///     scopes: OAuth 2 scopes that replace the default ones, by API family.
///     policy: Policy that contexts must satisfy before they are sent: a :class:`Policy`, the name
///         of a preset, or a dict of policy fields. Default ``"platform"``.
///     session_id_prefix: Prefix that every session id must have, for example ``"sess_"``. Default:
///         no prefix is required.
///     deadline: Time limit of a call, including its retries and waits. Default 60 s.
///     attempt_timeout: Time limit of one attempt. Default 15 s.
///     connect_timeout: Time limit for opening a connection. Default 5 s.
///     token_timeout: Time limit of one attempt to get a token. Default 10 s.
///     token_lifetime: Lifetime of a token whose response states none. Default 3,600 s.
///     max_retries: Maximum number of retries of a failed request. Default 3.
///     max_concurrent: Maximum number of requests in flight. Default 5.
///     rate: Rate limit of all API families except ``platform``, together: a tuple of a number of
///         requests and a time. ``None`` is no limit. Default 100 requests in 60 s.
///     platform_rate: Rate limit of the API family ``platform``. ``None`` is no limit. Default
///         1,000 requests in 300 s.
///     audit: Where audit records are written, in addition to the client's memory: the path of a
///         JSON Lines file, a callable that takes a dict, or a list of these. The first line of a file
///         names its format and is not a record. A record survives a kill of the process.
///     audit_durable: Whether a record in a file also survives a power cut: the file is flushed to
///         the disk (``fsync``) after each call, which may take several milliseconds. Default
///         ``False``.
///     log_raw_session_ids: Whether audit records contain session ids instead of their SHA-256. A
///         session id lets its reader join the conversation. Default ``False``.
///     crm_webhook: URL that receives a notification of each injection.
///     crm_webhook_secret: Secret that signs these notifications, in the form of Standard Webhooks:
///         ``whsec_`` and Base64.
///     snapshot_webhook: URL that receives each debug snapshot.
///
/// Raises:
///     ConfigurationError: The base URL or the credentials are missing or invalid, another
///         argument has an invalid value, or a file for audit records has another format.
///     OSError: A file for audit records cannot be opened, or is not a regular file.
///
/// Example:
///     >>> from cognigy_context import Client, InjectionPayload
///     >>> with Client("https://api-trial.cognigy.ai", api_key="...") as client:  # doctest: +SKIP
///     ...     client.inject(InjectionPayload("session-1", [{"key": "tier", "value": "gold"}]))
///     <InjectionResult status='success' variables_injected=1 latency_ms=41.0>
#[pyclass(frozen, name = "Client", module = "cognigy_context")]
pub(crate) struct PyClient {
    methods: ClientMethods,
    repr: String,
}

/// The methods of `Client` for `AsyncClient`. Those that send a request or wait return a future.
#[pyclass(frozen, name = "_AsyncCalls", module = "cognigy_context._core")]
pub(crate) struct PyAsyncCalls {
    methods: ClientMethods,
    repr: String,
}
