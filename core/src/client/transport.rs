//! The interface between the client and its host: the host sends requests, waits, measures time,
//! generates random numbers and runs background tasks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::api::{Request, Response};

/// Requires `Send`; in wasm it requires nothing, because host objects there belong to one thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// Requires `Send`; in wasm it requires nothing, because host objects there belong to one thread.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// Requires `Sync`; in wasm it requires nothing.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// Requires `Sync`; in wasm it requires nothing.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}

/// A boxed future; `Send` except in wasm.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxFuture<'w, R> = Pin<Box<dyn Future<Output = R> + Send + 'w>>;
/// A boxed future; `Send` except in wasm.
#[cfg(target_arch = "wasm32")]
pub type BoxFuture<'w, R> = Pin<Box<dyn Future<Output = R> + 'w>>;

/// The host functions of a client. The client decides about retries, so `send` must not retry, and it
/// must not follow redirects.
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends one request and returns the response, whatever its status.
    ///
    /// # Errors
    /// [`TransportError::TooLarge`] when the body is larger than `limits.max_body`,
    /// [`TransportError::TimedOut`] after `limits.timeout`, and another [`TransportError`] when there
    /// is no complete response.
    fn send(
        &self,
        request: Request,
        limits: Limits,
    ) -> impl Future<Output = Result<Response, TransportError>> + MaybeSend;

    /// Waits at least `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend;

    /// Returns the time since a fixed start. It never decreases.
    fn now(&self) -> Duration;

    /// Returns a random number, 0 or more and less than 1.
    fn random(&self) -> f64;

    /// Runs a task in the background and returns at once.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// The limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time limit from the start of the request, connecting included, to the last byte received.
    pub timeout: Duration,
    /// The maximum size of the response body after decompression, in bytes.
    pub max_body: usize,
}

/// The reason why a request has no complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection was opened, so the request was not sent.
    Unreachable,
    /// The connection broke. The request may have taken effect.
    Broken,
    /// The time limit was reached. The request may have taken effect.
    TimedOut,
    /// The response is larger than allowed. The request may have taken effect.
    TooLarge {
        /// The HTTP status of the response; `None` if the host does not provide it.
        status: Option<u16>,
    },
    /// The caller cancelled the call. The request may have taken effect.
    Aborted,
    /// The host cannot build the request, for example from its URL or a header, so the request was not sent.
    /// Another attempt would fail in the same way.
    InvalidRequest,
}

impl TransportError {
    /// Returns a description of the error, without URL and data.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection could be opened",
            Self::Broken => "the connection broke before the response was complete",
            Self::TimedOut => "no complete response within the time limit",
            Self::TooLarge { .. } => "the response is larger than the limit",
            Self::Aborted => "the caller cancelled the call",
            Self::InvalidRequest => "the request cannot be built",
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}

impl std::error::Error for TransportError {}

/// The default transport of a [`Client`](super::Client): HTTP.
#[cfg(feature = "http")]
pub type DefaultTransport = super::HttpTransport;

/// No transport: without the feature `http` there is no default, so the type of a
/// [`Client`](super::Client) must name one.
#[cfg(not(feature = "http"))]
pub type DefaultTransport = std::convert::Infallible;
