//! Errors of the core as Python exceptions.

use cognigy_context::__bindings::{Path, ValueVisitor, measure_with};
use cognigy_context::{
    ApiError, Code, ConfigurationError, Error, PlatformCode, Report, Severity, ValidationError,
};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyType};

use crate::exception_classes::{exception_class, schema_limit_error, to_py_err, validation_error};
use crate::report::PyReport;

/// Returns a `ValidationError` with `report`, or a `SchemaLimitError` if a limit of a schema is its only error.
pub(crate) fn validation(py: Python<'_>, report: Report) -> PyErr {
    let mut errors =
        report.issues.iter().filter(|issue| issue.severity == Severity::Error).peekable();
    let exceeds_limit =
        errors.peek().is_some() && errors.all(|issue| issue.code == Code::SchemaLimit);
    match Bound::new(py, PyReport::new(report)) {
        Ok(report) if exceeds_limit => schema_limit_error(report.as_any()),
        Ok(report) => validation_error(report.as_any()),
        Err(raised) => raised,
    }
}

/// Returns a `ValidationError` with the report of the core's error.
pub(crate) fn of_validation(py: Python<'_>, error: ValidationError) -> PyErr {
    validation(py, error.into_report())
}

/// Returns the core's report about an unpaired surrogate in the text at `at`.
#[cold]
pub(crate) fn lone_surrogate_report(at: &Path<'_>) -> Report {
    match measure_with(|checker| checker.lone_surrogate(at)) {
        Err(error) => error.into_report(),
        // Cannot happen: the checker reports every unpaired surrogate.
        Ok(_) => Report::default(),
    }
}

/// Returns a `ValidationError` about an unpaired surrogate in the text at `at`.
#[cold]
pub(crate) fn lone_surrogate(py: Python<'_>, at: &Path<'_>) -> PyErr {
    validation(py, lone_surrogate_report(at))
}

/// Returns a `ConfigurationError` with `message`.
pub(crate) fn configuration(py: Python<'_>, message: &str) -> PyErr {
    to_py_err(exception_class!(py, "ConfigurationError").and_then(|class| class.call1((message,))))
}

/// Returns a `ConfigurationError` with the message of the core's error.
pub(crate) fn of_configuration(py: Python<'_>, error: impl Into<ConfigurationError>) -> PyErr {
    configuration(py, &error.into().to_string())
}

/// Returns the exception that a failed call raises.
pub(crate) fn of_error(py: Python<'_>, error: Error) -> PyErr {
    match error {
        Error::Validation(error) => of_validation(py, error),
        Error::Configuration(error) => of_configuration(py, error),
        Error::Api(error) => of_api_error(py, &error),
        // The core's enum may grow. A new variant becomes the base class of all errors.
        other => to_py_err(
            exception_class!(py, "CognigyError")
                .and_then(|class| class.call1((other.to_string(),))),
        ),
    }
}

fn of_api_error(py: Python<'_>, error: &ApiError) -> PyErr {
    to_py_err(exception_class!(py, "CLASS_OF_KIND").and_then(|classes| {
        let class = classes.get_item(error.kind.as_str())?.cast_into::<PyType>()?;
        let code = match &error.code {
            None => py.None().into_bound(py),
            Some(PlatformCode::Number(number)) => number.into_pyobject(py)?.into_any(),
            Some(PlatformCode::Word(word)) => word.into_pyobject(py)?.into_any(),
        };
        let attributes = [
            ("operation", error.operation.into_pyobject(py)?.into_any()),
            ("status", error.status.into_pyobject(py)?),
            ("session", error.session.as_deref().into_pyobject(py)?),
            ("attempts", error.attempts.into_pyobject(py)?.into_any()),
            ("retryable", error.retryable().into_pyobject(py)?.to_owned().into_any()),
            ("hint", error.hint().into_pyobject(py)?.into_any()),
            ("code", code),
            ("trace_id", error.trace_id.as_deref().into_pyobject(py)?),
            ("retry_after", error.retry_after.into_pyobject(py)?),
            ("current_tag", error.current_tag.as_deref().into_pyobject(py)?),
            ("during_token", error.during_token.into_pyobject(py)?.to_owned().into_any()),
        ];
        class.call((error.to_string(),), Some(&attributes.into_py_dict(py)?))
    }))
}
