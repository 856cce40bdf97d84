//! The client's calls for sessions, second form: injections that the server merges.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Client;
use super::flight::Flight;
use super::transport::Transport;
use crate::api::{Operation, PreparedRequest, Response, sessions_v2};
use crate::check::CheckedBody;
use crate::clock::format_rfc3339;
use crate::error::{ApiErrorKind, Error};
use crate::injection::InjectionPayload;
use crate::report::ValidationError;

/// What an injection came to.
#[derive(Clone, PartialEq, Serialize)]
pub struct InjectionResult<R = Map<String, Value>> {
    /// `success`: whatever else it came to is an error.
    pub status: &'static str,
    /// Milliseconds from its beginning to its end, waits included.
    pub latency_ms: f64,
    /// How many variables were sent.
    pub variables_injected: u64,
    /// What the server answered: `{sessionId, variables, updatedAt}`.
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

/// An injection, checked and ready to be sent, with what the CRM webhook is to be told.
#[derive(Clone)]
pub struct PreparedVariableInjection {
    pub(super) call: PreparedRequest,
    crm_payload: Option<Value>,
}

/// Shows no data and no id.
impl std::fmt::Debug for PreparedVariableInjection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.call.fmt(f)
    }
}

/// What is read back of injections.
#[derive(Clone, PartialEq)]
pub struct InjectedVariables {
    /// The variables by name.
    pub variables: Map<String, Value>,
    /// The tag, where the server gives one.
    pub tag: Option<String>,
}

/// Shows no data.
impl std::fmt::Debug for InjectedVariables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InjectedVariables").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// Injects variables into a session; the server merges them. When somebody else changed the
    /// session meanwhile (409), its tag is read and the variables of this payload, and no others,
    /// are sent again.
    ///
    /// `crm_payload` is what the CRM webhook is told, where one is configured.
    ///
    /// # Errors
    /// [`Error::Validation`] when the payload is refused, and nothing was sent. [`Error::Api`]
    /// when the call failed.
    pub async fn inject<V: Serialize>(
        &self,
        payload: &InjectionPayload<V>,
        crm_payload: Option<Value>,
    ) -> Result<InjectionResult, Error> {
        let written = payload.to_json(&*self.inner.observer.clock);
        let count = payload.variables.len() as u64;
        let prepared =
            self.prepare_variable_injection(&payload.session_id, written, count, crm_payload)?;
        self.send_variable_injection(&prepared).await
    }

    /// The first half of [`inject`](Self::inject), for a body that was written, or refused, by an
    /// [`InjectionWriter`](crate::injection::InjectionWriter), with how many variables it holds.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_variable_injection(
        &self,
        session_id: &str,
        written: Result<CheckedBody, ValidationError>,
        count: u64,
        crm_payload: Option<Value>,
    ) -> Result<PreparedVariableInjection, ValidationError> {
        let call = sessions_v2::inject(session_id, self.prefix(), written, count);
        let call = self.checked(Operation::Inject, Some(session_id), call);
        let call = self.told_when_refused(session_id, crm_payload.as_ref(), call)?;
        Ok(PreparedVariableInjection { call, crm_payload })
    }

    /// The second half of [`inject`](Self::inject).
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn send_variable_injection(
        &self,
        prepared: &PreparedVariableInjection,
    ) -> Result<InjectionResult, Error> {
        self.send_injection_with(prepared, sessions_v2::read_injected).await
    }

    /// The same, whose `result` is the JSON text of what the server answered, for hosts whose integers
    /// have no end: the object holds those beyond 64 bits rounded.
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
        let mut flight = Flight::of(self, &prepared.call);
        let result = self.put_ours(&mut flight, &prepared.call, read).await;
        let latency_ms = flight.latency_ms();
        let result = flight.land(result);
        self.tell_crm(&prepared.call, prepared.crm_payload.as_ref(), result.is_ok());
        Ok(InjectionResult {
            status: "success",
            latency_ms,
            variables_injected: prepared.call.variables,
            result: result?,
        })
    }

    async fn put_ours<R>(
        &self,
        flight: &mut Flight<'_, T>,
        call: &PreparedRequest,
        read_answer: fn(&Response) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut answer = flight.send(call).await?;
        let mut round = 0;
        while matches!(answer.status, 409 | 412) && round < self.inner.settings.max_conflict_rounds
        {
            flight.step_back(round).await?;
            round += 1;
            let read = flight.send(&sessions_v2::conflict_read(call)).await?;
            let (_, tag) = sessions_v2::read_variables(&read)?;
            answer = flight.send(&call.clone().if_match(tag)).await?;
        }
        read_answer(&answer).map_err(|error| match error {
            Error::Api(mut failure) if answer.status == 412 => {
                failure.kind = ApiErrorKind::Conflict;
                failure.into()
            }
            other => other,
        })
    }

    /// Reads back what was injected into a session.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn get_injected(&self, session_id: &str) -> Result<InjectedVariables, Error> {
        let call = sessions_v2::get_injected(session_id, self.prefix());
        let call = self.checked(Operation::GetInjected, Some(session_id), call)?;
        let (variables, tag) = self.run(&call, sessions_v2::read_variables).await?;
        Ok(InjectedVariables { variables, tag })
    }

    /// Whether there is a session of this id.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn session_exists(&self, session_id: &str) -> Result<bool, Error> {
        let call = sessions_v2::session_exists(session_id, self.prefix());
        let call = self.checked(Operation::SessionExists, Some(session_id), call)?;
        self.run(&call, sessions_v2::read_existence).await
    }

    /// Tells the CRM of an injection that was refused.
    pub(super) fn told_when_refused<P>(
        &self,
        session_id: &str,
        crm_payload: Option<&Value>,
        checked: Result<P, ValidationError>,
    ) -> Result<P, ValidationError> {
        checked.inspect_err(|_| self.tell_crm_of(session_id, crm_payload, false))
    }

    pub(super) fn tell_crm(
        &self,
        call: &PreparedRequest,
        crm_payload: Option<&Value>,
        is_injected: bool,
    ) {
        if let Some(subject) = &call.resource {
            self.tell_crm_of(&subject.id, crm_payload, is_injected);
        }
    }

    fn tell_crm_of(&self, session_id: &str, crm_payload: Option<&Value>, is_injected: bool) {
        let Some(target) = &self.inner.crm_webhook else { return };
        let notice = json!({
            "session_id": session_id,
            "event": if is_injected { "injected" } else { "failed" },
            "timestamp": format_rfc3339(self.inner.observer.clock.now()),
            "data": crm_payload,
        });
        self.inner.notify(target, &notice);
    }
}
