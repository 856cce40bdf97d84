//! The class `InjectionPayload`, and the request body that it writes.

#![allow(unsafe_code, reason = "borrowed references to the fields of plain dicts are much faster")]

pub(crate) mod variable;

use std::borrow::Cow;

use cognigy_context::__bindings::Path;
use cognigy_context::__bindings::{FieldError, InjectionWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::{Policy, ValidationError};
use cognigy_context::{injection::DEFAULT_MERGE_STRATEGY, injection::SCOPES};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use crate::argument_types::{iterator_arg, optional_str_arg, str_arg};
use crate::buffer;
use crate::clock;
use crate::errors;
use crate::injection::variable::{PyVariable, default_scope, iso_of, read_parts};
use crate::json_loads::loads;
use crate::report::PyReport;
use crate::text_args::{TextArg, merge_issues};
use crate::walk::{
    BorrowedParts, IsoText, VariableFieldReader, VariableParts, Walk, exact_utf8, is_scalar,
    read_iso_text, read_text,
};

/// Variables to inject into one session.
///
/// The constructor checks nothing. The methods, and the client before it sends, check the payload
/// against the policy ``"injection"``.
///
/// Args:
///     session_id: Id of the session. It is not part of the request body.
///     variables: Iterable of :class:`Variable` objects, or of mappings or objects with the same
///         fields. The field ``expires_at`` may also be spelled ``expiresAt``, as in the body.
///     merge_strategy: Merge strategy of the server. Default ``"atomic_put"``.
///
/// Raises:
///     TypeError: ``variables`` is not iterable, or another argument is not a ``str``.
///
/// Example:
///     >>> from cognigy_context import InjectionPayload
///     >>> payload = InjectionPayload("session-1", [{"key": "tier", "value": "gold"}])
///     >>> payload.to_json()
///     b'{"variables":[{"key":"tier","value":"gold","scope":"session","expiresAt":null}],"mergeStrategy":"atomic_put"}'
#[pyclass(frozen, name = "InjectionPayload", module = "cognigy_context")]
pub(crate) struct PyInjectionPayload {
    /// Id of the session.
    #[pyo3(get)]
    session_id: Py<PyString>,
    /// Variables to inject, in order, as they were given.
    #[pyo3(get)]
    variables: Py<PyTuple>,
    /// Merge strategy of the server.
    #[pyo3(get)]
    merge_strategy: Py<PyString>,
}

#[pymethods]
impl PyInjectionPayload {
    #[new]
    #[pyo3(
        signature = (session_id, variables, merge_strategy=None),
        text_signature = "(session_id, variables, merge_strategy='atomic_put')"
    )]
    fn new(
        py: Python<'_>,
        session_id: &Bound<'_, PyAny>,
        variables: &Bound<'_, PyAny>,
        merge_strategy: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let session_id = str_arg("session_id", session_id)?.clone().unbind();
        let merge_strategy = optional_str_arg("merge_strategy", merge_strategy)?
            .map_or_else(|| default_strategy(py), |strategy| strategy.clone().unbind());
        // SAFETY: the GIL is held, and the function returns a new tuple, or null with an exception.
        let tuple =
            unsafe { Bound::from_owned_ptr_or_err(py, ffi::PySequence_Tuple(variables.as_ptr())) };
        // An object that is not iterable gets a message that names the argument.
        let tuple =
            tuple.or_else(|raised| iterator_arg("variables", variables).and(Err(raised)))?;
        let variables = tuple.cast_into::<PyTuple>()?.unbind();
        Ok(Self { session_id, variables, merge_strategy })
    }

    /// Checks the payload and returns the request body as compact JSON.
    ///
    /// Args:
    ///     clock: Callable that returns the current time in seconds since 1970. An expiry time that
    ///         has passed is a warning. Default ``None``: the system clock.
    ///
    /// Returns:
    ///     bytes: ``{"variables": [{"key", "value", "scope", "expiresAt"}], "mergeStrategy"}`` in
    ///     UTF-8.
    ///
    /// Raises:
    ///     ValidationError: The payload is invalid. The error contains every issue; its paths refer
    ///         to the body (``/variables/0/key``).
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    #[pyo3(signature = (*, clock=None))]
    fn to_json<'py>(
        &self,
        py: Python<'py>,
        clock: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let checked = self.checked_body(py, clock)?;
        let checked = checked.map_err(|error| errors::of_validation(py, error))?;
        let body = PyBytes::new(py, &checked.body);
        buffer::recycle(checked.body);
        Ok(body)
    }

    /// Checks the payload and returns the request body as plain Python objects.
    ///
    /// Args:
    ///     clock: Callable that returns the current time in seconds since 1970. Default ``None``:
    ///         the system clock.
    ///
    /// Returns:
    ///     dict: The body that :meth:`to_json` writes.
    ///
    /// Raises:
    ///     ValidationError: The payload is invalid, as for :meth:`to_json`.
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    #[pyo3(signature = (*, clock=None))]
    fn to_api_body<'py>(
        &self,
        py: Python<'py>,
        clock: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let checked = self.checked_body(py, clock)?;
        let checked = checked.map_err(|error| errors::of_validation(py, error))?;
        loads(py, &String::from_utf8_lossy(&checked.body))
    }

    /// Checks the payload and returns a report, without an exception for its issues.
    ///
    /// Args:
    ///     clock: Callable that returns the current time in seconds since 1970. Default ``None``:
    ///         the system clock.
    ///
    /// Returns:
    ///     Report: Every issue, errors and warnings, and the sizes of the body.
    ///
    /// Raises:
    ///     ValueError: ``clock`` returned a time before 1970, or one that is not finite.
    #[pyo3(signature = (*, clock=None))]
    fn check(&self, py: Python<'_>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<PyReport> {
        Ok(PyReport::new(match self.checked_body(py, clock)? {
            Ok(checked) => checked.report,
            Err(error) => error.into_report(),
        }))
    }

    // A `repr` shows neither the session id nor values, because reprs end up in logs.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let strategy = self.merge_strategy.bind(py).repr()?;
        let count = self.variables.bind(py).len();
        Ok(format!("<InjectionPayload variables={count} merge_strategy={strategy}>"))
    }
}

impl PyInjectionPayload {
    pub(crate) fn session_id<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        self.session_id.bind(py)
    }

    /// Returns the number of variables.
    pub(crate) fn len(&self, py: Python<'_>) -> usize {
        self.variables.bind(py).len()
    }

    /// Checks the payload and writes its body. The inner error contains the issues; the outer one is
    /// what Python raised.
    pub(crate) fn checked_body(
        &self,
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Result<CheckedBody, ValidationError>> {
        let now = clock::now(clock)?;
        let strategy =
            TextArg::of_text(self.merge_strategy.bind(py), &Path::ROOT.key("mergeStrategy"))?;
        let default_scope = default_scope(py);
        let mut writer =
            InjectionWriter::new(Policy::injection(), &strategy.text, now, buffer::take());
        let mut walk = Walk::begin(py);
        let mut fields = VariableFieldReader::default();
        let mut scopes = KnownScopes::default();
        for variable in self.variables.bind(py).iter_borrowed() {
            let parts = if let Ok(dict) = variable.cast_exact::<PyDict>() {
                let parts = fields.read(&dict);
                if write_plain(&mut writer, &mut walk, &mut scopes, parts, &default_scope)? {
                    continue;
                }
                // SAFETY: no Python code has run since the fields were read.
                unsafe { parts.own(py) }
            } else if let Ok(dict) = variable.cast::<PyDict>() {
                // SAFETY: no Python code runs between the two calls.
                unsafe { fields.read(&dict).own(py) }
            } else if let Ok(variable) = variable.cast::<PyVariable>() {
                variable.get().parts(py)
            } else {
                match walk.run_python(|| read_parts(&variable))? {
                    Some(parts) => parts,
                    None => {
                        writer.reject_wrong_type("");
                        continue;
                    }
                }
            };
            write(&mut writer, &mut walk, parts, &default_scope)?;
        }
        drop(walk);
        let written = writer.finish();
        let issues = strategy.issue.into_iter().collect();
        Ok(merge_issues(issues, written, |written| written.report.clone()))
    }
}

/// Returns the core's default merge strategy.
fn default_strategy(py: Python<'_>) -> Py<PyString> {
    static STRATEGY: PyOnceLock<Py<PyString>> = PyOnceLock::new();
    STRATEGY.get_or_init(py, || PyString::intern(py, DEFAULT_MERGE_STRATEGY).unbind()).clone_ref(py)
}

/// Recognizes the names of [`SCOPES`] by the address of the first object that spelled each. The
/// references keep the addresses from being reused.
#[derive(Default)]
struct KnownScopes([Option<Py<PyAny>>; SCOPES.len()]);

impl KnownScopes {
    /// Returns the scope that an object names, or `None` when it names none of [`SCOPES`].
    ///
    /// # Safety
    /// `scope` points to a live object.
    #[inline(always)]
    unsafe fn get(&mut self, py: Python<'_>, scope: *mut PyObject) -> Option<&'static str> {
        let is_known =
            |known: &Option<Py<PyAny>>| known.as_ref().is_some_and(|known| known.as_ptr() == scope);
        let index = self.0.iter().position(is_known);
        // SAFETY: the caller guarantees a live object.
        let index = index.or_else(|| unsafe { self.read(py, scope) })?;
        SCOPES.get(index).copied()
    }

    /// Returns the index in [`SCOPES`] of the text of an object. Keeps only the first object of each
    /// scope, because a parser may create a new one for each variable.
    ///
    /// # Safety
    /// As [`get`](Self::get).
    #[inline(never)]
    unsafe fn read(&mut self, py: Python<'_>, scope: *mut PyObject) -> Option<usize> {
        // SAFETY: the caller guarantees a live object.
        unsafe {
            let text = exact_utf8(scope)?;
            let index = SCOPES.iter().position(|known| *known == text)?;
            let known = self.0.get_mut(index)?;
            if known.is_none() {
                *known = Some(Bound::from_borrowed_ptr(py, scope).unbind());
            }
            Some(index)
        }
    }
}

/// Writes a variable in the usual form: its key is exactly a `str`, it has a value, its scope is missing
/// or one of [`SCOPES`], and its expiry time is missing, `None` or a `datetime` that [`read_iso_text`]
/// reads. Returns `false`, and writes nothing, for any other form.
#[inline(always)]
fn write_plain<'py>(
    writer: &mut InjectionWriter<'_, Vec<u8>>,
    walk: &mut Walk<'py>,
    scopes: &mut KnownScopes,
    parts: BorrowedParts,
    default_scope: &Bound<'py, PyString>,
) -> PyResult<bool> {
    let py = default_scope.py();
    let BorrowedParts { key, value, scope, expires_at } = parts;
    // SAFETY: pointers that are not null are live, because no Python code runs before the value is
    // walked. A value that could run such code cannot free the key's text: `_key` keeps the key alive.
    unsafe {
        if key.is_null() || value.is_null() {
            return Ok(false);
        }
        let has_expiry = !expires_at.is_null() && expires_at != ffi::Py_None();
        let expiry =
            if has_expiry { read_iso_text(py, expires_at).map(IsoText::in_utc) } else { None };
        if has_expiry && expiry.is_none() {
            return Ok(false);
        }
        let scope = if scope.is_null() { default_scope.as_ptr() } else { scope };
        let Some(scope) = scopes.get(py, scope) else { return Ok(false) };
        let Some(text) = exact_utf8(key) else { return Ok(false) };
        let _key = (!is_scalar(value)).then(|| Bound::from_borrowed_ptr(py, key));
        let mut walked = Ok(());
        writer.variable(text, scope, expiry.as_ref().map(IsoText::as_str), |checker, at| {
            walked = walk.visit_borrowed(value, checker, at);
        });
        walked.map(|()| true)
    }
}

/// Writes a variable in any form, or rejects it with an error for each field that cannot be read.
fn write<'py>(
    writer: &mut InjectionWriter<'_, Vec<u8>>,
    walk: &mut Walk<'py>,
    parts: VariableParts<'py>,
    default_scope: &Bound<'py, PyString>,
) -> PyResult<()> {
    let VariableParts { key, value, scope, expires_at } = parts;
    let mut rejected = RejectedFields::default();
    let key = rejected.read_text("key", key.as_ref(), None)?;
    if value.is_none() {
        rejected.add("value", FieldError::Missing);
    }
    let scope = rejected.read_text("scope", scope.as_ref(), Some(default_scope))?;
    let expires_at = match expires_at.filter(|time| !time.is_none()) {
        None => None,
        Some(time) => match time.cast_into::<PyString>() {
            Ok(text) => Some(text),
            Err(other) => {
                let text = walk.run_python(|| iso_of(&other.into_inner()))?;
                if text.is_none() {
                    rejected.add("expiresAt", FieldError::WrongType);
                }
                text
            }
        },
    };
    let expires_at = match &expires_at {
        Some(time) => rejected.read_text("expiresAt", Some(time.as_any()), None)?,
        None => None,
    };
    let (Some(key), Some(value), Some(scope), true) = (key, value, scope, rejected.0.is_empty())
    else {
        writer.reject(&rejected.0);
        return Ok(());
    };
    let mut walked = Ok(());
    writer.variable(&key, &scope, expires_at.as_deref(), |checker, at| {
        walked = walk.visit(&value, checker, at);
    });
    walked
}

/// The fields of a variable that cannot be read, each with the reason.
#[derive(Default)]
struct RejectedFields(Vec<(&'static str, FieldError)>);

impl RejectedFields {
    #[cold]
    fn add(&mut self, field: &'static str, reason: FieldError) {
        self.0.push((field, reason));
    }

    /// Returns the text of a field, or `default` when the field is missing or is `None`. Adds an error
    /// when the field is not text, contains an unpaired surrogate, or is missing without a default.
    fn read_text<'t>(
        &mut self,
        field: &'static str,
        given: Option<&'t Bound<'_, PyAny>>,
        default: Option<&'t Bound<'_, PyString>>,
    ) -> PyResult<Option<Cow<'t, str>>> {
        let given = given.filter(|given| !given.is_none());
        let text = match (given.map(|given| given.cast::<PyString>()), default) {
            (Some(Ok(text)), _) | (None, Some(text)) => text,
            (Some(Err(_)), _) => {
                self.add(field, FieldError::WrongType);
                return Ok(None);
            }
            (None, None) => {
                self.add(field, FieldError::Missing);
                return Ok(None);
            }
        };
        let read = read_text(text)?;
        if read.has_lone_surrogate {
            self.add(field, FieldError::LoneSurrogate);
        }
        Ok(Some(read.text))
    }
}
