//! States of dialogs.

use cognigy_context::client::UpdateOptions;
use pyo3::prelude::*;

use super::{ClientMethods, Text, merge_id_issue, read_argument, read_optional, report_for};
use crate::client::arguments::update_of;
use crate::client::pending_call::PendingCall;
use crate::client::results::{PyDialogState, PyStateUpdateResult};
use crate::errors;
use crate::text_args::TextArg;

impl ClientMethods {
    pub(in crate::client) fn get_state(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
    ) -> PyResult<PendingCall> {
        let (client, dialog) = (self.client(py)?, read_argument(py, "dialog_id", dialog_id)?);
        let call = async move { client.get_state(&dialog).await };
        Ok(PendingCall::new(call, PyDialogState::to_python))
    }

    pub(in crate::client) fn update_state(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
        update: &Bound<'_, PyAny>,
        if_match: Option<Text<'_, '_>>,
        rebase: bool,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let id = TextArg::read("dialog_id", dialog_id)?;
        let update = update_of(update)?;
        let update = update.get();
        let options = UpdateOptions { if_match: read_optional(py, "if_match", if_match)?, rebase };
        let checked = update.checked_body(py)?;
        let report = report_for(&id, &checked);
        let prepared = client.prepare_update(
            &id.text,
            checked,
            update.len(py),
            update.has_transition(),
            options,
        );
        let prepared = merge_id_issue(id, prepared, report)
            .map_err(|error| errors::of_validation(py, error))?;
        let call = async move { client.send_update(&prepared).await };
        Ok(PendingCall::new(call, PyStateUpdateResult::to_python))
    }

    pub(in crate::client) fn update_state_parts(
        &self,
        py: Python<'_>,
        dialog_id: Text<'_, '_>,
        update: &Bound<'_, PyAny>,
        if_match: Option<Text<'_, '_>>,
        rebase: bool,
    ) -> PyResult<PendingCall> {
        let client = self.client(py)?;
        let dialog = read_argument(py, "dialog_id", dialog_id)?;
        let update = update_of(update)?;
        let if_match = read_optional(py, "if_match", if_match)?;
        // The first part has the tag of the caller; the core gives each other part the tag of the previous
        // response.
        let mut options = UpdateOptions { if_match, rebase };
        let mut prepared_parts = Vec::new();
        let split = update.get().parts(py)?.or_else(|error| {
            // The core records a refused update, as it records every update.
            let refused = client.prepare_update(&dialog, Err(error), 0, false, options.clone());
            refused.map(|_| Vec::new()).map_err(|error| errors::of_validation(py, error))
        })?;
        for part in split {
            let (count, has_transition) = (part.len(py), part.has_transition());
            let checked = part.checked_body(py)?;
            let prepared =
                client.prepare_update(&dialog, checked, count, has_transition, options.clone());
            options.if_match = None;
            prepared_parts.push(prepared.map_err(|error| errors::of_validation(py, error))?);
        }
        let call = async move { client.send_update_parts(prepared_parts).await };
        Ok(PendingCall::new(call, |py, results| {
            let results: PyResult<Vec<_>> = results
                .into_iter()
                .map(|result| PyStateUpdateResult::to_python(py, result))
                .collect();
            Ok(results?.into_pyobject(py)?.into_any().unbind())
        }))
    }
}
