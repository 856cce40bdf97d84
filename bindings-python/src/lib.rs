//! The Python extension module `_core`: converts arguments and results; the core does the rest.
//!
//! ```text
//!  arguments                                results
//!  objects: walk ────────┐               ┌── report, issue, sizes: frozen classes
//!  JSON text: json_text ─┼──▶ the core ──┼── errors: the exceptions of _errors.py
//!  policy, ids, clock ───┘               └── values: to_python, json_loads
//!
//!  client: calls without the GIL, with runtime/ (threads, callbacks) and logging
//! ```

mod argument_types;
mod buffer;
mod check;
mod client;
mod clock;
mod coerce;
mod context;
mod documents;
mod errors;
mod exception_classes;
mod existing;
mod files;
mod from_python;
mod injection;
mod interpreter;
mod issue;
mod journal;
mod json_loads;
mod json_text;
mod key_interner;
mod logging;
mod numeric_args;
mod policy;
mod py_str;
mod report;
mod request;
mod runtime;
mod sandbox;
mod schema;
mod sizes;
mod state;
mod text_args;
mod to_python;
mod value_class;
mod variables;
mod walk;
mod webhook;

/// The classes and functions that the Python package `cognigy_context` imports.
// The module needs the GIL: the walkers borrow objects, and caches are keyed by the addresses of objects.
#[pyo3::pymodule(gil_used = true)]
mod _core {
    use cognigy_context::{ApiErrorKind, Code};
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_export]
    use crate::check::{check, check_json, measure, py_measure_json};
    #[pymodule_export]
    use crate::client::{PyAsyncBulk, PyAsyncCalls, PyBulkOutcome, PyBulkRun, PyClient};
    #[pymodule_export]
    use crate::client::{
        PyDialogState, PyDocument, PyInjectedVariables, PyInjectionResult, PyStateUpdateResult,
    };
    #[pymodule_export]
    use crate::coerce::coerce;
    #[pymodule_export]
    use crate::context::{PyContextManager, PyContextUpdate};
    #[pymodule_export]
    use crate::documents::{deep_merge, serialize_context};
    #[pymodule_export]
    use crate::injection::PyInjectionPayload;
    #[pymodule_export]
    use crate::injection::variable::PyVariable;
    #[pymodule_export]
    use crate::issue::PyIssue;
    #[pymodule_export]
    use crate::journal::{PyJournalReport, check_journal, repair_journal};
    #[pymodule_export]
    use crate::policy::PyPolicy;
    #[pymodule_export]
    use crate::report::{_restore_report, PyReport};
    #[pymodule_export]
    use crate::request::inject_context_request;
    #[pymodule_export]
    use crate::runtime::callback_queue::_wait_for_callbacks;
    #[pymodule_export]
    use crate::sandbox::PySandbox;
    #[pymodule_export]
    use crate::schema::PySchema;
    #[pymodule_export]
    use crate::sizes::PySizes;
    #[pymodule_export]
    use crate::state::PyStateUpdate;
    #[pymodule_export]
    use crate::variables::{PyScopedVariable, PyVariables};
    #[pymodule_export]
    use crate::variables::{debug_view, parse_variables, resolve_scopes, variables_url};
    #[pymodule_export]
    use crate::webhook::{PyWebhookEvent, event_id, hash_session_id};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        crate::interpreter::require_main()?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("CODES", PyTuple::new(py, Code::ALL.iter().map(|code| code.as_str()))?)?;
        let kinds = ApiErrorKind::ALL.iter().map(|kind| kind.as_str());
        module.add("_API_ERROR_KINDS", PyTuple::new(py, kinds)?)
    }
}
