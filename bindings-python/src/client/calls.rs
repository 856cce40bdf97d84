//! The operations of both clients: what Python gives, checked and written by the core, and what the
//! answer is in Python.

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::__bindings;
use cognigy_context::api::Operation;
use cognigy_context::api::botsessions::VariablesQuery;
use cognigy_context::client::{PreparedRead, PreparedVariableInjection, UpdateOptions};
use cognigy_context::{Client, Report, ValidationError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString};
use serde::Serialize;
use serde_json::{Map, Value};

use super::arguments::{payload_of, update_of};
use super::fork_safe_client::ForkSafeClient;
use super::pending_call::PendingCall;
use super::results::{PyDialogState, PyDocument, PyInjected, PyInjectionResult, PyStateUpdated};
use crate::documents::document;
use crate::errors;
use crate::existing::existing_of;
use crate::from_python::value_of;
use crate::ids::{Id, SessionIds};
use crate::injection::PyInjectionPayload;
use crate::json_text::JsonText;
use crate::runtime;
use crate::to_python::{to_dict, to_python};
use crate::variables::parse_variables;
use crate::walk::walk;

type Text<'a, 'py> = &'a Bound<'py, PyString>;

/// A client with a deadline of its own, where it has one.
#[derive(Clone)]
pub(super) struct Calls {
    pub(super) link: Arc<ForkSafeClient>,
    pub(super) deadline: Option<Duration>,
}

/// What was prepared of a call about an id; everything found is one error, the id first.
pub(super) fn judged<P>(
    id: Id<'_>,
    prepared: Result<P, ValidationError>,
) -> Result<P, ValidationError> {
    if let Some(issue) = id.issue {
        let report = prepared.as_ref().err().map(|error| error.report().clone());
        let mut report: Report = report.unwrap_or_default();
        report.issues.insert(0, issue);
        report.raise_if_failed()?;
    }
    prepared
}

/// The text of an id.
fn id(py: Python<'_>, field: &str, given: Text<'_, '_>) -> PyResult<String> {
    Id::read(field, given)?.into_text(py)
}

fn optional(py: Python<'_>, field: &str, given: Option<Text<'_, '_>>) -> PyResult<Option<String>> {
    given.map(|given| id(py, field, given)).transpose()
}

fn dict(py: Python<'_>, members: Map<String, Value>) -> PyResult<Py<PyAny>> {
    Ok(to_dict(py, &members)?.into_any().unbind())
}

fn flag(py: Python<'_>, flag: bool) -> PyResult<Py<PyAny>> {
    Ok(flag.into_pyobject(py)?.to_owned().into_any().unbind())
}

/// What the core can serialise, as plain Python objects.
pub(super) fn plain<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &serde_json::to_value(value).unwrap_or_default())
}

impl Calls {
    /// The core's client of this process.
    pub(super) fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let client = self.link.client(py)?;
        Ok(match self.deadline {
            None => client,
            Some(deadline) => client.with_deadline(deadline),
        })
    }

    /// An injection, checked and written; the inner error is what is wrong with it.
    pub(super) fn prepared_injection(
        &self,
        client: &Client,
        payload: &Bound<'_, PyInjectionPayload>,
        crm_payload: Option<Value>,
    ) -> PyResult<Result<PreparedVariableInjection, ValidationError>> {
        let py = payload.py();
        let payload = payload.get();
        let id = Id::read("sessionId", payload.session_id(py))?;
        let written = payload.written(py, None)?;
        let count = payload.len(py) as u64;
        let _on_runtime = runtime::enter(py)?;
        let prepared = client.prepare_variable_injection(&id.text, written, count, crm_payload);
        Ok(judged(id, prepared))
    }

    pub(super) fn inject(
        &self,
        py: Python<'_>,
        payload: &Bound<'_, PyAny>,
        crm_payload: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let payload = payload_of(payload)?;
        let crm_payload = crm_payload.map(value_of).transpose()?;
        let prepared = self
            .prepared_injection(&client, &payload, crm_payload)?
            .map_err(|error| errors::of_validation(py, error))?;
        let call =
            async move { __bindings::send_variable_injection_for_text(&client, &prepared).await };
        Ok(PendingCall::new(call, PyInjectionResult::made))
    }

    pub(super) fn get_injected(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, id(py, "sessionId", session_id)?);
        let call = async move { client.get_injected(&session).await };
        Ok(PendingCall::new(call, PyInjected::made))
    }

    pub(super) fn session_exists(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, id(py, "sessionId", session_id)?);
        let call = async move { client.session_exists(&session).await };
        Ok(PendingCall::new(call, flag))
    }

    pub(super) fn append_variables(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        variables: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = Id::read("sessionId", session_id)?;
        let mut walked = Ok(());
        let _on_runtime = runtime::enter(py)?;
        let prepared = client.prepare_append(&id.text, |check| {
            __bindings::write_visited(&check, Vec::new(), |checker| {
                walked = walk(variables, checker)
            })
        });
        walked?;
        let prepared = judged(id, prepared).map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_append(&prepared).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn get_document(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, session) = (self.client(py)?, id(py, "sessionId", session_id)?);
        let call = async move { client.get_document(&session).await };
        Ok(PendingCall::new(call, PyDocument::made))
    }

    pub(super) fn sync_context(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = Id::read("sessionId", session_id)?;
        let prepared = client.prepare_sync(&id.text, document(data)?);
        let prepared = judged(id, prepared).map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_sync(prepared).await };
        Ok(PendingCall::new(call, dict))
    }

    fn prepared_read(
        &self,
        py: Python<'_>,
        client: &Client,
        operation: Operation,
        asked: Asked<'_, '_>,
    ) -> PyResult<PreparedRead> {
        let session = id(py, "sessionId", asked.session_id)?;
        let name = optional(py, "name", asked.name)?;
        let scope = optional(py, "scope", asked.scope)?;
        let query = VariablesQuery {
            name: name.as_deref(),
            scope: scope.as_deref(),
            include_system: asked.include_system,
        };
        let prepared = client.prepare_read(operation, &session, &query);
        prepared.map_err(|error| errors::of_validation(py, error))
    }

    pub(super) fn get_variables(
        &self,
        py: Python<'_>,
        asked: Asked<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let read = self.prepared_read(py, &client, Operation::GetVariables, asked)?;
        let call = async move { client.read_pages(read).await };
        Ok(PendingCall::new(call, |py, pages| {
            let pages = pages.iter().map(|page| JsonText::Bytes(PyBytes::new(py, page)));
            let variables = parse_variables(py, pages.collect(), None)?;
            Ok(Py::new(py, variables)?.into_any())
        }))
    }

    pub(super) fn debug_snapshot(
        &self,
        py: Python<'_>,
        asked: Asked<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let read = self.prepared_read(py, &client, Operation::DebugSnapshot, asked)?;
        let call = async move { client.send_snapshot(read).await };
        Ok(PendingCall::new(call, |py, snapshot| Ok(plain(py, &snapshot)?.unbind())))
    }

    pub(super) fn get_state(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, dialog) = (self.client(py)?, id(py, "dialogId", dialog_id)?);
        let call = async move { client.get_state(&dialog).await };
        Ok(PendingCall::new(call, PyDialogState::made))
    }

    pub(super) fn update_state(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
        update: &Bound<'_, PyAny>,
        if_match: Option<Text<'_, '_>>,
        rebase: bool,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = Id::read("dialogId", dialog_id)?;
        let update = update_of(update)?;
        let update = update.get();
        let options = UpdateOptions { if_match: optional(py, "ifMatch", if_match)?, rebase };
        let written = update.written(py)?;
        let prepared = client.prepare_update(
            &id.text,
            written,
            update.len(py),
            update.has_transition(),
            options,
        );
        let prepared = judged(id, prepared).map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_update(&prepared).await };
        Ok(PendingCall::new(call, PyStateUpdated::made))
    }

    pub(super) fn update_state_parts(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
        update: &Bound<'_, PyAny>,
        if_match: Option<Text<'_, '_>>,
        rebase: bool,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let dialog = id(py, "dialogId", dialog_id)?;
        let update = update_of(update)?;
        let mut tag = optional(py, "ifMatch", if_match)?;
        let is_tagged = tag.is_some();
        let options = UpdateOptions { if_match: None, rebase };
        let mut parts = Vec::new();
        let split = update.get().parts(py)?.or_else(|error| {
            // An update that is refused is recorded like any other.
            let refused = client.prepare_update(&dialog, Err(error), 0, false, options.clone());
            refused.map(|_| Vec::new()).map_err(|error| errors::of_validation(py, error))
        })?;
        for part in split {
            let (count, has_transition) = (part.len(py), part.has_transition());
            let written = part.written(py)?;
            let part =
                client.prepare_update(&dialog, written, count, has_transition, options.clone());
            parts.push(part.map_err(|error| errors::of_validation(py, error))?);
        }
        let call = async move {
            let mut results = Vec::with_capacity(parts.len());
            for part in parts {
                let part = if is_tagged { part.if_match(tag.take()) } else { part };
                let updated = client.send_update(&part).await?;
                tag.clone_from(&updated.tag);
                results.push(updated);
            }
            Ok(results)
        };
        Ok(PendingCall::new(call, |py, results| {
            let results: PyResult<Vec<_>> =
                results.into_iter().map(|result| PyStateUpdated::made(py, result)).collect();
            Ok(results?.into_pyobject(py)?.into_any().unbind())
        }))
    }

    pub(super) fn inject_context(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
        context: &Bound<'_, PyAny>,
        existing: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let ids = SessionIds::read(session_id, user_id)?;
        let existing = existing_of(existing)?.map_err(|error| errors::of_validation(py, error))?;
        let mut walked = Ok(());
        let _on_runtime = runtime::enter(py)?;
        let prepared = client.prepare_context_injection(
            &ids.session.text,
            &ids.user.text,
            existing.as_ref(),
            |injection| {
                __bindings::inject_context_visited(&injection, |checker| {
                    walked = walk(context, checker)
                })
            },
        );
        walked?;
        let prepared = ids.judge(py, prepared)?;
        let call = async move { client.send_context_injection(prepared).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn reset_context(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
        flow_reference_id: Text<'_, '_>,
        entrypoint: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) = (id(py, "sessionId", session_id)?, id(py, "userId", user_id)?);
        let flow = id(py, "flowReferenceId", flow_reference_id)?;
        let entrypoint = id(py, "entrypoint", entrypoint)?;
        let call = async move { client.reset_context(&session, &user, &flow, &entrypoint).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn inject_state(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
        state: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) = (id(py, "sessionId", session_id)?, id(py, "userId", user_id)?);
        let state = id(py, "state", state)?;
        let call = async move { client.inject_state(&session, &user, &state).await };
        Ok(PendingCall::new(call, |py, state| Ok(PyString::new(py, &state).into_any().unbind())))
    }

    pub(super) fn reset_state(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) = (id(py, "sessionId", session_id)?, id(py, "userId", user_id)?);
        let call = async move { client.reset_state(&session, &user).await };
        Ok(PendingCall::new(call, |py, ()| Ok(py.None())))
    }

    pub(super) fn list_profiles(
        &self,
        py: Python<'_>,
        query: Option<&Bound<'_, PyMapping>>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let mut named = Vec::new();
        if let Some(query) = query {
            for pair in query.items()?.iter() {
                let (name, value): (Bound<'_, PyString>, Bound<'_, PyAny>) = pair.extract()?;
                named.push((id(py, "query", &name)?, id(py, "query", &value.str()?)?));
            }
        }
        let call = async move {
            let query: Vec<(&str, &str)> =
                named.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            client.list_profiles(&query).await
        };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn get_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, profile) = (self.client(py)?, id(py, "profileId", profile_id)?);
        let call = async move { client.get_profile(&profile).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn create_profile(
        &self,
        py: Python<'_>,
        fields: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let mut walked = Ok(());
        let prepared = client.prepare_create_profile(|check| {
            __bindings::write_visited(&check, Vec::new(), |checker| walked = walk(fields, checker))
        });
        walked?;
        let prepared = prepared.map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.profile(&prepared).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn update_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
        fields: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = Id::read("profileId", profile_id)?;
        let mut walked = Ok(());
        let prepared = client.prepare_update_profile(&id.text, |check| {
            __bindings::write_visited(&check, Vec::new(), |checker| walked = walk(fields, checker))
        });
        walked?;
        let prepared = judged(id, prepared).map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.profile(&prepared).await };
        Ok(PendingCall::new(call, dict))
    }

    pub(super) fn delete_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, profile) = (self.client(py)?, id(py, "profileId", profile_id)?);
        let call = async move { client.delete_profile(&profile).await };
        Ok(PendingCall::new(call, |py, ()| Ok(py.None())))
    }

    pub(super) fn drain(&self, py: Python<'_>, time: Duration) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        Ok(PendingCall::infallible(async move { client.drain(time).await }, flag))
    }

    /// Closes the client, and waits for its webhooks as long as one may take.
    pub(super) fn close(&self) -> PendingCall {
        let client = self.link.close();
        let last = async move {
            if let Some(client) = client {
                client.drain(client.settings().webhook_timeout).await;
            }
        };
        PendingCall::infallible(last, |py, ()| Ok(py.None()))
    }

    pub(super) fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.link.telemetry(py)?.metrics())
    }

    pub(super) fn state_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.link.telemetry(py)?.state_metrics())
    }

    pub(super) fn audit_trail<'py>(
        &self,
        py: Python<'py>,
        count: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.link.telemetry(py)?.audit_trail(count.unwrap_or(usize::MAX)))
    }
}

/// Which variables of which session are asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a, 'py> {
    pub(super) session_id: Text<'a, 'py>,
    pub(super) name: Option<Text<'a, 'py>>,
    pub(super) scope: Option<Text<'a, 'py>>,
    pub(super) include_system: bool,
}
