//! Sends responses compressed, slowly or incompletely.

use super::apply::DropConnection;
use super::effect::Transmission;
use super::scripted_body::{ScriptedBody, Step};
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use std::io::{self, Write};
use std::time::Duration;

/// The maximum number of pieces of a slow body.
const MAX_PIECES: usize = 20;

impl Transmission {
    /// Applies the transmission to the response of a request with these headers.
    pub(crate) async fn apply(self, response: Response, request_headers: &HeaderMap) -> Response {
        let has_no_body = response.status() == StatusCode::NO_CONTENT
            || response.extensions().get::<DropConnection>().is_some();
        if self == Self::default() || has_no_body {
            return response;
        }
        let (mut head, body) = response.into_parts();
        let mut bytes =
            body.collect().await.map(|collected| collected.to_bytes()).unwrap_or_default();
        if self.gzip
            && accepts_gzip(request_headers)
            && let Ok(compressed) = gzip(&bytes)
        {
            bytes = compressed;
            head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            head.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        // With `cut`, an empty body announces one byte, so that it is incomplete too.
        let length = bytes.len().max(usize::from(self.cut));
        head.headers.insert(CONTENT_LENGTH, length.into());
        let body = match self.trickle {
            _ if self.cut => Body::new(cut(bytes)),
            Some(duration) => Body::new(trickle(bytes, duration)),
            None => Body::from(bytes),
        };
        Response::from_parts(head, body)
    }
}

/// Returns a body that sends half of the bytes and then closes the connection.
fn cut(bytes: Bytes) -> ScriptedBody {
    let half = bytes.slice(..bytes.len() / 2);
    // The pause makes the server send the half before it closes the connection.
    ScriptedBody::new([Step::Send(half), Step::Wait(Duration::from_millis(1)), Step::Fail])
}

/// Returns a body that sends the bytes in up to 20 pieces, spread over `duration`.
fn trickle(mut bytes: Bytes, duration: Duration) -> ScriptedBody {
    let piece_bytes = bytes.len().div_ceil(MAX_PIECES).max(1);
    let mut pieces = Vec::with_capacity(MAX_PIECES);
    while !bytes.is_empty() {
        pieces.push(bytes.split_to(piece_bytes.min(bytes.len())));
    }
    let pause = duration.div_f64(pieces.len().max(1) as f64);
    ScriptedBody::new(pieces.into_iter().flat_map(|piece| [Step::Wait(pause), Step::Send(piece)]))
}

fn gzip(bytes: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.into())
}

/// Returns whether `Accept-Encoding` allows gzip.
fn accepts_gzip(request_headers: &HeaderMap) -> bool {
    request_headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let is_excluded = parts.any(|part| {
                part.strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0_f32))
            });
            matches!(name.to_ascii_lowercase().as_str(), "gzip" | "*") && !is_excluded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_gzip_if_it_is_listed_with_a_positive_quality() {
        for (header, accepted) in [
            ("gzip", true),
            ("br, GZip;q=0.5", true),
            ("*", true),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip; q=0.0, br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepts_gzip(&headers), accepted, "{header}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
