//! A call that was checked and can be sent: the part that runs without the GIL, and the conversion of
//! its result to a Python object.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cognigy_context::Error;
use pyo3::prelude::*;

use crate::errors;
use crate::runtime;
use crate::runtime::callback_queue::{self, CallContext};

/// Converts the outcome of a call to a Python object, or to the exception it raises. Must run on the
/// thread of the caller.
pub(super) type ResultConverter = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// A call that can be sent.
pub(super) struct PendingCall(Pin<Box<dyn Future<Output = ResultConverter> + Send>>);

impl PendingCall {
    /// Creates a call from a future of the core; `convert` turns its response into a Python object.
    pub(super) fn new<W, R, P>(call: W, convert: R) -> Self
    where
        W: Future<Output = Result<P, Error>> + Send + 'static,
        R: FnOnce(Python<'_>, P) -> PyResult<Py<PyAny>> + Send + 'static,
        P: Send + 'static,
    {
        Self::of(call, move |py, context, result: Result<P, Error>| match result {
            Ok(response) => convert(py, response),
            Err(error) => {
                let raised = errors::of_error(py, error);
                if let Some(cause) = context.take_error_cause() {
                    raised.set_cause(py, Some(cause));
                }
                Err(raised)
            }
        })
    }

    /// Creates a call from a future that cannot fail.
    pub(super) fn infallible<W, R>(work: W, convert: R) -> Self
    where
        W: Future + Send + 'static,
        W::Output: Send + 'static,
        R: FnOnce(Python<'_>, W::Output) -> PyResult<Py<PyAny>> + Send + 'static,
    {
        Self::of(work, move |py, _, output| convert(py, output))
    }

    fn of<W, R>(work: W, convert: R) -> Self
    where
        W: Future + Send + 'static,
        W::Output: Send + 'static,
        R: FnOnce(Python<'_>, &CallContext, W::Output) -> PyResult<Py<PyAny>> + Send + 'static,
    {
        Self(Box::pin(async move {
            let context = Arc::<CallContext>::default();
            let output = Arc::clone(&context).scope(work).await;
            let converter: ResultConverter = Box::new(move |py| {
                context.drain(py);
                convert(py, &context, output)
            });
            converter
        }))
    }

    /// Returns the future of the call.
    pub(super) fn into_future(self) -> impl Future<Output = ResultConverter> + Send + 'static {
        self.0
    }
}

/// Sends a call and waits for its result, while other Python threads run.
///
/// # Errors
/// What the call raises; and the error of a call that was rejected before it was sent.
pub(super) fn wait(py: Python<'_>, call: PyResult<PendingCall>) -> PyResult<Py<PyAny>> {
    runtime::wait(py, flush_on_error(py, call)?.into_future())?(py)
}

/// Runs the pending callbacks when a call was rejected, because the rejection is recorded too.
pub(super) fn flush_on_error(py: Python<'_>, call: PyResult<PendingCall>) -> PyResult<PendingCall> {
    call.inspect_err(|_| callback_queue::drain(py))
}
