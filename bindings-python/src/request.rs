//! Requests for a transport of one's own: what the client would send, and nothing sent.

use cognigy_context::__bindings;
use cognigy_context::ConfigurationError;
use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{Authorization, BaseUrl, Secret};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors;
use crate::existing::existing_of;
use crate::ids::SessionIds;
use crate::policy::PolicyArg;
use crate::walk::{read_text, walk};

/// The request that :meth:`Client.inject_context` would send, for an HTTP library of your own.
///
/// Args:
///     base_url: Address of the tenant's API.
///     session_id: The session's id.
///     user_id: The id of the session's user.
///     context: Names to values: a dict.
///     existing: What the session's context holds already: a dict, or its JSON text.
///     api_key: Sent as ``X-API-Key``; without it, the header is left out.
///     policy: A :class:`Policy`, a preset's name, or a dict of a policy's fields.
///
/// Returns:
///     dict: ``method``, ``url``, ``headers`` (a dict) and ``body`` (compact JSON text).
///
/// Raises:
///     ValidationError: The ids or the context would be refused or silently replaced.
///     ConfigurationError: ``base_url`` or ``api_key`` cannot be one, or ``policy`` describes none.
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
    base_url: &Bound<'py, PyString>,
    session_id: &Bound<'py, PyString>,
    user_id: &Bound<'py, PyString>,
    context: &Bound<'py, PyAny>,
    existing: Option<&Bound<'py, PyAny>>,
    api_key: Option<&Bound<'py, PyString>>,
    policy: PolicyArg<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let configuration = |error: ConfigurationError| errors::of_configuration(py, error);
    let base: BaseUrl = read_text(base_url)?.text.parse().map_err(configuration)?;
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
    let request = ids.judge(py, prepared)?.request(&base, authorization.as_ref());

    let headers = PyDict::new(py);
    for (name, value) in &request.headers {
        headers.set_item(name, value)?;
    }
    let answer = PyDict::new(py);
    answer.set_item("method", request.method.as_str())?;
    answer.set_item("url", &request.url)?;
    answer.set_item("headers", headers)?;
    let body = request.body.as_deref().map(|body| PyString::from_bytes(py, body)).transpose()?;
    answer.set_item("body", body)?;
    Ok(answer)
}
