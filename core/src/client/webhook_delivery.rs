//! Webhook deliveries: a queue, and a worker that sends its deliveries in the background, so that no
//! call waits for a webhook.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_listener::Event;
use futures_util::future::{Either, select};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::Inner;
use super::transport::{Limits, Transport};
use crate::api::{Method, Request, Secret, check_http_url};
use crate::error::ConfigurationError;
use crate::sync::lock;

/// The maximum number of queued deliveries.
const MAX_QUEUED: usize = 1_000;

/// The maximum size of the bodies of all queued deliveries together, in bytes. An empty queue accepts a larger
/// delivery, because a snapshot can be larger than this.
const MAX_QUEUED_BYTES: usize = 64 << 20;

/// The maximum size of a webhook's response, which the client ignores.
const MAX_RESPONSE_BYTES: usize = 64 << 10;

/// The webhook that receives deliveries.
#[derive(Clone, Debug)]
pub(super) struct WebhookEndpoint {
    url: String,
    /// The key that signs the deliveries, in Base64; `None` for unsigned deliveries.
    key: Option<Secret>,
}

impl WebhookEndpoint {
    /// Checks a URL and, if deliveries are signed, a secret of Standard Webhooks (`whsec_` and Base64; the
    /// prefix may be absent). `url_field` and
    /// `secret_field` are the names of the options in errors.
    pub(super) fn new(
        (url_field, url): (&'static str, &str),
        secret: Option<(&'static str, &str)>,
    ) -> Result<Self, ConfigurationError> {
        // The webhook decides about the rest of the URL, for example its path and query.
        check_http_url(url).map_err(|reason| {
            ConfigurationError::of_field(url_field, format!("the URL in `{url_field}`: {reason}"))
        })?;
        let key = secret.map(|(secret_field, secret)| {
            let text = secret.strip_prefix("whsec_").unwrap_or(secret);
            if STANDARD.decode(text).is_ok_and(|key| !key.is_empty()) {
                Secret::opaque("the webhook secret", text)
            } else {
                Err(ConfigurationError::of_field(
                    secret_field,
                    format!(
                        "`{secret_field}` must be a secret of Standard Webhooks: whsec_ and Base64"
                    ),
                ))
            }
        });
        Ok(Self { url: url.to_owned(), key: key.transpose()? })
    }
}

/// One request to a webhook.
struct Delivery {
    endpoint: Arc<WebhookEndpoint>,
    body: Vec<u8>,
}

/// The queued deliveries. At most one worker sends them. A client that is dropped drops
/// and counts the deliveries in its queue.
#[derive(Default)]
pub(super) struct DeliveryQueue {
    state: Mutex<State>,
    dropped: AtomicU64,
    /// The number of signed deliveries, which makes their ids unique.
    signed: AtomicU64,
    /// Notified when a worker ends.
    worker_ended: Event,
    /// Notified when the delivery in flight is dropped.
    interrupted: Event,
}

#[derive(Default)]
struct State {
    deliveries: VecDeque<Delivery>,
    /// The size of the bodies in `deliveries`, in bytes.
    queued_bytes: usize,
    has_worker: bool,
    /// Whether the worker is sending a delivery that was not counted as dropped.
    is_in_flight: bool,
}

impl State {
    /// Removes the oldest delivery from the queue.
    fn pop(&mut self) -> Option<Delivery> {
        let delivery = self.deliveries.pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(delivery.body.len());
        Some(delivery)
    }
}

/// The result of adding a delivery to the queue.
enum EnqueueResult {
    /// Queued; a worker is running.
    Queued,
    /// Queued; the caller has to start a worker.
    NeedsWorker,
    /// The queue is full: it holds this number of deliveries, of this size in bytes.
    Dropped { queued: usize, bytes: usize },
}

/// Whether the queue has deliveries, and who sends them.
enum QueueState {
    /// There is nothing to send.
    Empty,
    /// A worker is sending the deliveries.
    InProgress,
    /// The host has dropped the worker. The caller has to send the deliveries.
    Abandoned,
}

impl std::fmt::Debug for DeliveryQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeliveryQueue").field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

impl DeliveryQueue {
    /// Returns the number of deliveries that were dropped: because the queue was full, the client was closed or
    /// dropped, or the host ended.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Adds a delivery, and marks a worker as running, which the caller starts if necessary.
    fn push(&self, delivery: Delivery) -> EnqueueResult {
        let mut state = self.state();
        let (queued, bytes) = (state.deliveries.len(), state.queued_bytes);
        let exceeds_bytes =
            queued > 0 && delivery.body.len() > MAX_QUEUED_BYTES.saturating_sub(bytes);
        if queued >= MAX_QUEUED || exceeds_bytes {
            return EnqueueResult::Dropped { queued, bytes };
        }
        state.queued_bytes = bytes.saturating_add(delivery.body.len());
        state.deliveries.push_back(delivery);
        if std::mem::replace(&mut state.has_worker, true) {
            EnqueueResult::Queued
        } else {
            EnqueueResult::NeedsWorker
        }
    }

    /// Returns the state of the queue. A caller that receives [`QueueState::Abandoned`] is the new worker.
    fn claim(&self) -> QueueState {
        let mut state = self.state();
        if state.has_worker {
            return QueueState::InProgress;
        }
        state.has_worker = !state.deliveries.is_empty();
        if state.has_worker { QueueState::Abandoned } else { QueueState::Empty }
    }

    /// Drops the queued deliveries and the one in flight, counts them and logs their number once. The delivery in
    /// flight may have reached the webhook. Returns the number.
    fn discard(&self, reason: &'static str) -> u64 {
        let discarded = {
            let mut state = self.state();
            let in_flight = std::mem::take(&mut state.is_in_flight);
            state.queued_bytes = 0;
            std::mem::take(&mut state.deliveries).len() as u64 + u64::from(in_flight)
        };
        self.interrupted.notify(usize::MAX);
        if discarded > 0 {
            self.dropped.fetch_add(discarded, Ordering::Relaxed);
            tracing::warn!(dropped = discarded, "webhook deliveries dropped: {reason}");
        }
        discarded
    }
}

/// The queue of a client, for a binding whose process ends without closing the client.
#[derive(Clone, Debug)]
pub struct UndeliveredWebhooks(Weak<DeliveryQueue>);

impl UndeliveredWebhooks {
    /// Returns whether the client, its telemetry or a worker that sends its deliveries still exists. Only then can
    /// there be deliveries to discard.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Drops, counts and logs the deliveries that were not sent, because the process ends.
    pub fn discard(&self) {
        if let Some(queue) = self.0.upgrade() {
            queue.discard("the process ended before they were sent");
        }
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        self.webhook_queue.discard("the client was dropped before they were sent");
    }
}

/// Sends the queued deliveries. After it is dropped, also by a host that drops its task early, another
/// worker can start.
struct DeliveryWorker<T> {
    inner: Arc<Inner<T>>,
    is_done: bool,
}

impl<T: Transport> DeliveryWorker<T> {
    fn new(inner: &Arc<Inner<T>>) -> Self {
        Self { inner: Arc::clone(inner), is_done: false }
    }

    async fn run(mut self) {
        while let Some(delivery) = self.next() {
            let interrupted = self.inner.webhook_queue.interrupted.listen();
            // `discard` may have run between `next` and `listen`.
            if !self.inner.webhook_queue.state().is_in_flight {
                continue;
            }
            select(pin!(self.inner.deliver(delivery)), interrupted).await;
            self.inner.webhook_queue.state().is_in_flight = false;
        }
    }

    /// Returns the next delivery. When there is none, it marks the worker as ended under the same lock, so
    /// that no delivery can be queued in between that relies on this worker.
    fn next(&mut self) -> Option<Delivery> {
        let mut state = self.inner.webhook_queue.state();
        let next = state.pop();
        state.is_in_flight = next.is_some();
        if next.is_none() {
            state.has_worker = false;
            self.is_done = true;
        }
        next
    }
}

impl<T> Drop for DeliveryWorker<T> {
    fn drop(&mut self) {
        let queue = &self.inner.webhook_queue;
        if !self.is_done {
            // The host has dropped the worker. Without another owner of the client nothing can send the rest: the
            // client is dropped next, and counts all of its deliveries together.
            let has_other_owner = Arc::strong_count(&self.inner) > 1;
            let mut state = queue.state();
            state.has_worker = false;
            if has_other_owner && std::mem::take(&mut state.is_in_flight) {
                drop(state);
                queue.dropped.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    dropped = 1,
                    "webhook deliveries dropped: the host ended the delivery in flight"
                );
            }
        }
        queue.worker_ended.notify(usize::MAX);
    }
}

impl<T: Transport> Inner<T> {
    /// Returns the queue for the end of the process.
    pub(super) fn undelivered_webhooks(&self) -> UndeliveredWebhooks {
        UndeliveredWebhooks(Arc::downgrade(&self.webhook_queue))
    }

    /// Queues a delivery and starts a worker if none is running.
    pub(super) fn queue_delivery(self: &Arc<Self>, endpoint: &Arc<WebhookEndpoint>, event: &Value) {
        let mut body = event.to_string().into_bytes();
        // Growing the text may have reserved twice its size.
        body.shrink_to_fit();
        match self.webhook_queue.push(Delivery { endpoint: Arc::clone(endpoint), body }) {
            EnqueueResult::Queued => {}
            EnqueueResult::NeedsWorker => {
                self.transport.spawn(Box::pin(DeliveryWorker::new(self).run()));
            }
            EnqueueResult::Dropped { queued, bytes } => {
                self.webhook_queue.dropped.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(queued, bytes, "webhook delivery dropped: the queue is full");
            }
        }
    }

    async fn deliver(&self, delivery: Delivery) {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if let Some(key) = &delivery.endpoint.key {
            headers.extend(self.signature_headers(key, &delivery.body));
        }
        let request = Request {
            method: Method::Post,
            url: delivery.endpoint.url.clone(),
            headers,
            body: Some(delivery.body),
        };
        let limits =
            Limits { timeout: self.settings.webhook_timeout, max_body: MAX_RESPONSE_BYTES };
        match self.transport.send(request, limits).await {
            Ok(response) if (200..300).contains(&response.status) => {}
            Ok(response) => {
                tracing::warn!(status = response.status, "webhook delivery was rejected");
            }
            Err(error) => tracing::warn!(%error, "webhook delivery failed"),
        }
    }

    /// Returns the headers of Standard Webhooks: id, timestamp, signature.
    fn signature_headers(&self, key: &Secret, body: &[u8]) -> Vec<(&'static str, String)> {
        let now = self.recorder.clock.now();
        let count = self.webhook_queue.signed.fetch_add(1, Ordering::Relaxed);
        let random = (self.transport.random() * f64::from(u32::MAX)) as u32;
        let id = format!("msg_{:x}{random:08x}{count:x}", now.as_micros());
        let timestamp = now.as_secs().to_string();
        let key = STANDARD.decode(key.expose()).unwrap_or_default();
        // HMAC accepts keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return Vec::new() };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        vec![("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
    }

    /// Waits up to `timeout` until the queue is empty and no worker runs. Returns whether that happened in
    /// time.
    pub(super) async fn drain(self: &Arc<Self>, timeout: Duration) -> bool {
        let sleep = pin!(self.transport.sleep(timeout));
        let empty = pin!(self.wait_until_empty());
        matches!(select(empty, sleep).await, Either::Left(_))
    }

    /// Waits up to `timeout` for the queued deliveries, then drops the rest. Returns the number of deliveries that
    /// were dropped.
    pub(super) async fn drain_and_discard(self: &Arc<Self>, timeout: Duration) -> u64 {
        if self.drain(timeout).await {
            return 0;
        }
        self.webhook_queue.discard("the client was closed before they were sent")
    }

    /// Waits until the queue is empty and no worker runs. Sends the deliveries itself if the host has dropped
    /// the worker.
    async fn wait_until_empty(self: &Arc<Self>) {
        loop {
            let worker_ended = self.webhook_queue.worker_ended.listen();
            match self.webhook_queue.claim() {
                QueueState::Empty => return,
                QueueState::InProgress => worker_ended.await,
                QueueState::Abandoned => DeliveryWorker::new(self).run().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    /// Adds a delivery of `bytes` bytes. Returns whether the queue accepts it.
    fn accepts(queue: &DeliveryQueue, bytes: usize) -> bool {
        let endpoint = WebhookEndpoint { url: String::new(), key: None };
        let delivery = Delivery { endpoint: Arc::new(endpoint), body: vec![0; bytes] };
        !matches!(queue.push(delivery), EnqueueResult::Dropped { .. })
    }

    #[test]
    fn push_limits_the_bytes_of_all_queued_deliveries_together() {
        let queue = DeliveryQueue::default();
        assert!(accepts(&queue, 40 * MIB) && accepts(&queue, 24 * MIB) && !accepts(&queue, 1));
        assert!(queue.state().pop().is_some());
        assert!(accepts(&queue, 40 * MIB) && !accepts(&queue, 1));
        assert_eq!(queue.discard("test"), 2);
        assert!(accepts(&queue, 64 * MIB) && !accepts(&queue, 1));
    }

    #[test]
    fn push_accepts_a_delivery_above_the_limit_only_in_an_empty_queue() {
        let queue = DeliveryQueue::default();
        assert!(accepts(&queue, 1) && !accepts(&queue, 64 * MIB));
        assert!(queue.state().pop().is_some());
        assert!(accepts(&queue, 65 * MIB) && !accepts(&queue, 1));
    }
}
