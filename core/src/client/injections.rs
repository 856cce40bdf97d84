//! The client's calls of the v2 API for sessions: injections that the server merges.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Client;
use super::call_executor::InFlightCall;
use super::transport::Transport;
use crate::api::{Operation, PreparedRequest, Response, sessions_v2};
use crate::check::CheckedBody;
use crate::clock::format_rfc3339;
use crate::error::{ApiErrorKind, Error};
use crate::injection::InjectionPayload;
use crate::report::ValidationError;

/// The result of an injection.
#[derive(Clone, PartialEq, Serialize)]
pub struct InjectionResult<R = Map<String, Value>> {
    /// Always `success`; any other result is an error.
    pub status: &'static str,
    /// The duration of the call in milliseconds, waits included.
    pub latency_ms: f64,
    /// The number of variables that were sent.
    pub variables_injected: u64,
    /// The response of the server, `{sessionId, variables, updatedAt}`: an object by default, or JSON text.
    pub result: R,
}

/// Shows no data.
impl<R> std::fmt::Debug for InjectionResult<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InjectionResult")
            .field("status", &self.status)
            .field("latency_ms", &self.latency_ms)
            .field("variables_injected", &self.variables_injected)
            .finish_non_exhaustive()
    }
}

/// An injection that is checked and ready to be sent, with the data for the CRM webhook.
#[derive(Clone)]
pub struct PreparedVariableInjection {
    pub(super) request: PreparedRequest,
    crm_payload: Option<Value>,
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedVariableInjection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.request.fmt(f)
    }
}

/// The variables that were injected into a session.
#[derive(Clone, PartialEq)]
pub struct InjectedVariables {
    /// The values by variable name.
    pub variables: Map<String, Value>,
    /// The `ETag`, if the server sends one.
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for InjectedVariables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InjectedVariables").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Injects variables into a session; the server merges them with those of the session.
    ///
    /// After a conflict with another writer (409 or 412), reads the current `ETag` and sends the same
    /// variables again, up to
    /// [`max_conflict_rounds`](super::Settings::max_conflict_rounds) times.
    ///
    /// `crm_payload` is the `data` of the event for the CRM webhook, if one is configured; `None` is
    /// sent as `null`.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> Result<(), cognigy_context::Error> {
    /// use cognigy_context::{InjectionPayload, InjectionVariable};
    /// use serde_json::json;
    ///
    /// let tier = InjectionVariable::new("tier", json!("gold"));
    /// let result = client.inject(&InjectionPayload::new("session-1", [tier]), None).await?;
    /// println!("{} variables in {} ms", result.variables_injected, result.latency_ms);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`] when the payload is rejected; nothing was sent. [`Error::Api`] when
    /// the call failed.
    pub async fn inject<V: Serialize>(
        &self,
        payload: &InjectionPayload<V>,
        crm_payload: Option<Value>,
    ) -> Result<InjectionResult, Error> {
        let checked_body = payload.to_json(&*self.inner.recorder.clock);
        let count = payload.variables.len() as u64;
        let prepared =
            self.prepare_variable_injection(&payload.session_id, checked_body, count, crm_payload)?;
        self.send_variable_injection(&prepared).await
    }

    /// Prepares an [`inject`](Self::inject). `checked_body` is the result of a check,
    /// for example of [`InjectionPayload::to_json`], `count` the number of variables in it.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_variable_injection(
        &self,
        session_id: &str,
        checked_body: Result<CheckedBody, ValidationError>,
        count: u64,
        crm_payload: Option<Value>,
    ) -> Result<PreparedVariableInjection, ValidationError> {
        let request =
            sessions_v2::inject(session_id, self.session_id_prefix(), checked_body, count);
        let request = self.record_rejection(Operation::Inject, Some(session_id), request);
        let request = self.notify_crm_on_rejection(session_id, crm_payload.as_ref(), request)?;
        Ok(PreparedVariableInjection { request, crm_payload })
    }

    /// Sends a prepared [`inject`](Self::inject).
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn send_variable_injection(
        &self,
        prepared: &PreparedVariableInjection,
    ) -> Result<InjectionResult, Error> {
        self.send_injection_with(prepared, sessions_v2::read_injected).await
    }

    /// Sends a prepared injection and returns the response as JSON text, for languages with integers of any
    /// size: in an object, integers beyond 64 bits are rounded.
    ///
    /// # Errors
    /// As [`send_variable_injection`](Self::send_variable_injection).
    pub(crate) async fn send_variable_injection_for_text(
        &self,
        prepared: &PreparedVariableInjection,
    ) -> Result<InjectionResult<Vec<u8>>, Error> {
        self.send_injection_with(prepared, sessions_v2::read_injected_text).await
    }

    async fn send_injection_with<R>(
        &self,
        prepared: &PreparedVariableInjection,
        read: fn(&Response) -> Result<R, Error>,
    ) -> Result<InjectionResult<R>, Error> {
        let mut call = InFlightCall::for_request(self, &prepared.request);
        let result = self.put_with_conflict_retry(&mut call, &prepared.request, read).await;
        let latency_ms = call.latency_ms();
        let result = call.finish(result);
        self.notify_crm(&prepared.request, prepared.crm_payload.as_ref(), result.is_ok());
        Ok(InjectionResult {
            status: "success",
            latency_ms,
            variables_injected: prepared.request.variables,
            result: result?,
        })
    }

    /// Sends the injection, and sends it again with the current `ETag` after each conflict.
    async fn put_with_conflict_retry<R>(
        &self,
        call: &mut InFlightCall<'_, T>,
        request: &PreparedRequest,
        read_response: fn(&Response) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut response = call.send(request).await?;
        let mut round = 0;
        while matches!(response.status, 409 | 412)
            && round < self.inner.settings.max_conflict_rounds
        {
            call.conflict_backoff(round).await?;
            round += 1;
            let current = call.send(&sessions_v2::conflict_read(request)).await?;
            sessions_v2::read_variables(&current)?;
            let tag = call.tag_for_write(&current);
            response = call.send(&request.clone().with_tag(tag)).await?;
        }
        read_response(&response).map_err(|error| match error {
            Error::Api(mut error) if response.status == 412 => {
                error.kind = ApiErrorKind::Conflict;
                error.into()
            }
            other => other,
        })
    }

    /// Reads the variables that were injected into a session.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn get_injected(&self, session_id: &str) -> Result<InjectedVariables, Error> {
        let request = sessions_v2::get_injected(session_id, self.session_id_prefix());
        let request = self.record_rejection(Operation::GetInjected, Some(session_id), request)?;
        let (variables, tag) = self.execute(&request, sessions_v2::read_variables).await?;
        Ok(InjectedVariables { variables, tag })
    }

    /// Returns whether a session with this id exists.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn session_exists(&self, session_id: &str) -> Result<bool, Error> {
        let request = sessions_v2::session_exists(session_id, self.session_id_prefix());
        let request = self.record_rejection(Operation::SessionExists, Some(session_id), request)?;
        self.execute(&request, sessions_v2::read_existence).await
    }

    /// Notifies the CRM webhook if the checks rejected an injection. Returns `result` unchanged.
    pub(super) fn notify_crm_on_rejection<P>(
        &self,
        session_id: &str,
        crm_payload: Option<&Value>,
        result: Result<P, ValidationError>,
    ) -> Result<P, ValidationError> {
        result.inspect_err(|_| self.queue_crm_event(session_id, crm_payload, false))
    }

    /// Notifies the CRM webhook of an injection that succeeded (`is_injected`) or failed.
    pub(super) fn notify_crm(
        &self,
        request: &PreparedRequest,
        crm_payload: Option<&Value>,
        is_injected: bool,
    ) {
        if let Some(resource) = &request.resource {
            self.queue_crm_event(&resource.id, crm_payload, is_injected);
        }
    }

    fn queue_crm_event(&self, session_id: &str, crm_payload: Option<&Value>, is_injected: bool) {
        let Some(endpoint) = &self.inner.crm_webhook else { return };
        let event = json!({
            "session_id": session_id,
            "event": if is_injected { "injected" } else { "failed" },
            "timestamp": format_rfc3339(self.inner.recorder.clock.now()),
            "data": crm_payload,
        });
        self.inner.queue_delivery(endpoint, &event);
    }
}
