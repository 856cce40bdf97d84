//! The functions `check`, `check_json`, `measure` and `measure_json`.

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
/// Issues of the value are in the report; none of them raises an exception.
///
/// Args:
///     value: A context or a set of variables, as a dict. Dicts, lists, tuples, strings, numbers,
///         booleans, ``None`` and instances of their subclasses have a JSON form;
///         :func:`serialize_context` lists the other types that have one.
///     policy: A :class:`Policy`, the name of a preset, or a dict of policy fields. Default
///         ``"platform"``.
///     existing: The existing context, to which the value will be added: a dict, or its JSON text.
///         Only the ``platform`` presets use it. If it is invalid, the report contains only its
///         issues. Default ``None``: an empty context.
///
/// Returns:
///     Report: All issues, errors and warnings, and the sizes.
///
/// Raises:
///     ConfigurationError: ``policy`` is not a valid policy.
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
    report_of(&policy, existing_of(existing)?, |options| {
        let mut walked = Ok(());
        let report = __bindings::check_visited(&options, |checker| walked = walk(value, checker));
        walked.map(|()| report)
    })
}

/// Checks JSON text, as :func:`check` does for a dict. Reports duplicate keys as well.
///
/// Text that is not JSON is an ``invalid_json`` issue of the report.
///
/// Args:
///     text: JSON text: ``str``, or UTF-8 as ``bytes``, ``bytearray`` or ``memoryview``.
///     policy: A :class:`Policy`, the name of a preset, or a dict of policy fields. Default
///         ``"platform"``.
///     existing: The existing context, to which the text will be added: a dict, or its JSON text.
///         Only the ``platform`` presets use it. If it is invalid, the report contains only its
///         issues. Default ``None``: an empty context.
///
/// Returns:
///     Report: All issues, errors and warnings, and the sizes.
///
/// Raises:
///     ConfigurationError: ``policy`` is not a valid policy.
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
    report_of(&policy, existing_of(existing)?, |options| text.with(py, |bytes| options.json(bytes)))
}

/// Runs a check with the options of its arguments. The report of an invalid `existing` contains the
/// issues of `existing` only.
fn report_of(
    policy: &PolicyArg<'_>,
    existing: Result<Option<ExistingContext>, ValidationError>,
    run: impl FnOnce(CheckOptions<'_>) -> PyResult<Report>,
) -> PyResult<PyReport> {
    let existing = match existing {
        Ok(existing) => existing,
        Err(error) => return Ok(PyReport::new(error.into_report())),
    };
    let mut options = CheckOptions::new(policy.policy());
    if let Some(existing) = &existing {
        options = options.existing(existing);
    }
    run(options).map(PyReport::new)
}

/// Measures a value.
///
/// Args:
///     value: A dict of names to values, which is measured variable by variable, or any other value
///         with a JSON form, for which ``variables`` is 0.
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

/// Measures JSON text, as :func:`measure` does for a value.
///
/// Args:
///     text: JSON text: ``str``, or UTF-8 as ``bytes``, ``bytearray`` or ``memoryview``.
///
/// Returns:
///     Sizes: JSON bytes (of the compact form), platform bytes, depth and number of variables.
///
/// Raises:
///     ValidationError: The text is not JSON, or contains a duplicate key, an unpaired surrogate, a
///         number out of range or more than 128 levels of nesting.
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
