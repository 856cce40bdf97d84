//! Applies faults to requests.

use super::effect::{Effect, ReplacementBody};
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// Marks a response that is not sent: the server closes the connection.
#[derive(Clone, Copy)]
pub(crate) struct DropConnection;

/// Returns a response that is not sent; its status has no meaning.
pub(crate) fn dropped_response() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(DropConnection);
    response
}

impl Effect {
    /// Applies the fault to a request. `route` executes the request and returns its response.
    pub(crate) async fn apply_fault(&self, route: impl Future<Output = Response>) -> Response {
        let wait = tokio::time::sleep(self.latency.unwrap_or_default());
        if self.applies_after {
            let response = route.await;
            wait.await;
            if self.replaces_response() { self.replacement_response() } else { response }
        } else {
            wait.await;
            if self.replaces_response() { self.replacement_response() } else { route.await }
        }
    }

    /// Returns the response that is sent instead of the response of the route.
    fn replacement_response(&self) -> Response {
        if self.drops_connection {
            return dropped_response();
        }
        let status = self.status.and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = match &self.body {
            Some(content) => {
                let json = HeaderValue::from_static("application/json; charset=utf-8");
                let content_type = self.content_type.clone().unwrap_or(json);
                let status = status.unwrap_or(StatusCode::OK);
                (status, [(CONTENT_TYPE, content_type)], Body::from(content.bytes()))
                    .into_response()
            }
            None => {
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Problem::of_status(status, "This error is an injected fault of the sandbox.")
                    .into_response()
            }
        };
        if let Some(value) = &self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, value.clone());
        }
        response
    }
}

impl ReplacementBody {
    fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => text.clone(),
            Self::Filler(length) => {
                let mut bytes = vec![b'x'; *length];
                if let [first, .., last] = bytes.as_mut_slice() {
                    (*first, *last) = (b'"', b'"');
                }
                bytes.into()
            }
        }
    }
}
