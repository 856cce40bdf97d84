//! Payloads of injected variables: `{"variables": [{key, value, scope, expiresAt}], "mergeStrategy"}`.

pub(crate) mod writer;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use self::writer::InjectionWriter;
use crate::check::{CheckedBody, serde_value};
use crate::clock::Clock;
use crate::policy::Policy;
use crate::report::ValidationError;

/// The allowed scopes of an injected variable.
pub const SCOPES: [&str; 3] = ["session", "user", "global"];

/// The default of [`InjectionPayload::merge_strategy`].
pub const DEFAULT_MERGE_STRATEGY: &str = "atomic_put";

/// One variable to inject.
#[derive(Clone, PartialEq)]
pub struct InjectionVariable<V = Value> {
    /// The name.
    pub key: String,
    /// The value, of any type that serde can serialise as JSON.
    pub value: V,
    /// The scope: `session` (default), `user` or `global`.
    pub scope: String,
    /// When the variable expires, as RFC 3339 text; `None` for never.
    pub expires_at: Option<String>,
}

/// Shows no value.
impl<V> fmt::Debug for InjectionVariable<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectionVariable")
            .field("key", &self.key)
            .field("scope", &self.scope)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl<V> InjectionVariable<V> {
    /// Creates a variable in the scope `session` that does not expire.
    pub fn new(key: impl Into<String>, value: V) -> Self {
        Self { key: key.into(), value, scope: "session".to_owned(), expires_at: None }
    }

    /// Sets the scope: `session`, `user` or `global`.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the expiry time, as RFC 3339 text.
    #[must_use]
    pub fn expires_at(mut self, time: impl Into<String>) -> Self {
        self.expires_at = Some(time.into());
        self
    }
}

/// The variables to inject into one session.
///
/// ```
/// use cognigy_context::{InjectionPayload, InjectionVariable, SystemClock};
/// use serde_json::json;
///
/// let payload = InjectionPayload::new("s-1", [InjectionVariable::new("tier", json!("gold"))]);
/// assert_eq!(
///     payload.to_json(&SystemClock)?.body,
///     br#"{"variables":[{"key":"tier","value":"gold","scope":"session","expiresAt":null}],"mergeStrategy":"atomic_put"}"#,
/// );
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct InjectionPayload<V = Value> {
    /// The session id. The body does not contain it.
    pub session_id: String,
    /// The variables, in order.
    pub variables: Vec<InjectionVariable<V>>,
    /// The merge strategy of the server (default `atomic_put`).
    pub merge_strategy: String,
}

/// Shows neither the session id nor values.
impl<V> fmt::Debug for InjectionPayload<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectionPayload")
            .field("variables", &self.variables)
            .field("merge_strategy", &self.merge_strategy)
            .finish_non_exhaustive()
    }
}

impl<V: Serialize> InjectionPayload<V> {
    /// Creates a payload with the merge strategy `atomic_put`.
    pub fn new(
        session_id: impl Into<String>,
        variables: impl IntoIterator<Item = InjectionVariable<V>>,
    ) -> Self {
        Self {
            session_id: session_id.into(),
            variables: variables.into_iter().collect(),
            merge_strategy: DEFAULT_MERGE_STRATEGY.to_owned(),
        }
    }

    /// Checks the payload with the policy `injection` and writes the request body as compact JSON, in one pass. `clock`
    /// decides which expiry times have passed.
    ///
    /// # Errors
    /// [`ValidationError`] when an issue is an error; the paths refer to the body (`/variables/0/key`).
    pub fn to_json(&self, clock: &dyn Clock) -> Result<CheckedBody, ValidationError> {
        let mut writer = InjectionWriter::new(
            Policy::injection(),
            &self.merge_strategy,
            clock.now(),
            Vec::new(),
        );
        for variable in &self.variables {
            let expires_at = variable.expires_at.as_deref();
            writer.variable(&variable.key, &variable.scope, expires_at, |checker, at| {
                serde_value::visit_at(&variable.value, checker, at);
            });
        }
        writer.finish()
    }
}
