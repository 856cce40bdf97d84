//! The client's calls of the platform API: contexts and states of sessions, and profiles.

use serde::Serialize;
use serde_json::{Map, Value};

use super::call_executor::InFlightCall;
use super::transport::Transport;
use super::{Client, Context};
use crate::api::platform::{InjectContext, PreparedContextInjection};
use crate::api::{Operation, PreparedRequest, platform_sessions, profiles};
use crate::check::{CheckOptions, CheckedBody, ExistingContext};
use crate::error::Error;
use crate::report::ValidationError;

/// A profile, or a list of profiles, as the platform returns it.
pub type Profile = Map<String, Value>;

impl<T: Transport> Client<T> {
    /// Writes top-level keys into a session's context. Returns the resulting context.
    ///
    /// The context is checked against the client's policy (default: `platform`) before anything is
    /// sent. The check assumes that the session has the context of the last response that this client
    /// received for it, or an empty one. [`inject_context_onto`](Self::inject_context_onto) takes the
    /// existing context as an argument instead.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> Result<(), cognigy_context::Error> {
    /// use serde_json::json;
    ///
    /// let context =
    ///     client.inject_context("session-1", "user-1", &json!({"tier": "gold"})).await?;
    /// assert_eq!(context["tier"], "gold");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`] when the platform would reject the ids or the context, or silently replace
    /// a value; nothing was sent. This error also occurs when the response shows that the
    /// platform replaced a value.
    /// [`Error::Api`] when the call failed.
    pub async fn inject_context<V: Serialize + ?Sized>(
        &self,
        session_id: &str,
        user_id: &str,
        context: &V,
    ) -> Result<Context, Error> {
        let prepared = self.prepare_context_injection(session_id, user_id, None, |injection| {
            injection.context(context)
        })?;
        self.send_context_injection(prepared).await
    }

    /// Writes top-level keys into a session's context, as [`inject_context`](Self::inject_context) does.
    /// The check assumes that the session has the context `existing`.
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
            self.prepare_context_injection(session_id, user_id, Some(existing), |injection| {
                injection.context(context)
            })?;
        self.send_context_injection(prepared).await
    }

    /// Prepares an [`inject_context`](Self::inject_context). `prepare` adds the context to the injection
    /// that it receives, which has this client's policy and session id prefix. `existing` is the context
    /// that the session already has; `None` uses the last one that this client received, or
    /// an empty one.
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
        let cached = match existing {
            Some(_) => None,
            None => self.inner.context_sizes.get(session_id),
        };
        let prepared = prepare(
            InjectContext::new(session_id, user_id)
                .policy(&self.inner.policy)
                .existing(existing.or(cached.as_deref()))
                .session_id_prefix(self.session_id_prefix()),
        );
        let prepared = self.record_rejection(Operation::InjectContext, Some(session_id), prepared);
        self.notify_crm_on_rejection(session_id, None, prepared)
    }

    /// Sends a prepared [`inject_context`](Self::inject_context).
    ///
    /// # Errors
    /// As [`inject_context`](Self::inject_context).
    pub async fn send_context_injection(
        &self,
        prepared: PreparedContextInjection,
    ) -> Result<Context, Error> {
        let request = prepared.prepared_request();
        let result = self
            .execute(request, |response| {
                let injected = prepared.read(response)?;
                // The sizes are correct even if the response shows that data was replaced.
                let session_hash = request.resource_hash().unwrap_or_default();
                self.inner.context_sizes.set(session_hash, injected.existing.clone());
                Ok(injected.into_context()?)
            })
            .await;
        self.notify_crm(request, None, result.is_ok());
        result
    }

    /// Resets a session's context to that of a flow's entry point. Returns the new context. After an
    /// ambiguous failure the request is not retried.
    ///
    /// # Errors
    /// [`Error::Validation`] when an id is invalid, [`Error::Api`] when the call failed.
    pub async fn reset_context(
        &self,
        session_id: &str,
        user_id: &str,
        flow_reference_id: &str,
        entrypoint: &str,
    ) -> Result<Context, Error> {
        let request = platform_sessions::reset_context(
            session_id,
            self.session_id_prefix(),
            user_id,
            flow_reference_id,
            entrypoint,
        );
        let request = self.record_rejection(Operation::ResetContext, Some(session_id), request)?;
        self.execute(&request, |response| {
            let (context, existing) = platform_sessions::read_reset(response)?;
            self.inner.context_sizes.set(request.resource_hash().unwrap_or_default(), existing);
            Ok(context)
        })
        .await
    }

    /// Sets the state of a session. Returns the new state. The platform deprecated states in 2026.7 and
    /// removes them in 2026.12.
    ///
    /// # Errors
    /// [`Error::Validation`] when an id is invalid, [`Error::Api`] when the call failed.
    pub async fn inject_state(
        &self,
        session_id: &str,
        user_id: &str,
        state: &str,
    ) -> Result<String, Error> {
        let prefix = self.session_id_prefix();
        let request = platform_sessions::inject_state(session_id, prefix, user_id, state);
        let request = self.record_rejection(Operation::InjectState, Some(session_id), request)?;
        self.execute(&request, platform_sessions::read_injected_state).await
    }

    /// Resets the state of a session. After an ambiguous failure the request is not retried.
    ///
    /// # Errors
    /// [`Error::Validation`] when an id is invalid, [`Error::Api`] when the call failed.
    pub async fn reset_state(&self, session_id: &str, user_id: &str) -> Result<(), Error> {
        let prefix = self.session_id_prefix();
        let request = platform_sessions::reset_state(session_id, prefix, user_id);
        let request = self.record_rejection(Operation::ResetState, Some(session_id), request)?;
        self.execute(&request, platform_sessions::read_state_reset).await
    }

    /// Lists profiles. `query` contains parameters of the platform, for example `limit`, `skip` and
    /// `filter`, which are percent-encoded into the URL.
    ///
    /// # Errors
    /// [`Error::Validation`] when the query is too long for a URL, [`Error::Api`] when the call failed.
    pub async fn list_profiles(&self, query: &[(&str, &str)]) -> Result<Profile, Error> {
        let request = profiles::list_profiles(query);
        let request = self.record_rejection(Operation::ListProfiles, None, request)?;
        self.profile(&request).await
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn get_profile(&self, profile_id: &str) -> Result<Profile, Error> {
        let request = profiles::get_profile(profile_id);
        let request = self.record_rejection(Operation::GetProfile, None, request)?;
        self.profile(&request).await
    }

    /// Creates a profile. After an ambiguous failure the request is not retried.
    ///
    /// # Errors
    /// [`Error::Validation`] when the fields are rejected, [`Error::Api`] when the call failed.
    pub async fn create_profile<V: Serialize + ?Sized>(
        &self,
        fields: &V,
    ) -> Result<Profile, Error> {
        let request = self.prepare_create_profile(|check| check.value_to_json(fields))?;
        self.profile(&request).await
    }

    /// Prepares a [`create_profile`](Self::create_profile). `write` checks and writes the fields with the
    /// options that it receives.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_create_profile(
        &self,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        self.record_rejection(Operation::CreateProfile, None, profiles::create_profile(write))
    }

    /// Changes the fields `profile`, `active` and `contactIds` of a profile; absent fields stay the same.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id or the fields are rejected, [`Error::Api`] when the call
    /// failed.
    pub async fn update_profile<V: Serialize + ?Sized>(
        &self,
        profile_id: &str,
        fields: &V,
    ) -> Result<Profile, Error> {
        let request =
            self.prepare_update_profile(profile_id, |check| check.value_to_json(fields))?;
        self.profile(&request).await
    }

    /// Prepares an [`update_profile`](Self::update_profile). `write` checks and writes the fields with the
    /// options that it receives.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub fn prepare_update_profile(
        &self,
        profile_id: &str,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedRequest, ValidationError> {
        self.record_rejection(
            Operation::UpdateProfile,
            None,
            profiles::update_profile(profile_id, write),
        )
    }

    /// Deletes a profile. A 404 after an ambiguous failure counts as success, because the failed
    /// attempt has probably deleted the profile.
    ///
    /// # Errors
    /// [`Error::Validation`] when the id is invalid, [`Error::Api`] when the call failed.
    pub async fn delete_profile(&self, profile_id: &str) -> Result<(), Error> {
        let request = profiles::delete_profile(profile_id);
        let request = self.record_rejection(Operation::DeleteProfile, None, request)?;
        let mut call = InFlightCall::for_request(self, &request);
        let response = call.send(&request).await;
        let is_deleted = call.is_ambiguous && call.status == Some(404);
        let result = match response {
            Ok(_) if is_deleted => Ok(()),
            Ok(response) => profiles::profile_error(request.operation(), &response)
                .map_or(Ok(()), |error| Err(error.into())),
            Err(error) => Err(error),
        };
        call.finish(result)
    }

    /// Sends a prepared request about profiles. Returns the object of the response.
    ///
    /// # Errors
    /// [`Error::Api`] when the call failed.
    pub async fn profile(&self, request: &PreparedRequest) -> Result<Profile, Error> {
        self.execute(request, |response| profiles::read_profile(request.operation(), response))
            .await
    }
}
