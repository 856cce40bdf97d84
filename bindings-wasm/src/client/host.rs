//! The host of the core's call loop: `fetch`, timers and clocks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use cognigy_context::Clock;
use cognigy_context::api::{Request, Response};
use cognigy_context::client::{BoxFuture, Limits, Transport, TransportError};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// Starts a timer, which calls `then` after some milliseconds.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    /// A monotonic clock, in milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// The host's network for one call: `fetch` and the abort signal.
    pub type Network;

    /// Sends one request. `headers` is JSON: names to values. Resolves to a [`HostResponse`];
    /// rejects with the name of a [`TransportError`]. `timeout_ms` limits the time until the body is
    /// complete, `max_body` the bytes of the body.
    #[wasm_bindgen(method)]
    fn send(
        this: &Network,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<Uint8Array>,
        timeout_ms: f64,
        max_body: f64,
    ) -> Promise;

    /// Returns whether the caller can abort.
    #[wasm_bindgen(method, getter, js_name = canAbort)]
    fn can_abort(this: &Network) -> bool;

    /// Calls `then` when the caller aborts, or immediately if the caller has already aborted.
    #[wasm_bindgen(method, js_name = onAbort)]
    fn on_abort(this: &Network, then: &JsValue);

    /// Removes the callback of `on_abort`.
    #[wasm_bindgen(method)]
    fn close(this: &Network);

    /// A complete response.
    type HostResponse;

    #[wasm_bindgen(method, getter)]
    fn status(this: &HostResponse) -> u16;

    /// The headers as JSON: a list of pairs of a lower-case name and a value.
    #[wasm_bindgen(method, getter)]
    fn headers(this: &HostResponse) -> String;

    #[wasm_bindgen(method, getter)]
    fn body(this: &HostResponse) -> Uint8Array;
}

/// The longest timer in milliseconds. Hosts use 31 bits, so a longer timer would fire immediately.
const MAX_TIMER_MS: f64 = 2_147_483_647.0;

thread_local! {
    /// The network of the call that is being polled.
    static CURRENT: RefCell<Option<Rc<Network>>> = const { RefCell::new(None) };
}

/// A callback for the host, and the future that completes when the host calls it. A promise is not
/// used, because a promise that never settles keeps the future that awaits it alive forever.
struct CallbackFuture {
    state: Rc<CallbackState>,
    callback: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct CallbackState {
    fired: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl CallbackFuture {
    fn new() -> Self {
        let state = Rc::new(CallbackState::default());
        let shared = Rc::clone(&state);
        let callback = Closure::new(move || {
            shared.fired.set(true);
            if let Some(waker) = shared.waker.take() {
                waker.wake();
            }
        });
        Self { state, callback }
    }

    fn poll(&self, context: &TaskContext<'_>) -> Poll<()> {
        if self.state.fired.get() {
            return Poll::Ready(());
        }
        self.state.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A timer of the host. Dropping it clears the timer.
struct Timer {
    callback_future: CallbackFuture,
    timer: JsValue,
}

impl Timer {
    fn new(time: Duration) -> Self {
        let callback_future = CallbackFuture::new();
        let milliseconds = (time.as_secs_f64() * 1000.0).ceil().min(MAX_TIMER_MS);
        let timer = set_timeout(callback_future.callback.as_ref(), milliseconds);
        Self { callback_future, timer }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<()> {
        self.callback_future.poll(context)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}

/// The transport of a client. Each call has its own abort signal, so the transport uses the network
/// of the call that is being polled. Tasks outside of calls use the background network.
pub(super) struct HostTransport {
    background: Rc<Network>,
}

impl HostTransport {
    pub(super) fn new(background: Network) -> Self {
        Self { background: Rc::new(background) }
    }
}

impl fmt::Debug for HostTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostTransport")
    }
}

impl Transport for HostTransport {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        let network = CURRENT.with_borrow(Clone::clone);
        let network = network.unwrap_or_else(|| Rc::clone(&self.background));
        let headers: serde_json::Map<String, serde_json::Value> = request
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let response = network.send(
            request.method.as_str(),
            &request.url,
            &serde_json::Value::Object(headers).to_string(),
            request.body.as_deref().map(Uint8Array::from),
            limits.timeout.as_secs_f64() * 1000.0,
            limits.max_body as f64,
        );
        match JsFuture::from(response).await {
            Ok(response) => {
                let response: HostResponse = response.unchecked_into();
                Ok(Response {
                    status: response.status(),
                    headers: serde_json::from_str(&response.headers()).unwrap_or_default(),
                    body: response.body().to_vec(),
                })
            }
            Err(reason) => Err(match reason.as_string().as_deref() {
                Some("unreachable") => TransportError::Unreachable,
                Some("timed_out") => TransportError::TimedOut,
                Some("too_large") => TransportError::TooLarge { status: None },
                Some("aborted") => TransportError::Aborted,
                Some("invalid_request") => TransportError::InvalidRequest,
                _ => TransportError::Broken,
            }),
        }
    }

    async fn sleep(&self, time: Duration) {
        let deadline = self.now().saturating_add(time);
        loop {
            // A timer may fire early, and its maximum is 24 days.
            let rest = deadline.saturating_sub(self.now());
            if rest.is_zero() {
                return;
            }
            Timer::new(rest).await;
        }
    }

    fn now(&self) -> Duration {
        Duration::try_from_secs_f64(now() / 1000.0).unwrap_or_default()
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        spawn_local(task);
    }
}

/// The host's wall clock.
pub(super) struct HostClock;

impl Clock for HostClock {
    fn now(&self) -> Duration {
        Duration::try_from_secs_f64(js_sys::Date::now() / 1000.0).unwrap_or_default()
    }
}

/// The future of a prepared call.
pub(super) type CallFuture = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A call that sets its network while it is polled. When the caller aborts, the future is dropped,
/// which releases its locks, for example the token lock.
pub(super) struct HostCall {
    network: Rc<Network>,
    future: CallFuture,
    abort: Option<CallbackFuture>,
}

impl HostCall {
    /// Starts a call and returns the promise of its result. The promise rejects with `undefined` when the
    /// caller aborts.
    pub(super) fn promise(network: Network, future: CallFuture) -> Promise {
        let abort = network.can_abort().then(CallbackFuture::new);
        if let Some(abort) = &abort {
            network.on_abort(abort.callback.as_ref());
        }
        future_to_promise(Self { network: Rc::new(network), future, abort })
    }
}

impl Future for HostCall {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        if self.abort.as_ref().is_some_and(|abort| abort.poll(context).is_ready()) {
            return Poll::Ready(Err(JsValue::UNDEFINED));
        }
        let previous = CURRENT.replace(Some(Rc::clone(&self.network)));
        let polled = self.future.as_mut().poll(context);
        CURRENT.set(previous);
        polled
    }
}

impl Drop for HostCall {
    fn drop(&mut self) {
        self.network.close();
    }
}
