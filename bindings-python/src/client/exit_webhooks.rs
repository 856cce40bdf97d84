//! The webhook deliveries that are not sent when the process exits without closing its clients.

use cognigy_context::__bindings::{UndeliveredWebhooks, undelivered_webhooks};
use cognigy_context::Client;

use crate::runtime::PerProcess;

/// The queues of the clients of this process. A forked child does not send the deliveries of its parent, so it does
/// not count them either.
static QUEUES: PerProcess<Vec<UndeliveredWebhooks>> = PerProcess::new();

/// Adds the queue of a client.
pub(super) fn register(client: &Client) {
    let queue = undelivered_webhooks(client);
    QUEUES.with(|queues| {
        queues.retain(UndeliveredWebhooks::is_alive);
        queues.push(queue);
    });
}

/// Drops, counts and logs the deliveries of all clients. The exit of the process calls it.
pub(crate) fn discard_at_exit() {
    let queues = QUEUES.with(std::mem::take);
    for queue in queues {
        queue.discard();
    }
}
