//! How a call fails. Every error says what to do next; none holds a value, a secret or a session id
//! in the clear.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::report::ValidationError;

/// Why a call to the API did not give its answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data was refused before it was sent, or the platform did not keep it.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// The client was set up wrongly.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The request was sent, or tried to be, and failed.
    #[error(transparent)]
    ApiError(#[from] Box<ApiError>),
}

/// `{kind, message, …}`: what the bindings make their own error classes from. `kind` is
/// `validation` (with the `report`), `configuration` (with the `field`, if one option is to blame),
/// or the name of an [`ApiErrorKind`] (with the fields of the [`ApiError`]).
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
            Self::ApiError(failure) => {
                map.serialize_entry("kind", &failure.kind)?;
                map.serialize_entry("operation", failure.operation)?;
                map.serialize_entry("status", &failure.status)?;
                map.serialize_entry("session", &failure.session)?;
                map.serialize_entry("attempts", &failure.attempts)?;
                map.serialize_entry("retryable", &failure.retryable())?;
                map.serialize_entry("hint", &failure.hint())?;
                map.serialize_entry("code", &failure.code)?;
                map.serialize_entry("trace_id", &failure.trace_id)?;
                map.serialize_entry("retry_after", &failure.retry_after)?;
                map.serialize_entry("current_tag", &failure.current_tag)?;
                map.serialize_entry("during_token", &failure.during_token)?;
            }
        }
        map.end()
    }
}

impl From<ApiError> for Error {
    fn from(failure: ApiError) -> Self {
        Self::ApiError(Box::new(failure))
    }
}

/// A setting of a client or policy that is missing or invalid. The message says what to set; it never
/// contains the setting's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigurationError {
    message: Cow<'static, str>,
    field: Option<&'static str>,
}

impl ConfigurationError {
    /// Returns an error about a setting that has no name of its own.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), field: None }
    }

    /// Returns an error about the option `field`, in `snake_case`. In such a message every name in
    /// backticks is the name of an option, also in `snake_case`, which a binding may spell as its
    /// language does.
    #[must_use]
    pub fn of_field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), field: Some(field) }
    }

    /// Returns the option that is missing or invalid, in `snake_case`, if one option is to blame.
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

/// What kind of failure it is; each is an exception class of its own in the bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// 401: the credentials were not accepted.
    Authentication,
    /// 403: they were, but do not allow this.
    PermissionDenied,
    /// 404 on a session: there is none of this id.
    SessionNotFound,
    /// 409: somebody else changed it meanwhile.
    Conflict,
    /// 409 or 412 on a dialog's state.
    StateConflict,
    /// 429: too many requests.
    RateLimit,
    /// Any other 4xx: the server refused the request as it is.
    BadRequest,
    /// 5xx.
    Server,
    /// The server was not reached, or the connection broke.
    Network,
    /// The time for the call ran out.
    Deadline,
    /// The answer is not what the API promises.
    Protocol,
}

impl ApiErrorKind {
    /// Every kind there is.
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

    /// The name, for example `session_not_found`.
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

    /// The kind that an HTTP status of 400 or more means.
    pub(crate) const fn of_status(status: u16) -> Self {
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

    /// Whether the same call may well succeed later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::RateLimit | Self::Server | Self::Network | Self::Deadline
        )
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Authentication => "the credentials were not accepted",
            Self::PermissionDenied => "the credentials do not allow this",
            Self::SessionNotFound => "there is no such session",
            Self::Conflict => "somebody else changed it meanwhile",
            Self::StateConflict => "the dialog's state has changed meanwhile",
            Self::RateLimit => "too many requests",
            Self::BadRequest => "the server refused the request",
            Self::Server => "the server failed",
            Self::Network => "the server could not be reached, or the connection broke",
            Self::Deadline => "the time for the call ran out",
            Self::Protocol => "the answer is not what the API promises",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Authentication => {
                "Check the API key or the client id and secret, and that they belong to this base URL."
            }
            Self::PermissionDenied => {
                "Give the API key's user, or the token's scope, access to this operation."
            }
            Self::SessionNotFound => {
                "Start a dialogue first: a session exists once its user has sent a message."
            }
            Self::Conflict | Self::StateConflict => "Read the current state and try again.",
            Self::RateLimit => "Wait, and send less at a time.",
            Self::BadRequest => {
                "The platform's code and trace id tell its support what it did not like."
            }
            Self::Server => {
                "Try again later; the trace id tells the platform's support which call it was."
            }
            Self::Network => "Check the base URL, the network and the proxy.",
            Self::Deadline => "Try again, or allow more time.",
            Self::Protocol => "Check that the base URL is that of the API.",
        }
    }
}

impl fmt::Display for ApiErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The platform's own error code: a number (`1005`), or a word where a server gives one.
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

/// A request that was sent, or tried to be, and failed.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// What kind of failure.
    pub kind: ApiErrorKind,
    /// Which operation, for example `inject_context`.
    pub operation: &'static str,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The SHA-256 of the session's or dialog's id, when the operation was about one.
    pub session: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// The platform's own error code, when it gave one.
    pub code: Option<PlatformCode>,
    /// The platform's trace id, when it gave one.
    pub trace_id: Option<String>,
    /// Seconds after which the server wants to be asked again, when it said so.
    pub retry_after: Option<f64>,
    /// The scope that the operation needs and the token may lack.
    pub needed_scope: Option<&'static str>,
    /// For a conflict: the tag (`ETag`) of what is there now, when the server told it.
    pub current_tag: Option<String>,
    /// Whether it was the request for a token that failed, so that the operation was not sent.
    pub during_token: bool,
    /// What exactly, as far as it can be told without showing data.
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

    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Whether the same call may well succeed later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.kind.is_retryable()
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        match (self.kind, self.status, self.needed_scope) {
            (ApiErrorKind::BadRequest, Some(413), _) => {
                "The body is over the server's limit: send less, or check with the policy of this tenant."
                    .into()
            }
            (ApiErrorKind::BadRequest, Some(404), _) => "Take an id that the platform gave.".into(),
            (ApiErrorKind::PermissionDenied, _, Some(scope)) => {
                format!("Allow this client the scope `{scope}`, or use credentials that have it.").into()
            }
            (ApiErrorKind::RateLimit, _, _) => match self.retry_after {
                Some(seconds) => {
                    format!("Wait {seconds} seconds, and send less at a time.").into()
                }
                None => self.kind.hint().into(),
            },
            (ApiErrorKind::Authentication, _, _) if self.during_token => {
                "Check the client id and secret, the scope, and that they belong to this base URL."
                    .into()
            }
            (kind, ..) => kind.hint().into(),
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.kind.sentence())?;
        if self.during_token {
            f.write_str(", while asking for a token")?;
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
