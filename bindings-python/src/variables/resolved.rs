//! The class `Variables`: the resolved variables of a response.

use cognigy_context::Issue;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyIterator, PyList, PyString, PyTuple};

use super::scoped_variable::PyScopedVariable;
use crate::issue::PyIssue;

/// The resolved variables of a session: a read-only mapping of names to :class:`ScopedVariable`.
///
/// The order is that in which the names first appear in the response. Returned by
/// :func:`parse_variables` and :meth:`Client.get_variables`.
///
/// Example:
///     >>> from cognigy_context import parse_variables
///     >>> page = b'{"variables": [{"name": "visits", "value": "3", "scope": "session"}]}'
///     >>> variables = parse_variables(page)
///     >>> variables["visits"].value, len(variables), variables.next_cursor
///     (3, 1, None)
#[pyclass(frozen, mapping, name = "Variables", module = "cognigy_context")]
pub(crate) struct PyVariables {
    /// The resolved variables, in the order in which their names first appear.
    pub(super) resolved: Vec<ParsedVariable>,
    /// The shadowed variables, each with the scope of the variable that shadows it.
    pub(super) shadowed: Vec<(ParsedVariable, Symbol)>,
    /// The scopes and types, by [`Symbol`].
    pub(super) symbols: Vec<Py<PyString>>,
    pub(super) next_cursor: Option<String>,
    pub(super) issues: Vec<Issue>,
    pub(super) objects: PublicObjects,
}

/// The Python objects of a [`PyVariables`], each created on first use: the debug view needs none.
pub(super) struct PublicObjects {
    resolved: PyOnceLock<Py<PyDict>>,
    shadowed: PyOnceLock<Py<PyTuple>>,
    issues: PyOnceLock<Py<PyTuple>>,
}

impl PublicObjects {
    pub(super) const fn new() -> Self {
        Self { resolved: PyOnceLock::new(), shadowed: PyOnceLock::new(), issues: PyOnceLock::new() }
    }
}

/// One variable of a response, from which a [`PyScopedVariable`] can be created.
pub(super) struct ParsedVariable {
    pub(super) name: Py<PyString>,
    pub(super) value: Py<PyAny>,
    pub(super) scope: Symbol,
    pub(super) declared_type: Option<Symbol>,
    pub(super) is_system: bool,
}

/// The index of a scope or a type in [`PyVariables::symbols`].
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Symbol(pub(super) usize);

impl PyVariables {
    /// Returns the string of a symbol.
    fn string_of(&self, py: Python<'_>, symbol: Symbol) -> PyResult<Py<PyString>> {
        let text = self.symbols.get(symbol.0).map(|text| text.clone_ref(py));
        text.ok_or_else(|| PyKeyError::new_err("unknown symbol"))
    }

    fn scoped_variable<'py>(
        &self,
        py: Python<'py>,
        parsed: &ParsedVariable,
    ) -> PyResult<Bound<'py, PyScopedVariable>> {
        let declared_type = parsed.declared_type.map(|symbol| self.string_of(py, symbol));
        let variable = PyScopedVariable {
            name: parsed.name.clone_ref(py),
            value: parsed.value.clone_ref(py),
            scope: self.string_of(py, parsed.scope)?,
            declared_type: declared_type.transpose()?,
        };
        Bound::new(py, variable)
    }

    fn mapping<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        let mapping = self.objects.resolved.get_or_try_init(py, || {
            let mapping = PyDict::new(py);
            for parsed in &self.resolved {
                mapping.set_item(&parsed.name, self.scoped_variable(py, parsed)?)?;
            }
            Ok::<_, PyErr>(mapping.unbind())
        });
        mapping.map(|mapping| mapping.bind(py))
    }
}

#[pymethods]
impl PyVariables {
    /// Cursor of the next page, or ``None`` when the last page was read.
    #[getter]
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// Issues, one for each variable that could not be converted to its declared type.
    ///
    /// The values of these variables stay text. The paths count the variables across all pages:
    /// ``/variables/3/value``.
    #[getter]
    fn issues<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let issues = self.objects.issues.get_or_try_init(py, || {
            let issues = self.issues.iter().cloned().map(PyIssue);
            let issues = issues.map(|issue| Bound::new(py, issue)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, issues).map(Bound::unbind)
        });
        issues.map(|issues| issues.bind(py))
    }

    /// Shadowed variables, each in a pair with the scope of the variable that shadows it.
    #[getter]
    fn shadowed<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let shadowed = self.objects.shadowed.get_or_try_init(py, || {
            let pairs = self.shadowed.iter().map(|(parsed, by)| {
                Ok((self.scoped_variable(py, parsed)?, self.string_of(py, *by)?))
            });
            PyTuple::new(py, pairs.collect::<PyResult<Vec<_>>>()?).map(Bound::unbind)
        });
        shadowed.map(|shadowed| shadowed.bind(py))
    }

    /// Returns the variable with this name, or ``default``.
    ///
    /// Args:
    ///     name: Name of the variable.
    ///     default: Value to return when there is no such variable. Default ``None``.
    ///
    /// Returns:
    ///     ScopedVariable: The variable, or ``default``.
    #[pyo3(signature = (name, default=None, /))]
    fn get<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.mapping(name.py())?.get_item(name)?.or(default))
    }

    /// Returns the names, in order.
    ///
    /// Returns:
    ///     list[str]: The names.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.mapping(py)?.keys())
    }

    /// Returns the variables, in order.
    ///
    /// Returns:
    ///     list[ScopedVariable]: The variables.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.mapping(py)?.values())
    }

    /// Returns the names and variables, in order.
    ///
    /// Returns:
    ///     list[tuple[str, ScopedVariable]]: The pairs.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        Ok(self.mapping(py)?.items())
    }

    fn __getitem__<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let found = self.mapping(name.py())?.get_item(name)?;
        found.ok_or_else(|| PyKeyError::new_err(name.clone().unbind()))
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.mapping(name.py())?.contains(name)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.mapping(py)?.try_iter()
    }

    fn __len__(&self) -> usize {
        self.resolved.len()
    }

    // A dict of the same variables is equal as well.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        match other.cast::<Self>() {
            Ok(same) => self.mapping(py)?.eq(same.get().mapping(py)?),
            Err(_) => self.mapping(py)?.eq(other),
        }
    }

    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self) -> String {
        format!("<Variables len={} shadowed={}>", self.resolved.len(), self.shadowed.len())
    }
}
