//! The text of a log event, for bindings that forward the events of `tracing` to the log of their language.

use std::fmt::{self, Write};

use tracing::Event;
use tracing::field::{Field, Visit};

/// Formats an event as one line: the message, then its fields in parentheses.
pub fn format_log_event(event: &Event<'_>) -> String {
    let mut line = LogLine::default();
    event.record(&mut line);
    if line.fields.is_empty() {
        line.message
    } else {
        format!("{} ({})", line.message, line.fields)
    }
}

/// Returns whether an event belongs to this crate. A subscriber of the process also receives the events of others.
pub fn is_own_log_event(metadata: &tracing::Metadata<'_>) -> bool {
    let rest = metadata.target().strip_prefix("cognigy_context");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[derive(Default)]
struct LogLine {
    message: String,
    fields: String,
}

impl LogLine {
    fn push(&mut self, field: &Field, value: &dyn fmt::Display) {
        // Writing to a `String` cannot fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value}")
        } else {
            let separator = if self.fields.is_empty() { "" } else { ", " };
            write!(self.fields, "{separator}{}={value}", field.name())
        };
    }
}

/// Formats a value without `{:?}`, which the release builds of the npm package compile to nothing. The message of
/// an event and values that are recorded with `%` have the text of `Display` here.
struct Shown<'a>(&'a dyn fmt::Debug);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Visit for LogLine {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, &Shown(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, &value);
    }
}
