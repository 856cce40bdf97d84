//! The Python methods of both client classes: one table, whose work is in [`methods`](super::methods) by
//! API area.
//!
//! One macro defines the table, because both classes need the same names, arguments and docstrings. The
//! table is one `#[pymethods]` block, because PyO3 accepts several only with its feature
//! `multiple-pymethods`, which registers methods by global constructors and adds a dependency.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::asyncio::start;
use super::bulk::{Bulk, JournalFile, PyAsyncBulk, PyBulkRun};
use super::fork_safe_client::ForkSafeClient;
use super::methods::{ClientMethods, ReadArgs};
use super::pending_call::wait;
use super::settings::builder_of;
use super::{PyAsyncCalls, PyClient};
use crate::argument_types::{bool_arg, callable_arg, iterator_arg, path_arg, wrong_type};
use crate::errors;
use crate::logging;
use crate::numeric_args::{duration, optional_count};
use crate::variables::include_system_arg;

/// Defines the methods of a client class. `$finish` runs a prepared call: it blocks, or returns a
/// future. `$signature` is the constructor's signature for `help()`; `bindings-python/stubs` checks
/// it. The core supplies the defaults that are `None` or `...` there. `$other_methods` are the methods of
/// this class only.
macro_rules! client_methods {
    ($class:ident, $finish:ident, $signature:tt, { $($other_methods:tt)* }) => {
        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (base_url=None, **settings), text_signature = $signature)]
            fn new(
                py: Python<'_>,
                base_url: Option<&Bound<'_, PyAny>>,
                settings: Option<&Bound<'_, PyDict>>,
            ) -> PyResult<Self> {
                let (builder, policy) = builder_of(py, base_url, settings)?;
                let connection = ForkSafeClient::new(py, builder)?;
                logging::install(py)?;
                let client = connection.client(py)?;
                let address = client.base_url().as_str().into_pyobject(py)?.repr()?;
                let repr = format!("Client({address}, policy={policy})");
                Ok(Self { methods: ClientMethods { connection: Arc::new(connection), deadline: None }, repr })
            }

            /// Injects variables into a session; the server merges them with the existing ones.
            ///
            /// When another writer changes the session at the same time, the client sends the
            /// variables of this payload again, and no others.
            ///
            /// Args:
            ///     payload: An :class:`InjectionPayload`, or a mapping of its fields.
            ///     crm_payload: JSON value to send to the CRM webhook, when one is configured.
            ///         Default ``None``: nothing is added.
            ///
            /// Returns:
            ///     InjectionResult: ``status``, ``latency_ms``, ``variables_injected`` and
            ///     ``result``, the server's response.
            ///
            /// Raises:
            ///     ValidationError: The payload or the session id is invalid. Nothing was sent.
            ///     CognigyError: The call failed. Each kind of failure has its own class, for example
            ///         :class:`SessionNotFoundError`, :class:`RateLimitError` or
            ///         :class:`DeadlineError`.
            #[pyo3(signature = (payload, crm_payload=None))]
            fn inject(
                &self,
                py: Python<'_>,
                payload: &Bound<'_, PyAny>,
                crm_payload: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.inject(py, payload, crm_payload))
            }

            /// Reads the variables that were injected into a session.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///
            /// Returns:
            ///     InjectedVariables: ``variables`` and their ``tag``.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn get_injected(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.get_injected(py, session_id))
            }

            /// Returns whether a session exists.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///
            /// Returns:
            ///     bool: ``True`` when the session exists.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn session_exists(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.session_exists(py, session_id))
            }

            /// Appends variables to a session through the v1 API.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     variables: Names to values. They must satisfy the policy ``"injection"``.
            ///
            /// Returns:
            ///     dict: The server's response.
            ///
            /// Raises:
            ///     ValidationError: The id or the variables are invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn append_variables(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                variables: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.append_variables(py, session_id, variables))
            }

            /// Reads the context document of a session.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///
            /// Returns:
            ///     Document: ``document``, which is empty when the session has none, and its ``tag``.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn get_document(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.get_document(py, session_id))
            }

            /// Merges data into the context document of a session.
            ///
            /// Reads the document, merges the data, checks the merged document against the policy
            /// ``"context"`` and writes it back. When another writer changes the document at the same
            /// time, and the server tags its documents, the client reads and merges again. Calls for
            /// the same session run one after another within a process.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     data: Data to merge, of any type that :func:`serialize_context` accepts.
            ///
            /// Returns:
            ///     dict: The merged document.
            ///
            /// Raises:
            ///     ValidationError: The id, the data or the merged document is invalid. Nothing was
            ///         written.
            ///     CognigyError: The call failed.
            fn sync_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                data: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.sync_context(py, session_id, data))
            }

            /// Reads the variables of a session from all pages, and resolves their scopes.
            ///
            /// Values are coerced in the mode ``"lossless"``.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     name: Name to filter by. Default ``None``: all names.
            ///     scope: Scope to filter by. Default ``None``: all scopes.
            ///     include_system: Whether to include system variables, whose names start with
            ///         ``_``. Default ``False``.
            ///
            /// Returns:
            ///     Variables: The variables, as :func:`parse_variables` returns them.
            ///
            /// Raises:
            ///     ValidationError: An argument is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (session_id, name=None, scope=None, include_system=false))]
            fn get_variables(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                name: Option<&Bound<'_, PyAny>>,
                scope: Option<&Bound<'_, PyAny>>,
                #[pyo3(from_py_with = include_system_arg)] include_system: bool,
            ) -> PyResult<Py<PyAny>> {
                let args = ReadArgs { session_id, name, scope, include_system };
                $finish(py, self.methods.get_variables(py, args))
            }

            /// Reads the variables of a session for debugging.
            ///
            /// Sends the snapshot to the snapshot webhook, when one is configured.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     name: Name to filter by. Default ``None``: all names.
            ///     scope: Scope to filter by. Default ``None``: all scopes.
            ///     include_system: Whether to include system variables, whose names start with
            ///         ``_``. Default ``False``.
            ///
            /// Returns:
            ///     dict: ``session_id``; ``variables``, as :func:`debug_view` returns them; and
            ///     ``metrics``: ``avg_latency`` (seconds, of the last ten reads),
            ///     ``total_retrieved`` and ``audit_trail`` (the last five reads).
            ///
            /// Raises:
            ///     ValidationError: An argument is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (session_id, name=None, scope=None, include_system=false))]
            fn debug_snapshot(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                name: Option<&Bound<'_, PyAny>>,
                scope: Option<&Bound<'_, PyAny>>,
                #[pyo3(from_py_with = include_system_arg)] include_system: bool,
            ) -> PyResult<Py<PyAny>> {
                let args = ReadArgs { session_id, name, scope, include_system };
                $finish(py, self.methods.debug_snapshot(py, args))
            }

            /// Reads the state of a dialog.
            ///
            /// Args:
            ///     dialog_id: Id of the dialog.
            ///
            /// Returns:
            ///     DialogState: ``state`` and its ``tag``.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn get_state(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.get_state(py, dialog_id))
            }

            /// Updates the state of a dialog in one request.
            ///
            /// An update that exceeds the limit of one request is refused; use
            /// :meth:`update_state_parts` for it.
            ///
            /// Args:
            ///     dialog_id: Id of the dialog.
            ///     update: A :class:`StateUpdate`, or a mapping of its fields.
            ///     if_match: Tag that the state must still have: a strong ``ETag`` as the server sent it.
            ///         Default ``None``: any tag.
            ///     rebase: Whether to read the state and retry on its new tag when the tag has
            ///         changed. Default ``False``.
            ///
            /// Returns:
            ///     StateUpdateResult: ``result``, the server's response; the new ``tag``;
            ///     ``guarded``, whether the update had a condition; ``latency_ms``.
            ///
            /// Raises:
            ///     ValidationError: The id, the tag or the update is invalid. Nothing was sent.
            ///     StateConflictError: The state has changed. ``current_tag`` is its new tag.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (dialog_id, update, if_match=None, rebase=false))]
            fn update_state(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyAny>,
                update: &Bound<'_, PyAny>,
                if_match: Option<&Bound<'_, PyAny>>,
                #[pyo3(from_py_with = rebase_arg)] rebase: bool,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.update_state(py, dialog_id, update, if_match, rebase))
            }

            /// Updates the state of a dialog in as many requests as its size needs.
            ///
            /// The last request contains the transition. With ``if_match`` each request uses the tag
            /// that the previous response returned. After a response without a strong tag the next
            /// request has no condition: the client logs a warning, and ``guarded`` of its result is
            /// ``False``.
            ///
            /// Args:
            ///     dialog_id: Id of the dialog.
            ///     update: A :class:`StateUpdate`, or a mapping of its fields.
            ///     if_match: Tag that the state must still have: a strong ``ETag`` as the server sent it.
            ///         Default ``None``: any tag.
            ///     rebase: Whether to read the state and retry on its new tag when the tag has
            ///         changed. Default ``False``.
            ///
            /// Returns:
            ///     list[StateUpdateResult]: The result of each request, in order.
            ///
            /// Raises:
            ///     ValidationError: The id, the tag or the update is invalid. Nothing was sent.
            ///     StateConflictError: The state has changed. ``current_tag`` is its new tag.
            ///     CognigyError: The call failed. The requests before the failed one took effect.
            #[pyo3(signature = (dialog_id, update, if_match=None, rebase=false))]
            fn update_state_parts(
                &self,
                py: Python<'_>,
                dialog_id: &Bound<'_, PyAny>,
                update: &Bound<'_, PyAny>,
                if_match: Option<&Bound<'_, PyAny>>,
                #[pyo3(from_py_with = rebase_arg)] rebase: bool,
            ) -> PyResult<Py<PyAny>> {
                $finish(
                    py,
                    self.methods.update_state_parts(py, dialog_id, update, if_match, rebase),
                )
            }

            /// Registers a listener for successful updates of dialog states.
            ///
            /// Args:
            ///     callback: Callable that takes the dialog id, the payload (a dict) and the
            ///         :class:`StateUpdateResult`. It runs on the caller's thread before the call
            ///         returns. An exception that it raises is logged and otherwise ignored.
            ///
            /// Returns:
            ///     The callback, so that the method works as a decorator.
            ///
            /// Raises:
            ///     TypeError: ``callback`` is not callable.
            fn on_state_updated(
                &self,
                py: Python<'_>,
                callback: Py<PyAny>,
            ) -> PyResult<Py<PyAny>> {
                if !callback.bind(py).is_callable() {
                    return Err(wrong_type("callback", "callable", callback.bind(py)));
                }
                self.methods.connection.add_listener(py, callback.clone_ref(py))?;
                Ok(callback)
            }

            /// Writes top-level keys into the context of a session.
            ///
            /// Checks the context, and the size that the whole context would have, before anything is
            /// sent. The size includes the existing context: ``existing`` when it is given, else the
            /// last response that this client received for this session, else nothing.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     user_id: Id of the session's user.
            ///     context: Context to write: a mapping of keys to values.
            ///     existing: The existing context of the session: a dict, or its JSON text. Default
            ///         ``None``: the last one that this client received.
            ///
            /// Returns:
            ///     dict: The whole context after the write.
            ///
            /// Raises:
            ///     ValidationError: The platform would refuse or replace the ids or the context, and
            ///         nothing was sent; or the platform replaced a value.
            ///     CognigyError: The call failed.
            #[pyo3(signature = (session_id, user_id, context, existing=None))]
            fn inject_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                user_id: &Bound<'_, PyAny>,
                context: &Bound<'_, PyAny>,
                existing: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.inject_context(py, session_id, user_id, context, existing))
            }

            /// Resets the context of a session to that of a flow's entry point.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     user_id: Id of the session's user.
            ///     flow_reference_id: Reference id of the flow.
            ///     entrypoint: Entry point of the flow.
            ///
            /// Returns:
            ///     dict: The context after the reset.
            ///
            /// Raises:
            ///     ValidationError: An id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn reset_context(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                user_id: &Bound<'_, PyAny>,
                flow_reference_id: &Bound<'_, PyAny>,
                entrypoint: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                let reset = self.methods.reset_context(
                    py,
                    session_id,
                    user_id,
                    flow_reference_id,
                    entrypoint,
                );
                $finish(py, reset)
            }

            /// Sets the state of a session.
            ///
            /// The platform deprecated session states in 2026.7 and removes them in 2026.12.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     user_id: Id of the session's user.
            ///     state: Name of the state.
            ///
            /// Returns:
            ///     str: The state after the call.
            ///
            /// Raises:
            ///     ValidationError: An argument is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn inject_state(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                user_id: &Bound<'_, PyAny>,
                state: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.inject_state(py, session_id, user_id, state))
            }

            /// Resets the state of a session.
            ///
            /// Args:
            ///     session_id: Id of the session.
            ///     user_id: Id of the session's user.
            ///
            /// Raises:
            ///     ValidationError: An id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn reset_state(
                &self,
                py: Python<'_>,
                session_id: &Bound<'_, PyAny>,
                user_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.reset_state(py, session_id, user_id))
            }

            /// Lists contact profiles.
            ///
            /// Args:
            ///     query: Query parameters, sent without a check: ``limit``, ``skip``, ``filter`` and
            ///         others that the platform accepts. Values are converted with ``str()``. Default
            ///         ``None``: no parameters.
            ///
            /// Returns:
            ///     dict: The server's response.
            ///
            /// Raises:
            ///     CognigyError: The call failed.
            #[pyo3(signature = (query=None))]
            fn list_profiles(
                &self,
                py: Python<'_>,
                query: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.list_profiles(py, query))
            }

            /// Reads a contact profile.
            ///
            /// Args:
            ///     profile_id: Id of the profile.
            ///
            /// Returns:
            ///     dict: The server's response.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn get_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.get_profile(py, profile_id))
            }

            /// Creates a contact profile.
            ///
            /// The client does not retry after an ambiguous failure, so that no profile is created
            /// twice.
            ///
            /// Args:
            ///     fields: Fields of the profile: ``{"profile"?, "active"?, "contactIds"?}``.
            ///
            /// Returns:
            ///     dict: The server's response: the profile.
            ///
            /// Raises:
            ///     ValidationError: The fields are invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn create_profile(
                &self,
                py: Python<'_>,
                fields: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.create_profile(py, fields))
            }

            /// Updates a contact profile.
            ///
            /// Args:
            ///     profile_id: Id of the profile.
            ///     fields: Fields to change: ``{"profile"?, "active"?, "contactIds"?}``.
            ///
            /// Returns:
            ///     dict: The server's response.
            ///
            /// Raises:
            ///     ValidationError: The id or the fields are invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn update_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyAny>,
                fields: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.update_profile(py, profile_id, fields))
            }

            /// Deletes a contact profile.
            ///
            /// Args:
            ///     profile_id: Id of the profile.
            ///
            /// Raises:
            ///     ValidationError: The id is invalid. Nothing was sent.
            ///     CognigyError: The call failed.
            fn delete_profile(
                &self,
                py: Python<'_>,
                profile_id: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                $finish(py, self.methods.delete_profile(py, profile_id))
            }

            /// Returns counts and latencies of this client's injections.
            ///
            /// Returns:
            ///     dict: ``total_injections`` (refused ones included), ``success_count``,
            ///     ``failure_count``, ``success_rate_percent``, ``average_latency_ms``,
            ///     ``p50_latency_ms``, ``p95_latency_ms``, ``p99_latency_ms``, and
            ///     ``dropped_notices``, the number of webhook deliveries that were dropped: because the
            ///     queue was full, or because they were not sent when the client was closed.
            fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.methods.metrics(py)
            }

            /// Returns the success rate and latency of this client's dialog state updates.
            ///
            /// Returns:
            ///     dict: ``persistence_rate``, the number of successes divided by the number of
            ///     updates; ``average_latency`` in seconds.
            fn state_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.methods.state_metrics(py)
            }

            /// Returns the newest audit records, oldest first.
            ///
            /// Args:
            ///     count: Maximum number of records. Default ``None``: all that the client stores.
            ///
            /// Returns:
            ///     list[dict]: Dicts of ``timestamp``, ``operation``, ``status``, ``session`` (the SHA-256
            ///     of the session id, or the id with ``log_raw_session_ids``), ``variable_count``,
            ///     ``latency_ms`` and ``details``.
            ///
            /// Raises:
            ///     ConfigurationError: ``count`` is negative or exceeds 64 bits.
            #[pyo3(signature = (count=None))]
            fn audit_trail<'py>(
                &self,
                py: Python<'py>,
                count: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                self.methods.audit_trail(py, optional_count("count", count)?)
            }

            /// Waits for queued webhook deliveries to finish.
            ///
            /// Args:
            ///     seconds: Maximum time to wait: seconds, or a ``timedelta``.
            ///
            /// Returns:
            ///     bool: ``True`` when all deliveries finished in time.
            ///
            /// Raises:
            ///     ConfigurationError: ``seconds`` is negative or not finite.
            fn drain(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                let time = duration("seconds", seconds)?;
                $finish(py, self.methods.drain(py, time))
            }

            /// Returns a client that differs only in the deadline of its calls.
            ///
            /// Both clients share everything else; closing one closes both.
            ///
            /// Args:
            ///     seconds: Time limit of a call, including its retries and waits: seconds, or a
            ///         ``timedelta``.
            ///
            /// Returns:
            ///     The client with the new deadline.
            ///
            /// Raises:
            ///     ConfigurationError: ``seconds`` is negative or not finite.
            fn with_deadline(&self, seconds: &Bound<'_, PyAny>) -> PyResult<Self> {
                let deadline = Some(duration("seconds", seconds)?);
                let methods = ClientMethods { deadline, ..self.methods.clone() };
                Ok(Self { methods, repr: self.repr.clone() })
            }

            /// Closes the client's connections.
            ///
            /// Waits up to 5 s for queued webhook deliveries first, and then drops the rest:
            /// ``dropped_notices`` of :meth:`metrics` includes them, and the client logs their number. A
            /// delivery in flight at that moment counts as dropped, although it may have reached the
            /// webhook. Later calls raise :class:`ConfigurationError`; the metrics and the audit trail
            /// remain readable. Closing a closed client does nothing.
            fn close(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $finish(py, Ok(self.methods.close()))
            }

            fn __repr__(&self) -> &str {
                &self.repr
            }

            $($other_methods)*
        }
    };
}

fn durable_arg(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    bool_arg("durable", given)
}

fn rebase_arg(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    bool_arg("rebase", given)
}

client_methods!(
    PyClient,
    wait,
    "(base_url=None, *, api_key=None, bearer_token=None, get_token=None, client_id=None, client_secret=None, tenant_id=None, token_urls=None, scopes=None, policy='platform', session_id_prefix=None, deadline=None, attempt_timeout=None, connect_timeout=None, token_timeout=None, token_lifetime=None, max_retries=None, max_concurrent=None, rate=..., platform_rate=..., audit=None, audit_durable=False, log_raw_session_ids=False, crm_webhook=None, crm_webhook_secret=None, snapshot_webhook=None)",
    {
        /// Injects any number of payloads, several at a time.
        ///
        /// Reads an item of the input only when it can be sent, so that memory does not grow with the
        /// input. All limits of the client apply. An item may wait for the rate limit without a time
        /// limit; its deadline starts after that.
        ///
        /// With a journal a stopped run can continue: over all runs every item is injected at least
        /// once, and a confirmed item is not injected again.
        ///
        /// Args:
        ///     items: :class:`InjectionPayload` objects, mappings of their fields, or tuples of one of
        ///         these and a JSON value for the CRM webhook. The caller's thread iterates over it.
        ///         :meth:`AsyncClient.inject_many` accepts an async iterable as well.
        ///     journal: Path of the file that records confirmed items. Only one run at a time can use
        ///         it. A confirmed item survives a kill of the process. Default ``None``: no journal.
        ///     durable: Whether a confirmed item also survives a power cut: the journal is flushed to
        ///         the disk (``fsync``) after each item, which may take several milliseconds. Default
        ///         ``False``.
        ///     concurrency: Maximum number of injections at the same time; 0 counts as 1. Default
        ///         ``None``: the client's ``max_concurrent``.
        ///     on_progress: Callable that takes the ``summary`` so far, called after each item.
        ///         Default ``None``: no callable.
        ///
        /// Returns:
        ///     An iterator of :class:`BulkOutcome` in the order in which items finish: a
        ///     :class:`BulkRun`, or an :class:`AsyncBulkRun`. A failed item is an outcome as well. An
        ///     exception that the input raises is raised when all items before it have finished.
        ///
        /// Raises:
        ///     TypeError: ``items`` is not iterable.
        ///     BlockingIOError: Another run uses the journal.
        ///     ConfigurationError: The file is not a journal, which leaves it unchanged, or
        ///         ``concurrency`` is invalid.
        ///     OSError: The journal cannot be opened, or is not a regular file.
        ///
        /// Example:
        ///     >>> run = client.inject_many(payloads, journal="rows.journal")  # doctest: +SKIP
        ///     >>> failed = [outcome for outcome in run if outcome.error]  # doctest: +SKIP
        ///     >>> run.summary["injected"]  # doctest: +SKIP
        ///     20000
        #[pyo3(signature = (items, *, journal=None, durable=false, concurrency=None, on_progress=None))]
        fn inject_many(
            &self,
            py: Python<'_>,
            items: &Bound<'_, PyAny>,
            journal: Option<&Bound<'_, PyAny>>,
            #[pyo3(from_py_with = durable_arg)] durable: bool,
            concurrency: Option<&Bound<'_, PyAny>>,
            on_progress: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<PyBulkRun> {
            let items = iterator_arg("items", items)?;
            let bulk = new_bulk(py, &self.methods, journal, durable, concurrency, on_progress)?;
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

client_methods!(PyAsyncCalls, start, "(base_url=None, **settings)", {
    fn bulk(
        &self,
        py: Python<'_>,
        journal: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = durable_arg)] durable: bool,
        concurrency: Option<&Bound<'_, PyAny>>,
        on_progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyAsyncBulk> {
        new_bulk(py, &self.methods, journal, durable, concurrency, on_progress)
            .map(PyAsyncBulk::new)
    }
});

/// Starts a bulk injection after checking its options.
fn new_bulk(
    py: Python<'_>,
    methods: &ClientMethods,
    journal: Option<&Bound<'_, PyAny>>,
    durable: bool,
    concurrency: Option<&Bound<'_, PyAny>>,
    on_progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bulk> {
    let path =
        journal.map(|journal| path_arg("journal", "a str or a path", journal)).transpose()?;
    if durable && path.is_none() {
        return Err(errors::configuration(py, "durable needs a journal. Set journal."));
    }
    let journal = path.map(|path| JournalFile { path, is_durable: durable });
    let concurrency = optional_count("concurrency", concurrency)?;
    let on_progress =
        on_progress.map(|callback| callable_arg("on_progress", callback)).transpose()?;
    let on_progress = on_progress.map(|callback| callback.clone().unbind());
    Bulk::new(py, methods.clone(), journal, concurrency, on_progress)
}
