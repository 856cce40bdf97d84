//! The clients: [`PyClient`], whose calls block, and what `AsyncClient` is made of. Both have the same
//! methods, told once.
//!
//! ```text
//!  Client.inject(…)        AsyncClient.inject(…)          _async_client.py: coroutines
//!         └────────┬──────────────┘
//!             Calls::inject        checks and writes, with the GIL: a PendingCall, or every issue
//!                  │
//!         PendingCall ────┤ on the runtime: the core's client; callbacks write letters (callback_queue)
//!                  ▼
//!     work::wait: the thread          asyncio::start: a future of the loop; ends wake it in bunches
//!                  └─────────▶ ResultConverter: letters are told, the answer becomes an object
//! ```

mod arguments;
mod asyncio;
mod bulk;
mod callbacks;
mod calls;
mod fork_safe_client;
mod pending_call;
mod results;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

pub(crate) use bulk::{PyAsyncBulk, PyBulkOutcome, PyBulkRun};
pub(crate) use results::{
    PyDialogState, PyDocument, PyInjected, PyInjectionResult, PyStateUpdated,
};

use crate::logging;
use crate::numeric_args::{duration, optional_count};
use asyncio::start;
use bulk::Bulk;
use calls::{Asked, Calls};
use fork_safe_client::ForkSafeClient;
use pending_call::wait;
use settings::builder_of;

/// A client of one tenant of Cognigy.AI. Calls block; any number of threads may share a client.
///
/// What is not given comes from the environment: ``COGNIGY_BASE_URL`` (or ``COGNIGY_TENANT_URL``),
/// ``COGNIGY_TENANT_ID``, ``CRM_WEBHOOK_URL``, and, where no credentials are given,
/// ``COGNIGY_API_KEY``, ``COGNIGY_CLIENT_ID`` and ``COGNIGY_CLIENT_SECRET``. A client may be used
/// after a fork: the child connects anew. What it logs goes to the logger ``cognigy_context``.
///
/// Times are seconds, or a ``timedelta``.
///
/// Args:
///     base_url: Address of the tenant's API, for example ``"https://api-trial.cognigy.ai"``. An
///         ending ``/new``, ``/api/v1`` or ``/api/v2`` is recognised.
///     api_key: The key that is sent as ``X-API-Key``. Beside client credentials it serves the
///         family ``platform`` alone.
///     bearer_token: A token that is ready.
///     get_token: Gets tokens: a callable that takes the name of a family and gives a token, or a
///         pair of a token and the seconds that it is good for. It is called on a thread of its own.
///     client_id: The id of an OAuth 2 client, for which each family gets its tokens.
///     client_secret: Its secret.
///     tenant_id: The tenant, sent as ``organisation-id``.
///     token_urls: Token endpoints other than the usual ones, by family: ``"sessions_v1"``,
///         ``"sessions_v2"``, ``"botsessions"``, ``"documents"``, ``"runtime_v2"``, ``"platform"``.
///     scopes: Scopes other than the usual ones, by family.
///     policy: What contexts are held against before they are sent: a :class:`Policy`, a preset's
///         name, or a dict of a policy's fields.
///     session_id_prefix: Refuse session ids that do not start so, for example ``"sess_"``.
///     deadline: How long a whole call may take, with all its attempts and waits.
///     attempt_timeout: How long one attempt may take.
///     connect_timeout: How long a connection may take to be made.
///     token_timeout: How long a token may take to be got, each attempt.
///     token_lifetime: How long a token is good whose lifetime nobody says.
///     max_retries: How often a request that failed is sent again.
///     max_concurrent: Most requests that are under way at a time.
///     rate: Most requests of the integration families: a pair of a number and a time; ``None`` for
///         no limit.
///     platform_rate: The same for the family ``platform``.
///     audit: Where audit records go beside the memory of the client: the path of a file of JSON
///         lines, a callable that takes a dict, or a list of these.
///     log_raw_session_ids: Whether audit records hold ids in the clear and not their hashes. A session id
///         lets whoever reads it join the conversation.
///     crm_webhook: The address that is told of each injection.
///     crm_webhook_secret: What these notices are signed with, as Standard Webhooks write it:
///         ``whsec_`` and Base64.
///     snapshot_webhook: The address that is told of each debug snapshot.
///
/// Raises:
///     ConfigurationError: The base URL or the credentials are missing or cannot be such, or another
///         argument can be none.
///     OSError: A file for audit records cannot be opened.
///
/// Example:
///     >>> from cognigy_context import Client, InjectionPayload
///     >>> with Client("https://api-trial.cognigy.ai", api_key="...") as client:  # doctest: +SKIP
///     ...     client.inject(InjectionPayload("session-1", [{"key": "tier", "value": "gold"}]))
///     <InjectionResult status='success' variables_injected=1 latency_ms=41.0>
#[pyclass(frozen, name = "Client", module = "cognigy_context")]
pub(crate) struct PyClient {
    calls: Calls,
    /// What `repr` shows.
    shown: String,
}

/// The calls of `AsyncClient`: each gives the future of its end.
#[pyclass(frozen, name = "_AsyncCalls", module = "cognigy_context._core")]
pub(crate) struct PyAsyncCalls {
    calls: Calls,
    shown: String,
}

/// The methods that both classes have. `$end` is how they come to their end, `$signature` what is
/// shown of the constructor; its defaults that are `None` or `...` are the core's.
macro_rules! methods {
    ($class:ident, $end:ident, $signature:tt, { $($own:tt)* }) => {
        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (base_url=None, **settings), text_signature = $signature)]
            fn new(
                py: Python<'_>,
                base_url: Option<&Bound<'_, PyString>>,
                settings: Option<&Bound<'_, PyDict>>,
            ) -> PyResult<Self> {
                let (builder, policy) = builder_of(py, base_url, settings)?;
                let link = ForkSafeClient::new(py, builder)?;
                logging::begin(py)?;
                let client = link.client(py)?;
                let address = client.base_url().as_str().into_pyobject(py)?.repr()?;
                let shown = format!("Client({address}, policy={policy})");
                Ok(Self { calls: Calls { link: Arc::new(link), deadline: None }, shown })
            }

            /// Injects variables into a session; the server merges them. When somebody else changed
            /// the session meanwhile, the variables of this payload, and no others, are sent again.
            ///
            /// Args:
            ///     payload: An :class:`InjectionPayload`, or a mapping of its fields.
            ///     crm_payload: What the CRM webhook is told, where one is configured: any JSON
            ///         value.
            ///
            /// Returns:
            ///     InjectionResult: ``status``, ``latency_ms``, ``variables_injected`` and
            ///     ``result``, what the server answered.
            ///
            /// Raises:
            ///     ValidationError: The payload or the session id is refused; nothing was sent.
            ///     CognigyError: The call failed, each way with a class of its own: for example
            ///         :class:`SessionNotFoundError`, :class:`RateLimitError`,
            ///         :class:`DeadlineError`.
            #[pyo3(signature = (payload, crm_payload=None))]
            fn inject(
                &self,
                py: Python<'_>,
                payload: &Bound<'_, PyAny>,
                crm_payload: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.inject(py, payload, crm_payload))
            }

            /// Reads back what was injected into a session.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///
            /// Returns:
            ///     Injected: ``variables``, and their ``tag``.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn get_injected(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.get_injected(py, session_id))
            }

            /// Whether there is a session of this id.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///
            /// Returns:
            ///     bool: Whether there is.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn session_exists(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.session_exists(py, session_id))
            }

            /// Appends variables to a session, in the first form of the API.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     variables: Names to values, held against the policy ``"injection"``.
            ///
            /// Returns:
            ///     dict: What the server answered.
            ///
            /// Raises:
            ///     ValidationError: The id or the variables are refused; nothing was sent.
            ///     CognigyError: The call failed.
            fn append_variables(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                variables: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.append_variables(py, session_id, variables))
            }

            /// Reads a session's context document. A session without one has an empty one.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///
            /// Returns:
            ///     Document: ``document``, and its ``tag``.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn get_document(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.get_document(py, session_id))
            }

            /// Merges data into a session's context document: reads it, merges, holds the whole
            /// against the policy ``"context"``, and writes it back. What somebody else changed
            /// meanwhile is read and merged again, where the server tags its documents. Syncs of one
            /// session follow each other within a process.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     data: What is merged, as for :func:`serialize_context`.
            ///
            /// Returns:
            ///     dict: The merged document.
            ///
            /// Raises:
            ///     ValidationError: The id, the data or the merged document is refused; nothing was
            ///         written.
            ///     CognigyError: The call failed.
            fn sync_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                data: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.sync_context(py, session_id, data))
            }

            /// Reads the variables of a session, over all pages, coerced without loss and resolved
            /// over their scopes.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     name: Only those of this name.
            ///     scope: Only those of this scope.
            ///     include_system: The system's too, whose names begin with ``_``.
            ///
            /// Returns:
            ///     Variables: As :func:`parse_variables` gives them.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            #[pyo3(signature = (session_id, name=None, scope=None, include_system=false))]
            fn get_variables(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                name: Option<&Bound<'_, PyString>>,
                scope: Option<&Bound<'_, PyString>>,
                include_system: bool,
            ) -> PyResult<Py<PyAny>> {
                let asked = Asked { session_id, name, scope, include_system };
                $end(py, self.calls.get_variables(py, asked))
            }

            /// Reads the variables of a session as somebody who debugs wants to see them, and tells
            /// the webhook for snapshots, where one is configured.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     name: Only those of this name.
            ///     scope: Only those of this scope.
            ///     include_system: The system's too, whose names begin with ``_``.
            ///
            /// Returns:
            ///     dict: ``session_id``; ``variables``, as :func:`debug_view` gives them; and
            ///     ``metrics``: ``avg_latency`` (seconds, of the last ten reads),
            ///     ``total_retrieved`` and ``audit_trail`` (the last five reads).
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            #[pyo3(signature = (session_id, name=None, scope=None, include_system=false))]
            fn debug_snapshot(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                name: Option<&Bound<'_, PyString>>,
                scope: Option<&Bound<'_, PyString>>,
                include_system: bool,
            ) -> PyResult<Py<PyAny>> {
                let asked = Asked { session_id, name, scope, include_system };
                $end(py, self.calls.debug_snapshot(py, asked))
            }

            /// Reads the state of a dialog.
            ///
            /// Args:
            ///     dialog_id: The dialog's id.
            ///
            /// Returns:
            ///     DialogState: ``state``, and its ``tag``.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn get_state(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.get_state(py, dialog_id))
            }

            /// Updates the state of a dialog. An update that is too large for one request is
            /// refused; :meth:`update_state_parts` sends it in parts.
            ///
            /// Args:
            ///     dialog_id: The dialog's id.
            ///     update: A :class:`StateUpdate`, or a mapping of its fields.
            ///     if_match: Only where the state still has this tag.
            ///     rebase: Where it has not, read the state and try again on what is there now.
            ///
            /// Returns:
            ///     StateUpdateResult: ``result``, what the server answered; the new ``tag``;
            ///     ``latency_ms``.
            ///
            /// Raises:
            ///     ValidationError: The id or the update is refused; nothing was sent.
            ///     StateConflictError: The state has changed; ``current_tag`` is the tag of now.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (dialog_id, update, if_match=None, rebase=false))]
            fn update_state(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyString>,
                update: &Bound<'_, PyAny>,
                if_match: Option<&Bound<'_, PyString>>,
                rebase: bool,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.update_state(py, dialog_id, update, if_match, rebase))
            }

            /// Updates the state of a dialog in as many parts as it takes; the transition is in the
            /// last. With ``if_match`` each part is sent under the tag of the answer before.
            ///
            /// Args:
            ///     dialog_id: The dialog's id.
            ///     update: A :class:`StateUpdate`, or a mapping of its fields.
            ///     if_match: Only where the state still has this tag.
            ///     rebase: Where it has not, read the state and try again on what is there now.
            ///
            /// Returns:
            ///     list[StateUpdateResult]: What each part came to.
            ///
            /// Raises:
            ///     ValidationError: The id or the update is refused; nothing was sent.
            ///     CognigyError: The call failed; the parts before the one that failed are there.
            #[pyo3(signature = (dialog_id, update, if_match=None, rebase=false))]
            fn update_state_parts(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyString>,
                update: &Bound<'_, PyAny>,
                if_match: Option<&Bound<'_, PyString>>,
                rebase: bool,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.update_state_parts(py, dialog_id, update, if_match, rebase))
            }

            /// Registers who hears of updates of states that succeeded.
            ///
            /// Args:
            ///     callback: Called with the dialog's id, the payload (a dict) and the
            ///         :class:`StateUpdateResult`, on the thread of the caller, before the call answers.
            ///         What it raises is logged, and changes nothing.
            ///
            /// Returns:
            ///     The callback, so that this is a decorator too.
            ///
            /// Raises:
            ///     TypeError: It cannot be called.
            fn on_state_updated(
                &self,
                py: Python<'_>,
                callback: Py<PyAny>,
            ) -> PyResult<Py<PyAny>> {
                if !callback.bind(py).is_callable() {
                    return Err(PyTypeError::new_err("callback must be callable"));
                }
                self.calls.link.add_listener(py, callback.clone_ref(py))?;
                Ok(callback)
            }

            /// Writes top-level keys into a session's context and gives the context that results.
            ///
            /// The context is checked before anything is sent, and so is the size that the whole
            /// would have. What the session holds already counts as empty, or as the last answer
            /// that this client saw for the session, unless ``existing`` says it.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     user_id: The id of the session's user.
            ///     context: Names to values: a dict.
            ///     existing: What the session's context holds already: a dict, or its JSON text.
            ///
            /// Returns:
            ///     dict: The whole context, as the platform holds it now.
            ///
            /// Raises:
            ///     ValidationError: The ids or the context would be refused or silently replaced,
            ///         and nothing was sent; or the platform replaced a value all the same.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (session_id, user_id, context, existing=None))]
            fn inject_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                user_id: &Bound<'_, PyString>,
                context: &Bound<'_, PyAny>,
                existing: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.inject_context(py, session_id, user_id, context, existing))
            }

            /// Sets a session's context back to that of the entry point of a flow.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     user_id: The id of the session's user.
            ///     flow_reference_id: The flow's reference id.
            ///     entrypoint: The entry point.
            ///
            /// Returns:
            ///     dict: The context that results.
            ///
            /// Raises:
            ///     CognigyError: An id is refused, or the call failed.
            fn reset_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                user_id: &Bound<'_, PyString>,
                flow_reference_id: &Bound<'_, PyString>,
                entrypoint: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                let reset = self.calls.reset_context(
                    py,
                    session_id,
                    user_id,
                    flow_reference_id,
                    entrypoint,
                );
                $end(py, reset)
            }

            /// Sets the state of a session. The platform is giving states up (deprecated in 2026.7,
            /// to be removed in 2026.12).
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     user_id: The id of the session's user.
            ///     state: The state.
            ///
            /// Returns:
            ///     str: The state that results.
            ///
            /// Raises:
            ///     CognigyError: An id is refused, or the call failed.
            fn inject_state(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                user_id: &Bound<'_, PyString>,
                state: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.inject_state(py, session_id, user_id, state))
            }

            /// Sets the state of a session back.
            ///
            /// Args:
            ///     session_id: The session's id.
            ///     user_id: The id of the session's user.
            ///
            /// Raises:
            ///     CognigyError: An id is refused, or the call failed.
            fn reset_state(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyString>,
                user_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.reset_state(py, session_id, user_id))
            }

            /// Lists profiles.
            ///
            /// Args:
            ///     query: Names and values that are put into the address as they come: ``limit``,
            ///         ``skip``, ``filter`` and others that the platform takes.
            ///
            /// Returns:
            ///     dict: As the platform answers it.
            ///
            /// Raises:
            ///     CognigyError: The call failed.
            #[pyo3(signature = (query=None))]
            fn list_profiles(
                &self,
                py: Python<'_>,
                query: Option<&Bound<'_, PyMapping>>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.list_profiles(py, query))
            }

            /// Reads a profile.
            ///
            /// Args:
            ///     profile_id: The profile's id.
            ///
            /// Returns:
            ///     dict: As the platform answers it.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn get_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.get_profile(py, profile_id))
            }

            /// Makes a profile. It is never sent again when it may have taken effect.
            ///
            /// Args:
            ///     fields: ``{"profile"?, "active"?, "contactIds"?}``.
            ///
            /// Returns:
            ///     dict: The profile, as the platform answers it.
            ///
            /// Raises:
            ///     ValidationError: The fields are refused; nothing was sent.
            ///     CognigyError: The call failed.
            fn create_profile(
                &self,
                py: Python<'_>,
                fields: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.create_profile(py, fields))
            }

            /// Changes a profile.
            ///
            /// Args:
            ///     profile_id: The profile's id.
            ///     fields: ``{"profile"?, "active"?, "contactIds"?}``.
            ///
            /// Returns:
            ///     dict: As the platform answers it.
            ///
            /// Raises:
            ///     ValidationError: The id or the fields are refused; nothing was sent.
            ///     CognigyError: The call failed.
            fn update_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyString>,
                fields: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.update_profile(py, profile_id, fields))
            }

            /// Deletes a profile.
            ///
            /// Args:
            ///     profile_id: The profile's id.
            ///
            /// Raises:
            ///     CognigyError: The id is refused, or the call failed.
            fn delete_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyString>,
            ) -> PyResult<Py<PyAny>> {
                $end(py, self.calls.delete_profile(py, profile_id))
            }

            /// How this client's injections went.
            ///
            /// Returns:
            ///     dict: ``total_injections`` (refused ones included), ``success_count``,
            ///     ``failure_count``, ``success_rate_percent``, ``average_latency_ms``,
            ///     ``p50_latency_ms``, ``p95_latency_ms``, ``p99_latency_ms``, and
            ///     ``dropped_notices`` to webhooks.
            fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.calls.metrics(py)
            }

            /// How this client's updates of dialogs' states went.
            ///
            /// Returns:
            ///     dict: ``persistence_rate``, successes by attempts; ``average_latency`` in seconds.
            fn state_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.calls.state_metrics(py)
            }

            /// The newest audit records.
            ///
            /// Args:
            ///     count: How many at most; as many as are kept when it is not given.
            ///
            /// Returns:
            ///     list[dict]: Oldest first: ``timestamp``, ``operation``, ``status``, ``session``
            ///     (hashed), ``variable_count``, ``latency_ms``, ``details``.
            #[pyo3(signature = (count=None))]
            fn audit_trail<'py>(
                &self,
                py: Python<'py>,
                count: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                self.calls.audit_trail(py, optional_count("count", count)?)
            }

            /// Waits until the webhooks were told all there is to tell.
            ///
            /// Args:
            ///     seconds: For so long at most: seconds, or a ``timedelta``.
            ///
            /// Returns:
            ///     bool: Whether they were.
            fn drain(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                let time = duration("seconds", seconds)?;
                $end(py, self.calls.drain(py, time))
            }

            /// The same client with another deadline for its calls, for example what is left of a
            /// budget. It shares everything else; closing one closes both.
            ///
            /// Args:
            ///     seconds: How long a whole call may take: seconds, or a ``timedelta``.
            fn with_deadline(&self, seconds: &Bound<'_, PyAny>) -> PyResult<Self> {
                let deadline = Some(duration("seconds", seconds)?);
                let calls = Calls { deadline, ..self.calls.clone() };
                Ok(Self { calls, shown: self.shown.clone() })
            }

            /// Closes the client's connections, after its webhooks were told what there was to tell,
            /// or have taken too long. Calls after it raise :class:`ConfigurationError`; the metrics and
            /// the audit trail can still be read.
            fn close(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $end(py, Ok(self.calls.close()))
            }

            fn __repr__(&self) -> &str {
                &self.shown
            }

            $($own)*
        }
    };
}

methods!(
    PyClient,
    wait,
    "(base_url=None, *, api_key=None, bearer_token=None, get_token=None, client_id=None, client_secret=None, tenant_id=None, token_urls=None, scopes=None, policy='platform', session_id_prefix=None, deadline=None, attempt_timeout=None, connect_timeout=None, token_timeout=None, token_lifetime=None, max_retries=None, max_concurrent=None, rate=..., platform_rate=..., audit=None, log_raw_session_ids=False, crm_webhook=None, crm_webhook_secret=None, snapshot_webhook=None)",
    {
        /// Injects any number of payloads, some at a time, under the client's limits, in as much memory
        /// as a few of them take: the input is taken only as far as it is under way.
        ///
        /// With a journal a run that was killed can go on: every item is injected at least once over all
        /// runs, and one that is confirmed never again. An item waits for the client's own limit as long
        /// as it takes; its deadline begins then.
        ///
        /// Args:
        ///     items: :class:`InjectionPayload` objects, mappings of their fields, or pairs of one of
        ///         these and what the CRM webhook is told. Iterated over on the thread of the caller.
        ///     journal: The path of the file that remembers what is confirmed. One run at a time may use
        ///         it.
        ///     concurrency: How many are under way at a time; ``max_concurrent`` when it is not given.
        ///     on_progress: Called after each item with the ``summary`` so far.
        ///
        /// Returns:
        ///     BulkRun: An iterator of :class:`BulkOutcome`, in the order in which they come to an end.
        ///     An item that fails is an outcome too. What the input raises is raised when all that was
        ///     taken of it before has come to its end.
        ///
        /// Raises:
        ///     BlockingIOError: Another run uses the journal.
        ///     ConfigurationError: The file is no journal, or ``concurrency`` can be none.
        ///     OSError: The journal cannot be opened.
        ///
        /// Example:
        ///     >>> run = client.inject_many(payloads, journal="rows.journal")  # doctest: +SKIP
        ///     >>> failed = [outcome for outcome in run if outcome.error]  # doctest: +SKIP
        ///     >>> run.summary["injected"]  # doctest: +SKIP
        ///     20000
        #[pyo3(signature = (items, *, journal=None, concurrency=None, on_progress=None))]
        fn inject_many(
            &self,
            py: Python<'_>,
            items: &Bound<'_, PyAny>,
            journal: Option<PathBuf>,
            concurrency: Option<&Bound<'_, PyAny>>,
            on_progress: Option<Py<PyAny>>,
        ) -> PyResult<PyBulkRun> {
            let items = items.try_iter()?;
            let concurrency = optional_count("concurrency", concurrency)?;
            let bulk = Bulk::new(py, self.calls.clone(), journal, concurrency, on_progress)?;
            Ok(PyBulkRun::new(bulk, items))
        }

        fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
            slf
        }

        #[pyo3(signature = (exc_type=None, exc_value=None, traceback=None))]
        fn __exit__(
            &self,
            py: Python<'_>,
            exc_type: Option<&Bound<'_, PyAny>>,
            exc_value: Option<&Bound<'_, PyAny>>,
            traceback: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<()> {
            let _ = (exc_type, exc_value, traceback);
            self.close(py).map(drop)
        }
    }
);

methods!(PyAsyncCalls, start, "(base_url=None, **settings)", {
    fn bulk(
        &self,
        py: Python<'_>,
        journal: Option<PathBuf>,
        concurrency: Option<&Bound<'_, PyAny>>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<PyAsyncBulk> {
        let concurrency = optional_count("concurrency", concurrency)?;
        let bulk = Bulk::new(py, self.calls.clone(), journal, concurrency, on_progress)?;
        Ok(PyAsyncBulk::new(bulk))
    }
});
