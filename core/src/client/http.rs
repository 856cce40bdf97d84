//! The transport over HTTP, on reqwest: HTTP/1.1 and 2, TLS, gzip, the system's proxy.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use reqwest::redirect;

use super::settings::Settings;
use super::transport::{BoxFuture, Limits, Transport, TransportError};
use crate::api::{Method, Request, Response};
use crate::error::ConfigurationError;

/// The moment that time is counted from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Sends requests over HTTP, from a pool of connections. Must be used within a tokio runtime.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// A transport with a pool of its own.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the system's TLS roots or proxy settings cannot be used.
    pub fn new() -> Result<Self, ConfigurationError> {
        Self::with(Settings::default().connect_timeout)
    }

    /// The same, with a time that a connection may take to be made.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(connect_timeout: Duration) -> Result<Self, ConfigurationError> {
        // Another provider may be there already, in which case that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            // A redirect would carry the key to another place; no API here redirects.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("cognigy-context/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self { client })
            .map_err(|_| {
                ConfigurationError("the system's TLS or proxy settings cannot be used".into())
            })
    }

    async fn exchange(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.client.request(method, request.url).timeout(limits.timeout);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut answer = builder.send().await.map_err(|error| error_of(&error))?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error_of(&error))? {
            if body.len() + chunk.len() > limits.max_body {
                return Err(TransportError::TooLarge { status: Some(answer.status().as_u16()) });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status: answer.status().as_u16(), headers, body })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        self.exchange(request, limits).await
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn now(&self) -> Duration {
        START.elapsed()
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(work)),
            Err(_) => tracing::warn!("work was dropped: there is no tokio runtime to do it"),
        }
    }
}

/// The error without its words, which hold the URL and so the session id.
fn error_of(error: &reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        TransportError::Unreachable
    } else if error.is_timeout() {
        TransportError::TimedOut
    } else {
        TransportError::Broken
    }
}
