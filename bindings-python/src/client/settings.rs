//! The keywords of a client, as the core's builder. What is not given is as the core has it.

use std::path::PathBuf;
use std::sync::Arc;

use cognigy_context::Client;
use cognigy_context::api::ApiFamily;
use cognigy_context::client::{ClientBuilder, JsonLinesAudit, Rate, Settings};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyEllipsis, PyList, PyString, PyTuple};

use super::callbacks::{Auditor, Tokens};
use crate::errors;
use crate::figures::{count, duration};
use crate::policy::PolicyArg;
use crate::walk::read_text;

/// The builder, and how the policy is shown.
///
/// # Errors
/// `ConfigurationError` for a value that can be none, `TypeError` for one of another type and for an
/// unknown keyword, `OSError` when a file cannot be opened.
pub(super) fn builder_of(
    py: Python<'_>,
    base_url: Option<&Bound<'_, PyString>>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<(ClientBuilder, String)> {
    let mut builder = Client::builder();
    let mut settings = Settings::default();
    let mut policy = PolicyArg::DEFAULT;
    let (mut client_id, mut client_secret) = (None, None);
    if let Some(base_url) = base_url {
        builder = builder.base_url(text(base_url)?);
    }
    for (name, value) in keywords.into_iter().flatten() {
        let name: String = name.extract()?;
        match name.as_str() {
            "rate" => settings.rate = rate(&name, &value, settings.rate)?,
            "platform_rate" => {
                settings.platform_rate = rate(&name, &value, settings.platform_rate)?;
            }
            "policy" => policy = value.extract()?,
            "log_raw_session_ids" => builder = builder.log_raw_session_ids(value.is_truthy()?),
            known if !KNOWN.contains(&known) => {
                let message = format!("Client() got an unexpected keyword argument '{known}'");
                return Err(PyTypeError::new_err(message));
            }
            _ if value.is_none() => {}
            "api_key" => builder = builder.api_key(text(&value)?),
            "bearer_token" => builder = builder.bearer_token(text(&value)?),
            "get_token" => builder = builder.token_source(Tokens(callable(&name, &value)?)),
            "client_id" => client_id = Some(text(&value)?),
            "client_secret" => client_secret = Some(text(&value)?),
            "tenant_id" => builder = builder.tenant_id(text(&value)?),
            "token_urls" => {
                for (family, url) in families(&name, &value)? {
                    builder = builder.token_url(family, url);
                }
            }
            "scopes" => {
                for (family, scope) in families(&name, &value)? {
                    builder = builder.scope(family, scope);
                }
            }
            "session_id_prefix" => builder = builder.session_id_prefix(text(&value)?),
            "deadline" => settings.deadline = duration(&name, &value)?,
            "attempt_timeout" => settings.attempt_timeout = duration(&name, &value)?,
            "connect_timeout" => settings.connect_timeout = duration(&name, &value)?,
            "token_timeout" => settings.token_timeout = duration(&name, &value)?,
            "token_lifetime" => settings.token_lifetime = duration(&name, &value)?,
            "max_retries" => settings.max_retries = count(&name, &value)?,
            "max_concurrent" => settings.max_concurrent = count(&name, &value)?,
            "audit" => builder = with_audit(builder, &value)?,
            "crm_webhook" => builder = builder.crm_webhook(text(&value)?),
            "crm_webhook_secret" => builder = builder.crm_webhook_secret(text(&value)?),
            _ => builder = builder.snapshot_webhook(text(&value)?),
        }
    }
    if client_id.is_some() || client_secret.is_some() {
        // One without the other is for the core to refuse: an empty one counts as missing.
        builder = builder
            .client_credentials(client_id.unwrap_or_default(), client_secret.unwrap_or_default());
    }
    let shown = policy.shown(py)?;
    let builder = builder.settings(settings).policy(policy.policy().clone()).or_from_env();
    Ok((builder, shown))
}

/// The keywords for which `None` is the same as nothing.
const KNOWN: [&str; 20] = [
    "api_key",
    "bearer_token",
    "get_token",
    "client_id",
    "client_secret",
    "tenant_id",
    "token_urls",
    "scopes",
    "session_id_prefix",
    "deadline",
    "attempt_timeout",
    "connect_timeout",
    "token_timeout",
    "token_lifetime",
    "max_retries",
    "max_concurrent",
    "audit",
    "crm_webhook",
    "crm_webhook_secret",
    "snapshot_webhook",
];

/// Text that UTF-8 cannot carry is changed by reading it, into what the core refuses.
fn text(given: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(read_text(given.cast::<PyString>()?)?.text.into_owned())
}

fn callable(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Arc<Py<PyAny>>> {
    if given.is_callable() {
        return Ok(Arc::new(given.clone().unbind()));
    }
    Err(PyTypeError::new_err(format!("{name} must be callable")))
}

/// Requests and seconds; none for no limit, `...` for the usual one.
fn rate(name: &str, given: &Bound<'_, PyAny>, usual: Option<Rate>) -> PyResult<Option<Rate>> {
    if given.is_none() {
        return Ok(None);
    }
    if given.is_instance_of::<PyEllipsis>() {
        return Ok(usual);
    }
    let pair: PyResult<(Bound<'_, PyAny>, Bound<'_, PyAny>)> =
        given.cast::<PyTuple>().map_err(PyErr::from).and_then(|pair| pair.extract());
    let (requests, window) = pair.map_err(|_| {
        PyTypeError::new_err(format!("{name} must be None or a pair: requests and seconds"))
    })?;
    let requests: usize = count(name, &requests)?;
    Ok(Some(Rate { requests, window: duration(name, &window)? }))
}

/// Families by name, each with a text.
fn families(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<(ApiFamily, String)>> {
    let refused = || PyTypeError::new_err(format!("{name} must be a dict: families to text"));
    let mut found = Vec::new();
    for (family, value) in given.cast::<PyDict>().map_err(|_| refused())? {
        let family = text(&family)?;
        let known = ApiFamily::of(&family).ok_or_else(|| {
            let known: Vec<&str> = ApiFamily::ALL.iter().map(|family| family.as_str()).collect();
            let message = format!("{name}: no such family; there are {}", known.join(", "));
            errors::configuration(given.py(), &message)
        })?;
        found.push((known, text(&value)?));
    }
    Ok(found)
}

/// A place for audit records, or several: files by their paths, functions.
fn with_audit(builder: ClientBuilder, given: &Bound<'_, PyAny>) -> PyResult<ClientBuilder> {
    if let Ok(places) = given.cast::<PyList>() {
        return places.iter().try_fold(builder, |builder, place| with_audit(builder, &place));
    }
    if given.is_callable() {
        return Ok(builder.audit(Auditor(Arc::new(given.clone().unbind()))));
    }
    let path: PathBuf = given.extract().map_err(|_| {
        PyTypeError::new_err("audit must be a path, a callable, or a list of these")
    })?;
    Ok(builder.audit(JsonLinesAudit::open(path)?))
}
