//! The HTTP transport, on reqwest: HTTP/1.1 and HTTP/2, TLS, gzip, the system's proxy.

use std::ffi::OsString;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderValue;
use reqwest::{Url, redirect};

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
        check_proxies(std::env::var_os)?;
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

/// The environment variables with the URL of a proxy. The HTTP library reads them, and ignores those it cannot use.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Checks the proxies of the environment, so that no request bypasses a proxy because of an unusable URL. `variable`
/// returns the value of an environment variable.
fn check_proxies(
    variable: impl Fn(&'static str) -> Option<OsString>,
) -> Result<(), ConfigurationError> {
    for name in PROXY_VARIABLES {
        // An empty value sets no proxy.
        let Some(url) = variable(name).filter(|url| !url.is_empty()) else { continue };
        if !url.to_str().is_some_and(is_proxy_url) {
            return Err(ConfigurationError::new(format!(
                "the environment variable {name} is not the URL of an HTTP proxy, and other proxies, such as SOCKS, \
                 are not supported. Set it to a URL such as http://proxy.example:3128, or unset it."
            )));
        }
    }
    Ok(())
}

/// Returns whether the HTTP library sends requests to the proxy with this URL. It accepts a URL without a scheme. The
/// library's own parser decides, because parsers differ about spaces and characters beyond ASCII.
fn is_proxy_url(url: &str) -> bool {
    let destination = Uri::from_static("http://api.example");
    let proxy = Matcher::builder().all(url).build().intercept(&destination);
    proxy.is_some_and(|proxy| {
        // This build has no SOCKS support.
        let is_http = matches!(proxy.uri().scheme_str(), Some("http" | "https"));
        is_http
            && proxy.uri().authority().is_some_and(|authority| {
                let host = authority.host();
                // The library would replace an invalid port with the default port.
                let has_valid_port = authority.as_str() == host || authority.port_u16().is_some();
                !host.is_empty() && has_valid_port
            })
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks an environment in which `name` is the only variable of a proxy.
    fn check(name: &str, value: impl Into<OsString>) -> Result<(), ConfigurationError> {
        let value = value.into();
        check_proxies(|variable| (variable == name).then(|| value.clone()))
    }

    #[test]
    fn check_proxies_accepts_urls_that_the_http_library_uses() {
        for url in [
            "",
            "proxy.example",
            "proxy.example:3128",
            "http://proxy.example:3128",
            "HTTP://proxy.example:3128/",
            "https://user:pass%20word@proxy.example:3128",
            "http://127.0.0.1:3128",
            "http://[::1]:3128",
            "[::1]",
        ] {
            for name in PROXY_VARIABLES {
                assert_eq!(check(name, url), Ok(()), "{url:?}");
            }
        }
    }

    #[test]
    fn check_proxies_rejects_urls_that_the_http_library_ignores_or_changes() {
        for url in [
            "ftp://proxy:21",
            "socks5://proxy:1080",
            "socks4a://proxy:1080",
            "SOCKS5://proxy:1080",
            "http://pr\u{f6}xy.example:3128",
            "http://proxy.example:3128 ",
            " http://proxy.example:3128",
            "http://proxy.example\n",
            "http://a b",
            "http://[::1",
            "http://proxy.example:99999",
            "http://proxy.example:",
            "http://:3128",
            "http://",
            "http://a@b@c",
            "/path",
            "proxy.example:3128/",
            " ",
        ] {
            for name in PROXY_VARIABLES {
                let message = check(name, url).expect_err(url).to_string();
                assert!(message.contains(name), "{message}");
                // The message does not depend on the value.
                assert_eq!(message, check(name, "socks5://").unwrap_err().to_string());
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn check_proxies_rejects_a_value_that_is_not_unicode() {
        use std::os::unix::ffi::OsStringExt;

        let value = OsString::from_vec(b"http://prox\xff".to_vec());
        assert!(check("HTTPS_PROXY", value).is_err());
    }
}
