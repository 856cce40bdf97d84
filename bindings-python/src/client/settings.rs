//! The keyword arguments of `Client`, as the core's builder. The core has the defaults.

use std::sync::Arc;

use cognigy_context::Client;
use cognigy_context::api::ApiFamily;
use cognigy_context::client::{ClientBuilder, JsonLinesAudit, Rate, Settings};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyEllipsis, PyList, PyString, PyTuple};

use super::callbacks::{PythonAuditSink, PythonTokenSource};
use crate::argument_types::{bool_arg, callable_arg, path_arg, wrong_type};
use crate::errors;
use crate::files;
use crate::numeric_args::{count, duration};
use crate::policy::PolicyArg;
use crate::walk::read_text;

/// Returns the builder, and the text of the policy for `repr(client)`.
///
/// # Errors
/// `ConfigurationError` for a value out of range, `TypeError` for a value of another type and for an
/// unknown keyword, `OSError` when a file cannot be opened.
pub(super) fn builder_of(
    py: Python<'_>,
    base_url: Option<&Bound<'_, PyAny>>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<(ClientBuilder, String)> {
    let mut builder = Client::builder();
    let mut settings = Settings::default();
    let mut policy = PolicyArg::DEFAULT;
    let (mut client_id, mut client_secret) = (None, None);
    let (mut audit, mut is_audit_durable) = (None, false);
    if let Some(base_url) = base_url {
        builder = builder.base_url(read_str("base_url", base_url)?);
    }
    for (name, value) in keywords.into_iter().flatten() {
        let name: String = name.extract()?;
        match name.as_str() {
            "rate" => settings.rate = read_rate(&name, &value, settings.rate)?,
            "platform_rate" => {
                settings.platform_rate = read_rate(&name, &value, settings.platform_rate)?;
            }
            "policy" => policy = value.extract()?,
            "log_raw_session_ids" => {
                builder = builder.log_raw_session_ids(bool_arg(&name, &value)?);
            }
            "audit_durable" => is_audit_durable = bool_arg(&name, &value)?,
            unknown if !OPTIONAL_KEYWORDS.contains(&unknown) => {
                let message = format!("Client() got an unexpected keyword argument '{unknown}'");
                return Err(PyTypeError::new_err(message));
            }
            _ if value.is_none() => {}
            "api_key" => builder = builder.api_key(read_str(&name, &value)?),
            "bearer_token" => builder = builder.bearer_token(read_str(&name, &value)?),
            "get_token" => {
                builder = builder.token_source(PythonTokenSource(read_callable(&name, &value)?))
            }
            "client_id" => client_id = Some(read_str(&name, &value)?),
            "client_secret" => client_secret = Some(read_str(&name, &value)?),
            "tenant_id" => builder = builder.tenant_id(read_str(&name, &value)?),
            "token_urls" => {
                for (family, url) in read_families(&name, &value)? {
                    builder = builder.token_url(family, url);
                }
            }
            "scopes" => {
                for (family, scope) in read_families(&name, &value)? {
                    builder = builder.scope(family, scope);
                }
            }
            "session_id_prefix" => builder = builder.session_id_prefix(read_str(&name, &value)?),
            "deadline" => settings.deadline = duration(&name, &value)?,
            "attempt_timeout" => settings.attempt_timeout = duration(&name, &value)?,
            "connect_timeout" => settings.connect_timeout = duration(&name, &value)?,
            "token_timeout" => settings.token_timeout = duration(&name, &value)?,
            "token_lifetime" => settings.token_lifetime = duration(&name, &value)?,
            "max_retries" => settings.max_retries = count(&name, &value)?,
            "max_concurrent" => settings.max_concurrent = count(&name, &value)?,
            "audit" => audit = Some(value),
            "crm_webhook" => builder = builder.crm_webhook(read_str(&name, &value)?),
            "crm_webhook_secret" => builder = builder.crm_webhook_secret(read_str(&name, &value)?),
            // The only other keyword is `snapshot_webhook`.
            _ => builder = builder.snapshot_webhook(read_str(&name, &value)?),
        }
    }
    let has_audit_file = audit.as_ref().is_some_and(names_file);
    if is_audit_durable && !has_audit_file {
        let message = "audit_durable needs a file in audit. Set audit to a path.";
        return Err(errors::configuration(py, message));
    }
    if let Some(audit) = audit {
        builder = with_audit(builder, &audit, is_audit_durable)?;
    }
    if client_id.is_some() || client_secret.is_some() {
        // The core rejects one without the other; it treats an empty one as missing.
        builder = builder
            .client_credentials(client_id.unwrap_or_default(), client_secret.unwrap_or_default());
    }
    let repr = policy.repr(py)?;
    let builder = builder.settings(settings).policy(policy.policy().clone()).or_from_env();
    Ok((builder, repr))
}

/// The keywords for which `None` means "not given".
const OPTIONAL_KEYWORDS: [&str; 20] = [
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

/// Reads a `str`. Each unpaired surrogate becomes U+FFFD.
fn read_str(name: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(text) = given.cast::<PyString>() else {
        return Err(wrong_type(name, "a str", given));
    };
    Ok(read_text(text)?.text.into_owned())
}

fn read_callable(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Arc<Py<PyAny>>> {
    Ok(Arc::new(callable_arg(name, given)?.clone().unbind()))
}

/// Reads a rate limit: a tuple of requests and seconds, `None` for no limit, `...` for `default`.
fn read_rate(
    name: &str,
    given: &Bound<'_, PyAny>,
    default: Option<Rate>,
) -> PyResult<Option<Rate>> {
    if given.is_none() {
        return Ok(None);
    }
    if given.is_instance_of::<PyEllipsis>() {
        return Ok(default);
    }
    let pair: PyResult<(Bound<'_, PyAny>, Bound<'_, PyAny>)> =
        given.cast::<PyTuple>().map_err(PyErr::from).and_then(|pair| pair.extract());
    let (requests, window) = pair.map_err(|_| {
        PyTypeError::new_err(format!("{name}: (requests ≥ 1, seconds > 0), or None for no limit"))
    })?;
    let requests: usize = count(name, &requests)?;
    Ok(Some(Rate { requests, window: duration(name, &window)? }))
}

/// Reads a dict with the names of API families as keys and texts as values.
fn read_families(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<(ApiFamily, String)>> {
    let Ok(dict) = given.cast::<PyDict>() else {
        return Err(wrong_type(name, "a dict that maps API families to str", given));
    };
    let mut texts = Vec::new();
    for (family, value) in dict {
        let family = read_str(&format!("a key of {name}"), &family)?;
        let known = ApiFamily::of(&family).ok_or_else(|| {
            let known: Vec<&str> = ApiFamily::ALL.iter().map(|family| family.as_str()).collect();
            let message = format!("{name}: unknown API family; use one of {}", known.join(", "));
            errors::configuration(given.py(), &message)
        })?;
        texts.push((known, read_str(&format!("a value of {name}"), &value)?));
    }
    Ok(texts)
}

/// Returns whether an audit sink, or one of a list, is a file.
fn names_file(audit: &Bound<'_, PyAny>) -> bool {
    match audit.cast::<PyList>() {
        Ok(sinks) => sinks.iter().any(|sink| !sink.is_callable()),
        Err(_) => !audit.is_callable(),
    }
}

/// Adds an audit sink, or each sink of a list.
fn with_audit(
    builder: ClientBuilder,
    given: &Bound<'_, PyAny>,
    is_durable: bool,
) -> PyResult<ClientBuilder> {
    match given.cast::<PyList>() {
        // A list within the list is no sink: it could contain itself.
        Ok(sinks) => {
            sinks.iter().try_fold(builder, |builder, sink| with_sink(builder, &sink, is_durable))
        }
        Err(_) => with_sink(builder, given, is_durable),
    }
}

/// Adds an audit sink: a file by its path, or a function.
fn with_sink(
    builder: ClientBuilder,
    given: &Bound<'_, PyAny>,
    is_durable: bool,
) -> PyResult<ClientBuilder> {
    if given.is_callable() {
        return Ok(builder.audit(PythonAuditSink(Arc::new(given.clone().unbind()))));
    }
    let path = path_arg("audit", "a path, a callable, or a list of these", given)?;
    let py = given.py();
    // Without the GIL, because it may wait for a moment.
    let opened = py.detach(|| {
        if is_durable { JsonLinesAudit::open_durable(&path) } else { JsonLinesAudit::open(&path) }
    });
    let sink = opened.map_err(|error| files::of_io_error(py, "audit", &path, &error))?;
    // Runs the handler of a signal that arrived meanwhile, for example of Ctrl-C.
    py.check_signals()?;
    Ok(builder.audit(sink))
}
