//! The function `inject_context_request`.

use cognigy_context::__bindings;
use cognigy_context::ConfigurationError;
use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{Authorization, BaseUrl, Secret};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::argument_types::{optional_str_arg, str_arg};
use crate::errors;
use crate::existing::existing_of;
use crate::policy::PolicyArg;
use crate::text_args::SessionIds;
use crate::walk::{read_text, walk};

/// Returns the request that :meth:`Client.inject_context` sends, for your own HTTP library.
///
/// Args:
///     base_url: Address of the tenant's API, for example ``"https://api-trial.cognigy.ai"``. A
///         trailing ``/new``, ``/api/v1`` or ``/api/v2`` is accepted.
///     session_id: Id of the session.
///     user_id: Id of the session's user.
///     context: Context to write: a mapping of keys to values.
///     existing: The existing context of the session: a dict, or its JSON text. Default ``None``: an
///         empty context.
///     api_key: API key, sent as ``X-API-Key``. Default ``None``: no such header.
///     policy: A :class:`Policy`, the name of a preset, or a dict of policy fields. Default
///         ``"platform"``.
///
/// Returns:
///     dict: ``method``, ``url``, ``headers`` (a dict) and ``body`` (compact JSON text).
///
/// Raises:
///     ValidationError: The platform would refuse or replace the ids or the context, or ``existing``
///         is invalid.
///     ConfigurationError: ``base_url``, ``api_key`` or ``policy`` is invalid.
///
/// Example:
///     >>> from cognigy_context import inject_context_request
///     >>> request = inject_context_request(
///     ...     "https://api-trial.cognigy.ai", "session/1", "user-1", {"tier": "gold"}
///     ... )
///     >>> request["url"]
///     'https://api-trial.cognigy.ai/new/v2.0/sessions/session%2F1/context/inject'
///     >>> request["body"]
///     '{"userId":"user-1","context":{"tier":"gold"}}'
#[pyfunction]
#[pyo3(
    signature = (base_url, session_id, user_id, context, existing=None, *, api_key=None, policy=PolicyArg::DEFAULT),
    text_signature = "(base_url, session_id, user_id, context, existing=None, *, api_key=None, policy='platform')"
)]
#[allow(clippy::too_many_arguments, reason = "named arguments of a Python function")]
pub(crate) fn inject_context_request<'py>(
    py: Python<'py>,
    base_url: &Bound<'py, PyAny>,
    session_id: &Bound<'py, PyAny>,
    user_id: &Bound<'py, PyAny>,
    context: &Bound<'py, PyAny>,
    existing: Option<&Bound<'py, PyAny>>,
    api_key: Option<&Bound<'py, PyAny>>,
    policy: PolicyArg<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let configuration = |error: ConfigurationError| errors::of_configuration(py, error);
    let base_url: BaseUrl =
        read_text(str_arg("base_url", base_url)?)?.text.parse().map_err(configuration)?;
    let api_key = optional_str_arg("api_key", api_key)?;
    let api_key =
        api_key.map(|key| Secret::new(read_text(key)?.text).map_err(configuration)).transpose()?;
    let authorization = api_key.map(Authorization::api_key);
    let ids = SessionIds::read(session_id, user_id)?;
    let existing = existing_of(existing)?.map_err(|error| errors::of_validation(py, error))?;
    let mut walked = Ok(());
    let injection = InjectContext::new(&ids.session.text, &ids.user.text)
        .policy(policy.policy())
        .existing(existing.as_ref());
    let prepared =
        __bindings::inject_context_visited(&injection, |checker| walked = walk(context, checker));
    walked?;
    let request = ids.merge_issues(py, prepared)?.request(&base_url, authorization.as_ref());

    let headers = PyDict::new(py);
    for (name, value) in &request.headers {
        headers.set_item(name, value)?;
    }
    let fields = PyDict::new(py);
    fields.set_item("method", request.method.as_str())?;
    fields.set_item("url", &request.url)?;
    fields.set_item("headers", headers)?;
    let body = request.body.as_deref().map(|body| PyString::from_bytes(py, body)).transpose()?;
    fields.set_item("body", body)?;
    Ok(fields)
}
