//! The class of a route, with its limits.

use crate::config::Config;
use axum::http::Method;

const MIB: usize = 1024 * 1024;

/// The class of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteClass {
    /// All other routes: `/new/v2.0`, `/auth/oauth2/token`, `/oauth/token` and unknown routes.
    Platform,
    /// The API families under `/api`, with their token routes.
    Api,
    /// The API family under `/runtime`.
    Runtime,
    /// The control routes: without authentication, faults and log.
    Control,
    /// The receiver of webhooks: a control route to which faults with a prefix of its path apply.
    Webhook,
}

impl RouteClass {
    /// Returns the class of the route of a request.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let is_under = |prefix| {
            path.strip_prefix(prefix)
                .is_some_and(|rest: &str| rest.is_empty() || rest.starts_with('/'))
        };
        if is_under("/_sandbox/webhook") && *method == Method::POST {
            Self::Webhook
        } else if is_under("/_sandbox") {
            Self::Control
        } else if is_under("/api") {
            Self::Api
        } else if is_under("/runtime") {
            Self::Runtime
        } else {
            Self::Platform
        }
    }

    /// Returns the maximum body size in bytes.
    pub(crate) fn body_limit(self, config: &Config) -> usize {
        match self {
            Self::Platform => config.body_limit,
            Self::Runtime => 524_288,
            Self::Api | Self::Webhook => MIB,
            Self::Control => 16 * MIB,
        }
    }

    /// Returns whether requests are counted, logged and rate-limited.
    pub(crate) fn is_recorded(self) -> bool {
        !matches!(self, Self::Control | Self::Webhook)
    }

    /// Returns whether faults apply.
    pub(crate) fn has_faults(self) -> bool {
        self != Self::Control
    }
}
