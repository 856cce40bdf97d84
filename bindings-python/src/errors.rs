//! What went wrong in the core, as the exceptions of `cognigy_context._errors`.

use cognigy_context::__bindings::{Path, ValueVisitor, measure_with};
use cognigy_context::{ApiError, ConfigurationError, Error, PlatformCode, Report, ValidationError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyType};

use crate::report::PyReport;

/// A name of `cognigy_context._errors`, which is imported when the first error is raised.
macro_rules! imported {
    ($py:expr, $name:literal) => {{
        static IMPORTED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py: Python<'_> = $py;
        IMPORTED
            .get_or_try_init(py, || {
                py.import("cognigy_context._errors")?.getattr($name).map(Bound::unbind)
            })
            .map(|found| found.bind(py))
    }};
}

fn raised(error: PyResult<Bound<'_, PyAny>>) -> PyErr {
    error.map_or_else(|problem| problem, PyErr::from_value)
}

/// `ValidationError` with this report.
pub(crate) fn validation(py: Python<'_>, report: Report) -> PyErr {
    raised(imported!(py, "ValidationError").and_then(|class| class.call1((PyReport::new(report),))))
}

/// `ValidationError` for a report that is there already.
pub(crate) fn failed_check(report: &Bound<'_, PyReport>) -> PyErr {
    let py = report.py();
    raised(imported!(py, "ValidationError").and_then(|class| class.call1((report,))))
}

/// `ValidationError` with the report of the core's.
pub(crate) fn of_validation(py: Python<'_>, error: ValidationError) -> PyErr {
    validation(py, error.into_report())
}

/// `ValidationError` for text at a place that holds half a surrogate pair.
#[cold]
pub(crate) fn lone_surrogate(py: Python<'_>, at: &Path<'_>) -> PyErr {
    match measure_with(|checker| checker.lone_surrogate(at)) {
        Err(error) => of_validation(py, error),
        Ok(_) => validation(py, Report::default()),
    }
}

/// `ConfigurationError` with this message.
pub(crate) fn configuration(py: Python<'_>, message: &str) -> PyErr {
    raised(imported!(py, "ConfigurationError").and_then(|class| class.call1((message,))))
}

/// `ConfigurationError` with the message of the core's.
pub(crate) fn of_configuration(py: Python<'_>, error: impl Into<ConfigurationError>) -> PyErr {
    configuration(py, &error.into().to_string())
}

/// The exception that a failed call raises.
pub(crate) fn of_error(py: Python<'_>, error: Error) -> PyErr {
    match error {
        Error::Validation(error) => of_validation(py, error),
        Error::Configuration(error) => of_configuration(py, error),
        Error::Api(failure) => of_failure(py, &failure),
        // The core's enum may grow; its text is shown under the root of all errors until then.
        other => raised(
            imported!(py, "CognigyError").and_then(|class| class.call1((other.to_string(),))),
        ),
    }
}

fn of_failure(py: Python<'_>, failure: &ApiError) -> PyErr {
    raised(imported!(py, "CLASS_OF_KIND").and_then(|classes| {
        let class = classes.get_item(failure.kind.as_str())?.cast_into::<PyType>()?;
        let code = match &failure.code {
            None => py.None().into_bound(py),
            Some(PlatformCode::Number(number)) => number.into_pyobject(py)?.into_any(),
            Some(PlatformCode::Word(word)) => word.into_pyobject(py)?.into_any(),
        };
        let facts = [
            ("operation", failure.operation.into_pyobject(py)?.into_any()),
            ("status", failure.status.into_pyobject(py)?),
            ("session", failure.session.as_deref().into_pyobject(py)?),
            ("attempts", failure.attempts.into_pyobject(py)?.into_any()),
            ("retryable", failure.retryable().into_pyobject(py)?.to_owned().into_any()),
            ("hint", failure.hint().into_pyobject(py)?.into_any()),
            ("code", code),
            ("trace_id", failure.trace_id.as_deref().into_pyobject(py)?),
            ("retry_after", failure.retry_after.into_pyobject(py)?),
            ("current_tag", failure.current_tag.as_deref().into_pyobject(py)?),
            ("during_token", failure.during_token.into_pyobject(py)?.to_owned().into_any()),
        ];
        class.call((failure.to_string(),), Some(&facts.into_py_dict(py)?))
    }))
}
