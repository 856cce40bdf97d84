//! Acquires the credential of a request: one call requests a token, and the others wait for it.

use super::InFlightCall;
use crate::api::{
    AccessToken, ApiFamily, Credential, Idempotency, Operation, Secret, TokenRequest,
};
use crate::client::auth::{CredentialSource, TokenSource};
use crate::client::transport::Transport;
use crate::display_text::duration_text;
use crate::error::{ApiError, ApiErrorKind, Error};

impl<T: Transport> InFlightCall<'_, T> {
    /// Returns the fixed credential or a valid token for a family. Requests a token if the cache has no valid
    /// one.
    pub(super) async fn credential(&mut self, family: ApiFamily) -> Result<Credential, Error> {
        let inner = self.inner();
        let source = inner.auth.source(family);
        if let CredentialSource::Fixed(credential) = source {
            return Ok(credential.clone());
        }
        // Every family has a cache, so this error does not occur.
        let Some(cache) = inner.auth.token_cache(family) else {
            return Err(self.deadline_error("this API family has no token cache"));
        };
        let finished_requests = cache.finished_requests();
        if let Some(token) = cache.valid_token(self.now()) {
            return Ok(Credential::Bearer(token));
        }
        let guard = self.with_timeout(self.remaining(), cache.refresh_lock.lock()).await;
        let _guard = guard.ok_or_else(|| {
            self.token_deadline_error("another call's token request did not finish in time")
        })?;
        if let Some(token) = cache.valid_token(self.now()) {
            return Ok(Credential::Bearer(token));
        }
        if let Some(error) = cache.failure_since(finished_requests) {
            return Err(error);
        }
        let requested_at = self.now();
        match self.fetch_token(family, source).await {
            Ok(token) => {
                let margin = family.token().margin;
                cache.store(&token, requested_at, inner.settings.token_lifetime, margin);
                Ok(Credential::Bearer(token.secret))
            }
            Err(Error::Api(error)) => {
                let mut error = self.without_credentials(*error);
                error.during_token = true;
                // The waiting calls have their own deadlines, so the deadline of this call does not fail them.
                if error.kind != ApiErrorKind::Deadline {
                    cache.store_failure(error.clone().into());
                }
                Err(error.into())
            }
            Err(other) => Err(other),
        }
    }

    async fn fetch_token(
        &mut self,
        family: ApiFamily,
        source: &CredentialSource,
    ) -> Result<AccessToken, Error> {
        match source {
            CredentialSource::Client { id, secret } => self.request_token(family, id, secret).await,
            CredentialSource::Tokens(source) => self.call_token_source(family, &**source).await,
            // `credential` has already returned a fixed credential.
            CredentialSource::Fixed(_) => {
                Err(self.token_deadline_error("a fixed credential needs no token"))
            }
        }
    }

    async fn call_token_source(
        &self,
        family: ApiFamily,
        source: &(dyn TokenSource + 'static),
    ) -> Result<AccessToken, Error> {
        let timeout = self.inner().settings.token_timeout.min(self.remaining());
        match self.with_timeout(timeout, source.token(family)).await {
            Some(Ok(token)) => Ok(token),
            Some(Err(error)) => {
                Err(ApiError::new(ApiErrorKind::Authentication, Operation::GetToken.as_str())
                    .with_detail(error.to_string())
                    .into())
            }
            None => {
                let timeout = duration_text(timeout);
                let detail = format!("the token source returned no token within {timeout}");
                Err(self.token_deadline_error(detail))
            }
        }
    }

    /// Requests a token with client credentials.
    async fn request_token(
        &mut self,
        family: ApiFamily,
        client_id: &str,
        client_secret: &Secret,
    ) -> Result<AccessToken, Error> {
        let inner = self.inner();
        let preset = family.token();
        let configured = inner.auth.token_urls.get(&family);
        let url = configured.cloned().unwrap_or_else(|| inner.base_url.join(preset.path));
        let request = TokenRequest {
            url: &url,
            client_id,
            client_secret,
            scope: inner.auth.scope(family),
            basic: preset.basic,
            organisation: inner.auth.tenant_id.as_deref(),
        };
        let request = request.request();
        let timeout = inner.settings.token_timeout;
        let mut retries = 0;
        loop {
            let result = self.send_once(family, request.clone(), timeout, false).await?;
            // A token that is issued but not received has no effect, so the request may be sent again.
            let idempotency = Idempotency::Idempotent;
            if let Some(response) = self.retry_or_return(result, idempotency, &mut retries).await? {
                return TokenRequest::read(&response);
            }
        }
    }

    /// Removes from the cache a token that the server rejected. Returns whether another token can be
    /// requested.
    pub(super) fn invalidate_token(&self, family: ApiFamily, rejected: &Credential) -> bool {
        let auth = &self.inner().auth;
        match (auth.source(family), auth.token_cache(family), rejected) {
            (CredentialSource::Fixed(_), ..) | (_, None, _) | (.., Credential::ApiKey(_)) => false,
            (_, Some(cache), Credential::Bearer(token)) => {
                cache.invalidate(token);
                true
            }
        }
    }
}
