//! The URL of a session's variables.

use cognigy_context::ConfigurationError;
use cognigy_context::api::BaseUrl;
use cognigy_context::api::botsessions::{VariablesQuery, variables_url as build_url};
use pyo3::prelude::*;

use crate::argument_types::{bool_arg, str_arg};
use crate::errors;
use crate::text_args::TextArg;
use crate::walk::read_text;

/// Returns the URL of a session's variables, for a ``GET`` request with your own HTTP library.
///
/// Args:
///     base_url: Address of the tenant's API, for example ``"https://api-trial.cognigy.ai"``. A
///         trailing ``/new``, ``/api/v1`` or ``/api/v2`` is accepted.
///     session_id: Id of the session.
///     name: Name to filter by. Default ``None``: all names.
///     scope: Scope to filter by. Default ``None``: all scopes.
///     include_system: Whether to include system variables, whose names start with ``_``. Default
///         ``False``.
///
/// Returns:
///     str: The URL, with every part percent-encoded.
///
/// Raises:
///     ValidationError: The session id is invalid, or an argument contains an unpaired surrogate.
///     ConfigurationError: ``base_url`` is invalid.
///
/// Example:
///     >>> from cognigy_context import variables_url
///     >>> variables_url("https://api.example", "s/1", scope="user")
///     'https://api.example/api/v2/botsessions/s%2F1/variables?scope=user'
#[pyfunction]
#[pyo3(signature = (base_url, session_id, *, name=None, scope=None, include_system=false))]
pub(crate) fn variables_url(
    py: Python<'_>,
    base_url: &Bound<'_, PyAny>,
    session_id: &Bound<'_, PyAny>,
    name: Option<&Bound<'_, PyAny>>,
    scope: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = include_system_arg)] include_system: bool,
) -> PyResult<String> {
    let base_url: BaseUrl = read_text(str_arg("base_url", base_url)?)?
        .text
        .parse()
        .map_err(|error: ConfigurationError| errors::of_configuration(py, error))?;
    let read = |name, given| TextArg::read(name, given)?.into_text(py);
    let session_id = read("session_id", session_id)?;
    let name = name.map(|name| read("name", name)).transpose()?;
    let scope = scope.map(|scope| read("scope", scope)).transpose()?;
    let query = VariablesQuery { name: name.as_deref(), scope: scope.as_deref(), include_system };
    build_url(&base_url, &session_id, &query).map_err(|error| errors::of_validation(py, error))
}

/// Reads the argument `include_system`.
pub(crate) fn include_system_arg(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    bool_arg("include_system", given)
}
