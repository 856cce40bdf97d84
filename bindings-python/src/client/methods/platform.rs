//! The API family `platform`: contexts and states of sessions, and contact profiles.

use cognigy_context::__bindings;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use super::{ClientMethods, Text, dict_to_python, merge_id_issue, read_argument, report_for};
use crate::argument_types::{str_arg, wrong_type};
use crate::client::pending_call::PendingCall;
use crate::errors;
use crate::existing::existing_of;
use crate::runtime;
use crate::text_args::{SessionIds, TextArg};
use crate::walk::walk;

impl ClientMethods {
    pub(in crate::client) fn inject_context(
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
        // For the webhook delivery that the core spawns when it rejects the call.
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
        let prepared = ids.merge_issues(py, prepared)?;
        let call = async move { client.send_context_injection(prepared).await };
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn reset_context(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
        flow_reference_id: Text<'_, '_>,
        entrypoint: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) =
            (read_argument(py, "session_id", session_id)?, read_argument(py, "user_id", user_id)?);
        let flow = read_argument(py, "flow_reference_id", flow_reference_id)?;
        let entrypoint = read_argument(py, "entrypoint", entrypoint)?;
        let call = async move { client.reset_context(&session, &user, &flow, &entrypoint).await };
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn inject_state(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
        state: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) =
            (read_argument(py, "session_id", session_id)?, read_argument(py, "user_id", user_id)?);
        let state = read_argument(py, "state", state)?;
        let call = async move { client.inject_state(&session, &user, &state).await };
        Ok(PendingCall::new(call, |py, state| Ok(PyString::new(py, &state).into_any().unbind())))
    }

    pub(in crate::client) fn reset_state(
        &self,
        py: Python<'_>,
        session_id: Text<'_, '_>,
        user_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let (session, user) =
            (read_argument(py, "session_id", session_id)?, read_argument(py, "user_id", user_id)?);
        let call = async move { client.reset_state(&session, &user).await };
        Ok(PendingCall::new(call, |py, ()| Ok(py.None())))
    }

    pub(in crate::client) fn list_profiles(
        &self,
        py: Python<'_>,
        query: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let mut pairs = Vec::new();
        if let Some(query) = query {
            let Ok(query) = query.cast::<PyMapping>() else {
                return Err(wrong_type("query", "a mapping", query));
            };
            for pair in query.items()?.iter() {
                let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
                str_arg("a key of query", &name)?;
                let name = read_argument(py, "query", &name)?;
                let value = read_argument(py, "query", &value.str()?.into_any())?;
                pairs.push((name, value));
            }
        }
        let call = async move {
            let query: Vec<(&str, &str)> =
                pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            client.list_profiles(&query).await
        };
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn get_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, profile) = (self.client(py)?, read_argument(py, "profile_id", profile_id)?);
        let call = async move { client.get_profile(&profile).await };
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn create_profile(
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
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn update_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
        fields: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = TextArg::read("profile_id", profile_id)?;
        let mut walked = Ok(());
        let mut report = None;
        let prepared = client.prepare_update_profile(&id.text, |check| {
            let checked = __bindings::write_visited(&check, Vec::new(), |checker| {
                walked = walk(fields, checker)
            });
            report = report_for(&id, &checked);
            checked
        });
        walked?;
        let prepared = merge_id_issue(id, prepared, report)
            .map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.profile(&prepared).await };
        Ok(PendingCall::new(call, dict_to_python))
    }

    pub(in crate::client) fn delete_profile(
        &self,
        py: Python<'_>,
        profile_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, profile) = (self.client(py)?, read_argument(py, "profile_id", profile_id)?);
        let call = async move { client.delete_profile(&profile).await };
        Ok(PendingCall::new(call, |py, ()| Ok(py.None())))
    }
}
