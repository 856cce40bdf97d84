//! The function `debug_view`.

use cognigy_context::__bindings::{
    NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor, measure_with,
};
use cognigy_context::variables::{ValueType, is_system};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString};

use super::resolved::{PyVariables, Symbol};
use super::scoped_variable::PyScopedVariable;
use super::scopes::{field, resolve_scopes, text_field};
use crate::argument_types::wrong_type;
use crate::errors;
use crate::walk::{read_text, walk, walk_at};

/// Returns a view of variables for debugging a flow.
///
/// Args:
///     variables: Result of :func:`resolve_scopes` or :func:`parse_variables`, or an iterable of
///         variables, which is resolved first.
///
/// Returns:
///     dict: Names to dicts of ``value``, ``scope``, ``type`` and ``is_system``. ``type`` is the
///     JSON Schema type of the value; a number without a fraction is an ``"integer"``.
///     ``is_system`` is whether the name starts with ``_``.
///
/// Raises:
///     TypeError: ``variables`` is not iterable, or a variable has no ``name``, ``scope`` or
///         ``value``.
///     ValidationError: A value has no JSON form. The path is ``/<name>``. NaN, infinities and huge
///         integers are no errors here.
///
/// Example:
///     >>> from cognigy_context import debug_view
///     >>> debug_view([{"name": "_turn", "value": 3, "scope": "session"}])
///     {'_turn': {'value': 3, 'scope': 'session', 'type': 'integer', 'is_system': True}}
#[pyfunction]
pub(crate) fn debug_view<'py>(variables: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = variables.py();
    if let Ok(parsed) = variables.cast::<PyVariables>() {
        return view_of_parsed(parsed.get(), py);
    }
    let resolved = if let Ok(resolved) = variables.cast::<PyDict>() {
        resolved.clone()
    } else if let Ok(resolved) = variables.cast::<PyMapping>() {
        let copy = PyDict::new(py);
        copy.update(resolved)?;
        copy
    } else {
        resolve_scopes(variables)?
    };
    let view = PyDict::new(py);
    // `items` copies, because reading an object's fields may run Python code that changes the dict.
    for pair in resolved.items() {
        let (name, variable): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        let name = name
            .cast_into::<PyString>()
            .map_err(|error| wrong_type("the name of a variable", "a str", &error.into_inner()))?;
        view.set_item(&name, line_of(&name, &variable)?)?;
    }
    Ok(view)
}

/// Returns the view of parsed variables. It needs no walk, because this library created their values.
fn view_of_parsed<'py>(variables: &PyVariables, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
    let view = PyDict::new(py);
    let value_key = intern!(py, "value");
    let mut templates = LineTemplates::new(&variables.symbols);
    for parsed in &variables.resolved {
        let value = parsed.value.bind(py);
        let value_type = exact_type(value).unwrap_or(ValueType::Null);
        let line = templates.line(py, parsed.scope, value_type, parsed.is_system)?;
        line.set_item(value_key, value)?;
        view.set_item(&parsed.name, line)?;
    }
    Ok(view)
}

/// One line of the view for each combination of scope, type and `is_system`. Copying a dict and setting
/// its value is faster than building it.
struct LineTemplates<'a, 'py> {
    scopes: &'a [Py<PyString>],
    lines: Vec<Option<Bound<'py, PyDict>>>,
}

impl<'a, 'py> LineTemplates<'a, 'py> {
    fn new(scopes: &'a [Py<PyString>]) -> Self {
        Self { scopes, lines: Vec::new() }
    }

    /// Returns a new line whose value is to be set.
    fn line(
        &mut self,
        py: Python<'py>,
        scope: Symbol,
        value_type: ValueType,
        is_system: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        // Each combination of scope, type and `is_system` has an index of its own.
        let index = (scope.0 * ValueType::COUNT + value_type as usize) * 2 + usize::from(is_system);
        if let Some(Some(template)) = self.lines.get(index) {
            return template.copy();
        }
        let none = py.None().into_bound(py);
        let scope = self
            .scopes
            .get(scope.0)
            .map_or_else(|| none.clone(), |scope| scope.bind(py).clone().into_any());
        let line = new_line(&none, &scope, value_type, is_system)?;
        if self.lines.len() <= index {
            self.lines.resize(index + 1, None);
        }
        if let Some(template) = self.lines.get_mut(index) {
            *template = Some(line.copy()?);
        }
        Ok(line)
    }
}

/// Returns the JSON type of a value that is `None` or exactly a `str`, `bool`, `int`, `float`, `dict` or
/// `list`. Returns `None` for any other value.
fn exact_type(value: &Bound<'_, PyAny>) -> Option<ValueType> {
    Some(if value.is_exact_instance_of::<PyString>() {
        ValueType::String
    } else if value.is_exact_instance_of::<PyBool>() {
        ValueType::Boolean
    } else if value.is_exact_instance_of::<PyInt>() {
        ValueType::Integer
    } else if let Ok(float) = value.cast_exact::<PyFloat>() {
        ValueType::of_float(float.value())
    } else if value.is_exact_instance_of::<PyDict>() {
        ValueType::Object
    } else if value.is_exact_instance_of::<PyList>() {
        ValueType::Array
    } else if value.is_none() {
        ValueType::Null
    } else {
        return None;
    })
}

fn new_line<'py>(
    value: &Bound<'py, PyAny>,
    scope: &Bound<'py, PyAny>,
    value_type: ValueType,
    is_system: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let py = value.py();
    let line = PyDict::new(py);
    line.set_item(intern!(py, "value"), value)?;
    line.set_item(intern!(py, "scope"), scope)?;
    line.set_item(intern!(py, "type"), PyString::intern(py, value_type.name()))?;
    line.set_item(intern!(py, "is_system"), is_system)?;
    Ok(line)
}

/// Returns the line of a variable in any form.
fn line_of<'py>(
    name: &Bound<'py, PyString>,
    variable: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = variable.py();
    let (value, scope) = match variable.cast::<PyScopedVariable>() {
        Ok(scoped) => {
            let scoped = scoped.get();
            (scoped.value.bind(py).clone(), scoped.scope.bind(py).clone())
        }
        Err(_) => {
            (field(variable, intern!(py, "value"))?, text_field(variable, intern!(py, "scope"))?)
        }
    };
    let mut visitor = TypeVisitor::default();
    walk(&value, &mut visitor)?;
    let name = read_text(name)?.text;
    let Some(value_type) = visitor.0 else {
        let mut walked = Ok(());
        let unsupported = measure_with(|checker| {
            walked = walk_at(&value, checker, &Path::ROOT.key(&name));
        });
        walked?;
        return Err(match unsupported {
            Err(error) => errors::of_validation(py, error),
            Ok(_) => PyTypeError::new_err("a value changed while debug_view read it"),
        });
    };
    new_line(&value, &scope, value_type, is_system(&name))
}

/// Finds the type of a value without visiting its members. Finds none for a value without a JSON form,
/// except for NaN, the infinities and integers beyond the range of a float.
#[derive(Default)]
struct TypeVisitor(Option<ValueType>);

impl ValueVisitor for TypeVisitor {
    fn begin_object(&mut self, _: &Path<'_>) -> bool {
        self.0 = Some(ValueType::Object);
        false
    }

    fn key(&mut self, _: &str, _: TextSize, _: &Path<'_>) -> bool {
        false
    }

    fn end_member(&mut self, _: &Path<'_>) {}

    fn end_object(&mut self) {}

    fn begin_array(&mut self, _: &Path<'_>) -> bool {
        self.0 = Some(ValueType::Array);
        false
    }

    fn item(&mut self) {}

    fn end_array(&mut self) {}

    fn null(&mut self, _: &Path<'_>) {
        self.0 = Some(ValueType::Null);
    }

    fn boolean(&mut self, _: bool, _: &Path<'_>) {
        self.0 = Some(ValueType::Boolean);
    }

    fn number(&mut self, text: &str, kind: NumberKind, _: &Path<'_>) {
        self.0 = Some(match kind {
            NumberKind::Integer => ValueType::Integer,
            NumberKind::Float | NumberKind::FiniteFloat => {
                text.parse().map_or(ValueType::Number, ValueType::of_float)
            }
        });
    }

    fn string(&mut self, _: &str, _: TextSize, _: &Path<'_>) {
        self.0 = Some(ValueType::String);
    }

    fn unsupported(&mut self, what: UnsupportedValue, _: &Path<'_>) {
        // The view shows these numbers, because a developer looks for them.
        self.0 = match what {
            UnsupportedValue::NonFinite => Some(ValueType::Number),
            UnsupportedValue::HugeInteger => Some(ValueType::Integer),
            UnsupportedValue::Unserializable
            | UnsupportedValue::SparseList(_)
            | UnsupportedValue::ListWithProperties
            | UnsupportedValue::Circular
            | UnsupportedValue::TooDeep => None,
        };
    }

    fn lone_surrogate(&mut self, _: &Path<'_>) {}

    fn non_string_key(&mut self, _: &Path<'_>) {}

    fn duplicate_key(&mut self, _: &Path<'_>) {}
}
