//! Notices to webhooks: sent beside the calls, never in their way.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_listener::Event;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::Inner;
use super::transport::{Limits, Transport};
use crate::api::{Method, Request, Secret};
use crate::error::ConfigurationError;

/// How many notices may wait.
const WAITING: usize = 1_000;

/// Most bytes of a webhook's answer, which nobody reads.
const ANSWER: usize = 64 << 10;

/// Where notices go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) url: String,
    /// The key that they are signed with.
    pub(super) key: Option<Secret>,
}

impl Target {
    /// An address, and the secret of Standard Webhooks (`whsec_` and Base64) where it is signed.
    pub(super) fn new(url: String, secret: Option<String>) -> Result<Self, ConfigurationError> {
        // It is an address of its own, with a path and a query, and only its start is looked at.
        let is_http = ["http://", "https://"].iter().any(|scheme| {
            url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let is_plain = url.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        if !is_http || !is_plain {
            return Err(ConfigurationError::new("webhook URL: expected https://… or http://…"));
        }
        let key = secret.map(|secret| {
            let text = secret.strip_prefix("whsec_").unwrap_or(&secret);
            if STANDARD.decode(text).is_ok_and(|key| !key.is_empty()) {
                Secret::opaque("the webhook secret", text)
            } else {
                Err(ConfigurationError::new(
                    "the webhook secret is no Base64: expected whsec_… as Standard Webhooks write it",
                ))
            }
        });
        Ok(Self { url, key: key.transpose()? })
    }
}

struct Notice {
    target: Arc<Target>,
    body: Vec<u8>,
}

/// The notices that wait.
#[derive(Default)]
pub(super) struct Notices {
    queue: Mutex<Queue>,
    dropped: Arc<AtomicU64>,
    count: AtomicU64,
    /// Happens when nobody serves the queue any more.
    idle: Event,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Notice>,
    /// Whether somebody is sending them.
    is_served: bool,
}

/// What became of a notice.
enum Pushed {
    /// It waits, and somebody sends what waits.
    Served,
    /// It waits, and whoever asks has to see to it that somebody sends.
    Unserved,
    /// Too many wait.
    Dropped,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices").field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

impl Notices {
    /// How many were dropped because too many were waiting.
    pub(super) fn dropped(&self) -> &Arc<AtomicU64> {
        &self.dropped
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, notice: Notice) -> Pushed {
        let mut queue = self.queue();
        if queue.waiting.len() >= WAITING {
            return Pushed::Dropped;
        }
        queue.waiting.push_back(notice);
        if std::mem::replace(&mut queue.is_served, true) {
            Pushed::Served
        } else {
            Pushed::Unserved
        }
    }

    /// What there is to wait for until none is left. Whoever is told [`Rest::Left`] serves the queue.
    fn rest(&self) -> Rest {
        let mut queue = self.queue();
        if queue.is_served {
            return Rest::Served;
        }
        queue.is_served = !queue.waiting.is_empty();
        if queue.is_served { Rest::Left } else { Rest::None }
    }
}

/// What is left of the notices.
enum Rest {
    /// Nothing.
    None,
    /// Somebody is sending them.
    Served,
    /// Nobody is: the host has dropped the work.
    Left,
}

/// Somebody serves the queue: seen to end even where the host drops the work half done, or undone.
struct Serving<T> {
    inner: Arc<Inner<T>>,
    is_over: bool,
}

impl<T: Transport> Serving<T> {
    fn new(inner: &Arc<Inner<T>>) -> Self {
        Self { inner: Arc::clone(inner), is_over: false }
    }

    async fn serve(mut self) {
        while let Some(notice) = self.next() {
            self.inner.send_notice(notice).await;
        }
    }

    /// The next notice; when there is none, the queue is not served any more. Both under one lock,
    /// so that no notice comes in between and believes itself served.
    fn next(&mut self) -> Option<Notice> {
        let mut queue = self.inner.notices.queue();
        let next = queue.waiting.pop_front();
        if next.is_none() {
            queue.is_served = false;
            self.is_over = true;
        }
        next
    }
}

impl<T> Drop for Serving<T> {
    fn drop(&mut self) {
        let notices = &self.inner.notices;
        if !self.is_over {
            notices.queue().is_served = false;
        }
        notices.idle.notify(usize::MAX);
    }
}

impl<T: Transport> Inner<T> {
    /// Puts a notice into the queue, and sees to it that somebody serves it.
    pub(super) fn notify(self: &Arc<Self>, target: &Arc<Target>, notice: &Value) {
        let notice = Notice { target: Arc::clone(target), body: notice.to_string().into_bytes() };
        match self.notices.push(notice) {
            Pushed::Served => {}
            Pushed::Unserved => self.transport.spawn(Box::pin(Serving::new(self).serve())),
            Pushed::Dropped => {
                self.notices.dropped.fetch_add(1, Ordering::Relaxed);
                tracing::warn!("a notice to a webhook was dropped: too many are waiting");
            }
        }
    }

    async fn send_notice(&self, notice: Notice) {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if let Some(key) = &notice.target.key {
            headers.extend(self.signature(key, &notice.body));
        }
        let request = Request {
            method: Method::Post,
            url: notice.target.url.clone(),
            headers,
            body: Some(notice.body),
        };
        let limits = Limits { timeout: self.settings.webhook_timeout, max_body: ANSWER };
        match self.transport.send(request, limits).await {
            Ok(answer) if (200..300).contains(&answer.status) => {}
            Ok(answer) => tracing::warn!(status = answer.status, "a webhook refused a notice"),
            Err(error) => tracing::warn!(%error, "a webhook was not told"),
        }
    }

    /// The headers of Standard Webhooks.
    fn signature(&self, key: &Secret, body: &[u8]) -> Vec<(&'static str, String)> {
        let now = self.observer.clock.now();
        let count = self.notices.count.fetch_add(1, Ordering::Relaxed);
        let lot = (self.transport.random() * f64::from(u32::MAX)) as u32;
        let id = format!("msg_{:x}{lot:08x}{count:x}", now.as_micros());
        let timestamp = now.as_secs().to_string();
        let key = STANDARD.decode(key.expose()).unwrap_or_default();
        // A key of any length will do, so that there is no error to give.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return Vec::new() };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        vec![("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
    }

    /// Waits until all notices are sent, for so long at most. Answers whether they are.
    pub(super) async fn drain(self: &Arc<Self>, time: Duration) -> bool {
        let sleep = std::pin::pin!(self.transport.sleep(time));
        let drained = std::pin::pin!(self.drained());
        matches!(
            futures_util::future::select(drained, sleep).await,
            futures_util::future::Either::Left(_)
        )
    }

    /// Waits until no notice is left. Those that nobody serves are sent here.
    async fn drained(self: &Arc<Self>) {
        loop {
            let idle = self.notices.idle.listen();
            match self.notices.rest() {
                Rest::None => return,
                Rest::Served => idle.await,
                Rest::Left => Serving::new(self).serve().await,
            }
        }
    }
}
