//! The HTTP transport, on reqwest: HTTP/1.1 and HTTP/2, TLS, gzip, the system's proxy.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use reqwest::{Proxy, Url, redirect};

use super::settings::Settings;
use super::transport::{BoxFuture, Limits, Transport, TransportError};
use crate::api::{Method, Request, Response};
use crate::error::ConfigurationError;

/// The time from which [`Transport::now`] of [`HttpTransport`] counts.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Sends requests over HTTP with a connection pool. Requires a tokio runtime.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// Creates a transport with a new connection pool and a connect timeout of 5 s.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the system's TLS settings or the proxies of the environment are invalid.
    pub fn new() -> Result<Self, ConfigurationError> {
        Self::with(Settings::default().connect_timeout)
    }

    /// Creates a transport with a new connection pool and the given connect timeout.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(connect_timeout: Duration) -> Result<Self, ConfigurationError> {
        check_proxies()?;
        // The installation fails when the process has already installed a provider, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            // A redirect could send the API key to another host; none of the APIs redirects.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("cognigy-context/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self { client })
            .map_err(|_| ConfigurationError::new("the system's TLS or proxy settings are invalid"))
    }

    async fn send_request(
        &self,
        request: Request,
        limits: Limits,
    ) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let url = Url::parse(&request.url).map_err(|_| TransportError::InvalidRequest)?;
        let mut builder = self.client.request(method, url).timeout(limits.timeout);
        for (name, value) in request.headers {
            let value = to_header_value(&value).ok_or(TransportError::InvalidRequest)?;
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|error| to_transport_error(&error))?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), to_text(value)))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| to_transport_error(&error))?
        {
            if chunk.len() > limits.max_body.saturating_sub(body.len()) {
                return Err(TransportError::TooLarge { status: Some(response.status().as_u16()) });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status: response.status().as_u16(), headers, body })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        self.send_request(request, limits).await
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Duration {
        START.elapsed()
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(task)),
            Err(_) => tracing::warn!("background task dropped: no tokio runtime is running"),
        }
    }
}

/// The environment variables with the URL of a proxy. The HTTP library reads them, and ignores invalid ones.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Checks the proxies of the environment, so that no request bypasses a proxy that was configured.
fn check_proxies() -> Result<(), ConfigurationError> {
    for name in PROXY_VARIABLES {
        let Ok(url) = std::env::var(name) else { continue };
        // The HTTP library ignores an empty value, and SOCKS proxies, which this build does not support.
        let is_ignored = url.is_empty() || url.starts_with("socks");
        if !is_ignored && Proxy::all(&url).is_err() {
            return Err(ConfigurationError::new(format!(
                "the environment variable {name} is not the URL of a proxy. Set it to a URL such as \
                 http://proxy.example:3128, or unset it."
            )));
        }
    }
    Ok(())
}

/// Returns a header's value, with one byte for each character; `None` for characters beyond U+00FF and for
/// control characters.
fn to_header_value(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Returns a header's value as text, with one character for each byte.
fn to_text(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// Converts an error and drops its text, which contains the URL and so the session id.
fn to_transport_error(error: &reqwest::Error) -> TransportError {
    if error.is_builder() {
        TransportError::InvalidRequest
    } else if error.is_connect() {
        TransportError::Unreachable
    } else if error.is_timeout() {
        TransportError::TimedOut
    } else {
        TransportError::Broken
    }
}
