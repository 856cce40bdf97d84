//! The core's client, in each process that uses it.

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cognigy_context::Client;
use cognigy_context::client::{ClientBuilder, ClientTelemetry};
use pyo3::prelude::*;

use super::callbacks::Listener;
use crate::errors;

/// How to be connected, and the connections that there are.
pub(super) struct Link {
    builder: ClientBuilder,
    /// Locked only while attached and never across Python code.
    state: Mutex<State>,
}

struct State {
    /// None once closed.
    connected: Option<Connected>,
    /// What the client remembered that this process closed.
    memory: ClientTelemetry,
    listeners: Vec<Listener>,
}

/// The core's client, with the process it belongs to.
struct Connected {
    process: u32,
    client: Option<Client>,
}

impl Connected {
    fn new(client: Client) -> Self {
        Self { process: process::id(), client: Some(client) }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        if self.process != process::id() {
            // It belongs to the parent of this process: its connections are the parent's, and its
            // threads are not here.
            std::mem::forget(self.client.take());
        }
    }
}

impl Link {
    pub(super) fn new(py: Python<'_>, builder: ClientBuilder) -> PyResult<Self> {
        let client = builder.clone().build();
        let client = client.map_err(|error| errors::of_configuration(py, error))?;
        let connected = Some(Connected::new(client));
        let state = State { connected, memory: ClientTelemetry::default(), listeners: Vec::new() };
        Ok(Self { builder, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The core's client of this process.
    ///
    /// # Errors
    /// `ConfigurationError` when it is closed.
    pub(super) fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let mut state = self.state();
        match &state.connected {
            None => {
                drop(state);
                Err(errors::configuration(py, "the client is closed"))
            }
            Some(Connected { process, client: Some(client) }) if *process == process::id() => {
                Ok(client.clone())
            }
            Some(_) => match self.builder.clone().build() {
                Ok(client) => {
                    for listener in &state.listeners {
                        client.on_state_updated(listener.clone());
                    }
                    state.connected = Some(Connected::new(client.clone()));
                    Ok(client)
                }
                Err(error) => {
                    drop(state);
                    Err(errors::of_configuration(py, error))
                }
            },
        }
    }

    /// What there is to tell of this process's calls, after it closed the client too.
    pub(super) fn memory(&self, py: Python<'_>) -> PyResult<ClientTelemetry> {
        {
            let state = self.state();
            if state.connected.is_none() {
                return Ok(state.memory.clone());
            }
        }
        Ok(self.client(py)?.telemetry())
    }

    /// Registers a listener, in this process and in those that are forked from it.
    pub(super) fn listen(&self, py: Python<'_>, listener: Py<PyAny>) -> PyResult<()> {
        let client = self.client(py)?;
        let listener = Listener(Arc::new(listener));
        client.on_state_updated(listener.clone());
        self.state().listeners.push(listener);
        Ok(())
    }

    /// Takes the connections away; the client that there was is given for its last wait. None where
    /// there is none in this process.
    pub(super) fn close(&self) -> Option<Client> {
        let mut state = self.state();
        let mut connected = state.connected.take()?;
        // The memory of another process is that one's, and may be locked for ever in this one.
        let client =
            if connected.process == process::id() { connected.client.take() } else { None };
        state.memory = client.as_ref().map(Client::telemetry).unwrap_or_default();
        client
    }
}
