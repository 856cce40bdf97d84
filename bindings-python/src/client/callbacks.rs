//! Python code that the client calls: for tokens, with audit records, after updates of states.

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

use super::results::PyStateUpdated;
use crate::errors;
use crate::loads::loads;
use crate::logging;
use crate::mail;
use crate::to_python::to_python;
use crate::walk::read_text;

/// Gets tokens from a Python function.
pub(super) struct Tokens(pub(super) Arc<Py<PyAny>>);

impl TokenSource for Tokens {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        let get_token = Arc::clone(&self.0);
        Box::pin(async move {
            // On a thread of its own: it is to wait for a network, and other calls go on meanwhile.
            let got = tokio::task::spawn_blocking(move || {
                mail::attached(|py| {
                    let token = token_of(py, &get_token.bind(py).call1((family.as_str(),))?);
                    drop(get_token);
                    token
                })
            });
            match got.await {
                Ok(Some(Ok(token))) => Ok(token),
                Ok(Some(Err(raised))) => {
                    mail::blame(raised);
                    Err(TokenSourceError)
                }
                _ => Err(TokenSourceError),
            }
        })
    }
}

/// A token, or a token and the seconds that it is good for.
fn token_of(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<AccessToken> {
    let (token, seconds) = match given.cast::<PyTuple>() {
        Ok(pair) => {
            let (token, seconds): (Bound<'_, PyAny>, Option<f64>) = pair.extract()?;
            (token, seconds)
        }
        Err(_) => (given.clone(), None),
    };
    let token = read_text(token.cast::<PyString>()?)?.text.into_owned();
    let token = AccessToken::new(token).map_err(|error| errors::of_configuration(py, error))?;
    match seconds {
        None => Ok(token),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .map(|time| token.expires_in(time))
            .map_err(|_| PyValueError::new_err("a token is good for 0 seconds or more")),
    }
}

/// Hands audit records to a Python function.
pub(super) struct Auditor(pub(super) Arc<Py<PyAny>>);

impl AuditSink for Auditor {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        let record = serde_json::to_value(record).map_err(|error| error.to_string())?;
        let auditor = Arc::clone(&self.0);
        mail::tell(Box::new(move |py| {
            let called =
                to_python(py, &record).and_then(|record| auditor.bind(py).call1((record,)));
            if let Err(raised) = called {
                logging::warn_of(py, "an audit sink failed to record a call", raised);
            }
        }));
        Ok(())
    }
}

/// A Python function that hears of updates of states.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<Py<PyAny>>);

impl StateListener for Listener {
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String> {
        let listener = Arc::clone(&self.0);
        let (dialog_id, result) = (dialog_id.to_owned(), result.clone());
        let payload = String::from_utf8_lossy(payload).into_owned();
        mail::tell(Box::new(move |py| {
            let called = loads(py, &payload).and_then(|payload| {
                let result = PyStateUpdated::made(py, result)?;
                listener.bind(py).call1((dialog_id, payload, result))
            });
            if let Err(raised) = called {
                logging::warn_of(py, "a state listener failed", raised);
            }
        }));
        Ok(())
    }
}
