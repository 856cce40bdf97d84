//! The sandbox: a local server with the routes of the API, in a thread of this process.

use std::process;
use std::sync::Mutex;

use cognigy_context_sandbox::{Config, Sandbox, banner};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::numeric_args::{duration, optional_count};
use crate::runtime::lock;
use crate::text_args::TextArg;

/// A running sandbox. The class `cognigy_context.testing.Sandbox` is its public form.
#[pyclass(frozen, name = "_Sandbox", module = "cognigy_context._core")]
pub(crate) struct PySandbox {
    config: Config,
    url: String,
    running: Mutex<Option<Running>>,
}

/// The server, with the id of the process whose threads run it.
struct Running {
    process_id: u32,
    /// `None` only in `drop`.
    sandbox: Option<Sandbox>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.process_id != process::id() {
            // This is a forked child: the server runs in the parent, and waiting for its thread would
            // never end.
            std::mem::forget(self.sandbox.take());
        }
    }
}

#[pymethods]
impl PySandbox {
    #[new]
    #[pyo3(signature = (
        *, port=None, host=None, api_key=None, client_id=None, client_secret=None,
        context_limit=None, body_limit=None, token_lifetime=None, max_entries=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "named arguments of a Python class")]
    fn new(
        py: Python<'_>,
        port: Option<&Bound<'_, PyAny>>,
        host: Option<&Bound<'_, PyAny>>,
        api_key: Option<&Bound<'_, PyAny>>,
        client_id: Option<&Bound<'_, PyAny>>,
        client_secret: Option<&Bound<'_, PyAny>>,
        context_limit: Option<&Bound<'_, PyAny>>,
        body_limit: Option<&Bound<'_, PyAny>>,
        token_lifetime: Option<&Bound<'_, PyAny>>,
        max_entries: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let defaults = Config::default();
        let lifetime = token_lifetime.map(|given| duration("token_lifetime", given)).transpose()?;
        let port = optional_count("port", port)?;
        let context_limit = optional_count("context_limit", context_limit)?;
        let body_limit = optional_count("body_limit", body_limit)?;
        let max_entries = optional_count("max_entries", max_entries)?;
        let text = |name, given: Option<&Bound<'_, PyAny>>| {
            given.map(|given| TextArg::read(name, given)?.into_text(py)).transpose()
        };
        let config = Config {
            host: text("host", host)?.unwrap_or(defaults.host),
            port: port.unwrap_or(defaults.port),
            api_key: text("api_key", api_key)?.unwrap_or(defaults.api_key),
            client_id: text("client_id", client_id)?.unwrap_or(defaults.client_id),
            client_secret: text("client_secret", client_secret)?.unwrap_or(defaults.client_secret),
            body_limit: body_limit.unwrap_or(defaults.body_limit),
            context_limit: context_limit.unwrap_or(defaults.context_limit),
            token_lifetime: lifetime.unwrap_or(defaults.token_lifetime),
            max_entries: max_entries.unwrap_or(defaults.max_entries),
        };
        let sandbox = py.detach(|| Sandbox::start(config.clone()))?;
        let url = sandbox.url().to_owned();
        let running = Running { process_id: process::id(), sandbox: Some(sandbox) };
        Ok(Self { config, url, running: Mutex::new(Some(running)) })
    }

    /// Returns the default of each argument, by name. `token_lifetime` is in seconds.
    #[staticmethod]
    fn defaults(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let defaults = Config::default();
        let dict = PyDict::new(py);
        dict.set_item("port", defaults.port)?;
        dict.set_item("host", defaults.host)?;
        dict.set_item("api_key", defaults.api_key)?;
        dict.set_item("client_id", defaults.client_id)?;
        dict.set_item("client_secret", defaults.client_secret)?;
        dict.set_item("context_limit", defaults.context_limit)?;
        dict.set_item("body_limit", defaults.body_limit)?;
        dict.set_item("token_lifetime", defaults.token_lifetime.as_secs_f64())?;
        dict.set_item("max_entries", defaults.max_entries)?;
        Ok(dict)
    }

    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    #[getter]
    fn api_key(&self) -> &str {
        &self.config.api_key
    }

    #[getter]
    fn client_id(&self) -> &str {
        &self.config.client_id
    }

    #[getter]
    fn client_secret(&self) -> &str {
        &self.config.client_secret
    }

    /// Returns the text that a sandbox in the foreground prints at its start.
    fn banner(&self) -> String {
        banner(&self.config, &self.url)
    }

    /// Stops the server. Stopping a stopped server does nothing.
    fn stop(&self, py: Python<'_>) {
        let running = lock(&self.running).take();
        py.detach(|| drop(running));
    }
}
