//! The operations of the API.

use std::fmt;

use super::ApiFamily;

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// Requests an access token.
    GetToken,
    /// Appends variables to a session through the v1 API.
    AppendVariables,
    /// Reads the context document of a session.
    GetDocument,
    /// Replaces the context document of a session.
    PutDocument,
    /// Merges data into the context document of a session: reads the document and replaces it.
    SyncContext,
    /// Injects variables, which the server merges.
    Inject,
    /// Reads the injected variables.
    GetInjected,
    /// Checks whether a session exists.
    SessionExists,
    /// Reads the variables of a session.
    GetVariables,
    /// Reads the variables of a session and returns their debug view.
    DebugSnapshot,
    /// Reads the state of a dialog.
    GetState,
    /// Updates the state of a dialog.
    UpdateState,
    /// Writes keys into the context of a session.
    InjectContext,
    /// Resets the context of a session.
    ResetContext,
    /// Sets the state of a session.
    InjectState,
    /// Resets the state of a session.
    ResetState,
    /// Lists profiles.
    ListProfiles,
    /// Reads a profile.
    GetProfile,
    /// Creates a profile.
    CreateProfile,
    /// Updates a profile.
    UpdateProfile,
    /// Deletes a profile.
    DeleteProfile,
}

impl Operation {
    /// Returns the name used in errors and audit records, for example `inject_context`.
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

    /// Returns the family whose token and rate limit the operation uses. For
    /// [`GetToken`](Self::GetToken), which every family uses, it returns [`ApiFamily::Platform`].
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

    /// Returns the token scope that the operation needs; `None` for the platform family, where the
    /// tenant's configuration decides.
    #[must_use]
    pub const fn needed_scope(self) -> Option<&'static str> {
        match (self, self.family()) {
            (Self::GetState, _) => Some("dialog:read"),
            (_, ApiFamily::Platform) => None,
            (_, family) => Some(family.token().needed),
        }
    }

    /// Returns whether the metrics count the operation as an injection.
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
