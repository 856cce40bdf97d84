//! Which of several variables of one name counts, and how they look.

use cognigy_context::__bindings::{
    NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor, measure_with,
};
use cognigy_context::scope::resolve;
use cognigy_context::variables::{ValueType, is_system};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString};

use crate::errors;
use crate::variables::{Label, PyScopedVariable, PyVariables};
use crate::walk::{read_text, walk, walk_at};

/// A field of a variable that is given as a mapping or as an object.
///
/// # Errors
/// `TypeError` when it is not there, or what Python raised.
fn field<'py>(
    variable: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(variable) = variable.cast::<PyDict>() {
        if let Some(found) = variable.get_item(name)? {
            return Ok(found);
        }
    } else if let Ok(mapping) = variable.cast::<PyMapping>() {
        if mapping.contains(name)? {
            return mapping.get_item(name);
        }
    } else if let Some(found) = variable.getattr_opt(name)? {
        return Ok(found);
    }
    Err(PyTypeError::new_err(format!("a variable needs a `{name}`")))
}

/// The same for a field that is text.
fn text_field<'py>(
    variable: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyString>> {
    field(variable, name)?
        .cast_into()
        .map_err(|_| PyTypeError::new_err(format!("a variable's `{name}` must be a str")))
}

/// Resolves variables of the same name in different scopes: which one counts.
///
/// ``global`` < ``bot`` < ``session`` < ``user``; a scope that is not known is below all. Of equal
/// ones the first counts.
///
/// Args:
///     variables: Mappings or objects with ``name`` and ``scope``, as the API answers them.
///
/// Returns:
///     dict: Name to variable, the very object that was given, in the order in which the names
///     first appear.
///
/// Raises:
///     TypeError: A variable has no ``name`` or ``scope``, or one that is no text.
///     ValidationError: A name holds half a surrogate pair.
///
/// Example:
///     >>> from cognigy_context import resolve_scopes
///     >>> resolve_scopes([
///     ...     {"name": "tier", "value": "basic", "scope": "bot"},
///     ...     {"name": "tier", "value": "gold", "scope": "user"},
///     ... ])
///     {'tier': {'name': 'tier', 'value': 'gold', 'scope': 'user'}}
#[pyfunction]
pub(crate) fn resolve_scopes<'py>(variables: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = variables.py();
    let mut given = Vec::new();
    for variable in variables.try_iter()? {
        let variable = variable?;
        let name = text_field(&variable, intern!(py, "name"))?;
        let scope = text_field(&variable, intern!(py, "scope"))?;
        given.push((variable, name, scope));
    }
    let mut pairs = Vec::with_capacity(given.len());
    for (index, (_, name, scope)) in given.iter().enumerate() {
        let name = read_text(name)?;
        if name.lone_surrogate {
            return Err(errors::lone_surrogate(py, &Path::ROOT.index(index).key("name")));
        }
        pairs.push((name.text, read_text(scope)?.text));
    }
    let resolved = PyDict::new(py);
    for winner in resolve(pairs).resolved {
        if let Some((variable, name, _)) = given.get(winner) {
            resolved.set_item(name, variable)?;
        }
    }
    Ok(resolved)
}

/// How variables look to somebody who debugs a flow.
///
/// Args:
///     variables: What :func:`resolve_scopes` or :func:`parse_variables` gave, or a list of
///         variables, which is resolved first.
///
/// Returns:
///     dict: Name to ``{"value", "scope", "type", "is_system"}``. ``type`` is the JSON Schema name
///     of the value's type, where a number without fraction is an ``"integer"``; ``is_system`` is
///     whether the name begins with ``_``.
///
/// Raises:
///     TypeError: A variable has no ``name``, ``scope`` or ``value``.
///     ValidationError: A value has no JSON form (at ``/<name>``).
///
/// Example:
///     >>> from cognigy_context import debug_view
///     >>> debug_view([{"name": "_turn", "value": 3, "scope": "session"}])
///     {'_turn': {'value': 3, 'scope': 'session', 'type': 'integer', 'is_system': True}}
#[pyfunction]
pub(crate) fn debug_view<'py>(variables: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = variables.py();
    if let Ok(answered) = variables.cast::<PyVariables>() {
        return view_of_answer(answered.get(), py);
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
    // A list of its own: reading an object's fields may run Python code.
    for pair in resolved.items() {
        let (name, variable): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        let name = name
            .cast_into::<PyString>()
            .map_err(|_| PyTypeError::new_err("a variable's `name` must be a str"))?;
        view.set_item(&name, line(&name, &variable)?)?;
    }
    Ok(view)
}

/// The view of an answer, whose values this library made: they are of a few exact types.
fn view_of_answer<'py>(answered: &PyVariables, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
    let view = PyDict::new(py);
    let value_key = intern!(py, "value");
    let mut templates = Templates::new(answered.labels());
    for answer in answered.counting() {
        let value = answer.value.bind(py);
        // An answer holds nothing else; were it to, a walk would not know more of it.
        let kind = exact_type(value).unwrap_or(ValueType::Null);
        let line = templates.line(py, answer.scope, kind, answer.is_system)?;
        line.set_item(value_key, value)?;
        view.set_item(&answer.name, line)?;
    }
    Ok(view)
}

/// A line for each scope, type and origin that comes up, to be copied for those that differ from it
/// in their value only.
struct Templates<'a, 'py> {
    scopes: &'a [Py<PyString>],
    made: Vec<Option<Bound<'py, PyDict>>>,
}

impl<'a, 'py> Templates<'a, 'py> {
    fn new(scopes: &'a [Py<PyString>]) -> Self {
        Self { scopes, made: Vec::new() }
    }

    fn line(
        &mut self,
        py: Python<'py>,
        scope: Label,
        kind: ValueType,
        is_system: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let place = (scope.0 * ValueType::COUNT + kind as usize) * 2 + usize::from(is_system);
        if let Some(Some(template)) = self.made.get(place) {
            return template.copy();
        }
        let none = py.None().into_bound(py);
        let scope = self
            .scopes
            .get(scope.0)
            .map_or_else(|| none.clone(), |scope| scope.bind(py).clone().into_any());
        let line = new_line(&none, &scope, kind, is_system)?;
        if self.made.len() <= place {
            self.made.resize(place + 1, None);
        }
        if let Some(made) = self.made.get_mut(place) {
            *made = Some(line.copy()?);
        }
        Ok(line)
    }
}

/// The type of a value that is exactly of a type that JSON has.
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
    kind: ValueType,
    is_system: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let py = value.py();
    let line = PyDict::new(py);
    line.set_item(intern!(py, "value"), value)?;
    line.set_item(intern!(py, "scope"), scope)?;
    line.set_item(intern!(py, "type"), PyString::intern(py, kind.name()))?;
    line.set_item(intern!(py, "is_system"), is_system)?;
    Ok(line)
}

fn line<'py>(
    name: &Bound<'py, PyString>,
    variable: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = variable.py();
    let (value, scope) = match variable.cast::<PyScopedVariable>() {
        Ok(answered) => answered.get().value_and_scope(py)?,
        Err(_) => {
            (field(variable, intern!(py, "value"))?, text_field(variable, intern!(py, "scope"))?)
        }
    };
    let mut kind = Kind::default();
    walk(&value, &mut kind)?;
    let name = read_text(name)?.text;
    let Some(kind) = kind.0 else {
        let mut walked = Ok(());
        let unsupported = measure_with(|checker| {
            walked = walk_at(&value, checker, &Path::ROOT.key(&name));
        });
        walked?;
        return Err(match unsupported {
            Err(error) => errors::of_validation(py, error),
            Ok(_) => PyTypeError::new_err("the value changed while it was looked at"),
        });
    };
    new_line(&value, &scope, kind, is_system(&name))
}

/// Hears of a value only of which type it is.
#[derive(Default)]
struct Kind(Option<ValueType>);

impl ValueVisitor for Kind {
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
            // Text without value cannot be; it would be a number with a fraction.
            NumberKind::Float | NumberKind::FiniteFloat => {
                text.parse().map_or(ValueType::Number, ValueType::of_float)
            }
        });
    }

    fn string(&mut self, _: &str, _: TextSize, _: &Path<'_>) {
        self.0 = Some(ValueType::String);
    }

    fn unsupported(&mut self, what: UnsupportedValue, _: &Path<'_>) {
        // NaN and the infinities are numbers, which a debugger wants to see.
        self.0 = match what {
            UnsupportedValue::NonFinite => Some(ValueType::Number),
            UnsupportedValue::HugeInteger => Some(ValueType::Integer),
            UnsupportedValue::Unserializable
            | UnsupportedValue::Circular
            | UnsupportedValue::TooDeep => None,
        };
    }

    fn lone_surrogate(&mut self, _: &Path<'_>) {}

    fn non_string_key(&mut self, _: &Path<'_>) {}

    fn duplicate_key(&mut self, _: &Path<'_>) {}
}
