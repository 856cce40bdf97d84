//! The core's client in each process that uses it.

use std::process;
use std::sync::{Arc, Mutex, MutexGuard};

use cognigy_context::Client;
use cognigy_context::client::{ClientBuilder, ClientTelemetry};
use pyo3::prelude::*;

use super::callbacks::PythonStateListener;
use super::exit_webhooks;
use crate::errors;
use crate::runtime::lock;

/// A client that also works in a forked child, which builds its own client from the same settings.
pub(super) struct ForkSafeClient {
    builder: ClientBuilder,
    /// Locked only while attached, and never while Python code runs.
    state: Mutex<State>,
}

struct State {
    /// `None` once closed.
    connection: Option<Connection>,
    /// The telemetry of the client that this process closed.
    telemetry: ClientTelemetry,
    listeners: Vec<PythonStateListener>,
}

/// The core's client and the process that it belongs to.
struct Connection {
    process_id: u32,
    /// `None` once taken by `close` or `drop`.
    client: Option<Client>,
}

impl Connection {
    fn new(client: Client) -> Self {
        exit_webhooks::register(&client);
        Self { process_id: process::id(), client: Some(client) }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.process_id != process::id() {
            // The client belongs to the parent process: its connections are the parent's, and its
            // threads do not exist here.
            std::mem::forget(self.client.take());
        }
    }
}

impl ForkSafeClient {
    /// Builds the client of this process.
    ///
    /// # Errors
    /// `ConfigurationError` for settings that the core rejects.
    pub(super) fn new(py: Python<'_>, builder: ClientBuilder) -> PyResult<Self> {
        let client = builder.clone().build();
        let client = client.map_err(|error| errors::of_configuration(py, error))?;
        let connection = Some(Connection::new(client));
        let telemetry = ClientTelemetry::default();
        let state = State { connection, telemetry, listeners: Vec::new() };
        Ok(Self { builder, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns the client of this process, and builds it first in a forked child.
    ///
    /// # Errors
    /// `ConfigurationError` when the client is closed, or a forked child cannot build its own.
    pub(super) fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let mut state = self.state();
        match &state.connection {
            None => {
                drop(state);
                Err(errors::configuration(py, "the client is closed. Create a new one"))
            }
            Some(Connection { process_id, client: Some(client) })
                if *process_id == process::id() =>
            {
                Ok(client.clone())
            }
            Some(_) => match self.builder.clone().build() {
                Ok(client) => {
                    for listener in &state.listeners {
                        client.on_state_updated(listener.clone());
                    }
                    state.connection = Some(Connection::new(client.clone()));
                    Ok(client)
                }
                Err(error) => {
                    drop(state);
                    Err(errors::of_configuration(py, error))
                }
            },
        }
    }

    /// Returns the telemetry of the calls of this process, also after it closed the client.
    ///
    /// # Errors
    /// `ConfigurationError` when a forked child cannot build its client.
    pub(super) fn telemetry(&self, py: Python<'_>) -> PyResult<ClientTelemetry> {
        {
            let state = self.state();
            if state.connection.is_none() {
                return Ok(state.telemetry.clone());
            }
        }
        Ok(self.client(py)?.telemetry())
    }

    /// Registers a listener in this process, and in those that are forked from it later.
    ///
    /// # Errors
    /// As [`client`](Self::client).
    pub(super) fn add_listener(&self, py: Python<'_>, listener: Py<PyAny>) -> PyResult<()> {
        let client = self.client(py)?;
        let listener = PythonStateListener(Arc::new(listener));
        client.on_state_updated(listener.clone());
        self.state().listeners.push(listener);
        Ok(())
    }

    /// Closes the client and returns it, so that the caller can wait for its queued webhook
    /// deliveries. Returns `None` if this process has none.
    pub(super) fn close(&self) -> Option<Client> {
        let mut state = self.state();
        let mut connection = state.connection.take()?;
        // A client of another process is not closed: its locks may stay locked in this process.
        let client =
            if connection.process_id == process::id() { connection.client.take() } else { None };
        state.telemetry = client.as_ref().map(Client::telemetry).unwrap_or_default();
        client
    }
}
