//! The class `Report`.

use cognigy_context::{Report, Severity};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::issue::PyIssue;
use crate::sizes::PySizes;
use crate::to_python::to_python;

/// Result of a check: the issues, and the sizes of the value.
///
/// Returned by :func:`check`, :func:`check_json` and the ``check`` methods of other classes.
/// ``str(report)`` lists the issues.
///
/// Example:
///     >>> from cognigy_context import check
///     >>> report = check({"total": float("nan")})
///     >>> report.ok
///     False
///     >>> [(issue.code, issue.path) for issue in report.issues]
///     [('non_finite_number', '/total')]
#[pyclass(frozen, name = "Report", module = "cognigy_context")]
pub(crate) struct PyReport {
    report: Report,
    issues: PyOnceLock<Py<PyTuple>>,
}

impl PyReport {
    pub(crate) fn new(report: Report) -> Self {
        Self { report, issues: PyOnceLock::new() }
    }
}

#[pymethods]
impl PyReport {
    /// Whether the check found no error. Warnings do not count.
    #[getter]
    fn ok(&self) -> bool {
        self.report.ok()
    }

    /// Issues, errors as well as warnings, in the order of the value.
    #[getter]
    fn issues<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        self.issues
            .get_or_try_init(py, || {
                let issues = self.report.issues.iter().cloned().map(PyIssue);
                let issues =
                    issues.map(|issue| Bound::new(py, issue)).collect::<PyResult<Vec<_>>>()?;
                PyTuple::new(py, issues).map(Bound::unbind)
            })
            .map(|issues| issues.bind(py))
    }

    /// Sizes of the value.
    ///
    /// A part without a JSON form counts as ``null``. All sizes of text that is not JSON are 0.
    #[getter]
    fn sizes(&self) -> PySizes {
        self.report.sizes.into()
    }

    /// Number of issues that the report omits: it stores at most 16 MiB of issues.
    ///
    /// The number is 0 except for very many issues.
    #[getter]
    fn omitted(&self) -> u64 {
        self.report.omitted
    }

    /// Returns the report itself when it is ``ok``.
    ///
    /// Returns:
    ///     Report: This report.
    ///
    /// Raises:
    ///     ValidationError: The report contains an error. The exception carries the report.
    fn raise_if_failed<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        if slf.get().report.ok() {
            Ok(slf.clone())
        } else {
            Err(crate::exception_classes::validation_error(slf.as_any()))
        }
    }

    /// Returns the report as plain dicts and lists.
    ///
    /// Returns:
    ///     dict: ``ok``, ``issues``, ``sizes`` and ``omitted``.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &serde_json::to_value(&self.report).unwrap_or_default())
    }

    fn __str__(&self) -> String {
        self.report.to_string()
    }

    fn __repr__(&self) -> String {
        let ok = if self.report.ok() { "True" } else { "False" };
        let count =
            |severity| self.report.issues.iter().filter(|issue| issue.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        format!("<Report ok={ok} errors={errors} warnings={warnings}>")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().report == self.report)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let restore = slf.py().import("cognigy_context._core")?.getattr("_restore_report")?;
        Ok((restore, (serde_json::to_string(&slf.get().report).unwrap_or_default(),)))
    }
}

/// Returns the report that `Report.__reduce__` wrote as JSON. Unpickling calls it.
#[pyfunction]
pub(crate) fn _restore_report(json: &str) -> PyResult<PyReport> {
    serde_json::from_str(json)
        .map(PyReport::new)
        .map_err(|_| PyValueError::new_err("the pickled report is damaged or from another version"))
}
