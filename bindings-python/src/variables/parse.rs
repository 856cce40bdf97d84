//! The function `parse_variables`: reads pages of variables.

use cognigy_context::__bindings::{
    BorrowedVariable, Coerced, IntegerRange, ValueBuilder, resolve_variables_with,
};
use cognigy_context::variables::is_system;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::resolved::{ParsedVariable, PublicObjects, PyVariables, Symbol};
use crate::coerce::{coerced_to_python, mode_of, none_if_too_long};
use crate::errors;
use crate::json_loads::loads_with;
use crate::json_text::JsonText;
use crate::key_interner::KeyInterner;
use crate::py_str::new_text;

/// Reads one or more pages of a response: decodes, coerces and resolves across all pages.
///
/// Args:
///     *pages: Bodies of the responses, in order: JSON text as ``str``, or UTF-8 as ``bytes``,
///         ``bytearray`` or ``memoryview``.
///     mode: Coercion mode of text values, ``"lossless"`` (default) or ``"compat"``, as for
///         :func:`coerce`.
///
/// Returns:
///     Variables: A mapping of names to the resolved variables.
///
/// Raises:
///     ProtocolError: A response does not have the form of the API. The message contains the JSON
///         path.
///     ConfigurationError: ``mode`` is unknown.
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
    mode: Option<&Bound<'py, PyAny>>,
) -> PyResult<PyVariables> {
    let mode = mode_of(mode)?;
    let pages = pages.iter().map(|page| page.bytes()).collect::<PyResult<Vec<_>>>()?;
    let mut values = PyValues { py, keys: KeyInterner::new(py), raised: None };
    let response =
        resolve_variables_with(pages.iter().map(|page| page.as_ref()), mode, &mut values)
            .map_err(|error| errors::of_error(py, error))?;
    if let Some(raised) = values.raised {
        return Err(raised);
    }
    let mut converter = VariableConverter { keys: &mut values.keys, interner: Interner::default() };
    let resolved =
        response.resolved.into_iter().map(|variable| converter.convert(variable)).collect();
    let shadowed = response.shadowed.into_iter().map(|(variable, by)| {
        let parsed = converter.convert(variable);
        (parsed, converter.interner.symbol_of(py, &by))
    });
    let shadowed = shadowed.collect();
    Ok(PyVariables {
        resolved,
        shadowed,
        symbols: converter.interner.strings,
        next_cursor: response.next_cursor,
        issues: response.issues,
        objects: PublicObjects::new(),
    })
}

/// Creates the Python objects of the values. The first exception ends up in `raised`, because the core's
/// trait has no errors.
struct PyValues<'py> {
    py: Python<'py>,
    keys: KeyInterner<'py>,
    raised: Option<PyErr>,
}

impl<'py> PyValues<'py> {
    /// Returns the object, or Python's `None` and stores the exception.
    fn or_none(&mut self, created: PyResult<Bound<'py, PyAny>>) -> Bound<'py, PyAny> {
        created.unwrap_or_else(|error| {
            self.raised.get_or_insert(error);
            self.py.None().into_bound(self.py)
        })
    }
}

impl<'py> ValueBuilder for PyValues<'py> {
    type Value = Bound<'py, PyAny>;

    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<Self::Value> {
        let created = match coerced {
            Coerced::Json { text, .. } => {
                none_if_too_long(self.py, loads_with(&mut self.keys, text)).transpose()?
            }
            _ => coerced_to_python(self.py, coerced).transpose()?,
        };
        Some(self.or_none(created))
    }

    fn text(&mut self, text: &str) -> Self::Value {
        new_text(self.py, text).into_any()
    }

    fn json(&mut self, json: &str) -> Self::Value {
        let created = loads_with(&mut self.keys, json);
        self.or_none(created)
    }

    /// Python's integers have no maximum.
    fn supports(&self, _: IntegerRange) -> bool {
        true
    }
}

/// Converts the variables that the core has read.
struct VariableConverter<'a, 'py> {
    keys: &'a mut KeyInterner<'py>,
    interner: Interner,
}

impl<'py> VariableConverter<'_, 'py> {
    fn convert(&mut self, variable: BorrowedVariable<'_, Bound<'py, PyAny>>) -> ParsedVariable {
        let BorrowedVariable { name, value, scope, stated_type } = variable;
        let py = self.keys.py();
        ParsedVariable {
            is_system: is_system(&name),
            name: self.keys.get(&name).unbind(),
            value: value.unbind(),
            scope: self.interner.symbol_of(py, &scope),
            declared_type: stated_type.map(|text| self.interner.symbol_of(py, &text)),
        }
    }
}

/// Creates one Python string for each scope and type. A response has only a few different ones.
#[derive(Default)]
struct Interner {
    texts: Vec<String>,
    strings: Vec<Py<PyString>>,
}

impl Interner {
    /// Maximum number of texts to search, because the search is linear. A text beyond it gets a new
    /// symbol each time.
    const MAX_TEXTS: usize = 16;

    fn symbol_of(&mut self, py: Python<'_>, text: &str) -> Symbol {
        if let Some(index) = self.texts.iter().position(|known| known == text) {
            return Symbol(index);
        }
        if self.texts.len() < Self::MAX_TEXTS {
            self.texts.push(text.to_owned());
        }
        self.strings.push(PyString::intern(py, text).unbind());
        Symbol(self.strings.len() - 1)
    }
}
