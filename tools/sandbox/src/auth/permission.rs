//! The permissions that operations require.

use crate::tokens::Grant;
use std::borrow::Cow;

/// A required permission, for example in `Allowed<SessionWrite>`.
pub(crate) trait Permission {
    /// Returns whether a token has the permission.
    fn is_granted_by(grant: &Grant) -> bool;

    /// Returns the detail of the error for a token without the permission.
    fn denied_detail() -> Cow<'static, str>;
}

/// A token of the platform's own token route, with any scope.
pub(crate) struct Platform;

impl Permission for Platform {
    fn is_granted_by(grant: &Grant) -> bool {
        matches!(grant, Grant::Platform)
    }

    fn denied_detail() -> Cow<'static, str> {
        "This route requires a token from /auth/oauth2/token, or the API key.".into()
    }
}

macro_rules! scopes {
    ($($name:ident is $scope:literal)*) => {$(
        #[doc = concat!("The scope `", $scope, "`.")]
        pub(crate) struct $name;

        impl Permission for $name {
            fn is_granted_by(grant: &Grant) -> bool {
                matches!(grant, Grant::Scopes(scopes) if scopes.contains(&$scope))
            }

            fn denied_detail() -> Cow<'static, str> {
                concat!("The token lacks the scope ", $scope, ". Request a token with this scope.").into()
            }
        }
    )*};
}

scopes! {
    SessionWrite is "session:write"
    ContextReadWrite is "cognigy:context:readwrite"
    SessionsReadWrite is "sessions:read_write"
    VariableRead is "variable:read"
    RuntimeWrite is "runtime:write"
    DialogRead is "dialog:read"
}
