//! Policies, and every form in which one can be given.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use cognigy_context::Policy;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Map, Value};

use crate::errors;
use crate::to_python::{to_dict, to_python};

/// The rules of one check, as data: a preset, and the fields that differ from it.
///
/// Wherever a policy is asked for, a preset's name or a dict of the same fields is as good. A limit
/// given as ``None`` is taken off.
///
/// Args:
///     preset: ``"injection"``, ``"context"``, ``"state"``, ``"platform"`` or ``"platform_app"``.
///     **overrides: The fields that differ; they are the attributes of this class.
///
/// Raises:
///     ConfigurationError: No such preset, no such field, or a value of the wrong kind.
///
/// Example:
///     >>> from cognigy_context import Policy, check
///     >>> small = Policy("platform", max_context_bytes=20)
///     >>> check({"note": "Hello"}, policy=small).ok
///     True
///     >>> small.replace(max_context_bytes=10)
///     Policy('platform', max_context_bytes=10)
#[pyclass(frozen, name = "Policy", module = "cognigy_context")]
pub(crate) struct PyPolicy(Cow<'static, Policy>);

impl PyPolicy {
    /// The fields, as they are described in JSON.
    fn fields(&self) -> Map<String, Value> {
        fields_of(&self.0)
    }

    /// The fields that differ from the preset.
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
        preset: Option<&Bound<'_, PyString>>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut spec = Map::new();
        if let Some(preset) = preset {
            spec.insert("preset".to_owned(), spec_of(preset.as_any(), SPEC_LEVELS)?);
        }
        add_fields(&mut spec, overrides, SPEC_LEVELS)?;
        described(py, &Value::Object(spec)).map(Self)
    }

    /// A policy like this one but for the fields that are named.
    ///
    /// Raises:
    ///     ConfigurationError: No such field, or a value of the wrong kind.
    #[pyo3(signature = (**overrides))]
    fn replace(&self, py: Python<'_>, overrides: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut spec = self.overrides();
        spec.insert("preset".to_owned(), self.0.preset.as_str().into());
        add_fields(&mut spec, overrides, SPEC_LEVELS)?;
        described(py, &Value::Object(spec)).map(Self)
    }

    /// The preset that this policy started from.
    #[getter]
    fn preset(&self) -> &'static str {
        self.0.preset.as_str()
    }

    /// The rule for names: ``"any"``, ``"injection"``, ``"identifier"`` or ``"platform"``.
    #[getter]
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field(py, "names")
    }

    /// Beginnings of a name that are refused.
    #[getter]
    fn reserved_prefixes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.reserved_prefixes.iter().map(AsRef::as_ref))
    }

    /// Longest name, in code points.
    #[getter]
    fn max_name_length(&self) -> Option<u64> {
        self.0.max_name_length
    }

    /// Whether a variable's own value may be ``None``. Below that it always may.
    #[getter]
    fn allow_null(&self) -> bool {
        self.0.allow_null
    }

    /// Whether keys that start with ``__`` are internal: left out, at every depth.
    #[getter]
    fn strip_internal(&self) -> bool {
        self.0.strip_internal
    }

    /// Most JSON bytes of one variable's value.
    #[getter]
    fn max_value_bytes(&self) -> Option<u64> {
        self.0.max_value_bytes
    }

    /// Most JSON bytes of what is sent in one request.
    #[getter]
    fn max_payload_bytes(&self) -> Option<u64> {
        self.0.max_payload_bytes
    }

    /// Most bytes of the whole context, in ``context_unit``.
    #[getter]
    fn max_context_bytes(&self) -> Option<u64> {
        self.0.max_context_bytes
    }

    /// What ``max_context_bytes`` counts: ``"json"`` or ``"platform"`` bytes.
    #[getter]
    fn context_unit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.field(py, "context_unit")
    }

    /// Levels of nesting of one variable beyond which there is a warning.
    #[getter]
    fn max_depth(&self) -> Option<u32> {
        self.0.max_depth
    }

    /// The share of a limit, above 0 and up to 1, from which ``near_limit`` warns.
    #[getter]
    fn warn_from(&self) -> Option<f64> {
        self.0.warn_from
    }

    /// How grave an integer beyond +-(2**53 - 1) is: ``"error"`` or ``"warning"``.
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

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Value::Object(self.fields()).to_string().hash(&mut hasher);
        hasher.finish()
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<((&'static str,), Bound<'py, PyDict>)> {
        Ok(((self.preset(),), to_dict(py, &self.overrides())?))
    }
}

/// A policy given as an argument: a `Policy`, a preset's name, or a dict of fields.
pub(crate) enum PolicyArg<'py> {
    Core(Cow<'static, Policy>),
    Object(Bound<'py, PyPolicy>),
}

impl PolicyArg<'_> {
    /// What an argument is that is not given.
    pub(crate) const DEFAULT: Self = Self::Core(Cow::Borrowed(Policy::platform()));

    pub(crate) fn policy(&self) -> &Policy {
        match self {
            Self::Core(policy) => policy,
            Self::Object(object) => &object.get().0,
        }
    }

    /// How `repr` shows it.
    pub(crate) fn shown(&self, py: Python<'_>) -> PyResult<String> {
        PyPolicy(Cow::Owned(self.policy().clone())).__repr__(py)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for PolicyArg<'py> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match given.cast::<PyPolicy>() {
            Ok(policy) => Ok(Self::Object(policy.to_owned())),
            Err(_) => described(given.py(), &spec_of(&given, SPEC_LEVELS)?).map(Self::Core),
        }
    }
}

fn described(py: Python<'_>, spec: &Value) -> PyResult<Cow<'static, Policy>> {
    Policy::from_spec(spec).map_err(|error| errors::of_configuration(py, error))
}

fn add_fields(
    spec: &mut Map<String, Value>,
    fields: Option<&Bound<'_, PyDict>>,
    levels: usize,
) -> PyResult<()> {
    for (name, value) in fields.into_iter().flatten() {
        spec.insert(name.extract()?, spec_of(&value, levels)?);
    }
    Ok(())
}

/// A description is a dict of lists. What nests deeper is none, and might hold itself.
const SPEC_LEVELS: usize = 4;

/// A description of a policy as JSON, which the core reads and judges.
fn spec_of(given: &Bound<'_, PyAny>, levels: usize) -> PyResult<Value> {
    let Some(below) = levels.checked_sub(1) else {
        return Err(not_a_policy(given, "it is nested deeper than a policy can be"));
    };
    Ok(if given.is_none() {
        Value::Null
    } else if let Ok(flag) = given.cast::<PyBool>() {
        Value::Bool(flag.is_true())
    } else if given.is_instance_of::<PyInt>() || given.is_instance_of::<PyFloat>() {
        let exact = given.extract::<i64>().map(Value::from);
        let exact = exact.or_else(|_| given.extract::<u64>().map(Value::from));
        match exact.or_else(|_| given.extract::<f64>().map(Value::from)) {
            Ok(number) if !number.is_null() => number,
            // Null would take a limit off.
            _ => return Err(not_a_policy(given, "a number must be finite")),
        }
    } else if let Ok(text) = given.cast::<PyString>() {
        Value::String(text.to_string_lossy().into_owned())
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let items = given.try_iter()?.map(|item| spec_of(&item?, below));
        Value::Array(items.collect::<PyResult<_>>()?)
    } else if let Ok(fields) = given.cast::<PyDict>() {
        let mut spec = Map::new();
        add_fields(&mut spec, Some(fields), below)?;
        Value::Object(spec)
    } else {
        let expected = "expected a Policy, a preset's name, or a dict of fields";
        return Err(not_a_policy(given, expected));
    })
}

#[cold]
fn not_a_policy(given: &Bound<'_, PyAny>, why: &str) -> PyErr {
    errors::configuration(given.py(), &format!("not a policy: {why}"))
}
