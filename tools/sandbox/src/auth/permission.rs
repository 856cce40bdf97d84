//! What each operation needs of an access token.

use super::Grant;
use std::borrow::Cow;

/// What an operation needs, as a type: `Allowed<SessionWrite>`.
pub(crate) trait Permission {
    /// Whether a token has it.
    fn is_in(grant: &Grant) -> bool;

    /// What to say to a caller whose token has it not.
    fn lacking() -> Cow<'static, str>;
}

/// A token of the platform's own token route, with any scope.
pub(crate) struct Platform;

impl Permission for Platform {
    fn is_in(grant: &Grant) -> bool {
        matches!(grant, Grant::Platform)
    }

    fn lacking() -> Cow<'static, str> {
        "This route requires a token from /auth/oauth2/token.".into()
    }
}

macro_rules! scopes {
    ($($name:ident is $scope:literal)*) => {$(
        #[doc = concat!("The scope `", $scope, "`.")]
        pub(crate) struct $name;

        impl Permission for $name {
            fn is_in(grant: &Grant) -> bool {
                matches!(grant, Grant::Scopes(scopes) if scopes.contains(&$scope))
            }

            fn lacking() -> Cow<'static, str> {
                concat!("The token lacks the scope ", $scope, ".").into()
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
