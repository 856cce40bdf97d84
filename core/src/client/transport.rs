//! What the client needs of its host: to send one request and get its answer, to wait, to know how
//! much time has passed, to draw lots, and to let work go on by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::api::{Request, Response};

/// `Send` where threads exist, nothing in wasm, whose host objects belong to one thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Send` where threads exist, nothing in wasm, whose host objects belong to one thread.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` where threads exist, nothing in wasm.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// `Sync` where threads exist, nothing in wasm.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}

/// Work with a result, on the heap.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxFuture<'w, R> = Pin<Box<dyn Future<Output = R> + Send + 'w>>;
/// Work with a result, on the heap.
#[cfg(target_arch = "wasm32")]
pub type BoxFuture<'w, R> = Pin<Box<dyn Future<Output = R> + 'w>>;

/// The host, as the client sees it. It decides nothing: no retries, no redirects.
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends one request and gives its answer, whatever its status. Answers whose body is over
    /// `limits.max_body` are given up as [`TransportError::TooLarge`], and those that take longer
    /// than `limits.timeout` as [`TransportError::TimedOut`].
    fn send(
        &self,
        request: Request,
        limits: Limits,
    ) -> impl Future<Output = Result<Response, TransportError>> + MaybeSend;

    /// Waits, not less than this.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + MaybeSend;

    /// The time since some moment that stays the same. It never goes back.
    fn now(&self) -> Duration;

    /// A number drawn by lot: 0 or more, less than 1.
    fn random(&self) -> f64;

    /// Lets work go on by itself.
    fn spawn(&self, work: BoxFuture<'static, ()>);
}

/// The bounds of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte sent to the last received.
    pub timeout: Duration,
    /// Most bytes of the answer's body, once decoded.
    pub max_body: usize,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection was made, so the request never left.
    Unreachable,
    /// The connection broke; the request may have taken effect.
    Broken,
    /// The time ran out; the request may have taken effect.
    TimedOut,
    /// The answer is larger than allowed; the request has taken effect.
    TooLarge {
        /// The HTTP status of the answer, where the host tells it.
        status: Option<u16>,
    },
    /// The caller gave up.
    Aborted,
}

impl TransportError {
    /// What happened, in words that hold no address and no data.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection could be made",
            Self::Broken => "the connection broke before the answer was complete",
            Self::TimedOut => "no complete answer came in time",
            Self::TooLarge { .. } => "the answer is larger than this client takes",
            Self::Aborted => "the call was given up by its caller",
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for TransportError {}

/// The transport that [`Client`](super::Client) has when none is named.
#[cfg(feature = "http")]
pub type DefaultTransport = super::HttpTransport;

/// There is none without the feature `http`: name your own.
#[cfg(not(feature = "http"))]
pub type DefaultTransport = std::convert::Infallible;
