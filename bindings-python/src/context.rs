//! The classes `ContextManager` and `ContextUpdate`.

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::__bindings;
use cognigy_context::__bindings::SharedUpdateResult;
use cognigy_context::{context::ContextManager, context::ContextOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::argument_types::{bool_arg, callable_arg, iterator_arg, wrong_type};
use crate::clock::{self, CallClock};
use crate::documents::write_document;
use crate::errors;
use crate::numeric_args::{count, duration};
use crate::schema::schema_of;
use crate::text_args::TextArg;
use crate::to_python::{to_dict, to_python};

/// Stores the context of each session in memory.
///
/// A context is merged, kept within its size limit and valid against a schema, and each of its
/// leaves has a time to live. Any number of threads may share a manager; updates of one session run
/// one after another.
///
/// Args:
///     schema: Schema that contexts must match: a :class:`Schema`, or the schema as a dict, a
///         ``bool`` or JSON text. Its defaults are filled. Default ``None``: no schema.
///     max_size_bytes: Maximum JSON bytes of a context. Default 95,000.
///     ttl_seconds: Time to live of a leaf after the last update that contains it: seconds, or a
///         ``timedelta``. Default 300 s.
///     prune_paths: JSON Pointers of values to clear, in order, while a context is too large. A
///         pointer to a missing value is ignored. Default ``["/user_profile/preferences"]``.
///     lru: Whether pruning then drops the least recently updated leaves, except those that the
///         schema requires and those of the current update. Default ``False``.
///     clock: Callable that returns the current time in seconds since 1970. Default ``None``: the
///         system clock.
///
/// Raises:
///     ConfigurationError: ``schema`` is not a valid schema, ``ttl_seconds`` is negative or not
///         finite, or ``max_size_bytes`` is negative or exceeds 64 bits.
///     ValidationError: A part of ``schema`` has no JSON form, or its text is not JSON.
///     TypeError: ``max_size_bytes``, ``ttl_seconds``, ``prune_paths`` or ``lru`` has another type.
///
/// Example:
///     >>> from cognigy_context import ContextManager
///     >>> manager = ContextManager(max_size_bytes=1_000)
///     >>> manager.update("session-1", {"user": {"name": "Ada"}}).context
///     {'user': {'name': 'Ada'}}
///     >>> manager.update("session-1", {"user": {"tier": "gold"}}).context
///     {'user': {'name': 'Ada', 'tier': 'gold'}}
#[pyclass(frozen, name = "ContextManager", module = "cognigy_context")]
pub(crate) struct PyContextManager {
    manager: ContextManager,
    clock: Option<Py<PyAny>>,
    repr: String,
}

#[pymethods]
impl PyContextManager {
    #[new]
    #[pyo3(
        signature = (schema=None, max_size_bytes=None, ttl_seconds=None, prune_paths=None, lru=false, clock=None),
        text_signature = "(schema=None, max_size_bytes=95_000, ttl_seconds=300, prune_paths=['/user_profile/preferences'], lru=False, clock=None)"
    )]
    fn new(
        py: Python<'_>,
        schema: Option<&Bound<'_, PyAny>>,
        max_size_bytes: Option<&Bound<'_, PyAny>>,
        ttl_seconds: Option<&Bound<'_, PyAny>>,
        prune_paths: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = lru_arg)] lru: bool,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        if let Some(clock) = &clock {
            callable_arg("clock", clock.bind(py))?;
        }
        let mut options =
            ContextOptions { lru, clock: Arc::new(CallClock), ..ContextOptions::default() };
        options.schema = schema.map(schema_of).transpose()?;
        if let Some(bytes) = max_size_bytes {
            options.max_size_bytes = count("max_size_bytes", bytes)?;
        }
        if let Some(seconds) = ttl_seconds {
            options.ttl = duration("ttl_seconds", seconds)?;
        }
        if let Some(paths) = prune_paths {
            // Iterating over a `str` would return its characters.
            if paths.is_instance_of::<PyString>() {
                return Err(wrong_type("prune_paths", "a list of JSON Pointers", paths));
            }
            let paths = iterator_arg("prune_paths", paths)?
                .map(|path| TextArg::read("a path of prune_paths", &path?)?.into_text(py));
            options.prune_paths = paths.collect::<PyResult<_>>()?;
        }
        let repr = format!(
            "<ContextManager max_size_bytes={} ttl_seconds={}>",
            options.max_size_bytes,
            options.ttl.as_secs_f64()
        );
        Ok(Self { manager: ContextManager::new(options), clock, repr })
    }

    /// Merges data into the context of a session.
    ///
    /// The steps are: drop expired leaves, merge, refresh the time to live of the leaves in
    /// ``data``, fill defaults, prune while the context is too large, validate, store.
    ///
    /// Args:
    ///     session_id: Id of the session.
    ///     data: Data to merge, of any type that :func:`serialize_context` accepts. Internal keys,
    ///         which start with ``__``, are left out.
    ///
    /// Returns:
    ///     ContextUpdate: The context after the update, and what was dropped from it.
    ///
    /// Raises:
    ///     ValidationError: ``session_id`` contains an unpaired surrogate; ``data`` is not a mapping, has
    ///         no JSON form or contains an integer beyond 64 bits; or the context is too large after
    ///         pruning or violates the schema. The stored context stays unchanged.
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    fn update(
        &self,
        py: Python<'_>,
        session_id: &Bound<'_, PyAny>,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<PyContextUpdate> {
        let session_id = id_text(session_id)?;
        let data = write_document(data)?;
        let now = self.now(py)?;
        let updated = py
            .detach(|| {
                CallClock::at(now, || __bindings::update_shared(&self.manager, &session_id, data))
            })
            .map_err(|error| errors::of_validation(py, error))?;
        PyContextUpdate::new(py, updated)
    }

    /// Returns the state of a session. An unknown session has an empty context.
    ///
    /// Args:
    ///     session_id: Id of the session.
    ///
    /// Returns:
    ///     dict: ``session_id``; ``current_context``, without expired leaves; ``ttl_registry``, the
    ///     expiry time of each leaf (RFC 3339) by its JSON Pointer; ``recent_audit_trail``, the last
    ///     10 entries, oldest first (``timestamp``, ``session_id`` as SHA-256, ``action``,
    ///     ``payload_size`` in bytes, ``audit_trail_id``); ``schema_valid``, whether the context
    ///     matches the schema.
    ///
    /// Raises:
    ///     ValidationError: ``session_id`` contains an unpaired surrogate.
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    fn inspect<'py>(
        &self,
        py: Python<'py>,
        session_id: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session_id = id_text(session_id)?;
        let now = self.now(py)?;
        let inspection = py.detach(|| {
            let inspection = CallClock::at(now, || self.manager.inspect(&session_id));
            serde_json::to_value(inspection).unwrap_or_default()
        });
        to_python(py, &inspection)
    }

    /// Clears the context of a session. Its audit trail remains until :meth:`sweep`.
    ///
    /// Args:
    ///     session_id: Id of the session.
    ///
    /// Raises:
    ///     ValidationError: ``session_id`` contains an unpaired surrogate.
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    fn reset(&self, py: Python<'_>, session_id: &Bound<'_, PyAny>) -> PyResult<()> {
        let session_id = id_text(session_id)?;
        let now = self.now(py)?;
        py.detach(|| CallClock::at(now, || self.manager.reset(&session_id)));
        Ok(())
    }

    /// Removes every session whose leaves have all expired.
    ///
    /// The manager does this automatically for sessions that expired an hour ago or earlier.
    ///
    /// Returns:
    ///     int: Number of removed sessions.
    ///
    /// Raises:
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    fn sweep(&self, py: Python<'_>) -> PyResult<usize> {
        let now = self.now(py)?;
        Ok(py.detach(|| CallClock::at(now, || self.manager.sweep())))
    }

    fn __repr__(&self) -> &str {
        &self.repr
    }
}

impl PyContextManager {
    fn now(&self, py: Python<'_>) -> PyResult<Duration> {
        clock::now(self.clock.as_ref().map(|clock| clock.bind(py)))
    }
}

fn lru_arg(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    bool_arg("lru", given)
}

/// Returns the text of the argument `session_id`.
///
/// # Errors
/// `TypeError` when it is not a `str`, `ValidationError` when it contains an unpaired surrogate.
fn id_text(session_id: &Bound<'_, PyAny>) -> PyResult<String> {
    TextArg::read("session_id", session_id)?.into_text(session_id.py())
}

/// Result of an update of a context.
///
/// Returned by :meth:`ContextManager.update`.
///
/// Example:
///     >>> from cognigy_context import ContextManager
///     >>> update = ContextManager().update("session-1", {"turn": 1})
///     >>> update.context, update.expired, update.pruned
///     ({'turn': 1}, (), ())
#[pyclass(frozen, name = "ContextUpdate", module = "cognigy_context")]
pub(crate) struct PyContextUpdate {
    context: Py<PyDict>,
    expired: Py<PyTuple>,
    pruned: Py<PyTuple>,
}

impl PyContextUpdate {
    fn new(py: Python<'_>, updated: SharedUpdateResult) -> PyResult<Self> {
        let SharedUpdateResult { context, expired, pruned } = updated;
        let context = match context.as_object() {
            Some(context) => to_dict(py, context)?,
            None => PyDict::new(py),
        };
        Ok(Self {
            context: context.unbind(),
            expired: PyTuple::new(py, expired)?.unbind(),
            pruned: PyTuple::new(py, pruned)?.unbind(),
        })
    }
}

#[pymethods]
impl PyContextUpdate {
    /// Context after the update: a copy that the program may change.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> &Bound<'py, PyDict> {
        self.context.bind(py)
    }

    /// JSON Pointers of the expired leaves that the update dropped.
    #[getter]
    fn expired<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.expired.bind(py)
    }

    /// JSON Pointers of the values that pruning cleared or dropped, in order.
    #[getter]
    fn pruned<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.pruned.bind(py)
    }

    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (expired, pruned) = (self.expired.bind(py).repr()?, self.pruned.bind(py).repr()?);
        Ok(format!("<ContextUpdate expired={expired} pruned={pruned}>"))
    }
}
