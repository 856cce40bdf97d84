//! The class `Policy`, and policies as arguments.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use cognigy_context::Policy;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Map, Value};

use crate::argument_types::{optional_str_arg, str_arg, wrong_type_message};
use crate::errors;
use crate::to_python::{to_dict, to_python};

/// The rules of a check: a preset, and the fields that differ from it.
///
/// An argument ``policy`` of a function may also be the name of a preset, or a dict of policy
/// fields.
///
/// Args:
///     preset: Name of the preset: ``"injection"``, ``"context"``, ``"state"``, ``"platform"``
///         (default) or ``"platform_app"``.
///     **overrides: Fields that differ from the preset, by the names of this class's attributes.
///         ``None`` removes a limit.
///
/// Raises:
///     ConfigurationError: The preset or a field is unknown, or a value is invalid.
///
/// Example:
///     >>> from cognigy_context import Policy, check
///     >>> small = Policy("platform", max_context_bytes=20)
///     >>> check({"note": "Hello"}, policy=small).ok
///     True
///     >>> small.replace(max_context_bytes=10)
///     Policy('platform', max_context_bytes=10)
#[pyclass(frozen, eq, name = "Policy", module = "cognigy_context")]
#[derive(PartialEq)]
pub(crate) struct PyPolicy(Cow<'static, Policy>);

impl PyPolicy {
    /// Returns the fields as JSON.
    fn fields(&self) -> Map<String, Value> {
        fields_of(&self.0)
    }

    /// Returns the fields that differ from the preset.
    fn overrides(&self) -> Map<String, Value> {
        let preset = fields_of(self.0.preset.policy());
        let mut fields = self.fields();
        fields.retain(|name, value| preset.get(name) != Some(value));
        fields
    }

    fn field<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.fields().get(name).unwrap_or(&Value::Null))
    }
}

fn fields_of(policy: &Policy) -> Map<String, Value> {
    match serde_json::to_value(policy) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[pymethods]
impl PyPolicy {
    #[new]
    #[pyo3(signature = (preset=None, **overrides), text_signature = "(preset='platform', **overrides)")]
    fn new(
        py: Python<'_>,
        preset: Option<&Bound<'_, PyAny>>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut spec = Map::new();
        if let Some(preset) = optional_str_arg("preset", preset)? {
            spec.insert("preset".to_owned(), spec_of(preset.as_any(), MAX_SPEC_NESTING)?);
        }
        add_fields(&mut spec, overrides, MAX_SPEC_NESTING)?;
        policy_from_spec(py, &Value::Object(spec)).map(Self)
    }

    /// Returns a copy of the policy with other values for some fields.
    ///
    /// Args:
    ///     **overrides: Fields to change, by the names of this class's attributes. ``None`` removes
    ///         a limit.
    ///
    /// Returns:
    ///     Policy: The new policy.
    ///
    /// Raises:
    ///     ConfigurationError: A field is unknown, or a value is invalid.
    #[pyo3(signature = (**overrides))]
    fn replace(&self, py: Python<'_>, overrides: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut spec = self.overrides();
        spec.insert("preset".to_owned(), self.0.preset.as_str().into());
        add_fields(&mut spec, overrides, MAX_SPEC_NESTING)?;
        policy_from_spec(py, &Value::Object(spec)).map(Self)
    }

    /// Name of the preset on which this policy is based.
    #[getter]
    fn preset(&self) -> &'static str {
        self.0.preset.as_str()
    }

    /// Rule for the names of variables: ``"any"``, ``"injection"``, ``"identifier"`` or
    /// ``"platform"``.
    #[getter]
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field(py, "names")
    }

    /// Prefixes that a name must not have.
    #[getter]
    fn reserved_prefixes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.reserved_prefixes.iter().map(AsRef::as_ref))
    }

    /// Maximum length of a name, in code points, or ``None`` for no limit.
    #[getter]
    fn max_name_length(&self) -> Option<u64> {
        self.0.max_name_length
    }

    /// Whether the value of a variable may be ``None``. Inside a value it is always allowed.
    #[getter]
    fn allow_null(&self) -> bool {
        self.0.allow_null
    }

    /// Whether keys that start with ``__`` are internal and left out, at every depth.
    #[getter]
    fn strip_internal(&self) -> bool {
        self.0.strip_internal
    }

    /// Maximum JSON bytes of one variable's value, or ``None`` for no limit.
    #[getter]
    fn max_value_bytes(&self) -> Option<u64> {
        self.0.max_value_bytes
    }

    /// Maximum JSON bytes of one request body, or ``None`` for no limit.
    #[getter]
    fn max_payload_bytes(&self) -> Option<u64> {
        self.0.max_payload_bytes
    }

    /// Maximum bytes of the whole context, in ``context_unit``, or ``None`` for no limit.
    #[getter]
    fn max_context_bytes(&self) -> Option<u64> {
        self.0.max_context_bytes
    }

    /// Unit of ``max_context_bytes``: ``"json"`` or ``"platform"`` bytes.
    #[getter]
    fn context_unit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field(py, "context_unit")
    }

    /// Nesting of one variable, in levels, above which a warning follows; ``None``: no warning.
    ///
    /// Nesting above 128 levels is an error in every policy.
    #[getter]
    fn max_depth(&self) -> Option<u32> {
        self.0.max_depth
    }

    /// Share of a limit (above 0, up to 1) from which ``near_limit`` warns; ``None``: never.
    #[getter]
    fn warn_from(&self) -> Option<f64> {
        self.0.warn_from
    }

    /// Severity of an integer beyond ±(2**53 - 1): ``"error"`` or ``"warning"``.
    #[getter]
    fn unsafe_integers(&self) -> &'static str {
        self.0.unsafe_integers.as_str()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut text = format!("Policy('{}'", self.0.preset);
        for (name, value) in self.overrides() {
            text.push_str(&format!(", {name}={}", to_python(py, &value)?.repr()?));
        }
        text.push(')');
        Ok(text)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Value::Object(self.fields()).to_string().hash(&mut hasher);
        hasher.finish()
    }

    // For pickle. `__reduce__` cannot return keyword arguments.
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<((&'static str,), Bound<'py, PyDict>)> {
        Ok(((self.preset(),), to_dict(py, &self.overrides())?))
    }
}

/// An argument that is a policy: a `Policy`, the name of a preset, or a dict of fields.
pub(crate) enum PolicyArg<'py> {
    /// A preset, or a policy that was read from a spec.
    Core(Cow<'static, Policy>),
    Object(Bound<'py, PyPolicy>),
}

impl PolicyArg<'_> {
    /// The default of a policy argument.
    pub(crate) const DEFAULT: Self = Self::Core(Cow::Borrowed(Policy::platform()));

    pub(crate) fn policy(&self) -> &Policy {
        match self {
            Self::Core(policy) => policy,
            Self::Object(object) => &object.get().0,
        }
    }

    /// Returns the `repr` of the policy.
    pub(crate) fn repr(&self, py: Python<'_>) -> PyResult<String> {
        PyPolicy(Cow::Owned(self.policy().clone())).__repr__(py)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for PolicyArg<'py> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(policy) = given.cast::<PyPolicy>() {
            return Ok(Self::Object(policy.to_owned()));
        }
        if given.is_instance_of::<PyString>() || given.is_instance_of::<PyDict>() {
            return policy_from_spec(given.py(), &spec_of(&given, MAX_SPEC_NESTING)?)
                .map(Self::Core);
        }
        let expected = "a Policy, the name of a preset, or a dict of fields";
        Err(errors::configuration(given.py(), &wrong_type_message("policy", expected, &given)))
    }
}

/// Returns the policy that the core reads from a spec: the JSON form of a policy.
fn policy_from_spec(py: Python<'_>, spec: &Value) -> PyResult<Cow<'static, Policy>> {
    Policy::from_spec(spec).map_err(|error| errors::of_configuration(py, error))
}

/// Adds fields to a spec.
fn add_fields(
    spec: &mut Map<String, Value>,
    fields: Option<&Bound<'_, PyDict>>,
    levels_left: usize,
) -> PyResult<()> {
    for (name, value) in fields.into_iter().flatten() {
        let name: String = str_arg("a key of policy", &name)?.extract()?;
        spec.insert(name, spec_of(&value, levels_left)?);
    }
    Ok(())
}

/// Maximum nesting of a spec, in levels. A spec is a dict whose values are at most lists, so an object
/// that is nested deeper may contain itself.
const MAX_SPEC_NESTING: usize = 4;

/// Converts a Python object to a spec or a part of one. The core then checks it.
fn spec_of(given: &Bound<'_, PyAny>, levels_left: usize) -> PyResult<Value> {
    let Some(levels_inside) = levels_left.checked_sub(1) else {
        let problem = format!("it is nested more than {MAX_SPEC_NESTING} levels deep");
        return Err(invalid_policy(given, &problem));
    };
    Ok(if given.is_none() {
        Value::Null
    } else if let Ok(flag) = given.cast::<PyBool>() {
        Value::Bool(flag.is_true())
    } else if given.is_instance_of::<PyInt>() || given.is_instance_of::<PyFloat>() {
        let integer = given.extract::<i64>().map(Value::from);
        let integer = integer.or_else(|_| given.extract::<u64>().map(Value::from));
        match integer.or_else(|_| given.extract::<f64>().map(Value::from)) {
            Ok(number) if !number.is_null() => number,
            // NaN, an infinity, or an integer beyond the range of a float.
            _ => return Err(invalid_policy(given, "a number must be finite")),
        }
    } else if let Ok(text) = given.cast::<PyString>() {
        Value::String(text.to_string_lossy().into_owned())
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let items = given.try_iter()?.map(|item| spec_of(&item?, levels_inside));
        Value::Array(items.collect::<PyResult<_>>()?)
    } else if let Ok(fields) = given.cast::<PyDict>() {
        let mut spec = Map::new();
        add_fields(&mut spec, Some(fields), levels_inside)?;
        Value::Object(spec)
    } else {
        return Err(invalid_policy(
            given,
            "a value must be a str, a number, a bool, None or a list",
        ));
    })
}

#[cold]
fn invalid_policy(given: &Bound<'_, PyAny>, problem: &str) -> PyErr {
    errors::configuration(given.py(), &format!("invalid policy: {problem}"))
}
