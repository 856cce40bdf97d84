//! Updates of a dialog's state.

use std::ops::Range;

use cognigy_context::__bindings::{Checker, JsonWriter, Path};
use cognigy_context::__bindings::{StateSplitter, StateWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::{Policy, ValidationError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMapping, PyString, PyTuple};

use crate::buffer;
use crate::errors;
use crate::json_loads::loads;
use crate::report::PyReport;
use crate::walk::{Walk, read_text};

/// An update of a dialog's state, and how it becomes the body of the request.
///
/// Nothing is checked here, but when the body is made.
///
/// Args:
///     session: Variables of the session: names to values.
///     user: Variables of the user.
///     next_step: The step that the dialog goes to.
///
/// Example:
///     >>> from cognigy_context import StateUpdate
///     >>> StateUpdate({"turn": 4}, next_step="confirm").to_json()
///     b'{"session":{"turn":4},"transition":{"nextStep":"confirm"}}'
#[pyclass(frozen, name = "StateUpdate", module = "cognigy_context")]
pub(crate) struct PyStateUpdate {
    /// Variables of the session.
    #[pyo3(get)]
    session: Py<PyAny>,
    /// Variables of the user.
    #[pyo3(get)]
    user: Py<PyAny>,
    /// The step that the dialog goes to, if it does.
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
        next_step: Option<Py<PyString>>,
    ) -> Self {
        let or_empty =
            |given: Option<Py<PyAny>>| given.unwrap_or_else(|| PyDict::new(py).into_any().unbind());
        Self { session: or_empty(session), user: or_empty(user), next_step }
    }

    /// The checked body, as compact JSON in UTF-8.
    ///
    /// Returns:
    ///     bytes: ``{"session"?, "user"?, "transition"?: {"nextStep"}}``; empty parts are left out.
    ///
    /// Raises:
    ///     ValidationError: With every issue; paths are those of the body (``/session/turn``).
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let written = self.written(py)?.map_err(|error| errors::of_validation(py, error))?;
        let body = PyBytes::new(py, &written.body);
        buffer::put_back(written.body);
        Ok(body)
    }

    /// The checked body as a dict of plain Python objects: what a reader of :meth:`to_json` gets.
    ///
    /// Raises:
    ///     ValidationError: As :meth:`to_json`.
    fn to_api_body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let written = self.written(py)?.map_err(|error| errors::of_validation(py, error))?;
        loads(py, &String::from_utf8_lossy(&written.body))
    }

    /// What the check of the body finds, warnings too. Nothing is raised for it.
    fn check(&self, py: Python<'_>) -> PyResult<PyReport> {
        Ok(PyReport::new(match self.written(py)? {
            Ok(written) => written.report,
            Err(error) => error.into_report(),
        }))
    }

    /// The update as parts that each fit the limit of one request (524,288 bytes), in order; the
    /// transition is in the last. An update that fits is one part.
    ///
    /// Returns:
    ///     list[StateUpdate]: The parts; the values in them are the very objects of this update.
    ///
    /// Raises:
    ///     ValidationError: The update has an error other than its size, or a single variable fits
    ///         no part.
    ///
    /// Example:
    ///     >>> from cognigy_context import StateUpdate
    ///     >>> update = StateUpdate({"a": "x" * 300_000, "b": "y" * 300_000}, next_step="end")
    ///     >>> [(list(part.session), part.next_step) for part in update.split()]
    ///     [(['a'], None), (['b'], 'end')]
    fn split(&self, py: Python<'_>) -> PyResult<Vec<Self>> {
        self.parts(py)?.map_err(|error| errors::of_validation(py, error))
    }

    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> String {
        let length = |part: &Py<PyAny>| part.bind(py).len().unwrap_or(0);
        let (session, user) = (length(&self.session), length(&self.user));
        let transition = if self.next_step.is_some() { "True" } else { "False" };
        format!("<StateUpdate session={session} user={user} transition={transition}>")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(same) => self.fields(other.py())?.eq(same.get().fields(other.py())?),
            Err(_) => Ok(false),
        }
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().into_any(), slf.get().fields(slf.py())?))
    }
}

impl PyStateUpdate {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.session, &self.user, &self.next_step).into_pyobject(py)
    }

    fn step(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let Some(step) = &self.next_step else { return Ok(None) };
        let read = read_text(step.bind(py))?;
        if read.lone_surrogate {
            let transition = Path::ROOT.key("transition");
            return Err(errors::lone_surrogate(py, &transition.key("nextStep")));
        }
        Ok(Some(read.text.into_owned()))
    }

    /// The update in parts, or why there are none. The outer error is what Python raised.
    pub(crate) fn parts(&self, py: Python<'_>) -> PyResult<Result<Vec<Self>, ValidationError>> {
        // Copies, so that what is measured is what is cut.
        let session = snapshot(self.session.bind(py))?;
        let user = snapshot(self.user.bind(py))?;
        let step = self.step(py)?;
        let mut walk = Walk::begin(py);
        let mut walked = Ok(());
        let mut sizes = StateSplitter::new(Policy::state());
        sizes.session(is_empty(&mut walk, &session), visit(&mut walk, &session, &mut walked));
        sizes.user(is_empty(&mut walk, &user), visit(&mut walk, &user, &mut walked));
        drop(walk);
        walked?;
        let parts = match sizes.split(step.as_deref()) {
            Ok(parts) => parts.into_iter(),
            Err(error) => return Ok(Err(error)),
        };
        let parts: PyResult<Vec<Self>> = parts
            .map(|part| {
                let next_step = self.next_step.as_ref().filter(|_| part.has_transition);
                Ok(Self {
                    session: cut(&session, part.session)?,
                    user: cut(&user, part.user)?,
                    next_step: next_step.map(|step| step.clone_ref(py)),
                })
            })
            .collect();
        parts.map(Ok)
    }

    /// How many variables there are in all.
    pub(crate) fn len(&self, py: Python<'_>) -> u64 {
        let length = |part: &Py<PyAny>| part.bind(py).len().unwrap_or(0) as u64;
        length(&self.session) + length(&self.user)
    }

    pub(crate) fn has_transition(&self) -> bool {
        self.next_step.is_some()
    }

    /// The body, or what is wrong with it. The outer error is what Python raised.
    pub(crate) fn written(&self, py: Python<'_>) -> PyResult<Result<CheckedBody, ValidationError>> {
        let step = self.step(py)?;
        let (session, user) = (self.session.bind(py), self.user.bind(py));
        let mut walk = Walk::begin(py);
        let mut walked = Ok(());
        let mut writer = StateWriter::new(Policy::state(), buffer::take());
        writer.session(is_empty(&mut walk, session), visit(&mut walk, session, &mut walked));
        writer.user(is_empty(&mut walk, user), visit(&mut walk, user, &mut walked));
        drop(walk);
        walked?;
        Ok(writer.finish(step.as_deref()))
    }
}

/// Whether a part is left out: a mapping with nothing in it. Anything else is for the core to see.
fn is_empty(walk: &mut Walk<'_>, part: &Bound<'_, PyAny>) -> bool {
    match part.cast_exact::<PyDict>() {
        Ok(part) => part.is_empty(),
        Err(_) => walk.run_python(|| {
            part.cast::<PyMapping>().is_ok_and(|part| part.len().is_ok_and(|length| length == 0))
        }),
    }
}

fn visit<'a, 'c, 'py, O>(
    walk: &'a mut Walk<'py>,
    part: &'a Bound<'py, PyAny>,
    walked: &'a mut PyResult<()>,
) -> impl FnOnce(&mut Checker<'c, O>, &Path<'_>) + 'a
where
    'c: 'a,
    O: JsonWriter + 'a,
{
    move |checker, at| {
        if walked.is_ok() {
            *walked = walk.visit(part, checker, at);
        }
    }
}

/// A dict of what a mapping holds now. Anything else stays, for the core to refuse.
fn snapshot<'py>(part: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(part) = part.cast_exact::<PyDict>() {
        return Ok(part.copy()?.into_any());
    }
    match part.cast::<PyMapping>() {
        Ok(part) => {
            let copy = PyDict::new(part.py());
            for item in part.items()?.iter() {
                let (name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = item.extract()?;
                copy.set_item(name, value)?;
            }
            Ok(copy.into_any())
        }
        Err(_) => Ok(part.clone()),
    }
}

/// The members at these places, as a dict of their own.
fn cut(part: &Bound<'_, PyAny>, places: Range<usize>) -> PyResult<Py<PyAny>> {
    let cut = PyDict::new(part.py());
    if let Ok(part) = part.cast::<PyDict>() {
        let items: Bound<'_, PyList> = part.items();
        for pair in items.iter().skip(places.start).take(places.len()) {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            cut.set_item(name, value)?;
        }
    }
    Ok(cut.into_any().unbind())
}
