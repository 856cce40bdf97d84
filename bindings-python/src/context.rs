//! The manager of many sessions' contexts.

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::__bindings;
use cognigy_context::__bindings::SharedUpdateResult;
use cognigy_context::{context::ContextManager, context::ContextOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::clock::{self, CallClock};
use crate::documents::document;
use crate::errors;
use crate::ids::Id;
use crate::numeric_args::{count, duration};
use crate::schema::schema_of;
use crate::to_python::{to_dict, to_python};

/// Keeps the context of each session: merged, within its size, held to a schema, each leaf with a
/// time to live. Any number of threads may share a manager.
///
/// Args:
///     schema: What a context must be: a :class:`Schema`, or a schema's document. Its defaults are
///         filled.
///     max_size_bytes: Most JSON bytes of a context; 95,000 if not given.
///     ttl_seconds: How long a leaf lives after the update that touched it last: seconds, or a
///         ``timedelta``; 300 if not given.
///     prune_paths: JSON Pointers of what is emptied, in order, while a context is too large;
///         ``["/user_profile/preferences"]`` if not given.
///     lru: Whether then the leaves that were updated least recently are dropped, but for those
///         that the schema requires.
///     clock: Answers the present time in seconds since 1970; the system's if not given.
///
/// Raises:
///     ConfigurationError: ``schema`` is no schema, ``ttl_seconds`` no length of time, or
///         ``max_size_bytes`` negative or beyond 64 bits.
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
    /// What `repr` shows.
    shown: String,
}

#[pymethods]
impl PyContextManager {
    #[new]
    #[pyo3(
        signature = (schema=None, max_size_bytes=None, ttl_seconds=None, prune_paths=None, lru=false, clock=None),
        text_signature = "(schema=None, max_size_bytes=95_000, ttl_seconds=300, prune_paths=['/user_profile/preferences'], lru=False, clock=None)"
    )]
    fn new(
        schema: Option<&Bound<'_, PyAny>>,
        max_size_bytes: Option<&Bound<'_, PyAny>>,
        ttl_seconds: Option<&Bound<'_, PyAny>>,
        prune_paths: Option<&Bound<'_, PyAny>>,
        lru: bool,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
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
            // Text alone would be a list of its letters.
            if paths.is_instance_of::<PyString>() {
                return Err(PyTypeError::new_err("prune_paths is a list of JSON Pointers"));
            }
            let paths = paths.try_iter()?.map(|path| path?.extract::<String>());
            options.prune_paths = paths.collect::<PyResult<_>>()?;
        }
        let shown = format!(
            "<ContextManager max_size_bytes={} ttl_seconds={}>",
            options.max_size_bytes,
            options.ttl.as_secs_f64()
        );
        Ok(Self { manager: ContextManager::new(options), clock, shown })
    }

    /// Merges data into a session's context.
    ///
    /// In this order: what has ended is dropped, the data is merged, the time to live of every leaf
    /// that it touches begins anew, defaults are filled, the context is pruned while it is too
    /// large, validated and stored.
    ///
    /// Args:
    ///     session_id: The session's id.
    ///     data: A dict, or another object with JSON form; internal keys (``__...``) are left out.
    ///
    /// Returns:
    ///     ContextUpdate: The context, and what was dropped from it.
    ///
    /// Raises:
    ///     ValidationError: The data has no JSON form, the context is too large all the same (the
    ///         message names the largest paths), or breaks the schema. The stored context is then as
    ///         it was.
    fn update(
        &self,
        py: Python<'_>,
        session_id: &Bound<'_, PyString>,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<PyContextUpdate> {
        let session = session_of(session_id)?;
        let data = document(data)?;
        let now = self.now(py)?;
        let updated = py
            .detach(|| {
                CallClock::at(now, || __bindings::update_shared(&self.manager, &session, data))
            })
            .map_err(|error| errors::of_validation(py, error))?;
        PyContextUpdate::new(py, updated)
    }

    /// How a session stands. One that is not known is empty.
    ///
    /// Args:
    ///     session_id: The session's id.
    ///
    /// Returns:
    ///     dict: ``session_id``; ``current_context``, without what has ended; ``ttl_registry``, when
    ///     each leaf ends (RFC 3339) by its JSON Pointer; ``recent_audit_trail``, the last ten
    ///     entries, oldest first (``timestamp``, ``session_id`` hashed, ``action``,
    ///     ``payload_size`` in bytes, ``audit_trail_id``); ``schema_valid``.
    fn inspect<'py>(
        &self,
        py: Python<'py>,
        session_id: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session = session_of(session_id)?;
        let now = self.now(py)?;
        let found = py.detach(|| {
            let found = CallClock::at(now, || self.manager.inspect(&session));
            serde_json::to_value(found).unwrap_or_default()
        });
        to_python(py, &found)
    }

    /// Forgets a session's context. Its audit trail stays until :meth:`sweep`.
    ///
    /// Args:
    ///     session_id: The session's id.
    fn reset(&self, py: Python<'_>, session_id: &Bound<'_, PyString>) -> PyResult<()> {
        let session = session_of(session_id)?;
        let now = self.now(py)?;
        py.detach(|| CallClock::at(now, || self.manager.reset(&session)));
        Ok(())
    }

    /// Forgets every session of which nothing is left. Sessions come and go: call it now and then.
    ///
    /// Returns:
    ///     int: How many were forgotten.
    fn sweep(&self, py: Python<'_>) -> PyResult<usize> {
        let now = self.now(py)?;
        Ok(py.detach(|| CallClock::at(now, || self.manager.sweep())))
    }

    fn __repr__(&self) -> &str {
        &self.shown
    }
}

impl PyContextManager {
    fn now(&self, py: Python<'_>) -> PyResult<Duration> {
        clock::now(self.clock.as_ref().map(|clock| clock.bind(py)))
    }
}

/// A session id that UTF-8 can carry.
fn session_of(session_id: &Bound<'_, PyString>) -> PyResult<String> {
    Id::read("sessionId", session_id)?.into_text(session_id.py())
}

/// What an update of a context came to.
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
    /// The context as it is now. It is yours: the manager has its own.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> &Bound<'py, PyDict> {
        self.context.bind(py)
    }

    /// The leaves that had ended and were dropped before: JSON Pointers.
    #[getter]
    fn expired<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.expired.bind(py)
    }

    /// What was emptied or dropped so that the context fits, in order: JSON Pointers.
    #[getter]
    fn pruned<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.pruned.bind(py)
    }

    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (expired, pruned) = (self.expired.bind(py).repr()?, self.pruned.bind(py).repr()?);
        Ok(format!("<ContextUpdate expired={expired} pruned={pruned}>"))
    }
}
