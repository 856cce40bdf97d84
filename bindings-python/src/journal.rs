//! The class `JournalReport`, and the functions that check and repair a journal.

use std::path::PathBuf;

use cognigy_context::client::{FileJournal, JournalReport};
use pyo3::prelude::*;

use crate::argument_types::path_arg;
use crate::files;

/// What a journal of :meth:`Client.inject_many` contains. Returned by :func:`check_journal` and
/// :func:`repair_journal`.
///
/// Attributes:
///     lines: Number of lines after the first one, which names the format.
///     confirmed: Number of confirmed items. Several lines may confirm one item.
///     damaged: Number of lines that are not items. A run ignores them.
///     partial: Whether the last line has no line break, because its write was interrupted. It is
///         not counted in ``lines`` and ``damaged``.
#[pyclass(frozen, eq, hash, get_all, name = "JournalReport", module = "cognigy_context")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct PyJournalReport {
    /// Number of lines after the first one, which names the format.
    lines: u64,
    /// Number of confirmed items. Several lines may confirm one item.
    confirmed: u64,
    /// Number of lines that are not items. A run ignores them.
    damaged: u64,
    /// Whether the last line has no line break, because its write was interrupted.
    partial: bool,
}

impl From<JournalReport> for PyJournalReport {
    fn from(report: JournalReport) -> Self {
        let JournalReport { lines, confirmed, damaged, partial } = report;
        Self { lines, confirmed, damaged, partial }
    }
}

#[pymethods]
impl PyJournalReport {
    /// Whether the journal has neither damaged lines nor a partial last line.
    #[getter]
    fn is_sound(&self) -> bool {
        let Self { lines, confirmed, damaged, partial } = *self;
        JournalReport { lines, confirmed, damaged, partial }.is_sound()
    }

    fn __repr__(&self) -> String {
        let Self { lines, confirmed, damaged, partial } = self;
        let partial = if *partial { "True" } else { "False" };
        format!(
            "JournalReport(lines={lines}, confirmed={confirmed}, damaged={damaged}, partial={partial})"
        )
    }
}

fn journal_path(given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    path_arg("path", "a str or a path", given)
}

/// Checks a journal of :meth:`Client.inject_many` without changing it, also while a run uses it.
///
/// Args:
///     path: Path of the journal.
///
/// Returns:
///     JournalReport: What the journal contains.
///
/// Raises:
///     TypeError: ``path`` is not a path.
///     ConfigurationError: The file is not a journal, or one of a newer version.
///     OSError: The file cannot be read, or is not a regular file.
///
/// Example:
///     >>> check_journal("rows.journal")  # doctest: +SKIP
///     JournalReport(lines=20000, confirmed=20000, damaged=0, partial=False)
#[pyfunction]
#[pyo3(signature = (path))]
pub(crate) fn check_journal(
    py: Python<'_>,
    #[pyo3(from_py_with = journal_path)] path: PathBuf,
) -> PyResult<PyJournalReport> {
    let report = py.detach(|| FileJournal::check(&path));
    report.map(Into::into).map_err(|error| files::of_io_error(py, "path", &path, &error))
}

/// Removes damaged lines, a partial last line and repeated items from a journal of
/// :meth:`Client.inject_many`.
///
/// Writes a new file, which only its owner can read, and then replaces the old one, so a kill or a
/// power cut leaves one of them. A sound journal is not changed.
///
/// Args:
///     path: Path of the journal.
///
/// Returns:
///     JournalReport: What the journal contained before.
///
/// Raises:
///     BlockingIOError: A run uses the journal.
///     TypeError: ``path`` is not a path.
///     ConfigurationError: The file is not a journal, or one of a newer version.
///     OSError: The file does not exist, cannot be written, or is not a regular file.
///
/// Example:
///     >>> repair_journal("rows.journal")  # doctest: +SKIP
///     JournalReport(lines=20001, confirmed=20000, damaged=1, partial=False)
#[pyfunction]
#[pyo3(signature = (path))]
pub(crate) fn repair_journal(
    py: Python<'_>,
    #[pyo3(from_py_with = journal_path)] path: PathBuf,
) -> PyResult<PyJournalReport> {
    let report = py.detach(|| FileJournal::repair(&path));
    report.map(Into::into).map_err(|error| files::of_io_error(py, "path", &path, &error))
}
