//! Forwards the warnings and errors that the core logs to the host.

use std::cell::RefCell;
use std::sync::Once;

use cognigy_context::__bindings::{format_log_event, is_own_log_event};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber, set_global_default};
use tracing::{Event, Level, Metadata};

use super::hooks::Hooks;

thread_local! {
    /// Receives the warnings of all clients.
    static HOOKS: RefCell<Option<Hooks>> = const { RefCell::new(None) };
}

/// Starts to forward warnings to the hooks of any client: all of them pass the warnings on to the same listeners.
pub(super) fn install(hooks: &Hooks) {
    static SUBSCRIBED: Once = Once::new();
    HOOKS.with_borrow_mut(|installed| _ = installed.get_or_insert_with(|| hooks.clone()));
    SUBSCRIBED.call_once(|| {
        // Fails only if the module has a subscriber, which nothing else in it sets.
        let _ = set_global_default(WarningForwarder);
    });
}

struct WarningForwarder;

fn is_forwarded(metadata: &Metadata<'_>) -> bool {
    is_own_log_event(metadata) && *metadata.level() <= Level::WARN
}

impl Subscriber for WarningForwarder {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_forwarded(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_forwarded(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    // Spans are not forwarded, so they share one id.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        // Cloned, because the host may create a client meanwhile.
        if let Some(hooks) = HOOKS.with_borrow(Clone::clone) {
            hooks.warning(&format_log_event(event));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
