//! The operations of both clients: converts Python arguments, lets the core check and write the
//! request, and converts the result to Python.

mod dialog_state;
mod documents;
mod platform;
mod variables;

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::check::CheckedBody;
use cognigy_context::{Client, Report, ValidationError};
use pyo3::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use super::fork_safe_client::ForkSafeClient;
use super::pending_call::PendingCall;
use crate::text_args::{TextArg, merge_issues};
use crate::to_python::{to_dict, to_python};

pub(super) use variables::ReadArgs;

/// An argument that must be a `str`.
type Text<'a, 'py> = &'a Bound<'py, PyAny>;

/// The operations of a client. Those that send a request return it as a [`PendingCall`], after the
/// check.
#[derive(Clone)]
pub(super) struct ClientMethods {
    pub(super) connection: Arc<ForkSafeClient>,
    /// Replaces the deadline of the client's settings; `None` keeps it.
    pub(super) deadline: Option<Duration>,
}

impl ClientMethods {
    /// Returns the core's client for this process.
    pub(in crate::client) fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let client = self.connection.client(py)?;
        Ok(match self.deadline {
            None => client,
            Some(deadline) => client.with_deadline(deadline),
        })
    }

    pub(in crate::client) fn drain(&self, py: Python<'_>, time: Duration) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        Ok(PendingCall::infallible(async move { client.drain(time).await }, bool_to_python))
    }

    /// Closes the client: waits for queued webhook deliveries up to the timeout of one delivery, then drops and
    /// counts the rest.
    pub(in crate::client) fn close(&self) -> PendingCall {
        let client = self.connection.close();
        let deliveries = async move {
            if let Some(client) = client {
                client.close(client.settings().webhook_timeout).await;
            }
        };
        PendingCall::infallible(deliveries, |py, ()| Ok(py.None()))
    }

    pub(in crate::client) fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python_object(py, &self.connection.telemetry(py)?.metrics())
    }

    pub(in crate::client) fn state_metrics<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        to_python_object(py, &self.connection.telemetry(py)?.state_metrics())
    }

    pub(in crate::client) fn audit_trail<'py>(
        &self,
        py: Python<'py>,
        count: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        to_python_object(
            py,
            &self.connection.telemetry(py)?.audit_trail(count.unwrap_or(usize::MAX)),
        )
    }
}

/// Adds the issue of an id, which the core cannot see, in front of the issues of the prepared call. `report` is
/// the report of the call's data, for its warnings.
fn merge_id_issue<P>(
    id: TextArg<'_>,
    prepared: Result<P, ValidationError>,
    report: Option<Report>,
) -> Result<P, ValidationError> {
    merge_issues(id.issue.into_iter().collect(), prepared, |_| report.unwrap_or_default())
}

/// Returns the report of accepted data. Only a call whose id has an issue needs it.
fn report_for(id: &TextArg<'_>, checked: &Result<CheckedBody, ValidationError>) -> Option<Report> {
    id.issue.as_ref().and_then(|_| checked.as_ref().ok().map(|checked| checked.report.clone()))
}

/// Returns the text of an id or of another argument that goes into the URL or the body.
fn read_argument(py: Python<'_>, name: &str, given: Text<'_, '_>) -> PyResult<String> {
    TextArg::read(name, given)?.into_text(py)
}

fn read_optional(
    py: Python<'_>,
    name: &str,
    given: Option<Text<'_, '_>>,
) -> PyResult<Option<String>> {
    given.map(|given| read_argument(py, name, given)).transpose()
}

fn dict_to_python(py: Python<'_>, members: Map<String, Value>) -> PyResult<Py<PyAny>> {
    Ok(to_dict(py, &members)?.into_any().unbind())
}

fn bool_to_python(py: Python<'_>, value: bool) -> PyResult<Py<PyAny>> {
    Ok(value.into_pyobject(py)?.to_owned().into_any().unbind())
}

/// Converts a serializable value of the core to plain Python objects.
pub(super) fn to_python_object<'py>(
    py: Python<'py>,
    value: &impl Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &serde_json::to_value(value).unwrap_or_default())
}
