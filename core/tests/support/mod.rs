//! A host of the client in which time passes only when everybody waits for it, so that hours of
//! faults and waits are over in a moment, and the same seed gives the same story.

#![allow(dead_code, reason = "each test uses a part of it")]

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

pub(crate) use seed::Lots;

/// When the virtual clock starts, since 1970.
pub(crate) const EPOCH: Duration = Duration::from_secs(1_800_000_000);

/// What a server does with a request: how long it takes, and what comes of it.
pub(crate) type Reaction = (Duration, Result<Response, TransportError>);

/// Answers requests.
pub(crate) trait Server: Send + 'static {
    /// A request arrives at this time.
    fn react(&mut self, now: Duration, request: &Request, limits: Limits) -> Reaction;
}

impl<F: FnMut(Duration, &Request, Limits) -> Reaction + Send + 'static> Server for F {
    fn react(&mut self, now: Duration, request: &Request, limits: Limits) -> Reaction {
        self(now, request, limits)
    }
}

/// The host; clones share time, server and lots.
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
    now: Duration,
    sleepers: BTreeMap<(Duration, u64), Waker>,
    count: u64,
    lots: Lots,
    spawned: Vec<BoxFuture<'static, ()>>,
}

impl<S: Server> Host<S> {
    pub(crate) fn new(server: S, seed: u64) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                now: Duration::ZERO,
                sleepers: BTreeMap::new(),
                count: 0,
                lots: Lots(seed),
                spawned: Vec::new(),
            })),
            server: Arc::new(Mutex::new(server)),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.state.lock().unwrap().now
    }

    /// Does the work, and what is spawned meanwhile, moving the clock on when all wait. What is
    /// spawned and not done at the end of the work goes on until it waits for nothing any more.
    pub(crate) fn run<W: Future>(&self, work: W) -> W::Output {
        let mut work = std::pin::pin!(work);
        let mut spawned: Vec<BoxFuture<'static, ()>> = Vec::new();
        let mut output = None;
        let flag = Arc::new(Flag(Mutex::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut task = Context::from_waker(&waker);
        loop {
            while std::mem::take(&mut *flag.0.lock().unwrap()) {
                if output.is_none()
                    && let Poll::Ready(done) = work.as_mut().poll(&mut task)
                {
                    output = Some(done);
                }
                spawned.append(&mut self.state.lock().unwrap().spawned);
                spawned.retain_mut(|work| work.as_mut().poll(&mut task).is_pending());
                if !self.state.lock().unwrap().spawned.is_empty() {
                    *flag.0.lock().unwrap() = true;
                }
            }
            if spawned.is_empty()
                && let Some(output) = output.take()
            {
                // What nobody waits for any more is nobody's.
                self.state.lock().unwrap().sleepers.clear();
                return output;
            }
            let mut state = self.state.lock().unwrap();
            let Some(((time, _), next)) = state.sleepers.pop_first() else {
                drop(state);
                assert!(output.is_some(), "everybody waits, and nothing is to happen any more");
                return output.unwrap();
            };
            state.now = state.now.max(time);
            drop(state);
            next.wake();
        }
    }
}

struct Flag(Mutex<bool>);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap() = true;
    }
}

struct Sleep {
    state: Arc<Mutex<State>>,
    until: Duration,
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
        state.count += 1;
        let entry = (until, state.count);
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
        let (takes, answer) = self.server.lock().unwrap().react(now, &request, limits);
        if takes > limits.timeout {
            self.sleep(limits.timeout).await;
            return Err(TransportError::TimedOut);
        }
        self.sleep(takes).await;
        answer
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        Sleep { state: Arc::clone(&self.state), until: self.elapsed() + time, entry: None }
    }

    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn random(&self) -> f64 {
        self.state.lock().unwrap().lots.share()
    }

    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.state.lock().unwrap().spawned.push(work);
    }
}

impl<S: Send + 'static> Clock for Host<S> {
    fn now(&self) -> Duration {
        EPOCH + self.state.lock().unwrap().now
    }
}

/// An answer with a JSON body.
pub(crate) fn answer(status: u16, body: &str) -> Result<Response, TransportError> {
    answer_with(status, &[], body)
}

/// An answer with headers and a JSON body.
pub(crate) fn answer_with(
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response, TransportError> {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}
