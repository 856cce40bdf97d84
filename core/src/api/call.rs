//! One operation, checked and ready to be sent: all that is asked, and what may be asked again.

use std::fmt;

use super::{ApiFamily, BaseUrl, Method, Request, Secret};
use crate::session::hash_session_id;

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// Gets a token.
    GetToken,
    /// Appends variables to a session, in the first form.
    AppendVariables,
    /// Reads a session's context document.
    GetDocument,
    /// Replaces a session's context document.
    PutDocument,
    /// Merges into a session's context document: a read and a replacement.
    SyncContext,
    /// Injects variables that the server merges.
    Inject,
    /// Reads the variables that were injected.
    GetInjected,
    /// Asks whether there is a session.
    SessionExists,
    /// Reads the variables of a session.
    GetVariables,
    /// Reads them and shows them to somebody who debugs.
    DebugSnapshot,
    /// Reads the state of a dialog.
    GetState,
    /// Updates the state of a dialog.
    UpdateState,
    /// Writes keys into the context of a session.
    InjectContext,
    /// Sets the context of a session back.
    ResetContext,
    /// Sets the state of a session.
    InjectState,
    /// Sets the state of a session back.
    ResetState,
    /// Lists profiles.
    ListProfiles,
    /// Reads a profile.
    GetProfile,
    /// Makes a profile.
    CreateProfile,
    /// Changes a profile.
    UpdateProfile,
    /// Deletes a profile.
    DeleteProfile,
}

impl Operation {
    /// The name, as it stands in errors and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GetToken => "get_token",
            Self::AppendVariables => "append_variables",
            Self::GetDocument => "get_document",
            Self::PutDocument => "put_document",
            Self::SyncContext => "sync_context",
            Self::Inject => "inject",
            Self::GetInjected => "get_injected",
            Self::SessionExists => "session_exists",
            Self::GetVariables => "get_variables",
            Self::DebugSnapshot => "debug_snapshot",
            Self::GetState => "get_state",
            Self::UpdateState => "update_state",
            Self::InjectContext => "inject_context",
            Self::ResetContext => "reset_context",
            Self::InjectState => "inject_state",
            Self::ResetState => "reset_state",
            Self::ListProfiles => "list_profiles",
            Self::GetProfile => "get_profile",
            Self::CreateProfile => "create_profile",
            Self::UpdateProfile => "update_profile",
            Self::DeleteProfile => "delete_profile",
        }
    }

    /// The family whose token and limit it goes under; that of a token is the one it is for.
    #[must_use]
    pub const fn family(self) -> ApiFamily {
        match self {
            Self::AppendVariables => ApiFamily::SessionsV1,
            Self::GetDocument | Self::PutDocument | Self::SyncContext => ApiFamily::Documents,
            Self::Inject | Self::GetInjected | Self::SessionExists => ApiFamily::SessionsV2,
            Self::GetVariables | Self::DebugSnapshot => ApiFamily::Botsessions,
            Self::GetState | Self::UpdateState => ApiFamily::RuntimeV2,
            Self::GetToken
            | Self::InjectContext
            | Self::ResetContext
            | Self::InjectState
            | Self::ResetState
            | Self::ListProfiles
            | Self::GetProfile
            | Self::CreateProfile
            | Self::UpdateProfile
            | Self::DeleteProfile => ApiFamily::Platform,
        }
    }

    /// The scope that a token needs for it; none where that is as configured.
    #[must_use]
    pub const fn needed_scope(self) -> Option<&'static str> {
        match (self, self.family()) {
            (Self::GetState, _) => Some("dialog:read"),
            (_, ApiFamily::Platform) => None,
            (_, family) => Some(family.token().needed),
        }
    }

    /// Whether it is an injection, which the metrics count.
    #[must_use]
    pub const fn is_injection(self) -> bool {
        matches!(self, Self::Inject | Self::AppendVariables | Self::InjectContext)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When a request may be sent again although it may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// Twice is as good as once.
    Idempotent,
    /// Only where it took no effect for sure: the server was not reached, or refused it unread.
    NonIdempotent,
}

/// The session or dialog that an operation is for_resource. [`Debug`] shows the hash of its id only.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ResourceId {
    pub(crate) id: String,
    pub(crate) hash: String,
}

impl ResourceId {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), hash: hash_session_id(id) }
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hash)
    }
}

/// An operation, checked and ready to be sent. [`Debug`] shows neither ids nor data.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedRequest {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// The path with its query, from the base URL on.
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) if_match: Option<String>,
    pub(crate) subject: Option<ResourceId>,
    pub(crate) repeat: Idempotency,
    pub(crate) variables: u64,
}

impl fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("operation", &self.operation)
            .field("subject", &self.subject())
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}

impl PreparedRequest {
    pub(crate) fn new(operation: Operation, method: Method, path: String) -> Self {
        // What only reads, replaces or removes may be sent twice; RFC 9110 calls it idempotent.
        let repeat = match method {
            Method::Get | Method::Put | Method::Delete => Idempotency::Idempotent,
            Method::Post | Method::Patch => Idempotency::NonIdempotent,
        };
        Self {
            operation,
            method,
            path,
            body: None,
            if_match: None,
            subject: None,
            repeat,
            variables: 0,
        }
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// The id of the session or dialog that it is for_resource.
    pub(crate) fn for_resource(mut self, id: &str) -> Self {
        self.subject = Some(ResourceId::new(id));
        self
    }

    pub(crate) fn repeatable(mut self) -> Self {
        self.repeat = Idempotency::Idempotent;
        self
    }

    pub(crate) fn variables(mut self, variables: u64) -> Self {
        self.variables = variables;
        self
    }

    /// Only where what is there still has this tag.
    #[must_use]
    pub fn if_match(mut self, tag: Option<String>) -> Self {
        self.if_match = tag;
        self
    }

    /// Which operation it is.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The hash of the session or dialog that it is for_resource.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_ref().map(|subject| subject.hash.as_str())
    }

    /// When it may be sent again although it may have taken effect.
    #[must_use]
    pub const fn repeat(&self) -> Idempotency {
        self.repeat
    }

    /// The request, with the credentials where some are given.
    #[must_use]
    pub fn request(&self, base: &BaseUrl, authorization: Option<&Authorization>) -> Request {
        let mut headers = Vec::with_capacity(4);
        headers.push(("accept", "application/json".to_owned()));
        if self.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        if let Some(tag) = &self.if_match {
            headers.push(("if-match", tag.clone()));
        }
        if let Some(authorization) = authorization {
            headers.extend(authorization.headers());
        }
        Request {
            method: self.method,
            url: base.join(&self.path),
            headers,
            body: self.body.clone(),
        }
    }
}

/// What a request proves its right with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The key or the token.
    pub credential: Credential,
    /// The tenant, sent as `organisation-id`, where one is configured.
    pub organisation: Option<String>,
}

/// A key or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Sent as `X-API-Key`.
    ApiKey(Secret),
    /// Sent as `Authorization: Bearer`.
    Bearer(Secret),
}

impl Authorization {
    /// A key, and nothing else.
    #[must_use]
    pub const fn api_key(key: Secret) -> Self {
        Self { credential: Credential::ApiKey(key), organisation: None }
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let credential = match &self.credential {
            Credential::ApiKey(key) => ("x-api-key", key.expose().to_owned()),
            Credential::Bearer(token) => ("authorization", format!("Bearer {}", token.expose())),
        };
        let organisation = self.organisation.clone().map(|id| ("organisation-id", id));
        std::iter::once(credential).chain(organisation)
    }
}
