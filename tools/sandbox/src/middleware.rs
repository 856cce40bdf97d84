//! The middleware of all requests: reads the body, logs the request, checks the rate limit, applies
//! faults and renders problems. Control routes are neither logged nor rate-limited.

use crate::auth;
use crate::body::{self, ReceivedBody};
use crate::faults::{DropConnection, Effect, dropped_response};
use crate::problem::{self, Problem};
use crate::request_log::RequestInfo;
use crate::route_class::RouteClass;
use crate::tenant::{SharedTenant, Tenant};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

pub(crate) async fn middleware(
    State(shared_tenant): State<SharedTenant>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let route_class = RouteClass::of(request.method(), &path);
    let (parts, body) = request.into_parts();
    let body_limit = route_class.body_limit(shared_tenant.config());
    let Ok(received) = body::receive(body, body_limit).await else {
        return dropped_response(); // The caller has disconnected.
    };

    let admission = shared_tenant.lock().admit(
        route_class,
        &RequestInfo {
            method: parts.method.as_str(),
            path: &path,
            auth: auth::credential_kind(&parts.headers),
            headers: &parts.headers,
            bytes: received.length,
        },
    );
    // `Accept-Encoding` decides whether a fault can compress the response.
    let request_headers = admission.effect.as_ref().map(|_| parts.headers.clone());
    let request = Request::from_parts(parts, Body::empty());
    let response = match (admission.rejection, &admission.effect) {
        (Some(rejection), _) => rejection,
        (None, None) => run_route(request, received, next, route_class, body_limit).await,
        (None, Some(effect)) => {
            effect.apply_fault(run_route(request, received, next, route_class, body_limit)).await
        }
    };
    if route_class.is_recorded() && response.extensions().get::<DropConnection>().is_none() {
        shared_tenant.lock().finish(admission.number, response.status());
    }

    let response = problem::render(response, &path);
    match admission.effect {
        Some(effect) => {
            effect.transmission.apply(response, &request_headers.unwrap_or_default()).await
        }
        None => response,
    }
}

/// The decision about a request on its arrival.
#[derive(Default)]
struct Admission {
    /// The number of the request in the log; `None` if the request is not logged.
    number: Option<u64>,
    /// The 429 response; `None` for a request within the rate limit.
    rejection: Option<Response>,
    /// The effect of a fault; `None` if no fault applies.
    effect: Option<Effect>,
}

impl Tenant {
    /// Logs and counts a request, and decides how to respond to it.
    fn admit(&mut self, route_class: RouteClass, request: &RequestInfo<'_>) -> Admission {
        let mut admission = Admission::default();
        if route_class.is_recorded() {
            self.counters.requests += 1;
            if self.options.record_requests {
                admission.number = Some(self.log.begin(request));
            }
            admission.rejection = self.rate_limited();
        }
        if route_class.has_faults() && admission.rejection.is_none() {
            admission.effect = self.faults.effect_for(request.method, request.path);
        }
        admission
    }

    /// Counts a request towards the rate limit. Returns the 429 response, or `None` within the limit.
    fn rate_limited(&mut self) -> Option<Response> {
        let limit = self.options.rate_limit?;
        let wait = self.window.admit(&limit, Instant::now()).err()?;
        let mut response = Problem::rate_limited().into_response();
        if let Some(value) = limit.retry_after.header(wait) {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        Some(response)
    }

    /// Counts the response and, if the request has a number, logs its status.
    fn finish(&mut self, number: Option<u64>, status: StatusCode) {
        self.counters.finish(status.as_u16());
        if let Some(number) = number {
            self.log.finish(number, status.as_u16());
        }
    }
}

/// Runs the route and returns its response. Rejects a body over the limit (413), and a GET or HEAD request
/// with a body (403, except in the control routes).
async fn run_route(
    request: Request,
    received: ReceivedBody,
    next: Next,
    route_class: RouteClass,
    body_limit: usize,
) -> Response {
    if received.is_too_large {
        let detail =
            format!("The body is larger than the limit of {body_limit} bytes. Send less data.");
        return Problem::too_large(detail).into_response();
    }
    let must_have_no_body = matches!(*request.method(), Method::GET | Method::HEAD);
    if must_have_no_body && received.length > 0 && route_class.is_recorded() {
        return Problem::of_status(
            StatusCode::FORBIDDEN,
            "A GET request must not have a body; the CDN rejects it.",
        )
        .into_response();
    }
    next.run(request.map(|_| Body::from(received.bytes))).await
}
