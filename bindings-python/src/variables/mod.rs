//! Variables as the API answers them.

use cognigy_context::__bindings::Path;
use cognigy_context::__bindings::{BorrowedVariable, ValueBuilder, resolve_variables_with};
use cognigy_context::__bindings::{Coerced, IntegerRange};
use cognigy_context::Issue;
use cognigy_context::api::BaseUrl;
use cognigy_context::api::botsessions::{VariablesQuery, variables_url as url_of};
use cognigy_context::variables::is_system;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyIterator, PyList, PyString, PyTuple};

use crate::coerce::{mode_of, object_of, unless_too_long};
use crate::errors;
use crate::issue::PyIssue;
use crate::json_loads::loads_with;
use crate::json_text::JsonText;
use crate::key_interner::KeyInterner;
use crate::py_str::new_text;
use crate::walk::read_text;

/// One variable, as the API answers it.
///
/// Args:
///     name: Its name.
///     value: Its value.
///     scope: Its scope: ``"global"``, ``"bot"``, ``"session"`` or ``"user"``.
///     type: The type that the answer states, if it does.
///
/// Example:
///     >>> from cognigy_context import ScopedVariable, resolve_scopes
///     >>> resolve_scopes([ScopedVariable("tier", "gold", "user")])["tier"].value
///     'gold'
#[pyclass(frozen, name = "ScopedVariable", module = "cognigy_context")]
pub(crate) struct PyScopedVariable {
    /// Its name.
    #[pyo3(get)]
    name: Py<PyString>,
    /// Its value, coerced where the answer gave text.
    #[pyo3(get)]
    value: Py<PyAny>,
    /// Its scope.
    #[pyo3(get)]
    scope: Py<PyString>,
    /// The type that the answer states, if it does.
    #[pyo3(get, name = "type")]
    stated_type: Option<Py<PyString>>,
}

impl PyScopedVariable {
    pub(crate) fn value_and_scope<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyString>)> {
        Ok((self.value.bind(py).clone(), self.scope.bind(py).clone()))
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.name, &self.value, &self.scope, &self.stated_type).into_pyobject(py)
    }
}

#[pymethods]
impl PyScopedVariable {
    #[new]
    #[pyo3(signature = (name, value, scope, r#type=None))]
    fn new(
        name: Py<PyString>,
        value: Py<PyAny>,
        scope: Py<PyString>,
        r#type: Option<Py<PyString>>,
    ) -> Self {
        Self { name, value, scope, stated_type: r#type }
    }

    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (name, scope) = (self.name.bind(py).repr()?, self.scope.bind(py).repr()?);
        Ok(format!("<ScopedVariable name={name} scope={scope}>"))
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

/// The variables that count, by name: a read-only mapping to :class:`ScopedVariable`, in the order
/// in which the names first appeared. Made by :func:`parse_variables`.
///
/// Example:
///     >>> from cognigy_context import parse_variables
///     >>> page = b'{"variables": [{"name": "visits", "value": "3", "scope": "session"}]}'
///     >>> variables = parse_variables(page)
///     >>> variables["visits"].value, len(variables), variables.next_cursor
///     (3, 1, None)
#[pyclass(frozen, mapping, name = "Variables", module = "cognigy_context")]
pub(crate) struct PyVariables {
    counting: Vec<Answer>,
    hiding: Vec<(Answer, Label)>,
    labels: Vec<Py<PyString>>,
    /// Made of these when they are first asked for: a debug view needs none.
    resolved: PyOnceLock<Py<PyDict>>,
    shadowed: PyOnceLock<Py<PyTuple>>,
    next_cursor: Option<String>,
    issues: Vec<Issue>,
    shown_issues: PyOnceLock<Py<PyTuple>>,
}

/// One variable of an answer, before there is a [`PyScopedVariable`] of it.
pub(crate) struct Answer {
    pub(crate) name: Py<PyString>,
    pub(crate) value: Py<PyAny>,
    pub(crate) scope: Label,
    pub(crate) is_system: bool,
    stated_type: Option<Label>,
}

/// The place of a scope or a type among the [`Labels`].
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Label(pub(crate) usize);

/// Texts of which there are few, scopes and types, each made once.
#[derive(Default)]
struct Labels {
    texts: Vec<String>,
    made: Vec<Py<PyString>>,
}

impl Labels {
    /// So many are looked through; what comes after them is made anew each time.
    const MOST: usize = 16;

    fn of(&mut self, py: Python<'_>, text: &str) -> Label {
        if let Some(place) = self.texts.iter().position(|known| known == text) {
            return Label(place);
        }
        if self.texts.len() < Self::MOST {
            self.texts.push(text.to_owned());
        }
        self.made.push(PyString::intern(py, text).unbind());
        Label(self.made.len() - 1)
    }
}

/// Makes answers out of what the core read.
struct Answers<'a, 'py> {
    keys: &'a mut KeyInterner<'py>,
    labels: Labels,
}

impl<'py> Answers<'_, 'py> {
    fn make(&mut self, variable: BorrowedVariable<'_, Bound<'py, PyAny>>) -> Answer {
        let BorrowedVariable { name, value, scope, stated_type } = variable;
        let py = self.keys.py();
        Answer {
            is_system: is_system(&name),
            name: self.keys.get(&name).unbind(),
            value: value.unbind(),
            scope: self.labels.of(py, &scope),
            stated_type: stated_type.map(|stated| self.labels.of(py, &stated)),
        }
    }
}

impl PyVariables {
    /// The variables that count, in order.
    pub(crate) fn counting(&self) -> &[Answer] {
        &self.counting
    }

    /// The texts of the labels, in order.
    pub(crate) fn labels(&self) -> &[Py<PyString>] {
        &self.labels
    }

    fn label(&self, py: Python<'_>, label: Label) -> PyResult<Py<PyString>> {
        let text = self.labels.get(label.0).map(|text| text.clone_ref(py));
        text.ok_or_else(|| PyKeyError::new_err("no such label"))
    }

    fn scoped<'py>(
        &self,
        py: Python<'py>,
        answer: &Answer,
    ) -> PyResult<Bound<'py, PyScopedVariable>> {
        let variable = PyScopedVariable {
            name: answer.name.clone_ref(py),
            value: answer.value.clone_ref(py),
            scope: self.label(py, answer.scope)?,
            stated_type: answer.stated_type.map(|stated| self.label(py, stated)).transpose()?,
        };
        Bound::new(py, variable)
    }

    fn resolved<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        let made = self.resolved.get_or_try_init(py, || {
            let resolved = PyDict::new(py);
            for answer in &self.counting {
                resolved.set_item(&answer.name, self.scoped(py, answer)?)?;
            }
            Ok::<_, PyErr>(resolved.unbind())
        });
        made.map(|resolved| resolved.bind(py))
    }
}

#[pymethods]
impl PyVariables {
    /// Where to go on, when the last page said that there is more.
    #[getter]
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// What could not be coerced to its stated type, and so stayed text. Paths count the variables
    /// of all pages: ``/variables/3/value``.
    #[getter]
    fn issues<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        self.shown_issues
            .get_or_try_init(py, || {
                let issues = self.issues.iter().cloned().map(PyIssue);
                let issues =
                    issues.map(|issue| Bound::new(py, issue)).collect::<PyResult<Vec<_>>>()?;
                PyTuple::new(py, issues).map(Bound::unbind)
            })
            .map(|issues| issues.bind(py))
    }

    /// The variables that do not count, each with the scope of the one that hides it: pairs.
    #[getter]
    fn shadowed<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let made = self.shadowed.get_or_try_init(py, || {
            let pairs = self.hiding.iter();
            let pairs =
                pairs.map(|(answer, by)| Ok((self.scoped(py, answer)?, self.label(py, *by)?)));
            PyTuple::new(py, pairs.collect::<PyResult<Vec<_>>>()?).map(Bound::unbind)
        });
        made.map(|shadowed| shadowed.bind(py))
    }

    /// Returns the variable with this name, or ``default``.
    ///
    /// Args:
    ///     name: Name of the variable.
    ///     default: Value to return when there is no such variable. Default ``None``.
    #[pyo3(signature = (name, default=None, /))]
    fn get<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.resolved(name.py())?.get_item(name)?.or(default))
    }

    /// The names, in order.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.resolved(py)?.keys())
    }

    /// The variables, in order.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.resolved(py)?.values())
    }

    /// Names and variables, in order.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.resolved(py)?.items())
    }

    fn __getitem__<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let found = self.resolved(name.py())?.get_item(name)?;
        found.ok_or_else(|| PyKeyError::new_err(name.clone().unbind()))
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.resolved(name.py())?.contains(name)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.resolved(py)?.try_iter()
    }

    fn __len__(&self) -> usize {
        self.counting.len()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        match other.cast::<Self>() {
            Ok(same) => self.resolved(py)?.eq(same.get().resolved(py)?),
            Err(_) => self.resolved(py)?.eq(other),
        }
    }

    /// Shows no value.
    fn __repr__(&self) -> String {
        format!("<Variables len={} shadowed={}>", self.counting.len(), self.hiding.len())
    }
}

/// Makes Python objects. The first thing that Python raises ends up in `raised`.
struct Objects<'py> {
    py: Python<'py>,
    keys: KeyInterner<'py>,
    raised: Option<PyErr>,
}

impl<'py> Objects<'py> {
    fn or_none(&mut self, made: PyResult<Bound<'py, PyAny>>) -> Bound<'py, PyAny> {
        made.unwrap_or_else(|error| {
            self.raised.get_or_insert(error);
            self.py.None().into_bound(self.py)
        })
    }
}

impl<'py> ValueBuilder for Objects<'py> {
    type Value = Bound<'py, PyAny>;

    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<Self::Value> {
        let made = match coerced {
            Coerced::Json { text, .. } => {
                unless_too_long(self.py, loads_with(&mut self.keys, text)).transpose()?
            }
            _ => object_of(self.py, coerced).transpose()?,
        };
        Some(self.or_none(made))
    }

    fn text(&mut self, text: &str) -> Self::Value {
        new_text(self.py, text).into_any()
    }

    fn json(&mut self, json: &str) -> Self::Value {
        let made = loads_with(&mut self.keys, json);
        self.or_none(made)
    }

    /// Python's integers have no end.
    fn supports(&self, _: IntegerRange) -> bool {
        true
    }
}

/// Reads one or more pages of an answer: decodes, coerces and resolves over all of them.
///
/// Args:
///     *pages: The bodies of the answers, in order: JSON text as ``bytes`` or ``str``.
///     mode: How eager text is coerced, as for :func:`coerce`.
///
/// Returns:
///     Variables: A mapping of names to those variables that count.
///
/// Raises:
///     ProtocolError: An answer is not of the shape that the API promises; the message names the
///         place in it.
///     ConfigurationError: There is no such mode.
///     TypeError: A page is neither text nor bytes.
///
/// Example:
///     >>> from cognigy_context import debug_view, parse_variables
///     >>> variables = parse_variables(
///     ...     b'{"variables": [{"name": "visits", "value": "3", "scope": "session"},'
///     ...     b' {"name": "visits", "value": "40", "scope": "user"}]}'
///     ... )
///     >>> debug_view(variables)
///     {'visits': {'value': 40, 'scope': 'user', 'type': 'integer', 'is_system': False}}
///     >>> [(variable.value, by) for variable, by in variables.shadowed]
///     [(3, 'user')]
#[pyfunction]
#[pyo3(signature = (*pages, mode=None), text_signature = "(*pages, mode='lossless')")]
pub(crate) fn parse_variables<'py>(
    py: Python<'py>,
    pages: Vec<JsonText<'py>>,
    mode: Option<&Bound<'py, PyString>>,
) -> PyResult<PyVariables> {
    let mode = mode_of(mode)?;
    let pages = pages.iter().map(|page| page.bytes()).collect::<PyResult<Vec<_>>>()?;
    let mut objects = Objects { py, keys: KeyInterner::new(py), raised: None };
    let resolved =
        resolve_variables_with(pages.iter().map(|page| page.as_ref()), mode, &mut objects)
            .map_err(|error| errors::of_error(py, error))?;
    if let Some(raised) = objects.raised {
        return Err(raised);
    }
    let mut answers = Answers { keys: &mut objects.keys, labels: Labels::default() };
    let counting = resolved.resolved.into_iter().map(|variable| answers.make(variable)).collect();
    let hiding = resolved.shadowed.into_iter().map(|(variable, by)| {
        let answer = answers.make(variable);
        (answer, answers.labels.of(py, &by))
    });
    let hiding = hiding.collect();
    Ok(PyVariables {
        counting,
        hiding,
        labels: answers.labels.made,
        resolved: PyOnceLock::new(),
        shadowed: PyOnceLock::new(),
        next_cursor: resolved.next_cursor,
        issues: resolved.issues,
        shown_issues: PyOnceLock::new(),
    })
}

/// The address of a session's variables, for an HTTP library of your own: a ``GET``.
///
/// Args:
///     base_url: Address of the tenant's API. An ending ``/new``, ``/api/v1`` or ``/api/v2`` is
///         recognised.
///     session_id: The session's id.
///     name: Only those of this name.
///     scope: Only those of this scope.
///     include_system: The system's too, whose names begin with ``_``.
///
/// Returns:
///     str: The URL, with every part percent-encoded.
///
/// Raises:
///     ValidationError: The session id can be none, or a part holds half a surrogate pair.
///     ConfigurationError: ``base_url`` cannot be one.
///
/// Example:
///     >>> from cognigy_context import variables_url
///     >>> variables_url("https://api.example", "s/1", scope="user")
///     'https://api.example/api/v2/botsessions/s%2F1/variables?scope=user'
#[pyfunction]
#[pyo3(signature = (base_url, session_id, *, name=None, scope=None, include_system=false))]
pub(crate) fn variables_url(
    py: Python<'_>,
    base_url: &Bound<'_, PyString>,
    session_id: &Bound<'_, PyString>,
    name: Option<&Bound<'_, PyString>>,
    scope: Option<&Bound<'_, PyString>>,
    include_system: bool,
) -> PyResult<String> {
    let base: BaseUrl = read_text(base_url)?.text.parse().map_err(
        |error: cognigy_context::ConfigurationError| errors::of_configuration(py, error),
    )?;
    let part = |place: &str, given: &Bound<'_, PyString>| -> PyResult<String> {
        let read = read_text(given)?;
        if read.lone_surrogate {
            return Err(errors::lone_surrogate(py, &Path::ROOT.key(place)));
        }
        Ok(read.text.into_owned())
    };
    let session_id = part("sessionId", session_id)?;
    let name = name.map(|name| part("name", name)).transpose()?;
    let scope = scope.map(|scope| part("scope", scope)).transpose()?;
    let query = VariablesQuery { name: name.as_deref(), scope: scope.as_deref(), include_system };
    url_of(&base, &session_id, &query).map_err(|error| errors::of_validation(py, error))
}
