//! The client's calls for the real platform: contexts, states and profiles.

use serde::Serialize;
use serde_json::{Map, Value};

use super::flight::Flight;
use super::transport::Transport;
use super::{Client, Context};
use crate::api::platform::{InjectContext, PreparedContextInjection};
use crate::api::{Operation, PreparedRequest, platform_sessions, profiles};
use crate::check::{CheckOptions, CheckedBody, ExistingContext};
use crate::error::Error;
use crate::report::ValidationError;

/// A profile, or a list of them, as the platform answers it.
pub type Profile = Map<String, Value>;

impl<T: Transport> Client<T> {
    /// Writes top-level keys into a session's context and gives the context that results.
    ///
    /// The context is held against the client's policy (`platform`, unless set otherwise) before
    /// anything is sent. What the session holds already counts as empty, or as the last answer
    /// that this client saw for the session; [`inject_context_onto`](Self::inject_context_onto)
    /// says it.
    ///
    /// # Errors
    /// [`Error::Validation`] when the ids or the context would be refused or silently replaced, and
    /// nothing was sent; or when the platform replaced a value all the same. [`Error::Api`]
    /// when the call failed.
    pub async fn inject_context<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        user_id: &str,
        context: &V,
    ) -> Result<Context, Error> {
        let prepared = self
            .prepare_context_injection(session_id, user_id, None, |call| call.context(context))?;
        self.send_context_injection(prepared).await
    }

    /// The same, saying what the session's context holds already.
    ///
    /// # Errors
    /// As [`inject_context`](Self::inject_context).
    pub async fn inject_context_onto<V: Serialize + ?Sized>(
        &self,
        existing: &ExistingContext,
        session_id: &str,
        user_id: &str,
        context: &V,
    ) -> Result<Context, Error> {
        let prepared =
            self.prepare_context_injection(session_id, user_id, Some(existing), |call| {
                call.context(context)
            })?;
        self.send_context_injection(prepared).await
    }

    /// The first half of an injection: checks and writes, for a context of any kind. `prepare` is
    /// given the call with this client's settings, and says what the context is.
    ///
    /// # Errors
    /// [`ValidationError`] from `prepare`.
    pub fn prepare_context_injection(
        &self,
        session_id: &str,
        user_id: &str,
        existing: Option<&ExistingContext>,
        prepare: impl FnOnce(InjectContext<'_>) -> Result<PreparedContextInjection, ValidationError>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        let seen = match existing {
            Some(_) => None,
            None => self.inner.seen.get(session_id),
        };
        let prepared = prepare(
            InjectContext::new(session_id, user_id)
                .policy(&self.inner.policy)
                .existing(existing.or(seen.as_deref()))
                .session_id_prefix(self.prefix()),
        );
        let prepared = self.checked(Operation::InjectContext, Some(session_id), prepared);
        self.told_when_refused(session_id, None, prepared)
    }

    /// The second half of an injection: sends what was prepared.
    ///
    /// # Errors
    /// As [`inject_context`](Self::inject_context).
    pub async fn send_context_injection(
        &self,
        prepared: PreparedContextInjection,
    ) -> Result<Context, Error> {
        let call = prepared.prepared_request();
        let result = self
            .run(call, |response| {
                let answer = prepared.read(response)?;
                // What was seen is remembered even where it shows that data is gone.
                self.inner.seen.set(call.resource_hash().unwrap_or_default(), answer.existing.clone());
                Ok(answer.into_context()?)
            })
            .await;
        self.tell_crm(call, None, result.is_ok());
        result
    }

    /// Sets a session's context back to that of the entry point of a flow, and gives it.
    ///
    /// # Errors
    /// [`Error::Validation`] when an id can be none, [`Error::Api`] when the call failed.
    pub async fn reset_context(
        &self,
        session_id: &str,
        user_id: &str,
        flow_reference_id: &str,
        entrypoint: &str,
    ) -> Result<Context, Error> {
        let call = platform_sessions::reset_context(
            session_id,
            self.prefix(),
            user_id,
            flow_reference_id,
            entrypoint,
        );
        let call = self.checked(Operation::ResetContext, Some(session_id), call)?;
        self.run(&call, |response| {
            let (context, existing) = platform_sessions::read_reset(response)?;
            self.inner.seen.set(call.resource_hash().unwrap_or_default(), existing);
            Ok(context)
        })
        .await
    }

    /// Sets the state of a session, and gives it. The platform is giving states up (deprecated in
    /// 2026.7, to be removed in 2026.12).
    ///
    /// # Errors
    /// [`Error::Validation`] when an id can be none, [`Error::Api`] when the call failed.
    pub async fn inject_state(
        &self,
        session_id: &str,
        user_id: &str,
        state: &str,
    ) -> Result<String, Error> {
        let call = platform_sessions::inject_state(session_id, self.prefix(), user_id, state);
        let call = self.checked(Operation::InjectState, Some(session_id), call)?;
        self.run(&call, platform_sessions::read_injected_state).await
    }

    /// Sets the state of a session back.
    ///
    /// # Errors
    /// [`Error::Validation`] when an id can be none, [`Error::Api`] when the call failed.
    pub async fn reset_state(&self, session_id: &str, user_id: &str) -> Result<(), Error> {
        let call = platform_sessions::reset_state(session_id, self.prefix(), user_id);
        let call = self.checked(Operation::ResetState, Some(session_id), call)?;
        self.run(&call, platform_sessions::read_state_reset).await
    }

    /// Lists profiles, as the platform answers them. `query` is put into the address as it comes:
    /// `limit`, `skip`, `filter` and others that the platform takes.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn list_profiles(&self, query: &[(&str, &str)]) -> Result<Profile, Error> {
        self.profile(&profiles::list_profiles(query)).await
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id can be none, [`Error::Api`] when the call failed.
    pub async fn get_profile(&self, profile_id: &str) -> Result<Profile, Error> {
        let call = self.checked(Operation::GetProfile, None, profiles::get_profile(profile_id))?;
        self.profile(&call).await
    }

    /// Makes a profile. It is never sent again when it may have taken effect.
    ///
    /// # Errors
    /// [`Error::Validation`] when the fields are refused, [`Error::Api`] when the call failed.
    pub async fn create_profile<V: Serialize + ?Sized>(
        &self,
        fields: &V,
    ) -> Result<Profile, Error> {
        let call = self.prepare_create_profile(|check| check.value_to_json(fields))?;
        self.profile(&call).await
    }

    /// The first half of [`create_profile`](Self::create_profile), for fields of any kind.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_create_profile(
        &self,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        self.checked(Operation::CreateProfile, None, profiles::create_profile(write))
    }

    /// Changes a profile: `{profile?, active?, contactIds?}`.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id or the fields are refused, [`Error::Api`] when the call
    /// failed.
    pub async fn update_profile<V: Serialize + ?Sized>(
        &self,
        profile_id: &str,
        fields: &V,
    ) -> Result<Profile, Error> {
        let call = self.prepare_update_profile(profile_id, |check| check.value_to_json(fields))?;
        self.profile(&call).await
    }

    /// The first half of [`update_profile`](Self::update_profile), for fields of any kind.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_update_profile(
        &self,
        profile_id: &str,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        self.checked(Operation::UpdateProfile, None, profiles::update_profile(profile_id, write))
    }

    /// Deletes a profile. One that is gone after an attempt of which no answer came counts as
    /// deleted.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id can be none, [`Error::Api`] when the call failed.
    pub async fn delete_profile(&self, profile_id: &str) -> Result<(), Error> {
        let call =
            self.checked(Operation::DeleteProfile, None, profiles::delete_profile(profile_id))?;
        let mut flight = Flight::of(self, &call);
        let answer = flight.send(&call).await;
        let is_gone = flight.is_ambiguous && flight.status == Some(404);
        let result = match answer {
            Ok(_) if is_gone => Ok(()),
            Ok(answer) => profiles::profile_error(call.operation(), &answer)
                .map_or(Ok(()), |failure| Err(failure.into())),
            Err(error) => Err(error),
        };
        flight.land(result)
    }

    /// Sends a call about profiles that was prepared.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn profile(&self, call: &PreparedRequest) -> Result<Profile, Error> {
        self.run(call, |response| profiles::read_profile(call.operation(), response)).await
    }
}
