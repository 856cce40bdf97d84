//! Python functions that the client calls: token sources, audit functions and listeners.

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::api::{AccessToken, ApiFamily};
use cognigy_context::client::{
    AuditRecord, AuditSink, BoxFuture, StateListener, StateUpdateResult, TokenSource,
    TokenSourceError,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::results::PyStateUpdateResult;
use crate::argument_types::wrong_type;
use crate::errors;
use crate::json_loads::loads;
use crate::logging;
use crate::runtime::callback_queue;
use crate::to_python::to_python;
use crate::walk::read_text;

/// Gets tokens from the Python function `get_token`.
pub(super) struct PythonTokenSource(pub(super) Arc<Py<PyAny>>);

impl TokenSource for PythonTokenSource {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        let get_token = Arc::clone(&self.0);
        Box::pin(async move {
            // On a blocking thread, because the function may wait for a network.
            let result = tokio::task::spawn_blocking(move || {
                callback_queue::attach(|py| {
                    let token = token_of(py, &get_token.bind(py).call1((family.as_str(),))?);
                    // While attached, because this may free the function.
                    drop(get_token);
                    token
                })
            });
            match result.await {
                Ok(Some(Ok(token))) => Ok(token),
                Ok(Some(Err(raised))) => {
                    callback_queue::set_error_cause(raised);
                    Err(TokenSourceError)
                }
                // The process exits, or the thread panicked.
                _ => Err(TokenSourceError),
            }
        })
    }
}

/// Reads the result of `get_token`: a token, or a tuple of a token and its lifetime in seconds, which may
/// be `None`: unknown.
fn token_of(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<AccessToken> {
    let (token, lifetime) = match given.cast::<PyTuple>() {
        Ok(pair) => {
            let (token, lifetime): (Bound<'_, PyAny>, Option<f64>) = pair.extract()?;
            (token, lifetime)
        }
        Err(_) => (given.clone(), None),
    };
    let text = token
        .cast::<PyString>()
        .map_err(|_| wrong_type("the token from get_token", "a str", &token))?;
    let token = read_text(text)?.text.into_owned();
    let token = AccessToken::new(token).map_err(|error| errors::of_configuration(py, error))?;
    match lifetime {
        None => Ok(token),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .map(|lifetime| token.expires_in(lifetime))
            .map_err(|_| {
                PyValueError::new_err(
                    "the lifetime from get_token must be a finite number of seconds, 0 or more",
                )
            }),
    }
}

/// Passes audit records to a Python function.
pub(super) struct PythonAuditSink(pub(super) Arc<Py<PyAny>>);

impl AuditSink for PythonAuditSink {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        let record = serde_json::to_value(record).map_err(|error| error.to_string())?;
        let function = Arc::clone(&self.0);
        callback_queue::enqueue_for_call(Box::new(move |py| {
            let called =
                to_python(py, &record).and_then(|record| function.bind(py).call1((record,)));
            if let Err(raised) = called {
                logging::warn(py, "an audit sink failed to record a call", raised);
            }
        }));
        Ok(())
    }
}

/// Passes updates of dialog states to a Python function.
#[derive(Clone)]
pub(super) struct PythonStateListener(pub(super) Arc<Py<PyAny>>);

impl StateListener for PythonStateListener {
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String> {
        let function = Arc::clone(&self.0);
        let (dialog_id, result) = (dialog_id.to_owned(), result.clone());
        let payload = String::from_utf8_lossy(payload).into_owned();
        callback_queue::enqueue_for_call(Box::new(move |py| {
            let called = loads(py, &payload).and_then(|payload| {
                let result = PyStateUpdateResult::to_python(py, result)?;
                function.bind(py).call1((dialog_id, payload, result))
            });
            if let Err(raised) = called {
                logging::warn(py, "a state listener failed", raised);
            }
        }));
        Ok(())
    }
}
