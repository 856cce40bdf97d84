//! Error responses: RFC 9457 problem documents.

use crate::{javascript, random};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::borrow::Cow;

// The platform's error codes.
const MISSING_ARGUMENT: u16 = 1000;
const NOT_FOUND: u16 = 1002;
const CONFLICT: u16 = 1004;
const INVALID_ARGUMENT: u16 = 1005;

/// The reason for an error response. Its texts never contain values of the request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: u16,
    detail: Cow<'static, str>,
    details: Vec<Detail>,
}

/// The error of one field of the body.
#[derive(Clone, Debug)]
pub(crate) struct Detail {
    /// The path of the field, for example `userId` or `variables.0.key`.
    pub(crate) path: String,
    /// The error, without its subject: `must be a string`.
    pub(crate) message: Cow<'static, str>,
}

impl Problem {
    /// Creates a problem whose code is its HTTP status.
    pub(crate) fn of_status(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: status.as_u16(), detail: detail.into(), details: Vec::new() }
    }

    pub(crate) fn missing(details: Vec<Detail>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: MISSING_ARGUMENT,
            detail: "A required field is missing.".into(),
            details,
        }
    }

    pub(crate) fn invalid(detail: &'static str, details: Vec<Detail>) -> Self {
        let (status, code) = (StatusCode::BAD_REQUEST, INVALID_ARGUMENT);
        Self { status, code, detail: detail.into(), details }
    }

    pub(crate) fn not_found(detail: &'static str) -> Self {
        Self { code: NOT_FOUND, ..Self::of_status(StatusCode::NOT_FOUND, detail) }
    }

    pub(crate) fn conflict(detail: &'static str) -> Self {
        Self { code: CONFLICT, ..Self::of_status(StatusCode::CONFLICT, detail) }
    }

    pub(crate) fn too_large(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::of_status(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub(crate) fn rate_limited() -> Self {
        Self::of_status(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded. Retry later.")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::of_status(
            StatusCode::UNAUTHORIZED,
            "Send the API key in X-API-Key, or an access token as Authorization: Bearer.",
        )
    }

    /// The caller is authenticated, but lacks a permission.
    pub(crate) fn forbidden(detail: Cow<'static, str>) -> Self {
        Self::of_status(StatusCode::FORBIDDEN, detail)
    }

    /// `If-Match` does not match. `status` is 409 or 412; an invalid status becomes 409.
    pub(crate) fn mismatch(status: u16) -> Self {
        const DETAIL: &str = "If-Match does not match the current ETag. Read the resource again.";
        match StatusCode::from_u16(status) {
            Ok(StatusCode::CONFLICT) | Err(_) => Self::conflict(DETAIL),
            Ok(status) => Self::of_status(status, DETAIL),
        }
    }

    /// Returns the problem as one line, for the methods of `Sandbox`.
    pub(crate) fn to_text(&self) -> String {
        let mut text = self.detail.clone().into_owned();
        for Detail { path, message } in &self.details {
            text.push_str(&format!(" {path} {message}."));
        }
        text
    }

    fn document(&self, path: &str) -> Value {
        let details: Vec<Value> = self
            .details
            .iter()
            .map(|detail| json!({"path": detail.path, "message": detail.message}))
            .collect();
        json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": path,
            "code": self.code,
            "traceId": random::hex(32),
            "details": details,
        })
    }
}

/// Attaches the problem to the response. [`render`] writes the document, which contains the path of
/// the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert("www-authenticate", HeaderValue::from_static("Bearer realm=\"sandbox\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the document of a response with an attached problem. Other responses are unchanged.
pub(crate) fn render(mut response: Response, path: &str) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = Body::from(javascript::to_json(&problem.document(path)));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    }
    response
}
