//! Checking and measuring: the functions that look and do not send.

use cognigy_context::__bindings;
use cognigy_context::__bindings::measure_with;
use cognigy_context::{CheckOptions, ExistingContext, Report, ValidationError, measure_json};
use pyo3::prelude::*;

use crate::errors;
use crate::existing::existing_of;
use crate::json_text::JsonText;
use crate::policy::PolicyArg;
use crate::report::PyReport;
use crate::sizes::PySizes;
use crate::walk::walk;

/// Checks a dict of names to values against a policy.
///
/// What is wrong with the value is in the report: nothing is raised for it.
///
/// Args:
///     value: A context, or a set of variables: a dict. Dicts, lists, tuples, strings, numbers,
///         booleans and None have a JSON form, and so have their subclasses;
///         :func:`serialize_context` says what else has one.
///     policy: A :class:`Policy`, a preset's name, or a dict of a policy's fields.
///     existing: The context that is already there, on_top_of which the value is written: a dict, or
///         its JSON text. It counts with the ``platform`` presets; without it, as empty.
///
/// Returns:
///     Report: All issues and the sizes.
///
/// Raises:
///     ConfigurationError: ``policy`` describes no policy.
///
/// Example:
///     >>> from cognigy_context import check
///     >>> report = check({"order": {"id": 7, "open": True}})
///     >>> report.ok, report.sizes.json_bytes, report.sizes.platform_bytes
///     (True, 30, 34)
#[pyfunction]
#[pyo3(
    signature = (value, policy=PolicyArg::DEFAULT, existing=None),
    text_signature = "(value, policy='platform', existing=None)"
)]
pub(crate) fn check(
    value: &Bound<'_, PyAny>,
    policy: PolicyArg<'_>,
    existing: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyReport> {
    checked(&policy, existing_of(existing)?, |check| {
        let mut walked = Ok(());
        let report = __bindings::check_visited(&check, |checker| walked = walk(value, checker));
        walked.map(|()| report)
    })
}

/// The same as :func:`check` for JSON text.
///
/// Text that is not JSON is an ``invalid_json`` issue of the report. Here keys that are given
/// twice are found too.
///
/// Args:
///     text: JSON text: ``str``, or UTF-8 as ``bytes``, ``bytearray`` or ``memoryview``.
///     policy: A :class:`Policy`, a preset's name, or a dict of a policy's fields.
///     existing: The context that is already there: a dict, or its JSON text.
///
/// Returns:
///     Report: All issues and the sizes.
///
/// Raises:
///     ConfigurationError: ``policy`` describes no policy.
///     TypeError: ``text`` is neither text nor bytes.
///
/// Example:
///     >>> from cognigy_context import check_json
///     >>> check_json('{"a": 1, "a": 2}').issues[0].code
///     'duplicate_key'
#[pyfunction]
#[pyo3(
    signature = (text, policy=PolicyArg::DEFAULT, existing=None),
    text_signature = "(text, policy='platform', existing=None)"
)]
pub(crate) fn check_json(
    py: Python<'_>,
    text: JsonText<'_>,
    policy: PolicyArg<'_>,
    existing: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyReport> {
    checked(&policy, existing_of(existing)?, |check| text.with(py, |bytes| check.json(bytes)))
}

fn checked(
    policy: &PolicyArg<'_>,
    existing: Result<Option<ExistingContext>, ValidationError>,
    run: impl FnOnce(CheckOptions<'_>) -> PyResult<Report>,
) -> PyResult<PyReport> {
    let existing = match existing {
        Ok(existing) => existing,
        Err(unusable) => return Ok(PyReport::new(unusable.into_report())),
    };
    let mut check = CheckOptions::new(policy.policy());
    if let Some(existing) = &existing {
        check = check.existing(existing);
    }
    run(check).map(PyReport::new)
}

/// How large a value is.
///
/// Args:
///     value: A dict of names to values, which is measured variable by variable, or any other
///         value with a JSON form, which is taken as one.
///
/// Returns:
///     Sizes: JSON bytes, platform bytes, depth and number of variables.
///
/// Raises:
///     ValidationError: A part of the value has no JSON form.
///
/// Example:
///     >>> from cognigy_context import measure
///     >>> measure({"greeting": "Grüße"})
///     Sizes(json_bytes=22, platform_bytes=26, depth=0, variables=1)
#[pyfunction]
pub(crate) fn measure(value: &Bound<'_, PyAny>) -> PyResult<PySizes> {
    let mut walked = Ok(());
    let sizes = measure_with(|checker| walked = walk(value, checker));
    walked?;
    sizes.map(PySizes::from).map_err(|error| errors::of_validation(value.py(), error))
}

/// The same as :func:`measure` for JSON text.
///
/// Args:
///     text: JSON text: ``str``, or UTF-8 as ``bytes``, ``bytearray`` or ``memoryview``.
///
/// Returns:
///     Sizes: JSON bytes (of the compact form), platform bytes, depth and number of variables.
///
/// Raises:
///     ValidationError: It is not JSON, or says what JSON cannot carry safely: a key twice, half a
///         surrogate pair, a number out of range, nesting without end.
///     TypeError: ``text`` is neither text nor bytes.
///
/// Example:
///     >>> from cognigy_context import measure_json
///     >>> measure_json('{ "a": [1, 2] }').json_bytes
///     11
#[pyfunction(name = "measure_json")]
pub(crate) fn py_measure_json(py: Python<'_>, text: JsonText<'_>) -> PyResult<PySizes> {
    text.with(py, |bytes| measure_json(bytes))?
        .map(PySizes::from)
        .map_err(|error| errors::of_validation(py, error))
}
