//! The errors of a call, and the context that is added to each API error.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::InFlightCall;
use crate::api::{Response, error_from_response, reveals};
use crate::client::transport::{Transport, TransportError};
use crate::display_text::{duration_text, grouped, plain_path};
use crate::error::{ApiError, ApiErrorKind, ConfigurationError, Error};
use crate::report::ValidationError;

impl<T: Transport> InFlightCall<'_, T> {
    pub(super) fn deadline_error(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        self.error(ApiErrorKind::Deadline).with_detail(detail).into()
    }

    pub(super) fn token_deadline_error(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        let mut error = self.error(ApiErrorKind::Deadline).with_detail(detail);
        error.during_token = true;
        error.into()
    }

    /// Returns the error for a request that the client's own rate limit delays beyond the deadline.
    pub(super) fn local_rate_limit_error(&self, wait: Duration) -> Error {
        let mut error = self.error(ApiErrorKind::RateLimit).with_detail(format!(
            "the client's own rate limit delays the request by {}, the deadline allows {}",
            duration_text(wait),
            duration_text(self.remaining())
        ));
        error.retry_after = Some(wait.as_secs_f64());
        error.into()
    }

    /// Returns the rate-limit error for a 429 or 503 response whose `Retry-After` lies beyond the deadline.
    pub(super) fn retry_after_error(&self, response: &Response, retry_after: Duration) -> Error {
        let error = error_from_response(self.operation, response);
        let mut error =
            error.unwrap_or_else(|| self.error(ApiErrorKind::RateLimit)).with_detail(format!(
                "`Retry-After` is {}, the deadline allows {}",
                duration_text(retry_after),
                duration_text(self.remaining())
            ));
        error.kind = ApiErrorKind::RateLimit;
        error.into()
    }

    /// Returns the error for a request without a response.
    pub(super) fn transport_error(&self, error: TransportError) -> Error {
        let (kind, detail) = match error {
            TransportError::InvalidRequest => {
                return Error::Configuration(ConfigurationError::new(
                    "no HTTP request can be built from the URL and the credentials of this call. Check the base \
                     URL, the token URL and the credentials.",
                ));
            }
            TransportError::Unreachable | TransportError::Broken | TransportError::Aborted => {
                (ApiErrorKind::Network, error.description().into())
            }
            TransportError::TimedOut => {
                let detail = format!("no complete response within {}", duration_text(self.timeout));
                (ApiErrorKind::Deadline, Cow::Owned(detail))
            }
            TransportError::TooLarge { .. } => {
                let max = grouped(self.inner().settings.max_body as u64);
                let detail = format!("the response is larger than {max} bytes");
                (ApiErrorKind::Protocol, Cow::Owned(detail))
            }
        };
        let mut error = self.error(kind).with_detail(detail);
        error.status = self.status;
        error.into()
    }

    fn error(&self, kind: ApiErrorKind) -> ApiError {
        ApiError::new(kind, self.operation.as_str())
    }

    /// Returns whether a text of the server contains a credential of this client, or a part of one.
    fn reveals_credential(&self, text: &str) -> bool {
        self.inner().auth.secrets().any(|secret| reveals(text, secret.expose()))
            || self.sent_credentials.iter().any(|sent| reveals(text, sent.expose()))
    }

    /// Removes the server's texts that reveal a credential, or a part of one: the code, the trace id, the `ETag`,
    /// and the detail, which may contain a key of the response.
    pub(super) fn without_credentials(&self, mut error: ApiError) -> ApiError {
        error.code = error.code.filter(|code| !self.reveals_credential(&code.to_string()));
        error.trace_id = error.trace_id.filter(|id| !self.reveals_credential(id));
        error.current_tag = error.current_tag.filter(|tag| !self.reveals_credential(tag));
        error.detail = error.detail.filter(|detail| !self.reveals_credential(detail));
        error
    }

    /// Returns the error with the path of each issue up to the first key that is not plain, or without the path
    /// when it reveals a credential. Leaves the paths of values in `own_data`, the data of the caller.
    pub(in crate::client) fn with_plain_paths(
        &self,
        error: ValidationError,
        own_data: &Value,
    ) -> ValidationError {
        let mut report = error.into_report();
        for issue in &mut report.issues {
            if own_data.pointer(&issue.path).is_some() {
                continue;
            }
            if self.reveals_credential(&issue.path) {
                issue.path = "/…".to_owned();
            } else if let Cow::Owned(plain) = plain_path(&issue.path) {
                issue.path = plain;
            }
        }
        ValidationError::new(report)
    }

    /// Adds the context of the call to an API error, and removes what reveals a credential. The context is the
    /// operation, the number of attempts, the hash of the session or dialog id, `Retry-After`, and, if permission
    /// was denied, the needed scope. Returns other errors unchanged.
    pub(super) fn add_call_context(&self, error: Error) -> Error {
        let Error::Api(error) = error else { return error };
        let mut error = self.without_credentials(*error);
        error.operation = self.operation.as_str();
        error.attempts = self.attempts;
        error.session = self.resource.as_ref().map(|resource| resource.hash.clone());
        if error.retry_after.is_none() && error.status.is_some() && error.status == self.status {
            error.retry_after = self.retry_after.map(|wait| wait.as_secs_f64());
        }
        if error.kind == ApiErrorKind::PermissionDenied && !error.during_token {
            error.needed_scope = self.operation.needed_scope();
        }
        error.into()
    }
}
