//! The class `StateUpdate`, and the request body that it writes.

use std::ops::Range;

use cognigy_context::__bindings::{Checker, JsonWriter, Path};
use cognigy_context::__bindings::{StateSplitter, StateWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::{Policy, Report, ValidationError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMapping, PyString, PyTuple};

use crate::argument_types::optional_str_arg;
use crate::buffer;
use crate::errors;
use crate::json_loads::loads;
use crate::report::PyReport;
use crate::text_args::{TextArg, merge_issues};
use crate::value_class::ValueClass;
use crate::walk::Walk;

/// An update of a dialog's state.
///
/// The constructor checks nothing. The methods, and the client before it sends, check the update
/// against the policy ``"state"``.
///
/// Args:
///     session: Variables of the session: a mapping of names to values. Default: no variables.
///     user: Variables of the user: a mapping of names to values. Default: no variables.
///     next_step: Step that the dialog moves to. Default ``None``: no transition.
///
/// Example:
///     >>> from cognigy_context import StateUpdate
///     >>> StateUpdate({"turn": 4}, next_step="confirm").to_json()
///     b'{"session":{"turn":4},"transition":{"nextStep":"confirm"}}'
#[pyclass(frozen, name = "StateUpdate", module = "cognigy_context")]
pub(crate) struct PyStateUpdate {
    /// Variables of the session, by name.
    #[pyo3(get)]
    session: Py<PyAny>,
    /// Variables of the user, by name.
    #[pyo3(get)]
    user: Py<PyAny>,
    /// Step that the dialog moves to, or ``None`` for no transition.
    #[pyo3(get)]
    next_step: Option<Py<PyString>>,
}

#[pymethods]
impl PyStateUpdate {
    #[new]
    #[pyo3(
        signature = (session=None, user=None, next_step=None),
        text_signature = "(session={}, user={}, next_step=None)"
    )]
    fn new(
        py: Python<'_>,
        session: Option<Py<PyAny>>,
        user: Option<Py<PyAny>>,
        next_step: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let next_step = optional_str_arg("next_step", next_step)?;
        let or_empty =
            |given: Option<Py<PyAny>>| given.unwrap_or_else(|| PyDict::new(py).into_any().unbind());
        Ok(Self {
            session: or_empty(session),
            user: or_empty(user),
            next_step: next_step.map(|step| step.clone().unbind()),
        })
    }

    /// Checks the update and returns the request body as compact JSON.
    ///
    /// Returns:
    ///     bytes: ``{"session"?, "user"?, "transition"?: {"nextStep"}}`` in UTF-8. Empty members are
    ///     omitted.
    ///
    /// Raises:
    ///     ValidationError: The update is empty or invalid. The error contains every issue; its
    ///         paths refer to the body (``/session/turn``).
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let checked = self.checked_body(py)?.map_err(|error| errors::of_validation(py, error))?;
        let body = PyBytes::new(py, &checked.body);
        buffer::recycle(checked.body);
        Ok(body)
    }

    /// Checks the update and returns the request body as plain Python objects.
    ///
    /// Returns:
    ///     dict: The body that :meth:`to_json` writes.
    ///
    /// Raises:
    ///     ValidationError: The update is empty or invalid, as for :meth:`to_json`.
    fn to_api_body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let checked = self.checked_body(py)?.map_err(|error| errors::of_validation(py, error))?;
        loads(py, &String::from_utf8_lossy(&checked.body))
    }

    /// Checks the update and returns a report, without an exception for its issues.
    ///
    /// Returns:
    ///     Report: Every issue, errors and warnings, and the sizes of the body.
    fn check(&self, py: Python<'_>) -> PyResult<PyReport> {
        Ok(PyReport::new(match self.checked_body(py)? {
            Ok(checked) => checked.report,
            Err(error) => error.into_report(),
        }))
    }

    /// Splits the update into parts that each fit the limit of one request, 524,288 bytes.
    ///
    /// The parts keep the order of the variables, and the last part contains the transition. An
    /// update that fits is returned as the only part.
    ///
    /// Returns:
    ///     list[StateUpdate]: The parts. They contain the same value objects as this update.
    ///
    /// Raises:
    ///     ValidationError: The update has an error other than its size, or a single variable is too
    ///         large for a part.
    ///
    /// Example:
    ///     >>> from cognigy_context import StateUpdate
    ///     >>> update = StateUpdate({"a": "x" * 300_000, "b": "y" * 300_000}, next_step="end")
    ///     >>> [(list(part.session), part.next_step) for part in update.split()]
    ///     [(['a'], None), (['b'], 'end')]
    fn split(&self, py: Python<'_>) -> PyResult<Vec<Self>> {
        self.parts(py)?.map_err(|error| errors::of_validation(py, error))
    }

    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self, py: Python<'_>) -> String {
        let length = |variables: &Py<PyAny>| variables.bind(py).len().unwrap_or(0);
        let (session, user) = (length(&self.session), length(&self.user));
        let transition = if self.next_step.is_some() { "True" } else { "False" };
        format!("<StateUpdate session={session} user={user} transition={transition}>")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.is_equal(other)
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Self::reduce(slf)
    }
}

impl ValueClass for PyStateUpdate {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.session, &self.user, &self.next_step).into_pyobject(py)
    }
}

impl PyStateUpdate {
    /// Returns the text of `next_step`, with its issue.
    fn next_step_text<'a>(&'a self, py: Python<'a>) -> PyResult<Option<TextArg<'a>>> {
        let transition = Path::ROOT.key("transition");
        let path = transition.key("nextStep");
        self.next_step.as_ref().map(|step| TextArg::of_text(step.bind(py), &path)).transpose()
    }

    /// Splits the update. The inner error contains the issues; the outer one is what Python raised.
    pub(crate) fn parts(&self, py: Python<'_>) -> PyResult<Result<Vec<Self>, ValidationError>> {
        // The copies cannot change between measuring and splitting.
        let session = snapshot(self.session.bind(py))?;
        let user = snapshot(self.user.bind(py))?;
        let step = self.next_step_text(py)?;
        let mut walk = Walk::begin(py);
        let mut walked = Ok(());
        let mut splitter = StateSplitter::new(Policy::state());
        splitter.session(is_empty(&mut walk, &session), visit(&mut walk, &session, &mut walked));
        splitter.user(is_empty(&mut walk, &user), visit(&mut walk, &user, &mut walked));
        drop(walk);
        walked?;
        let split = splitter.split(step.as_ref().map(|step| &*step.text));
        let issues = step.and_then(|step| step.issue).into_iter().collect();
        let parts = match merge_issues(issues, split, |_| Report::default()) {
            Ok(parts) => parts.into_iter(),
            Err(error) => return Ok(Err(error)),
        };
        let parts: PyResult<Vec<Self>> = parts
            .map(|part| {
                let next_step = self.next_step.as_ref().filter(|_| part.has_transition);
                Ok(Self {
                    session: members_in(&session, part.session)?,
                    user: members_in(&user, part.user)?,
                    next_step: next_step.map(|step| step.clone_ref(py)),
                })
            })
            .collect();
        parts.map(Ok)
    }

    /// Returns the number of variables of the session and of the user. An object without a length
    /// counts as 0.
    pub(crate) fn len(&self, py: Python<'_>) -> u64 {
        let length = |variables: &Py<PyAny>| variables.bind(py).len().unwrap_or(0) as u64;
        length(&self.session) + length(&self.user)
    }

    /// Returns whether the update has a `next_step`.
    pub(crate) fn has_transition(&self) -> bool {
        self.next_step.is_some()
    }

    /// Checks the update and writes its body. The inner error contains the issues; the outer one is
    /// what Python raised.
    pub(crate) fn checked_body(
        &self,
        py: Python<'_>,
    ) -> PyResult<Result<CheckedBody, ValidationError>> {
        let step = self.next_step_text(py)?;
        let (session, user) = (self.session.bind(py), self.user.bind(py));
        let mut walk = Walk::begin(py);
        let mut walked = Ok(());
        let mut writer = StateWriter::new(Policy::state(), buffer::take());
        writer.session(is_empty(&mut walk, session), visit(&mut walk, session, &mut walked));
        writer.user(is_empty(&mut walk, user), visit(&mut walk, user, &mut walked));
        drop(walk);
        walked?;
        let written = writer.finish(step.as_ref().map(|step| &*step.text));
        let issues = step.and_then(|step| step.issue).into_iter().collect();
        Ok(merge_issues(issues, written, |written| written.report.clone()))
    }
}

/// Returns whether `variables` is an empty mapping, which the body omits. The core reports an object
/// that is not a mapping.
fn is_empty(walk: &mut Walk<'_>, variables: &Bound<'_, PyAny>) -> bool {
    match variables.cast_exact::<PyDict>() {
        Ok(dict) => dict.is_empty(),
        Err(_) => walk.run_python(|| {
            let mapping = variables.cast::<PyMapping>();
            mapping.is_ok_and(|mapping| mapping.len().is_ok_and(|length| length == 0))
        }),
    }
}

/// Returns a function that walks `variables` for the core's writers. The function stores what Python
/// raises in `walked`, and does nothing after an earlier exception.
fn visit<'a, 'c, 'py, O>(
    walk: &'a mut Walk<'py>,
    variables: &'a Bound<'py, PyAny>,
    walked: &'a mut PyResult<()>,
) -> impl FnOnce(&mut Checker<'c, O>, &Path<'_>) + 'a
where
    'c: 'a,
    O: JsonWriter + 'a,
{
    move |checker, at| {
        if walked.is_ok() {
            *walked = walk.visit(variables, checker, at);
        }
    }
}

/// Copies a mapping into a dict. Returns any other object unchanged; the core then reports it.
fn snapshot<'py>(variables: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(dict) = variables.cast_exact::<PyDict>() {
        return Ok(dict.copy()?.into_any());
    }
    match variables.cast::<PyMapping>() {
        Ok(mapping) => {
            let copy = PyDict::new(mapping.py());
            for pair in mapping.items()?.iter() {
                let (name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
                copy.set_item(name, value)?;
            }
            Ok(copy.into_any())
        }
        Err(_) => Ok(variables.clone()),
    }
}

/// Returns a new dict of the members whose positions in a dict are in `range`; an empty dict for any
/// other object.
fn members_in(variables: &Bound<'_, PyAny>, range: Range<usize>) -> PyResult<Py<PyAny>> {
    let members = PyDict::new(variables.py());
    if let Ok(dict) = variables.cast::<PyDict>() {
        let items: Bound<'_, PyList> = dict.items();
        for pair in items.iter().skip(range.start).take(range.len()) {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            members.set_item(name, value)?;
        }
    }
    Ok(members.into_any().unbind())
}
