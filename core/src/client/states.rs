//! The client's calls for the state of dialogs.

use std::sync::{Arc, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use super::Client;
use super::audit::AuditDetails;
use super::flight::Flight;
use super::metrics::StateMetrics;
use super::transport::{MaybeSend, MaybeSync, Transport};
use crate::api::{Operation, PreparedRequest, runtime_v2};
use crate::canonical::canonical_json;
use crate::check::CheckedBody;
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::report::ValidationError;
use crate::hashing::sha256;
use crate::state::StateUpdate;

/// The state of a dialog, as the server holds it.
#[derive(Clone, PartialEq)]
pub struct DialogState {
    /// The state.
    pub state: Map<String, Value>,
    /// Its tag, to be given to [`UpdateOptions::if_match`].
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for DialogState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DialogState").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// How an update is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateOptions {
    /// Only where the state still has this tag.
    pub if_match: Option<String>,
    /// Where it has not, read the state and try again on what is there now.
    pub rebase: bool,
}

/// What an update came to.
#[derive(Clone, PartialEq, Serialize)]
pub struct StateUpdateResult {
    /// What the server answered; empty where it answered nothing.
    pub result: Map<String, Value>,
    /// The tag that the state has now, where the server gives one.
    pub tag: Option<String>,
    /// Milliseconds from its beginning to its end, waits included.
    pub latency_ms: f64,
}

/// Shows no data.
impl std::fmt::Debug for StateUpdateResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateUpdateResult")
            .field("tag", &self.tag)
            .field("latency_ms", &self.latency_ms)
            .finish_non_exhaustive()
    }
}

/// An update, checked and ready to be sent.
#[derive(Clone)]
pub struct PreparedUpdate {
    call: PreparedRequest,
    has_transition: bool,
    rebase: bool,
}

impl PreparedUpdate {
    /// The same, only where the state has this tag.
    #[must_use]
    pub fn if_match(mut self, tag: Option<String>) -> Self {
        if tag.is_some() {
            self.call = self.call.idempotent();
        }
        self.call = self.call.if_match(tag);
        self
    }
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedUpdate")
            .field("call", &self.call)
            .field("rebase", &self.rebase)
            .finish_non_exhaustive()
    }
}

/// Hears of updates that succeeded: the dialog's id, the payload as JSON, what it came to.
pub trait StateListener: MaybeSend + MaybeSync {
    /// An update succeeded.
    ///
    /// # Errors
    /// In words. The error is logged, and the update is what it was.
    fn state_updated(
        &self,
        dialog_id: &str,
        payload: &[u8],
        result: &StateUpdateResult,
    ) -> Result<(), String>;
}

/// Any function of the three is a listener.
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
    /// [`Error::Api`] when the call failed.
    pub async fn get_state(&self, dialog_id: &str) -> Result<DialogState, Error> {
        let call =
            self.checked(Operation::GetState, Some(dialog_id), runtime_v2::get_state(dialog_id))?;
        let (state, tag) = self.run(&call, runtime_v2::read_state).await?;
        Ok(DialogState { state, tag })
    }

    /// Updates the state of a dialog. An update that is too large for one request is refused;
    /// [`update_state_parts`](Self::update_state_parts) sends it in parts.
    ///
    /// # Errors
    /// [`Error::Validation`] when the update is refused, and nothing was sent. [`Error::Api`]
    /// when the call failed; of kind `state_conflict` and with the current tag when the state has
    /// changed.
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

    /// Updates the state of a dialog in as many parts as it takes; the transition is in the last.
    /// Under `if_match` each part is sent under the tag of the answer before.
    ///
    /// # Errors
    /// As [`update_state`](Self::update_state). The parts before the one that failed are there.
    pub async fn update_state_parts(
        &self,
        dialog_id: &str,
        update: &StateUpdate,
        mut options: UpdateOptions,
    ) -> Result<Vec<StateUpdateResult>, Error> {
        let parts = self.checked(Operation::UpdateState, Some(dialog_id), update.split())?;
        let is_tagged = options.if_match.is_some();
        let mut results = Vec::with_capacity(parts.len());
        for part in &parts {
            let updated = self.update_state(dialog_id, part, options.clone()).await?;
            if is_tagged {
                options.if_match.clone_from(&updated.tag);
            }
            results.push(updated);
        }
        Ok(results)
    }

    /// The first half of [`update_state`](Self::update_state), for a body that was written, or
    /// refused, by a [`StateWriter`](crate::state::StateWriter), with how many variables it holds
    /// and whether a transition.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_update(
        &self,
        dialog_id: &str,
        written: Result<CheckedBody, ValidationError>,
        count: u64,
        has_transition: bool,
        options: UpdateOptions,
    ) -> Result<PreparedUpdate, ValidationError> {
        let UpdateOptions { if_match, rebase } = options;
        let call = runtime_v2::update_state(dialog_id, written, count, has_transition, if_match);
        let call = self.checked(Operation::UpdateState, Some(dialog_id), call)?;
        Ok(PreparedUpdate { call, has_transition, rebase })
    }

    /// The second half of [`update_state`](Self::update_state).
    ///
    /// # Errors
    /// As [`update_state`](Self::update_state).
    pub async fn send_update(&self, prepared: &PreparedUpdate) -> Result<StateUpdateResult, Error> {
        let payload = prepared.call.body.as_deref().unwrap_or_default();
        let mut flight = Flight::of(self, &prepared.call);
        let result = self.patch(&mut flight, prepared).await;
        let latency_ms = flight.latency_ms();
        let details = AuditDetails {
            payload_sha256: canonical_json(payload).ok().map(|text| sha256(text.as_bytes())),
            result_summary: Some(summary(prepared, &result)),
            ..AuditDetails::default()
        };
        let (result, tag) = flight.land_with(result, details)?;
        let updated = StateUpdateResult { result, tag, latency_ms };
        if let Some(subject) = &prepared.call.resource {
            let listeners =
                self.inner.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
            for listener in listeners {
                if let Err(error) = listener.state_updated(&subject.id, payload, &updated) {
                    tracing::warn!(%error, "a listener for updated states failed");
                }
            }
        }
        Ok(updated)
    }

    async fn patch(
        &self,
        flight: &mut Flight<'_, T>,
        prepared: &PreparedUpdate,
    ) -> Result<(Map<String, Value>, Option<String>), Error> {
        let mut answer = flight.send(&prepared.call).await?;
        let mut round = 0;
        while prepared.rebase
            && matches!(answer.status, 409 | 412)
            && round < self.inner.settings.max_conflict_rounds
        {
            if prepared.has_transition && flight.is_ambiguous {
                // What changed the state may have been an earlier attempt of this very call, and
                // the dialog must not be sent on twice.
                let failure = runtime_v2::state_error(Operation::UpdateState, &answer);
                let failure = failure.unwrap_or_else(|| {
                    ApiError::new(ApiErrorKind::StateConflict, Operation::UpdateState.as_str())
                });
                return Err(failure
                    .detail("an attempt before, of which no answer came, may have taken effect")
                    .into());
            }
            flight.step_back(round).await?;
            round += 1;
            let read = flight.send(&runtime_v2::conflict_read(&prepared.call)).await?;
            let (_, tag) = runtime_v2::read_state(&read)?;
            answer = flight.send(&prepared.call.clone().if_match(tag)).await?;
        }
        match runtime_v2::read_updated(&answer) {
            Err(Error::Api(mut failure))
                if failure.kind == ApiErrorKind::StateConflict && failure.current_tag.is_none() =>
            {
                // The answer did not say which tag the state has now, so it is asked for.
                let conflict = flight.status;
                if let Ok(read) = flight.send(&runtime_v2::conflict_read(&prepared.call)).await {
                    failure.current_tag = read.tag();
                }
                flight.status = conflict;
                Err(failure.into())
            }
            other => other,
        }
    }

    /// Registers who hears of updates that succeeded.
    pub fn on_state_updated(&self, listener: impl StateListener + 'static) {
        let mut listeners = self.inner.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
    }

    /// How this client's updates of states went.
    #[must_use]
    pub fn state_metrics(&self) -> StateMetrics {
        self.memory().state_metrics()
    }
}

/// What an update came to in a few words, without its data.
fn summary<R>(prepared: &PreparedUpdate, result: &Result<R, Error>) -> String {
    let count = prepared.call.variables;
    let parts = match (count, prepared.has_transition) {
        (0, _) => "a transition".to_owned(),
        (1, false) => "1 variable".to_owned(),
        (1, true) => "1 variable and a transition".to_owned(),
        (count, false) => format!("{count} variables"),
        (count, true) => format!("{count} variables and a transition"),
    };
    match result {
        Ok(_) => format!("updated: {parts}"),
        Err(Error::Api(failure)) => format!("not updated ({}): {parts}", failure.kind),
        Err(_) => format!("not updated: {parts}"),
    }
}
