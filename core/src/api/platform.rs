//! The real platform: the session routes under `/new/v2.0`.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::ids::Ids;
use super::{
    Authorization, BaseUrl, Method, Operation, PreparedRequest, Request, Response, encode_id,
    failure_of, object_of,
};
use crate::check::{
    CheckOptions, CheckedBody, Checker, ExistingContext, INITIAL_CAPACITY, Path, replacement_text,
};
use crate::error::Error;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::{Report, ValidationError};

/// Writes top-level keys into a session's context:
/// `POST /new/v2.0/sessions/{sessionId}/context/inject`.
///
/// The far context cannot be read, so it counts as empty unless [`existing`](Self::existing) says
/// what it holds.
///
/// ```
/// use cognigy_context::api::platform::InjectContext;
/// use cognigy_context::api::BaseUrl;
/// use serde_json::json;
///
/// let base: BaseUrl = "https://api-trial.cognigy.ai".parse()?;
/// let call = InjectContext::new("session/1", "user-1").context(&json!({"tier": "gold"}))?;
/// let request = call.request(&base, None);
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

/// Shows neither the ids nor what exists.
impl fmt::Debug for InjectContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectContext").field("policy", &self.policy.preset).finish_non_exhaustive()
    }
}

impl<'a> InjectContext<'a> {
    /// For this session of this user, under the policy `platform`.
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

    /// Another policy than `platform`.
    #[must_use]
    pub fn policy(mut self, policy: &'a Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What the session's context holds already.
    #[must_use]
    pub fn existing(mut self, existing: Option<&'a ExistingContext>) -> Self {
        self.existing = existing;
        self
    }

    /// Refuse session ids that do not start so.
    #[must_use]
    pub fn session_id_prefix(mut self, prefix: Option<&'a str>) -> Self {
        self.session_id_prefix = prefix;
        self
    }

    /// Checks the context and writes the body.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue of the ids and of the context. Paths are of the
    /// context, but for `/sessionId` and `/userId`, which are told first.
    pub fn context<T: Serialize + ?Sized>(
        &self,
        context: &T,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.value_to_json(context))
    }

    /// The same for a context that is JSON text.
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub fn context_json(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.json_to_json(text))
    }

    /// The same for text in which marks stand for what JSON cannot say
    /// (see [`CheckOptions::json_with_sentinels`]).
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub(crate) fn context_json_with_sentinels(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        self.prepare(|check| check.json_with_sentinels_to_json(text))
    }

    /// The call alone, for a caller who keeps the text and puts the body together: see
    /// [`CheckOptions::json_reusing_text`].
    ///
    /// # Errors
    /// As [`context`](Self::context).
    pub(crate) fn context_json_reusing_text(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<PreparedRequest, ValidationError> {
        let CheckedBody { body, report, .. } =
            self.write(|check| check.json_reusing_text(text.as_ref()))?;
        Ok(self.call(report.sizes.variables, body))
    }

    /// The same for a driver of your own.
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
            call: self.call(variables.len() as u64, body),
            report,
            sent: variables.into_iter().map(|variable| variable.name).collect(),
        })
    }

    fn write(
        &self,
        write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
    ) -> Result<CheckedBody, ValidationError> {
        let before = format!("{{\"userId\":{},\"context\":", Value::from(self.user_id));
        let mut check = CheckOptions::new(self.policy).body(&before, "}");
        if let Some(existing) = self.existing {
            check = check.existing(existing);
        }
        let ids = Ids::session(self.session_id, self.session_id_prefix).and("userId", self.user_id);
        ids.join(write(check), |written| written.report)
    }

    fn call(&self, variables: u64, body: Vec<u8>) -> PreparedRequest {
        PreparedRequest::new(
            Operation::InjectContext,
            Method::Post,
            session_path(self.session_id, "context/inject"),
        )
        .for_resource(self.session_id)
        .variables(variables)
        // The same keys written twice are as good as once.
        .repeatable()
        .body(body)
    }
}

pub(super) fn session_path(session_id: &str, end: &str) -> String {
    format!("/new/v2.0/sessions/{}/{end}", encode_id(session_id))
}

/// A checked call, ready to be sent. [`Debug`] shows neither the session id nor the data.
#[derive(Clone)]
pub struct PreparedContextInjection {
    call: PreparedRequest,
    report: Report,
    sent: Vec<String>,
}

impl fmt::Debug for PreparedContextInjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedContextInjection")
            .field("call", &self.call)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl PreparedContextInjection {
    /// What the check found: no error, perhaps warnings.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The call, for a client.
    #[must_use]
    pub fn call(&self) -> &PreparedRequest {
        &self.call
    }

    /// The request, with the credentials where some are given.
    #[must_use]
    pub fn request(&self, base: &BaseUrl, authorization: Option<&Authorization>) -> Request {
        self.call.request(base, authorization)
    }

    /// Reads the answer: the whole context, as the platform holds it now, and its sizes.
    ///
    /// # Errors
    /// [`Error::ApiError`] for a status other than 2xx or a body that is no context.
    pub fn read(&self, response: &Response) -> Result<Answer, Error> {
        if let Some(failure) = failure_of(Operation::InjectContext, response) {
            return Err(failure.into());
        }
        let (context, existing) = object_of(Operation::InjectContext, response, "the context")?;
        let replaced = self.sent.iter().filter(|key| is_replaced(&context, key));
        let replaced = replaced.map(|key| was_replaced(key)).collect();
        Ok(Answer { context, existing, replaced })
    }
}

/// What an injection came to.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// The whole context, as the platform holds it now.
    pub context: Map<String, Value>,
    /// Its sizes.
    pub existing: ExistingContext,
    /// A `would_be_replaced` issue for each sent key in whose place the platform put its error text:
    /// the call succeeded, and the data is gone all the same.
    pub replaced: Vec<Issue>,
}

impl Answer {
    /// The context, when nothing that was sent is gone.
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
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("platform_bytes", &self.existing.platform_bytes())
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// Whether the platform has put its error text in the place of this key's value.
fn is_replaced(context: &Map<String, Value>, key: &str) -> bool {
    let Some(Value::Object(held)) = context.get(key) else { return false };
    held.len() == 1
        && held
            .get("error")
            .and_then(Value::as_str)
            .is_some_and(|text| text == replacement_text(key))
}

fn was_replaced(key: &str) -> Issue {
    Issue::error(
        Code::WouldBeReplaced,
        Path::ROOT.key(key).to_pointer(),
        "the platform has put an error text in the place of this value: the context it holds was larger than known here",
    )
    .hint("Remove what the conversation does not need, then send the value again.")
}
