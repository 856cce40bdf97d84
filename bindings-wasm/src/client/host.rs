//! The host as the core's call loop needs it: its `fetch`, its timers and its clocks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use cognigy_context::Clock;
use cognigy_context::api::{Request, Response};
use cognigy_context::client::{BoxFuture, Limits, Transport, TransportError};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// The host's timer; milliseconds.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, after: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    /// Milliseconds that only grow.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// The host's network as one call sees it: its `fetch`, and its signal to give up.
    pub type Network;

    /// Sends one request. `headers` is JSON: names to values. Resolves to an [`Answer`]; rejects
    /// with the name of a [`TransportError`].
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

    /// Whether its caller can give up.
    #[wasm_bindgen(method, getter, js_name = canAbort)]
    fn can_abort(this: &Network) -> bool;

    /// Has `then` called when its caller gives up, or at once when it has.
    #[wasm_bindgen(method, js_name = onAbort)]
    fn on_abort(this: &Network, then: &JsValue);

    /// Nothing is to be called any more.
    #[wasm_bindgen(method)]
    fn close(this: &Network);

    /// What came back.
    type Answer;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;

    /// JSON: a list of pairs of a name in lower case and a value.
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> String;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Uint8Array;
}

/// Hosts count the milliseconds of a timer in 31 bits; one beyond them would ring at once.
const LONGEST_TIMER: f64 = 2_147_483_647.0;

thread_local! {
    /// The network of the call that is being polled.
    static CURRENT: RefCell<Option<Rc<Network>>> = const { RefCell::new(None) };
}

/// What the host calls once, and work waits for. A promise would not do: one that never settles
/// keeps what waits for it forever.
struct Bell {
    state: Rc<BellState>,
    ring: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct BellState {
    rang: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Bell {
    fn new() -> Self {
        let state = Rc::new(BellState::default());
        let rung = Rc::clone(&state);
        let ring = Closure::new(move || {
            rung.rang.set(true);
            if let Some(waker) = rung.waker.take() {
                waker.wake();
            }
        });
        Self { state, ring }
    }

    fn poll(&self, task: &Task<'_>) -> Poll<()> {
        if self.state.rang.get() {
            return Poll::Ready(());
        }
        self.state.waker.set(Some(task.waker().clone()));
        Poll::Pending
    }
}

/// A timer of the host, which is taken back when nobody waits for it any more.
struct Timer {
    bell: Bell,
    timer: JsValue,
}

impl Timer {
    fn new(time: Duration) -> Self {
        let bell = Bell::new();
        let milliseconds = (time.as_secs_f64() * 1000.0).ceil().min(LONGEST_TIMER);
        let timer = set_timeout(bell.ring.as_ref(), milliseconds);
        Self { bell, timer }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<()> {
        self.bell.poll(task)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}

/// One client has many calls, each with its own signal to give up, so the transport asks which
/// call it is working for. Work that belongs to none has a network of its own.
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
        let answer = network.send(
            request.method.as_str(),
            &request.url,
            &serde_json::Value::Object(headers).to_string(),
            request.body.as_deref().map(Uint8Array::from),
            limits.timeout.as_secs_f64() * 1000.0,
            limits.max_body as f64,
        );
        match JsFuture::from(answer).await {
            Ok(answer) => {
                let answer: Answer = answer.unchecked_into();
                Ok(Response {
                    status: answer.status(),
                    headers: serde_json::from_str(&answer.headers()).unwrap_or_default(),
                    body: answer.body().to_vec(),
                })
            }
            Err(reason) => Err(match reason.as_string().as_deref() {
                Some("unreachable") => TransportError::Unreachable,
                Some("timed_out") => TransportError::TimedOut,
                Some("too_large") => TransportError::TooLarge { status: None },
                Some("aborted") => TransportError::Aborted,
                _ => TransportError::Broken,
            }),
        }
    }

    async fn sleep(&self, time: Duration) {
        let until = self.now().saturating_add(time);
        loop {
            // A timer may ring a moment early, and the longest is no month.
            let rest = until.saturating_sub(self.now());
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

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        spawn_local(work);
    }
}

/// The host's time of day.
pub(super) struct HostClock;

impl Clock for HostClock {
    fn now(&self) -> Duration {
        Duration::try_from_secs_f64(js_sys::Date::now() / 1000.0).unwrap_or_default()
    }
}

/// What a call does once it is prepared.
pub(super) type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A call, with its network in place whenever it is polled. When its caller gives up, its work is
/// dropped where it stands, so that what it held, such as the turn to get a token, goes to the next.
pub(super) struct HostCall {
    network: Rc<Network>,
    work: Work,
    abort: Option<Bell>,
}

impl HostCall {
    pub(super) fn promise(network: Network, work: Work) -> Promise {
        let abort = network.can_abort().then(Bell::new);
        if let Some(bell) = &abort {
            network.on_abort(bell.ring.as_ref());
        }
        future_to_promise(Self { network: Rc::new(network), work, abort })
    }
}

impl Future for HostCall {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        if self.abort.as_ref().is_some_and(|bell| bell.poll(task).is_ready()) {
            return Poll::Ready(Err(JsValue::UNDEFINED));
        }
        let before = CURRENT.replace(Some(Rc::clone(&self.network)));
        let polled = self.work.as_mut().poll(task);
        CURRENT.set(before);
        polled
    }
}

impl Drop for HostCall {
    fn drop(&mut self) {
        self.network.close();
    }
}
