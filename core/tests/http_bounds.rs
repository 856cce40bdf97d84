//! The bounds of the HTTP transport against servers that send raw bytes: size of bodies and headers, compression,
//! informational responses, redirects, entity tags.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognigy_context::client::{ClientBuilder, Settings};
use cognigy_context::{ApiErrorKind, Client, Error};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that writes raw bytes.
struct RawServer {
    url: String,
    /// The head of each request.
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl RawServer {
    /// Starts a server that writes `head` for each request, and then `tail` again and again until the client closes
    /// the connection; without a `tail` it closes the connection after the head.
    async fn start(head: impl Into<Vec<u8>>, tail: impl Into<Vec<u8>>) -> Self {
        let (head, tail) = (head.into(), tail.into());
        Self::start_with(move |_| (head.clone(), tail.clone())).await
    }

    /// Starts a server whose head and tail depend on the head of the request.
    async fn start_with(
        reply: impl Fn(&[u8]) -> (Vec<u8>, Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let (seen, reply) = (Arc::clone(&requests), Arc::new(reply));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&reply)));
            }
        });
        Self { url, requests }
    }

    fn client(&self, settings: Settings) -> Client {
        builder(&self.url).settings(settings).build().unwrap()
    }
}

async fn serve<F: Fn(&[u8]) -> (Vec<u8>, Vec<u8>)>(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    reply: Arc<F>,
) {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let (head, tail) = reply(&request);
    seen.lock().unwrap().push(request);
    // Each write fails once the client has closed the connection.
    let mut is_open = stream.write_all(&head).await.is_ok();
    while is_open && !tail.is_empty() {
        is_open = stream.write_all(&tail).await.is_ok();
    }
}

fn builder(url: &str) -> ClientBuilder {
    Client::builder().base_url(url).api_key("k")
}

/// Settings for one attempt with a small limit of the response.
fn one_attempt() -> Settings {
    Settings { max_retries: 0, max_body: 100_000, ..Settings::default() }
}

async fn error_of(server: &RawServer, settings: Settings) -> cognigy_context::ApiError {
    match server.client(settings).get_state("d").await {
        Err(Error::Api(error)) => *error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the call succeeded"),
    }
}

fn response(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test]
async fn an_endless_chunked_body_ends_at_the_limit() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for chunk in ["1\r\nx\r\n".repeat(1_000), format!("1000\r\n{}\r\n", "x".repeat(4_096))] {
        let server = RawServer::start(head, chunk).await;
        let error = error_of(&server, one_attempt()).await;
        assert_eq!((error.kind, error.status), (ApiErrorKind::Protocol, Some(200)));
        assert!(error.to_string().contains("larger than 100,000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn the_limit_counts_the_bytes_after_decompression() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![b'x'; 16 << 20]).unwrap();
    let body = gzip.finish().unwrap();
    assert!(body.len() < 100_000);
    let server = RawServer::start(response("content-encoding: gzip\r\n", &body), "").await;
    let error = error_of(&server, one_attempt()).await;
    assert_eq!(error.kind, ApiErrorKind::Protocol);
    assert!(error.to_string().contains("larger than 100,000 bytes"), "{error}");
}

#[tokio::test]
async fn the_size_and_the_number_of_response_headers_are_limited() {
    let many = "a: b\r\n".repeat(200);
    let large = format!("a: {}\r\n", "b".repeat(2 << 20));
    for headers in [many, large] {
        let server = RawServer::start(response(&headers, b"{}"), "").await;
        let error = error_of(&server, one_attempt()).await;
        assert_eq!(error.kind, ApiErrorKind::Network);
    }
    // Headers without an end.
    let server =
        RawServer::start("HTTP/1.1 200 OK\r\n", format!("{}: b\r\n", "a".repeat(999))).await;
    assert_eq!(error_of(&server, one_attempt()).await.kind, ApiErrorKind::Network);
}

#[tokio::test]
async fn endless_informational_responses_end_at_the_attempt_timeout() {
    let server =
        RawServer::start("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100)).await;
    let settings = Settings { attempt_timeout: Duration::from_millis(300), ..one_attempt() };
    assert_eq!(error_of(&server, settings).await.kind, ApiErrorKind::Deadline);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = RawServer::start(response("", b"{}"), "").await;
    for status in [301, 302, 303, 307, 308] {
        let location = &other.url;
        let head = format!(
            "HTTP/1.1 {status} Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        );
        let server = RawServer::start(head, "").await;
        let error = error_of(&server, one_attempt()).await;
        assert_eq!((error.kind, error.status), (ApiErrorKind::Protocol, Some(status)));
        assert!(other.requests.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_tag_with_bytes_beyond_ascii_is_sent_back_unchanged() {
    const TAG: &[u8] = b"\"v\xe9\xff\"";
    let server = RawServer::start_with(|_| {
        let mut head =
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\netag: ".to_vec();
        head.extend_from_slice(TAG);
        head.extend_from_slice(b"\r\n\r\n{}");
        (head, Vec::new())
    })
    .await;
    let client = server.client(Settings::default());
    client.sync_context("obs-text", &json!({"a": 1})).await.unwrap();
    let requests = server.requests.lock().unwrap();
    let condition = [b"if-match: ", TAG, b"\r\n"].concat();
    assert!(requests[1].windows(condition.len()).any(|window| window == condition));
}

#[tokio::test]
async fn urls_without_a_request_are_rejected_at_construction() {
    for url in
        ["http://[::1", "http://127.0.0.1:99999", "http://a b", "http://u:p@a", "http://", "a"]
    {
        let error = builder(url).build().unwrap_err();
        assert_eq!(error.field(), Some("base_url"), "{url}");
        let family = cognigy_context::api::ApiFamily::Platform;
        let error = builder("http://a").token_url(family, url).build().unwrap_err();
        assert_eq!(error.field(), Some("token_urls"), "{url}");
        let error = builder("http://a").crm_webhook(url).build().unwrap_err();
        assert_eq!(error.field(), Some("crm_webhook"), "{url}");
        let error = builder("http://a").snapshot_webhook(url).build().unwrap_err();
        assert_eq!(error.field(), Some("snapshot_webhook"), "{url}");
    }
}

#[tokio::test]
async fn a_url_that_only_the_http_library_rejects_is_not_retried() {
    // No name has this Punycode; the check of URLs does not decode it.
    let client = builder("http://xn--a.example").max_retries(3).build().unwrap();
    let result = client.get_state("d").await;
    let Err(Error::Configuration(error)) = result else { panic!("{result:?}") };
    assert!(!error.to_string().contains("xn--a"), "{error}");
    let records = client.audit_trail(10);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].details.attempts, 1);
}

#[test]
fn credentials_that_no_header_can_contain_are_rejected_at_construction() {
    let url = "http://a";
    let long = "k".repeat(16_385);
    for secret in ["a\nb", "a b", "\u{e9}", "\0", long.as_str()] {
        for builder in [
            Client::builder().base_url(url).api_key(secret),
            Client::builder().base_url(url).bearer_token(secret),
            Client::builder().base_url(url).api_key("k").tenant_id(secret),
        ] {
            let error = builder.build().unwrap_err();
            assert!(!error.to_string().contains(secret), "{error}");
        }
    }
    for (id, secret) in [(long.as_str(), "secret"), ("id", long.as_str())] {
        let error = Client::builder().base_url(url).client_credentials(id, secret).build();
        assert!(error.unwrap_err().to_string().contains("16,385 bytes, the limit is 16,384"));
    }
}
