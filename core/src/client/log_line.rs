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
    fn push(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a `String` cannot fail.
        let _ = if field.name() == "message" {
            self.message.write_fmt(value)
        } else {
            let separator = if self.fields.is_empty() { "" } else { ", " };
            write!(self.fields, "{separator}{}={value}", field.name())
        };
    }
}

impl Visit for LogLine {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, format_args!("{value}"));
    }
}
