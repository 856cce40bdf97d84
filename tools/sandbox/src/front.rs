//! What happens to every request before and after its route: the body is read within its limit, the
//! request is recorded, the rate limit holds, faults strike, and problems get their document.

use crate::auth;
use crate::body::{self, Received};
use crate::faults::{DropConnection, Effect, dropped};
use crate::log::Asked;
use crate::place::Place;
use crate::problem::{self, Problem};
use crate::state::{Shared, Tenant};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

pub(crate) async fn front(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let place = Place::of(request.method(), &path);
    let (parts, body) = request.into_parts();
    let Ok(received) = body::receive(body, place.body_limit(shared.config())).await else {
        return dropped(); // The caller is gone.
    };

    let judgement = shared.tenant().judge(
        place,
        &Asked {
            method: parts.method.as_str(),
            path: &path,
            auth: auth::kind(&parts.headers),
            headers: &parts.headers,
            bytes: received.length,
        },
    );
    // The shape of an answer depends on what the caller accepts.
    let asked = judgement.effect.as_ref().map(|_| parts.headers.clone());
    let request = Request::from_parts(parts, Body::empty());
    let response = match (judgement.refusal, &judgement.effect) {
        (Some(refusal), _) => refusal,
        (None, None) => answer(request, received, next, place).await,
        (None, Some(effect)) => effect.strike(answer(request, received, next, place)).await,
    };
    if place.is_recorded() && response.extensions().get::<DropConnection>().is_none() {
        shared.tenant().finish(judgement.number, response.status());
    }

    let response = problem::render(response, &path);
    match judgement.effect {
        Some(effect) => effect.shape.give(response, &asked.unwrap_or_default()).await,
        None => response,
    }
}

/// What is decided about a request on its arrival.
#[derive(Default)]
struct Judgement {
    /// Under which number it is recorded.
    number: Option<u64>,
    /// The answer, when it is one too many.
    refusal: Option<Response>,
    /// What goes wrong with it.
    effect: Option<Effect>,
}

impl Tenant {
    fn judge(&mut self, place: Place, asked: &Asked<'_>) -> Judgement {
        let mut judgement = Judgement::default();
        if place.is_recorded() {
            self.counters.requests += 1;
            if self.options.record_requests {
                judgement.number = Some(self.log.begin(asked));
            }
            judgement.refusal = self.one_too_many();
        }
        if place.has_faults() && judgement.refusal.is_none() {
            judgement.effect = self.faults.take(asked.method, asked.path);
        }
        judgement
    }

    /// The answer to a request beyond the rate limit.
    fn one_too_many(&mut self) -> Option<Response> {
        let limit = self.options.rate_limit?;
        let wait = self.window.admit(&limit, Instant::now()).err()?;
        let mut response = Problem::too_many().into_response();
        if let Some(value) = limit.retry_after.header(wait) {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        Some(response)
    }

    fn finish(&mut self, number: Option<u64>, status: StatusCode) {
        self.counters.finish(status.as_u16());
        if let Some(number) = number {
            self.log.finish(number, status.as_u16());
        }
    }
}

/// The answer of the route, unless the request is refused on sight.
async fn answer(request: Request, received: Received, next: Next, place: Place) -> Response {
    if received.too_large {
        return Problem::too_large("The body is larger than the limit.").into_response();
    }
    let bodyless = matches!(*request.method(), Method::GET | Method::HEAD);
    if bodyless && received.length > 0 && place.is_recorded() {
        return Problem::of_status(
            StatusCode::FORBIDDEN,
            "A GET request must not have a body; the CDN rejects it.",
        )
        .into_response();
    }
    next.run(request.map(|_| Body::from(received.bytes))).await
}
