//! The Cognigy.AI platform API: context injection under `/new/v2.0`.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::id_validator::IdValidator;
use super::{
    Authorization, BaseUrl, Method, Operation, PreparedRequest, Request, Response, encode_id,
    error_from_response, parse_object,
};
use crate::check::{
    CheckOptions, CheckedBody, Checker, ExistingContext, INITIAL_CAPACITY, Path, replacement_text,
};
use crate::error::Error;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::{Report, ValidationError};

/// Prepares writing top-level keys into a session's context:
/// `POST /new/v2.0/sessions/{sessionId}/context/inject`.
///
/// The platform has no route to read the context. Size checks therefore assume that the context is
/// empty, unless [`existing`](Self::existing) sets its sizes.
///
/// ```
/// use cognigy_context::api::platform::InjectContext;
/// use cognigy_context::api::BaseUrl;
/// use serde_json::json;
///
/// let base: BaseUrl = "https://api-trial.cognigy.ai".parse()?;
/// let prepared = InjectContext::new("session/1", "user-1").context(&json!({"tier": "gold"}))?;
/// let request = prepared.request(&base, None);
/// assert_eq!(
///     request.url,
///     "https://api-trial.cognigy.ai/new/v2.0/sessions/session%2F1/context/inject",
/// );
/// assert_eq!(request.body.unwrap(), br#"{"userId":"user-1","context":{"tier":"gold"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct InjectContext<'a> {
    session_id: &'a str,
    user_id: &'a str,
    policy: &'a Policy,
    existing: Option<&'a ExistingContext>,
    session_id_prefix: Option<&'a str>,
}

/// Shows neither the ids nor the existing context.
impl fmt::Debug for InjectContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectContext").field("policy", &self.policy.preset).finish_non_exhaustive()
    }
}

impl<'a> InjectContext<'a> {
    /// Creates an injection for one session of one user, checked with the policy `platform`.
    #[must_use]
    pub fn new(session_id: &'a str, user_id: &'a str) -> Self {
        Self {
            session_id,
            user_id,
            policy: Policy::platform(),
            existing: None,
            session_id_prefix: None,
        }
    }

    /// Sets the policy to check with (default `platform`).
    #[must_use]
    pub fn policy(mut self, policy: &'a Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets what the session's context already contains (default `None`: nothing).
    #[must_use]
    pub fn existing(mut self, existing: Option<&'a ExistingContext>) -> Self {
        self.existing = existing;
        self
    }

    /// Requires session ids to start with `prefix` (default `None`: any session id).
    #[must_use]
    pub fn session_id_prefix(mut self, prefix: Option<&'a str>) -> Self {
        self.session_id_prefix = prefix;
        self
    }

    /// Checks the context and writes the body.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue of the ids and of the context. The issues of the ids come
    /// first, with the paths `/sessionId` and `/userId`; all other paths are paths in the context.
    pub fn context<T: Serialize + ?Sized>(
        &self,
        context: &T,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.value_to_json(context))
    }

    /// Checks a context given as JSON text and writes the body.
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub fn context_json(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.json_to_json(text))
    }

    /// Checks a context given as text with sentinels and writes the body (see
    /// [`CheckOptions::json_with_sentinels`]).
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub(crate) fn context_json_with_sentinels(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.json_with_sentinels_to_json(text))
    }

    /// Returns only the request, without a report, for a caller that inserts the text into the body
    /// itself: see [`CheckOptions::json_reusing_text`].
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub(crate) fn context_json_reusing_text(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedRequest, ValidationError> {
        let CheckedBody { body, report, .. } =
            self.write(|check| check.json_reusing_text(text.as_ref()))?;
        Ok(self.request(report.sizes.variables, body))
    }

    /// Checks a context that `walk` visits and writes the body.
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub(crate) fn visit(
        &self,
        walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.write(Vec::with_capacity(INITIAL_CAPACITY), walk))
    }

    fn prepare(
        &self,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        let CheckedBody { body, report, variables } =
            self.write(|check| write(check.record_sizes()))?;
        Ok(PreparedContextInjection {
            request: self.request(variables.len() as u64, body),
            report,
            sent_keys: variables.into_iter().map(|variable| variable.name).collect(),
        })
    }

    fn write(
        &self,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<CheckedBody, ValidationError> {
        let body_start = format!("{{\"userId\":{},\"context\":", Value::from(self.user_id));
        let mut check = CheckOptions::new(self.policy).body(&body_start, "}");
        if let Some(existing) = self.existing {
            check = check.existing(existing);
        }
        let ids = IdValidator::for_session(self.session_id, self.session_id_prefix)
            .and_field("userId", self.user_id);
        ids.finish_with(write(check), |checked_body| checked_body.report)
    }

    fn request(&self, variables: u64, body: Vec<u8>) -> PreparedRequest {
        PreparedRequest::new(
            Operation::InjectContext,
            Method::Post,
            session_path(self.session_id, "context/inject"),
        )
        .for_resource(self.session_id)
        .variables(variables)
        // Writing the same keys twice has the same effect as writing them once.
        .idempotent()
        .body(body)
    }
}

/// Returns the path of a route of a session. `end` is its end, for example `context/inject`.
pub(super) fn session_path(session_id: &str, end: &str) -> String {
    format!("/new/v2.0/sessions/{}/{end}", encode_id(session_id))
}

/// A checked context injection, ready to be sent.
///
/// [`Debug`] shows neither the session id nor the data.
#[derive(Clone)]
pub struct PreparedContextInjection {
    request: PreparedRequest,
    report: Report,
    sent_keys: Vec<String>,
}

impl fmt::Debug for PreparedContextInjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedContextInjection")
            .field("request", &self.request)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl PreparedContextInjection {
    /// Returns the report of the check. The report contains no error, but may contain warnings.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the prepared request, which a client sends.
    #[must_use]
    pub fn prepared_request(&self) -> &PreparedRequest {
        &self.request
    }

    /// Builds the HTTP request for `base`, with the headers of `authorization`; `None` for a request
    /// without credentials.
    #[must_use]
    pub fn request(&self, base: &BaseUrl, authorization: Option<&Authorization>) -> Request {
        self.request.request(base, authorization)
    }

    /// Reads the response: the complete context that the platform now stores, and its sizes.
    ///
    /// # Errors
    /// [`Error::Api`] for a status other than 2xx or a body that is not a context.
    pub fn read(&self, response: &Response) -> Result<InjectContextResponse, Error> {
        if let Some(error) = error_from_response(Operation::InjectContext, response) {
            return Err(error.into());
        }
        let (context, existing) = parse_object(Operation::InjectContext, response, "the context")?;
        let replaced = self.sent_keys.iter().filter(|key| is_replaced(&context, key));
        let replaced = replaced.map(|key| replaced_issue(key)).collect();
        Ok(InjectContextResponse { context, existing, replaced })
    }
}

/// The response to a context injection.
#[derive(Clone, PartialEq)]
pub struct InjectContextResponse {
    /// The complete context that the platform now stores.
    pub context: Map<String, Value>,
    /// The sizes of the context.
    pub existing: ExistingContext,
    /// A `would_be_replaced` issue for each sent key whose value the platform replaced with its error
    /// text. The request succeeded, but this data is lost.
    pub replaced: Vec<Issue>,
}

impl InjectContextResponse {
    /// Returns the context when the platform replaced no sent value.
    ///
    /// # Errors
    /// [`ValidationError`] with the [`replaced`](Self::replaced) keys.
    pub fn into_context(self) -> Result<Map<String, Value>, ValidationError> {
        if self.replaced.is_empty() {
            return Ok(self.context);
        }
        Err(ValidationError::of(self.replaced))
    }
}

/// Shows no data.
impl fmt::Debug for InjectContextResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectContextResponse")
            .field("platform_bytes", &self.existing.platform_bytes())
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// Returns whether the platform replaced the value of `key` with its error text.
fn is_replaced(context: &Map<String, Value>, key: &str) -> bool {
    let Some(Value::Object(stored)) = context.get(key) else { return false };
    stored.len() == 1
        && stored
            .get("error")
            .and_then(Value::as_str)
            .is_some_and(|text| text == replacement_text(key))
}

fn replaced_issue(key: &str) -> Issue {
    Issue::error(
        Code::WouldBeReplaced,
        Path::ROOT.key(key).to_pointer(),
        "the platform replaced this value with an error text: the stored context was larger than known here",
    )
    .with_hint("Remove data that the conversation does not need, then send the value again.")
}
