//! The application: the routes and their middleware.

use crate::middleware::middleware;
use crate::problem::Problem;
use crate::routes;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::{ETAG, RETRY_AFTER};
use axum::middleware::from_fn_with_state;
use std::time::Duration;
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

/// Returns the routes with their middleware.
pub(crate) fn app(shared_tenant: SharedTenant) -> Router {
    routes::routes()
        .fallback(async || Problem::not_found("Unknown route."))
        .method_not_allowed_fallback(async || {
            Problem::of_status(
                StatusCode::METHOD_NOT_ALLOWED,
                "This route does not allow this method.",
            )
        })
        .layer(DefaultBodyLimit::disable()) // `middleware` limits the body.
        .layer(from_fn_with_state(shared_tenant.clone(), middleware))
        .layer(cors())
        .with_state(shared_tenant)
}

/// Allows requests from pages of any origin. The response lists the requested headers, because `*` does
/// not include `Authorization`.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_private_network(true)
        .expose_headers([RETRY_AFTER, ETAG])
        .max_age(Duration::from_secs(600))
}
