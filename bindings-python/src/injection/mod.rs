//! Payloads of injected variables.

#![allow(
    unsafe_code,
    reason = "the fields of plain dicts are read without references of their own"
)]

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

use crate::buffer;
use crate::clock;
use crate::errors;
use crate::injection::variable::{PyVariable, default_scope, iso_of, parts_of};
use crate::json_loads::loads;
use crate::report::PyReport;
use crate::walk::{
    BorrowedParts, IsoText, VariableFieldReader, VariableParts, Walk, exact_utf8, is_scalar,
    read_iso_text, read_text,
};

/// Variables for one session, and how they become the body of the request.
///
/// Nothing is checked here, but when the body is made.
///
/// Args:
///     session_id: The session's id. It is no part of the body.
///     variables: :class:`Variable` objects, or mappings or objects of the same fields;
///         ``expiresAt``, as the body spells it, is as good as ``expires_at``.
///     merge_strategy: How the server merges.
///
/// Raises:
///     TypeError: ``variables`` cannot be iterated over.
///
/// Example:
///     >>> from cognigy_context import InjectionPayload
///     >>> payload = InjectionPayload("session-1", [{"key": "tier", "value": "gold"}])
///     >>> payload.to_json()
///     b'{"variables":[{"key":"tier","value":"gold","scope":"session","expiresAt":null}],"mergeStrategy":"atomic_put"}'
#[pyclass(frozen, name = "InjectionPayload", module = "cognigy_context")]
pub(crate) struct PyInjectionPayload {
    /// The session's id.
    #[pyo3(get)]
    session_id: Py<PyString>,
    /// What to inject, in order.
    #[pyo3(get)]
    variables: Py<PyTuple>,
    /// How the server merges.
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
        session_id: Py<PyString>,
        variables: &Bound<'_, PyAny>,
        merge_strategy: Option<Py<PyString>>,
    ) -> PyResult<Self> {
        // SAFETY: the GIL is held, and what is given is a tuple or null with an exception.
        let variables =
            unsafe { Bound::from_owned_ptr_or_err(py, ffi::PySequence_Tuple(variables.as_ptr()))? };
        let variables = variables.cast_into::<PyTuple>()?.unbind();
        let merge_strategy = merge_strategy.unwrap_or_else(|| default_strategy(py));
        Ok(Self { session_id, variables, merge_strategy })
    }

    /// The checked body, as compact JSON in UTF-8.
    ///
    /// Args:
    ///     clock: Answers the present time in seconds since 1970, by which a time has passed or
    ///         not; without it, the system's.
    ///
    /// Returns:
    ///     bytes: ``{"variables": [{"key", "value", "scope", "expiresAt"}], "mergeStrategy"}``.
    ///
    /// Raises:
    ///     ValidationError: With every issue; paths are those of the body (``/variables/0/key``).
    #[pyo3(signature = (*, clock=None))]
    fn to_json<'py>(
        &self,
        py: Python<'py>,
        clock: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let written = self.written(py, clock)?;
        let written = written.map_err(|error| errors::of_validation(py, error))?;
        let body = PyBytes::new(py, &written.body);
        buffer::put_back(written.body);
        Ok(body)
    }

    /// The checked body as a dict of plain Python objects: what a reader of :meth:`to_json` gets.
    ///
    /// Args:
    ///     clock: As for :meth:`to_json`.
    ///
    /// Raises:
    ///     ValidationError: As :meth:`to_json`.
    #[pyo3(signature = (*, clock=None))]
    fn to_api_body<'py>(
        &self,
        py: Python<'py>,
        clock: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let written = self.written(py, clock)?;
        let written = written.map_err(|error| errors::of_validation(py, error))?;
        loads(py, &String::from_utf8_lossy(&written.body))
    }

    /// What the check of the body finds, warnings too. Nothing is raised for it.
    ///
    /// Args:
    ///     clock: As for :meth:`to_json`.
    #[pyo3(signature = (*, clock=None))]
    fn check(&self, py: Python<'_>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<PyReport> {
        Ok(PyReport::new(match self.written(py, clock)? {
            Ok(written) => written.report,
            Err(error) => error.into_report(),
        }))
    }

    /// Shows no value, and no session.
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

    /// How many variables there are.
    pub(crate) fn len(&self, py: Python<'_>) -> usize {
        self.variables.bind(py).len()
    }

    /// The body, or what is wrong with it. The outer error is what Python raised.
    pub(crate) fn written(
        &self,
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Result<CheckedBody, ValidationError>> {
        let now = clock::now(clock)?;
        let strategy = read_text(self.merge_strategy.bind(py))?;
        if strategy.lone_surrogate {
            return Err(errors::lone_surrogate(py, &Path::ROOT.key("mergeStrategy")));
        }
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
                // SAFETY: no Python code has run since they were read.
                unsafe { parts.own(py) }
            } else if let Ok(dict) = variable.cast::<PyDict>() {
                // SAFETY: no Python code runs in between.
                unsafe { fields.read(&dict).own(py) }
            } else if let Ok(variable) = variable.cast::<PyVariable>() {
                variable.get().parts(py)
            } else {
                match walk.run_python(|| parts_of(&variable))? {
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
        Ok(writer.finish())
    }
}

/// The merge strategy of a payload that names none, made once.
fn default_strategy(py: Python<'_>) -> Py<PyString> {
    static KEPT: PyOnceLock<Py<PyString>> = PyOnceLock::new();
    KEPT.get_or_init(py, || PyString::intern(py, DEFAULT_MERGE_STRATEGY).unbind()).clone_ref(py)
}

/// The objects that were first seen as the names of scopes. They are held, so their addresses are
/// their own.
#[derive(Default)]
struct KnownScopes([Option<Py<PyAny>>; SCOPES.len()]);

impl KnownScopes {
    /// The scope that an object names. None: it is none of [`SCOPES`], for whatever reason.
    ///
    /// # Safety
    /// `scope` is live.
    #[inline(always)]
    unsafe fn get(&mut self, py: Python<'_>, scope: *mut PyObject) -> Option<&'static str> {
        let is_known =
            |known: &Option<Py<PyAny>>| known.as_ref().is_some_and(|known| known.as_ptr() == scope);
        let place = self.0.iter().position(is_known);
        // SAFETY: as promised.
        let place = place.or_else(|| unsafe { self.read(py, scope) })?;
        SCOPES.get(place).copied()
    }

    /// A parser makes an object of its own for each scope it reads: of those only the first is worth
    /// holding.
    ///
    /// # Safety
    /// As [`get`](Self::get).
    #[inline(never)]
    unsafe fn read(&mut self, py: Python<'_>, scope: *mut PyObject) -> Option<usize> {
        // SAFETY: as promised.
        unsafe {
            let text = exact_utf8(scope)?;
            let place = SCOPES.iter().position(|known| *known == text)?;
            let known = self.0.get_mut(place)?;
            if known.is_none() {
                *known = Some(Bound::from_borrowed_ptr(py, scope).unbind());
            }
            Some(place)
        }
    }
}

/// Writes a variable that is as nearly all are: exactly a text as its name, a value, a known scope
/// or none, and no end or one whose text can be read from it. `false`: it is none of that kind, and
/// nothing was written.
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
    // SAFETY: what is not null is live, and no Python code runs before the value is walked. By then
    // the key, whose text is used in it, is held where the value could run such code.
    unsafe {
        if key.is_null() || value.is_null() {
            return Ok(false);
        }
        let has_end = !expires_at.is_null() && expires_at != ffi::Py_None();
        let end = if has_end { read_iso_text(py, expires_at).map(IsoText::in_utc) } else { None };
        if has_end && end.is_none() {
            return Ok(false);
        }
        let scope = if scope.is_null() { default_scope.as_ptr() } else { scope };
        let Some(scope) = scopes.get(py, scope) else { return Ok(false) };
        let Some(text) = exact_utf8(key) else { return Ok(false) };
        let _held = (!is_scalar(value)).then(|| Bound::from_borrowed_ptr(py, key));
        let mut walked = Ok(());
        writer.variable(text, scope, end.as_ref().map(IsoText::as_str), |checker, at| {
            walked = walk.visit_borrowed(value, checker, at);
        });
        walked.map(|()| true)
    }
}

fn write<'py>(
    writer: &mut InjectionWriter<'_, Vec<u8>>,
    walk: &mut Walk<'py>,
    parts: VariableParts<'py>,
    default_scope: &Bound<'py, PyString>,
) -> PyResult<()> {
    let VariableParts { key, value, scope, expires_at } = parts;
    let mut refused = Refused::default();
    let key = refused.text("key", key.as_ref(), None)?;
    if value.is_none() {
        refused.note("value", FieldError::Missing);
    }
    let scope = refused.text("scope", scope.as_ref(), Some(default_scope))?;
    let expires_at = match expires_at.filter(|time| !time.is_none()) {
        None => None,
        Some(time) => match time.cast_into::<PyString>() {
            Ok(text) => Some(text),
            Err(other) => {
                let text = walk.run_python(|| iso_of(&other.into_inner()))?;
                if text.is_none() {
                    refused.note("expiresAt", FieldError::WrongType);
                }
                text
            }
        },
    };
    let expires_at = match &expires_at {
        Some(time) => refused.text("expiresAt", Some(time.as_any()), None)?,
        None => None,
    };
    let (Some(key), Some(value), Some(scope), true) = (key, value, scope, refused.0.is_empty())
    else {
        writer.reject(&refused.0);
        return Ok(());
    };
    let mut walked = Ok(());
    writer.variable(&key, &scope, expires_at.as_deref(), |checker, at| {
        walked = walk.visit(&value, checker, at);
    });
    walked
}

/// Why a variable cannot be read: fields, each with its reason.
#[derive(Default)]
struct Refused(Vec<(&'static str, FieldError)>);

impl Refused {
    #[cold]
    fn note(&mut self, field: &'static str, refusal: FieldError) {
        self.0.push((field, refusal));
    }

    /// The text of a field, or of its default where it is not there or `None`. None: it is refused.
    fn text<'t>(
        &mut self,
        field: &'static str,
        given: Option<&'t Bound<'_, PyAny>>,
        default: Option<&'t Bound<'_, PyString>>,
    ) -> PyResult<Option<Cow<'t, str>>> {
        let given = given.filter(|given| !given.is_none());
        let text = match (given.map(|given| given.cast::<PyString>()), default) {
            (Some(Ok(text)), _) | (None, Some(text)) => text,
            (Some(Err(_)), _) => {
                self.note(field, FieldError::WrongType);
                return Ok(None);
            }
            (None, None) => {
                self.note(field, FieldError::Missing);
                return Ok(None);
            }
        };
        let read = read_text(text)?;
        if read.lone_surrogate {
            self.note(field, FieldError::LoneSurrogate);
        }
        Ok(Some(read.text))
    }
}
