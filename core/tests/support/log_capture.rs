//! Captures the log events of the current thread.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

thread_local! {
    /// The warnings of this thread; `None` when they are not captured.
    static WARNINGS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Installs the collector for all threads. It must be installed before any test logs: `tracing` caches that an event
/// is disabled when the first thread that logs it has no collector.
pub(crate) fn install() {
    static INSTALLATION: Once = Once::new();
    INSTALLATION.call_once(|| {
        tracing::subscriber::set_global_default(WarningCollector).unwrap();
    });
}

/// Runs `work` and returns its result with the warnings that it logged: each as its message and its fields.
pub(crate) fn with_warnings<R>(work: impl FnOnce() -> R) -> (R, Vec<String>) {
    install();
    WARNINGS.set(Some(Vec::new()));
    let result = work();
    (result, WARNINGS.take().unwrap_or_default())
}

struct WarningCollector;

impl Subscriber for WarningCollector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        WARNINGS.with_borrow_mut(|warnings| {
            let Some(warnings) = warnings else { return };
            let mut line = Line(String::new());
            event.record(&mut line);
            warnings.push(line.0);
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let separator = if self.0.is_empty() { "" } else { " " };
        match field.name() {
            "message" => write!(self.0, "{separator}{value:?}"),
            name => write!(self.0, "{separator}{name}={value:?}"),
        }
        .unwrap();
    }
}
