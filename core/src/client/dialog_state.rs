//! The client's calls for the states of dialogs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Client;
use super::audit::AuditDetails;
use super::call_executor::InFlightCall;
use super::metrics::StateMetrics;
use super::transport::{MaybeSend, MaybeSync, Transport};
use crate::api::{Operation, PreparedRequest, runtime_v2};
use crate::canonical::canonical_json;
use crate::check::CheckedBody;
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::hashing::sha256;
use crate::report::ValidationError;
use crate::state::StateUpdate;
use crate::sync;

/// The state of a dialog on the server.
#[derive(Clone, PartialEq)]
pub struct DialogState {
    /// The state as a JSON object.
    pub state: Map<String, Value>,
    /// The `ETag` of the state, for [`UpdateOptions::if_match`]; `None` if the server sends no strong one.
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for DialogState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DialogState").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// The options of an update. The default updates the state without a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateOptions {
    /// Updates only if the state still has this `ETag`, a strong entity tag as the server returned it. Default:
    /// no condition.
    pub if_match: Option<String>,
    /// Whether to read the current `ETag` and send the update again after a conflict, up to
    /// [`max_conflict_rounds`](super::Settings::max_conflict_rounds) times. If the server then sends no strong tag,
    /// the update is sent without a condition, with a warning in the log. A transition that may already have taken
    /// effect is not sent again. Default: false.
    pub rebase: bool,
}

/// The result of an update.
#[derive(Clone, PartialEq, Serialize)]
pub struct StateUpdateResult {
    /// The response of the server; empty if it has no body.
    pub result: Map<String, Value>,
    /// The new `ETag` of the state, if the server sends a strong one.
    pub tag: Option<String>,
    /// Whether the update was sent with `If-Match`, so that it could not overwrite an unknown change of
    /// another writer.
    pub guarded: bool,
    /// The duration of the call in milliseconds, waits included.
    pub latency_ms: f64,
}

/// Shows no data.
impl std::fmt::Debug for StateUpdateResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateUpdateResult")
            .field("tag", &self.tag)
            .field("guarded", &self.guarded)
            .field("latency_ms", &self.latency_ms)
            .finish_non_exhaustive()
    }
}

/// An update of a dialog's state that is checked and ready to be sent.
#[derive(Clone)]
pub struct PreparedUpdate {
    request: PreparedRequest,
    has_transition: bool,
    rebase: bool,
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedUpdate")
            .field("request", &self.request)
            .field("rebase", &self.rebase)
            .finish_non_exhaustive()
    }
}

/// Receives each update of a dialog's state that succeeded.
pub trait StateListener: MaybeSend + MaybeSync {
    /// Handles an update: the dialog's id, the payload as JSON text, the result.
    ///
    /// # Errors
    /// A message. The client logs it; the update's result stays the same.
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String>;
}

/// Uses any function of the three arguments as a listener.
impl<F> StateListener for F
where
    F: Fn(&str, &[u8], &StateUpdateResult) -> Result<(), String> + MaybeSend + MaybeSync,
{
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String> {
        self(dialog_id, payload, result)
    }
}

impl<T: Transport> Client<T> {
    /// Reads the state of a dialog.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn get_state(&self, dialog_id: &str) -> Result<DialogState, Error> {
        let request = runtime_v2::get_state(dialog_id);
        let request = self.record_rejection(Operation::GetState, Some(dialog_id), request)?;
        let (state, tag) = self.execute(&request, runtime_v2::read_state).await?;
        Ok(DialogState { state, tag })
    }

    /// Updates the state of a dialog. An update that is too large for one request is rejected;
    /// [`update_state_parts`](Self::update_state_parts) sends it in several requests.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> Result<(), cognigy_context::Error> {
    /// use cognigy_context::StateUpdate;
    /// use cognigy_context::client::UpdateOptions;
    /// use serde_json::json;
    ///
    /// let current = client.get_state("dialog-1").await?;
    /// let update = StateUpdate::default().session("turn", json!(4)).next_step("confirm");
    /// let options = UpdateOptions { if_match: current.tag, ..UpdateOptions::default() };
    /// client.update_state("dialog-1", &update, options).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`] when the update is rejected; nothing was sent. [`Error::Api`] when
    /// the call failed; when the state has changed, its kind is
    /// [`StateConflict`](ApiErrorKind::StateConflict), and it has the current `ETag` if that is known.
    pub async fn update_state(
        &self,
        dialog_id: &str,
        update: &StateUpdate,
        options: UpdateOptions,
    ) -> Result<StateUpdateResult, Error> {
        let prepared = self.prepare_update(
            dialog_id,
            update.to_json(),
            (update.session.len() + update.user.len()) as u64,
            update.next_step.is_some(),
            options,
        )?;
        self.send_update(&prepared).await
    }

    /// Updates the state of a dialog in as many requests as necessary; the last one contains the
    /// transition. With `if_match` each request has the `ETag` of the previous response. After a response
    /// without a strong `ETag` the next request has no condition: the client logs a warning, and the
    /// [result](StateUpdateResult::guarded) of that request says so.
    ///
    /// # Errors
    /// [`Error::Validation`] when a part or an option is rejected; nothing was sent. [`Error::Api`] as
    /// [`update_state`](Self::update_state); the parts before the failed one have taken effect.
    pub async fn update_state_parts(
        &self,
        dialog_id: &str,
        update: &StateUpdate,
        mut options: UpdateOptions,
    ) -> Result<Vec<StateUpdateResult>, Error> {
        let parts =
            self.record_rejection(Operation::UpdateState, Some(dialog_id), update.split())?;
        let mut prepared_parts = Vec::with_capacity(parts.len());
        for part in &parts {
            let count = (part.session.len() + part.user.len()) as u64;
            let has_transition = part.next_step.is_some();
            // Only the first part has the tag of the caller.
            let options = UpdateOptions { if_match: options.if_match.take(), ..options };
            let prepared =
                self.prepare_update(dialog_id, part.to_json(), count, has_transition, options)?;
            prepared_parts.push(prepared);
        }
        self.send_update_parts(prepared_parts).await
    }

    /// Sends the prepared parts of an update in order. If the first part has a tag, each other part gets the
    /// `ETag` of the previous response.
    ///
    /// # Errors
    /// [`Error::Api`] when a part failed. The parts before it have taken effect.
    pub async fn send_update_parts(
        &self,
        parts: Vec<PreparedUpdate>,
    ) -> Result<Vec<StateUpdateResult>, Error> {
        let is_tagged = parts.first().is_some_and(|part| part.request.if_match.is_some());
        let mut results: Vec<StateUpdateResult> = Vec::with_capacity(parts.len());
        for mut part in parts {
            if let Some(previous) = results.last().filter(|_| is_tagged) {
                if previous.tag.is_none() {
                    tracing::warn!(
                        operation = Operation::UpdateState.as_str(),
                        "the next part of the update is unguarded: the response has no strong `ETag`"
                    );
                }
                part.request = part.request.with_condition(previous.tag.clone());
            }
            results.push(self.send_update(&part).await?);
        }
        Ok(results)
    }

    /// Prepares an [`update_state`](Self::update_state). `checked_body` is the result of
    /// a check, for example of [`StateUpdate::to_json`], `count` the number of variables in it, and
    /// `has_transition` whether it moves the dialog to another step.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_update(
        &self,
        dialog_id: &str,
        checked_body: Result<CheckedBody, ValidationError>,
        count: u64,
        has_transition: bool,
        options: UpdateOptions,
    ) -> Result<PreparedUpdate, ValidationError> {
        let UpdateOptions { if_match, rebase } = options;
        let request =
            runtime_v2::update_state(dialog_id, checked_body, count, has_transition, if_match);
        let request = self.record_rejection(Operation::UpdateState, Some(dialog_id), request)?;
        Ok(PreparedUpdate { request, has_transition, rebase })
    }

    /// Sends a prepared [`update_state`](Self::update_state).
    ///
    /// # Errors
    /// As [`update_state`](Self::update_state).
    pub async fn send_update(&self, prepared: &PreparedUpdate) -> Result<StateUpdateResult, Error> {
        let payload = prepared.request.body.as_deref().unwrap_or_default();
        let mut call = InFlightCall::for_request(self, &prepared.request);
        let result = self.patch_with_rebase(&mut call, prepared).await;
        let latency_ms = call.latency_ms();
        let details = AuditDetails {
            payload_sha256: canonical_json(payload).ok().map(|text| sha256(text.as_bytes())),
            result_summary: Some(result_summary(prepared, &result)),
            ..AuditDetails::default()
        };
        let Updated { result, tag, guarded } = call.finish_with(result, details)?;
        let update_result = StateUpdateResult { result, tag, guarded, latency_ms };
        if let Some(resource) = &prepared.request.resource {
            // The lock is released before listeners run, because a listener may register another one.
            let listeners = sync::read(&self.inner.state_listeners).clone();
            for listener in listeners {
                if let Err(error) = listener.state_updated(&resource.id, payload, &update_result) {
                    tracing::warn!(%error, "a state listener failed");
                }
            }
        }
        Ok(update_result)
    }

    /// Sends an update. With `rebase`, sends it again with the current `ETag` after each conflict. Returns
    /// the response, the new `ETag`, and whether the last request had a condition.
    async fn patch_with_rebase(
        &self,
        call: &mut InFlightCall<'_, T>,
        prepared: &PreparedUpdate,
    ) -> Result<Updated, Error> {
        let mut response = call.send(&prepared.request).await?;
        let mut guarded = prepared.request.if_match.is_some();
        let mut round = 0;
        while prepared.rebase
            && matches!(response.status, 409 | 412)
            && round < self.inner.settings.max_conflict_rounds
        {
            if prepared.has_transition && call.is_ambiguous {
                // An earlier attempt of this call may have caused the conflict, and the transition
                // must not happen twice.
                let error = runtime_v2::state_error(Operation::UpdateState, &response);
                let error = error.unwrap_or_else(|| {
                    ApiError::new(ApiErrorKind::StateConflict, Operation::UpdateState.as_str())
                });
                return Err(error
                    .with_detail("an earlier attempt without a response may have taken effect")
                    .into());
            }
            call.conflict_backoff(round).await?;
            round += 1;
            let current = call.send(&runtime_v2::conflict_read(&prepared.request)).await?;
            runtime_v2::read_state(&current)?;
            let tag = call.tag_for_write(&current);
            guarded = tag.is_some();
            response = call.send(&prepared.request.clone().with_tag(tag)).await?;
        }
        match runtime_v2::read_updated(&response) {
            Err(Error::Api(mut error))
                if error.kind == ApiErrorKind::StateConflict && error.current_tag.is_none() =>
            {
                // The response has no `ETag`, so the current one is read.
                let conflict_status = call.status;
                let read_request = runtime_v2::conflict_read(&prepared.request);
                if let Ok(current) = call.send(&read_request).await {
                    error.current_tag = current.tag();
                }
                call.status = conflict_status;
                Err(error.into())
            }
            other => other.map(|(result, tag)| Updated { result, tag, guarded }),
        }
    }

    /// Registers a listener, which the client calls after each update that succeeded.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # fn example(client: cognigy_context::Client) {
    /// use cognigy_context::client::StateUpdateResult;
    ///
    /// client.on_state_updated(|_dialog_id: &str, payload: &[u8], result: &StateUpdateResult| {
    ///     println!("{} bytes in {} ms", payload.len(), result.latency_ms);
    ///     Ok(())
    /// });
    /// # }
    /// ```
    pub fn on_state_updated(&self, listener: impl StateListener + 'static) {
        sync::write(&self.inner.state_listeners).push(Arc::new(listener));
    }

    /// Returns the metrics of this client's updates of dialog states.
    #[must_use]
    pub fn state_metrics(&self) -> StateMetrics {
        self.telemetry().state_metrics()
    }
}

/// The response to an update that succeeded.
struct Updated {
    result: Map<String, Value>,
    tag: Option<String>,
    guarded: bool,
}

/// Summarises an update without its data, for its audit record.
fn result_summary<R>(prepared: &PreparedUpdate, result: &Result<R, Error>) -> String {
    let count = prepared.request.variables;
    let content = match (count, prepared.has_transition) {
        (0, _) => "a transition".to_owned(),
        (1, false) => "1 variable".to_owned(),
        (1, true) => "1 variable and a transition".to_owned(),
        (count, false) => format!("{count} variables"),
        (count, true) => format!("{count} variables and a transition"),
    };
    match result {
        Ok(_) => format!("updated: {content}"),
        Err(Error::Api(error)) => format!("not updated ({}): {content}", error.kind),
        Err(_) => format!("not updated: {content}"),
    }
}
