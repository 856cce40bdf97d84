//! The errors of the crate. No message contains a value, a secret or a session id in plain text.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::display_text::seconds_text;
use crate::report::ValidationError;

/// The error of a call to the API.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data was rejected before it was sent, or the platform did not store it.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// A setting of the client is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The request failed.
    #[error(transparent)]
    Api(#[from] Box<ApiError>),
}

/// Serializes to `{kind, message, …}`, from which the bindings create their error classes. `kind` is
/// `validation` (with the `report`), `configuration` (with the `field`, if the error is about one
/// option), or the name of an [`ApiErrorKind`] (with the fields of the [`ApiError`]).
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message", &self.to_string())?;
        match self {
            Self::Validation(error) => {
                map.serialize_entry("kind", "validation")?;
                map.serialize_entry("report", error.report())?;
            }
            Self::Configuration(error) => {
                map.serialize_entry("kind", "configuration")?;
                if let Some(field) = error.field() {
                    map.serialize_entry("field", field)?;
                }
            }
            Self::Api(error) => {
                map.serialize_entry("kind", &error.kind)?;
                map.serialize_entry("operation", error.operation)?;
                map.serialize_entry("status", &error.status)?;
                map.serialize_entry("session", &error.session)?;
                map.serialize_entry("attempts", &error.attempts)?;
                map.serialize_entry("retryable", &error.retryable())?;
                map.serialize_entry("hint", &error.hint())?;
                map.serialize_entry("code", &error.code)?;
                map.serialize_entry("trace_id", &error.trace_id)?;
                map.serialize_entry("retry_after", &error.retry_after)?;
                map.serialize_entry("current_tag", &error.current_tag)?;
                map.serialize_entry("during_token", &error.during_token)?;
            }
        }
        map.end()
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// A wrong setting of a client, policy or schema. The message says what is wrong or what to set, and
/// never contains the value of the setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigurationError {
    message: Cow<'static, str>,
    field: Option<&'static str>,
}

impl ConfigurationError {
    /// Creates an error that is not about one option.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), field: None }
    }

    /// Creates an error about the option `field`, whose name is in `snake_case`. In `message`, every
    /// name in backticks must be the name of an option in `snake_case`: a binding replaces it with the
    /// spelling of its language.
    #[must_use]
    pub fn of_field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), field: Some(field) }
    }

    /// Returns the name of the missing or invalid option, in `snake_case`; `None` when the error is not
    /// about one option.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl From<crate::policy::PolicyError> for ConfigurationError {
    fn from(error: crate::policy::PolicyError) -> Self {
        Self::new(error.to_string())
    }
}

/// The kind of an [`ApiError`]. The bindings have one exception class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// 401, or no token was issued: the credentials were rejected.
    Authentication,
    /// 403: the credentials do not permit the operation.
    PermissionDenied,
    /// 404: no session, or no dialog, has this id.
    SessionNotFound,
    /// 409, or 412 for a session: another request changed the resource.
    Conflict,
    /// 409 or 412 for a dialog's state: another request changed the state.
    StateConflict,
    /// 429, or a wait beyond the deadline: too many requests.
    RateLimit,
    /// Any other 4xx, and 404 for a profile: the server rejected the request.
    BadRequest,
    /// 5xx: the server failed.
    Server,
    /// The server could not be reached, the connection broke, or the caller cancelled the request.
    Network,
    /// The deadline of the call or the time limit of its last request passed.
    Deadline,
    /// The response is too large, or does not have the documented form.
    Protocol,
}

impl ApiErrorKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Authentication,
        Self::PermissionDenied,
        Self::SessionNotFound,
        Self::Conflict,
        Self::StateConflict,
        Self::RateLimit,
        Self::BadRequest,
        Self::Server,
        Self::Network,
        Self::Deadline,
        Self::Protocol,
    ];

    /// Returns the name, for example `session_not_found`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::SessionNotFound => "session_not_found",
            Self::Conflict => "conflict",
            Self::StateConflict => "state_conflict",
            Self::RateLimit => "rate_limit",
            Self::BadRequest => "bad_request",
            Self::Server => "server",
            Self::Network => "network",
            Self::Deadline => "deadline",
            Self::Protocol => "protocol",
        }
    }

    /// Returns the kind for an HTTP status of 400 or more.
    pub(crate) const fn from_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            403 => Self::PermissionDenied,
            404 => Self::SessionNotFound,
            409 => Self::Conflict,
            429 => Self::RateLimit,
            500.. => Self::Server,
            _ => Self::BadRequest,
        }
    }

    /// Returns whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::RateLimit | Self::Server | Self::Network | Self::Deadline
        )
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Authentication => "authentication failed",
            Self::PermissionDenied => "permission denied",
            Self::SessionNotFound => "session not found",
            Self::Conflict => "conflict with another change",
            Self::StateConflict => "the dialog state has changed",
            Self::RateLimit => "rate limited",
            Self::BadRequest => "the server rejected the request",
            Self::Server => "server error",
            Self::Network => "network error",
            Self::Deadline => "deadline exceeded",
            Self::Protocol => "unexpected response",
        }
    }

    /// Returns what to do about an error of this kind, as a full sentence.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Authentication => {
                "Check the API key, or the client id and secret, and the base URL they belong to."
            }
            Self::PermissionDenied => {
                "Grant this operation to the API key's user, or to the token's scope."
            }
            Self::SessionNotFound => {
                "Start the conversation first: a session exists once its user has sent a message."
            }
            Self::Conflict | Self::StateConflict => "Read the current state and try again.",
            Self::RateLimit => "Retry later, or send fewer requests per second.",
            Self::BadRequest => "Give the code and trace id to the platform's support.",
            Self::Server => {
                "Retry later. If it persists, give the trace id to the platform's support."
            }
            Self::Network => "Check the base URL, the network and the proxy.",
            Self::Deadline => "Retry, or raise `deadline`.",
            Self::Protocol => "Check that the base URL is that of the API.",
        }
    }
}

impl fmt::Display for ApiErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The platform's error code: a number (`1005`), or a word if the server returns one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum PlatformCode {
    /// A number.
    Number(i64),
    /// A word.
    Word(String),
}

impl fmt::Display for PlatformCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// A failed request.
///
/// The message has the form `operation: what is wrong (status, code, trace id, attempts). What to do.`
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The kind of the error.
    pub kind: ApiErrorKind,
    /// The name of the operation, for example `inject_context`.
    pub operation: &'static str,
    /// The HTTP status; `None` when there was no response.
    pub status: Option<u16>,
    /// The SHA-256 of the id of the session or dialog, in hexadecimal; `None` when the operation
    /// concerns neither.
    pub session: Option<String>,
    /// The number of requests that the call sent, without those for tokens.
    pub attempts: u32,
    /// The platform's error code, when it returned one.
    pub code: Option<PlatformCode>,
    /// The platform's trace id, when it returned one.
    pub trace_id: Option<String>,
    /// The seconds to wait before the next attempt, when the server or this client's rate limit
    /// requires a wait.
    pub retry_after: Option<f64>,
    /// The scope that the operation needs; only when permission was denied.
    pub needed_scope: Option<&'static str>,
    /// For a conflict, the `ETag` of the current resource, when the server returned a strong one that contains no
    /// part of a credential.
    pub current_tag: Option<String>,
    /// Whether the token request failed, so that the operation itself was not sent.
    pub during_token: bool,
    /// More about the cause, without data.
    pub detail: Option<Cow<'static, str>>,
}

impl ApiError {
    pub(crate) fn new(kind: ApiErrorKind, operation: &'static str) -> Self {
        Self {
            kind,
            operation,
            status: None,
            session: None,
            attempts: 1,
            code: None,
            trace_id: None,
            retry_after: None,
            needed_scope: None,
            current_tag: None,
            during_token: false,
            detail: None,
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Returns whether the same call may succeed later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.kind.is_retryable()
    }

    /// Returns what to do about the error, as a full sentence. It is more specific than
    /// [`ApiErrorKind::hint`] where the status, the scope or the wait are known.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        match (self.kind, self.status, self.needed_scope) {
            (ApiErrorKind::BadRequest, Some(413), _) => {
                "Send a smaller body, or check it with the policy of this tenant first.".into()
            }
            (ApiErrorKind::BadRequest, Some(404), _) => {
                "Use an id that the platform returned.".into()
            }
            (ApiErrorKind::PermissionDenied, _, Some(scope)) => {
                format!("Grant this client the scope `{scope}`, or use credentials that have it.")
                    .into()
            }
            (ApiErrorKind::RateLimit, _, _) => match self.retry_after {
                Some(seconds) => {
                    format!("Retry in {}, or raise `deadline`.", seconds_text(seconds)).into()
                }
                None => self.kind.hint().into(),
            },
            (ApiErrorKind::Authentication, _, _) if self.during_token => {
                "Check the client id and secret, the scope, and the base URL they belong to.".into()
            }
            (kind, ..) => kind.hint().into(),
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.kind.description())?;
        if self.during_token {
            f.write_str(" while requesting a token")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        let mut facts = Vec::new();
        if let Some(status) = self.status {
            facts.push(format!("status {status}"));
        }
        if let Some(code) = &self.code {
            facts.push(format!("code {code}"));
        }
        if let Some(trace_id) = &self.trace_id {
            facts.push(format!("trace {trace_id}"));
        }
        if self.attempts != 1 {
            facts.push(format!("{} attempts", self.attempts));
        }
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        write!(f, ". {}", self.hint())
    }
}
