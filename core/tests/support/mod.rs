//! A host of the client: a transport with a simulated server and a virtual clock. Time advances only when all tasks wait, so that hours of
//! virtual time take seconds, and the same seed gives the same result.

#![allow(dead_code, reason = "each test uses only a part of this module")]

pub(crate) mod log_capture;
pub(crate) mod seed;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use cognigy_context::Clock;
use cognigy_context::api::{Request, Response};
use cognigy_context::client::{BoxFuture, Limits, Transport, TransportError};

pub(crate) use seed::SplitMix64;

/// The start of the virtual clock, as the time since 1970: 2027-01-15T08:00:00Z.
pub(crate) const TEST_START: Duration = Duration::from_secs(1_800_000_000);

/// The reply of a server: the time it takes and its result.
pub(crate) type ServerReply = (Duration, Result<Response, TransportError>);

/// A simulated server.
pub(crate) trait Server: Send + 'static {
    /// Replies to a request that is sent at the time `now`, measured from the start of the virtual clock.
    fn reply(&mut self, now: Duration, request: &Request, limits: Limits) -> ServerReply;
}

impl<F: FnMut(Duration, &Request, Limits) -> ServerReply + Send + 'static> Server for F {
    fn reply(&mut self, now: Duration, request: &Request, limits: Limits) -> ServerReply {
        self(now, request, limits)
    }
}

/// The host. Clones share the clock, the server and the random numbers.
pub(crate) struct Host<S> {
    state: Arc<Mutex<State>>,
    pub(crate) server: Arc<Mutex<S>>,
}

impl<S> Clone for Host<S> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), server: Arc::clone(&self.server) }
    }
}

struct State {
    /// The virtual time since the start of the clock.
    now: Duration,
    /// The wakers by wake time and number.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    /// The number of sleepers so far, which makes their keys unique.
    sleeper_count: u64,
    random: SplitMix64,
    spawned: Vec<BoxFuture<'static, ()>>,
}

impl<S: Server> Host<S> {
    pub(crate) fn new(server: S, seed: u64) -> Self {
        log_capture::install();
        Self {
            state: Arc::new(Mutex::new(State {
                now: Duration::ZERO,
                sleepers: BTreeMap::new(),
                sleeper_count: 0,
                random: SplitMix64(seed),
                spawned: Vec::new(),
            })),
            server: Arc::new(Mutex::new(server)),
        }
    }

    /// Returns the virtual time since the start of the clock.
    pub(crate) fn elapsed(&self) -> Duration {
        self.state.lock().unwrap().now
    }

    /// Runs `work` and the tasks that are spawned meanwhile, and drops the tasks that are not finished when `work`
    /// ends, as a host does that ends.
    pub(crate) fn run_until<W: Future>(&self, work: Pin<&mut W>) -> W::Output {
        self.run_tasks(work, true)
    }

    /// Runs `work` and the tasks that are spawned meanwhile, and advances the clock when all of them
    /// wait. Spawned tasks that are not finished when `work` ends run until no timer is left.
    pub(crate) fn run<W: Future>(&self, work: W) -> W::Output {
        self.run_tasks(std::pin::pin!(work), false)
    }

    fn run_tasks<W: Future>(&self, mut work: Pin<&mut W>, drops_tasks: bool) -> W::Output {
        let mut spawned: Vec<BoxFuture<'static, ()>> = Vec::new();
        let mut output = None;
        let wake_flag = Arc::new(WakeFlag(Mutex::new(true)));
        let waker = Waker::from(Arc::clone(&wake_flag));
        let mut task = Context::from_waker(&waker);
        loop {
            while std::mem::take(&mut *wake_flag.0.lock().unwrap()) {
                if output.is_none()
                    && let Poll::Ready(ready) = work.as_mut().poll(&mut task)
                {
                    output = Some(ready);
                }
                spawned.append(&mut self.state.lock().unwrap().spawned);
                spawned.retain_mut(|work| work.as_mut().poll(&mut task).is_pending());
                if !self.state.lock().unwrap().spawned.is_empty() {
                    *wake_flag.0.lock().unwrap() = true;
                }
            }
            if drops_tasks && output.is_some() {
                spawned.clear();
            }
            if spawned.is_empty()
                && let Some(output) = output.take()
            {
                // No task is left that waits for these timers.
                self.state.lock().unwrap().sleepers.clear();
                return output;
            }
            let mut state = self.state.lock().unwrap();
            let Some(((time, _), next)) = state.sleepers.pop_first() else {
                drop(state);
                assert!(output.is_some(), "all tasks wait, and no timer is left");
                return output.unwrap();
            };
            state.now = state.now.max(time);
            drop(state);
            next.wake();
        }
    }
}

/// Whether a task was woken since the last poll.
struct WakeFlag(Mutex<bool>);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap() = true;
    }
}

struct Sleep {
    state: Arc<Mutex<State>>,
    until: Duration,
    /// The key in `State::sleepers`; `None` before the first poll.
    entry: Option<(Duration, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let until = self.until;
        let shared = Arc::clone(&self.state);
        let mut state = shared.lock().unwrap();
        if state.now >= until {
            return Poll::Ready(());
        }
        if let Some(entry) = self.entry.take() {
            state.sleepers.remove(&entry);
        }
        state.sleeper_count += 1;
        let entry = (until, state.sleeper_count);
        state.sleepers.insert(entry, task.waker().clone());
        self.entry = Some(entry);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.state.lock().unwrap().sleepers.remove(&entry);
        }
    }
}

impl<S: Server> Transport for Host<S> {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        let now = self.elapsed();
        let (latency, result) = self.server.lock().unwrap().reply(now, &request, limits);
        if latency > limits.timeout {
            self.sleep(limits.timeout).await;
            return Err(TransportError::TimedOut);
        }
        self.sleep(latency).await;
        result
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        Sleep { state: Arc::clone(&self.state), until: self.elapsed() + duration, entry: None }
    }

    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn random(&self) -> f64 {
        self.state.lock().unwrap().random.unit()
    }

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.state.lock().unwrap().spawned.push(work);
    }
}

impl<S: Send + 'static> Clock for Host<S> {
    fn now(&self) -> Duration {
        TEST_START + self.state.lock().unwrap().now
    }
}

/// Returns a response with a JSON body.
pub(crate) fn response(status: u16, body: &str) -> Result<Response, TransportError> {
    response_with(status, &[], body)
}

/// Returns a response with headers and a JSON body.
pub(crate) fn response_with(
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response, TransportError> {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}
