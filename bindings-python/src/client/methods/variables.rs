//! Variables of a session: injections, and reads over all pages.

use cognigy_context::__bindings;
use cognigy_context::api::Operation;
use cognigy_context::api::botsessions::VariablesQuery;
use cognigy_context::client::{PreparedRead, PreparedVariableInjection};
use cognigy_context::{Client, ValidationError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;

use super::{
    ClientMethods, Text, bool_to_python, dict_to_python, merge_id_issue, read_argument,
    read_optional, report_for, to_python_object,
};
use crate::client::arguments::payload_of;
use crate::client::pending_call::PendingCall;
use crate::client::results::{PyInjectedVariables, PyInjectionResult};
use crate::errors;
use crate::from_python::value_of;
use crate::injection::PyInjectionPayload;
use crate::json_text::JsonText;
use crate::runtime;
use crate::text_args::TextArg;
use crate::variables::parse_variables;
use crate::walk::walk;

/// The arguments of a read of variables.
#[derive(Clone, Copy)]
pub(in crate::client) struct ReadArgs<'a, 'py> {
    pub(in crate::client) session_id: Text<'a, 'py>,
    pub(in crate::client) name: Option<Text<'a, 'py>>,
    pub(in crate::client) scope: Option<Text<'a, 'py>>,
    pub(in crate::client) include_system: bool,
}

impl ClientMethods {
    /// Checks and writes an injection. The inner error contains its issues, the outer one is what
    /// Python raised.
    pub(in crate::client) fn prepare_injection(
        &self,
        client: &Client,
        payload: &Bound<'_, PyInjectionPayload>,
        crm_payload: Option<Value>,
    ) -> PyResult<Result<PreparedVariableInjection, ValidationError>> {
        let py = payload.py();
        let payload = payload.get();
        let id = TextArg::read("session_id", payload.session_id(py))?;
        let checked = payload.checked_body(py, None)?;
        let report = report_for(&id, &checked);
        let count = payload.len(py) as u64;
        // For the webhook delivery that the core spawns when it rejects the call.
        let _on_runtime = runtime::enter(py)?;
        let prepared = client.prepare_variable_injection(&id.text, checked, count, crm_payload);
        Ok(merge_id_issue(id, prepared, report))
    }

    pub(in crate::client) fn inject(
        &self,
        py: Python<'_>,
        payload: &Bound<'_, PyAny>,
        crm_payload: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let payload = payload_of(payload)?;
        let crm_payload = crm_payload.map(value_of).transpose()?;
        let prepared = self
            .prepare_injection(&client, &payload, crm_payload)?
            .map_err(|error| errors::of_validation(py, error))?;
        let call =
            async move { __bindings::send_variable_injection_for_text(&client, &prepared).await };
        Ok(PendingCall::new(call, PyInjectionResult::to_python))
    }

    pub(in crate::client) fn get_injected(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, read_argument(py, "session_id", session_id)?);
        let call = async move { client.get_injected(&session).await };
        Ok(PendingCall::new(call, PyInjectedVariables::to_python))
    }

    pub(in crate::client) fn session_exists(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, read_argument(py, "session_id", session_id)?);
        let call = async move { client.session_exists(&session).await };
        Ok(PendingCall::new(call, bool_to_python))
    }

    pub(in crate::client) fn append_variables(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        variables: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = TextArg::read("session_id", session_id)?;
        let mut walked = Ok(());
        // For the webhook delivery that the core spawns when it rejects the call.
        let _on_runtime = runtime::enter(py)?;
        let mut report = None;
        let prepared = client.prepare_append(&id.text, |check| {
            let checked = __bindings::write_visited(&check, Vec::new(), |checker| {
                walked = walk(variables, checker)
            });
            report = report_for(&id, &checked);
            checked
        });
        walked?;
        let prepared = merge_id_issue(id, prepared, report)
            .map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_append(&prepared).await };
        Ok(PendingCall::new(call, dict_to_python))
    }

    fn prepare_read(
        &self,
        py: Python<'_>,
        client: &Client,
        operation: Operation,
        args: ReadArgs<'_, '_>,
    ) -> PyResult<PreparedRead> {
        let session = read_argument(py, "session_id", args.session_id)?;
        let name = read_optional(py, "name", args.name)?;
        let scope = read_optional(py, "scope", args.scope)?;
        let query = VariablesQuery {
            name: name.as_deref(),
            scope: scope.as_deref(),
            include_system: args.include_system,
        };
        let prepared = client.prepare_read(operation, &session, &query);
        prepared.map_err(|error| errors::of_validation(py, error))
    }

    pub(in crate::client) fn get_variables(
        &self,
        py: Python<'_>,
        args: ReadArgs<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let read = self.prepare_read(py, &client, Operation::GetVariables, args)?;
        let call = async move { client.read_pages(read).await };
        Ok(PendingCall::new(call, |py, pages| {
            let pages = pages.iter().map(|page| JsonText::Bytes(PyBytes::new(py, page)));
            let variables = parse_variables(py, pages.collect(), None)?;
            Ok(Py::new(py, variables)?.into_any())
        }))
    }

    pub(in crate::client) fn debug_snapshot(
        &self,
        py: Python<'_>,
        args: ReadArgs<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let read = self.prepare_read(py, &client, Operation::DebugSnapshot, args)?;
        let call = async move { client.send_snapshot(read).await };
        Ok(PendingCall::new(call, |py, snapshot| Ok(to_python_object(py, &snapshot)?.unbind())))
    }
}
