//! A call that was checked and can be sent: what runs without the GIL, and what makes a Python object
//! of its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cognigy_context::Error;
use pyo3::prelude::*;

use super::futures;
use crate::errors;
use crate::mail::{self, Told};
use crate::runtime;

/// Makes the result of a call, or what it raises. To be called on the thread of the caller.
pub(super) type Finish = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// A call that can be sent.
pub(super) struct Work(Pin<Box<dyn Future<Output = Finish> + Send>>);

impl Work {
    /// A call of the core's, and how its answer is read.
    pub(super) fn new<W, R, P>(call: W, read: R) -> Self
    where
        W: Future<Output = Result<P, Error>> + Send + 'static,
        R: FnOnce(Python<'_>, P) -> PyResult<Py<PyAny>> + Send + 'static,
        P: Send + 'static,
    {
        Self::of(call, move |py, told, result: Result<P, Error>| match result {
            Ok(answer) => read(py, answer),
            Err(error) => {
                let raised = errors::of_error(py, error);
                if let Some(cause) = told.cause() {
                    raised.set_cause(py, Some(cause));
                }
                Err(raised)
            }
        })
    }

    /// Work that does not fail by itself.
    pub(super) fn plain<W, R>(work: W, read: R) -> Self
    where
        W: Future + Send + 'static,
        W::Output: Send + 'static,
        R: FnOnce(Python<'_>, W::Output) -> PyResult<Py<PyAny>> + Send + 'static,
    {
        Self::of(work, move |py, _, output| read(py, output))
    }

    fn of<W, R>(work: W, read: R) -> Self
    where
        W: Future + Send + 'static,
        W::Output: Send + 'static,
        R: FnOnce(Python<'_>, &Told, W::Output) -> PyResult<Py<PyAny>> + Send + 'static,
    {
        Self(Box::pin(async move {
            let told = Arc::<Told>::default();
            let output = Arc::clone(&told).during(work).await;
            let finish: Finish = Box::new(move |py| {
                told.deliver(py);
                read(py, &told, output)
            });
            finish
        }))
    }
}

/// Sends a call and waits for its end, while other Python threads run.
pub(super) fn wait(py: Python<'_>, work: PyResult<Work>) -> PyResult<Py<PyAny>> {
    runtime::wait(py, begun(py, work)?.0)?(py)
}

/// Sends a call, and gives the future of the running event loop that stands for its end.
pub(super) fn start(py: Python<'_>, work: PyResult<Work>) -> PyResult<Py<PyAny>> {
    futures::start(py, begun(py, work)?.0)
}

/// A call that was refused is told of as well.
fn begun(py: Python<'_>, work: PyResult<Work>) -> PyResult<Work> {
    work.inspect_err(|_| mail::deliver(py))
}
