//! Forwards the `tracing` events of the core to the logger `cognigy_context` of Python's `logging`.

use std::sync::Once;
use std::time::SystemTime;

use cognigy_context::__bindings::{format_log_event, is_own_log_event};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};

use crate::client::discard_at_exit;
use crate::runtime::callback_queue;

const LOGGER_NAME: &str = "cognigy_context";

/// Starts to forward events, and registers the flush at the exit of the process. Only the first call
/// has an effect. The first client calls it, so that an import has no side effects.
///
/// # Errors
/// What Python raised while the logger was set up.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    static LOGGER_SET_UP: PyOnceLock<()> = PyOnceLock::new();
    static SUBSCRIBED: Once = Once::new();
    LOGGER_SET_UP.get_or_try_init(py, || {
        // Exit handlers run in reverse order. `logging` registers its handler on import, before this
        // one, so the flush can still log.
        let logging = py.import("logging")?;
        // Without a handler Python would print warnings and errors to stderr.
        let handler = logging.call_method0("NullHandler")?;
        logging
            .call_method1("getLogger", (LOGGER_NAME,))?
            .call_method1("addHandler", (handler,))?;
        let flush = pyo3::wrap_pyfunction!(_flush_at_exit, py)?;
        py.import("atexit")?.call_method1("register", (flush,)).map(drop)
    })?;
    SUBSCRIBED.call_once(|| {
        // Fails only if the process has a global subscriber, which nothing else in this library sets.
        let _ = tracing::subscriber::set_global_default(LoggingSubscriber);
    });
    Ok(())
}

/// Counts and logs the webhook deliveries that were not sent, and runs the pending callbacks, at the exit of the
/// process.
#[pyfunction]
fn _flush_at_exit(py: Python<'_>) {
    discard_at_exit();
    callback_queue::flush_at_exit(py);
}

/// Queues a log record for each event that is forwarded.
struct LoggingSubscriber;

/// Returns whether an event comes from the core and has the level debug or above.
fn is_forwarded(metadata: &Metadata<'_>) -> bool {
    is_own_log_event(metadata) && *metadata.level() <= Level::DEBUG
}

impl Subscriber for LoggingSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_forwarded(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_forwarded(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    // Spans are not forwarded, so they share one id.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = level_of(*event.metadata().level());
        let time = SystemTime::now();
        let text = format_log_event(event);
        callback_queue::enqueue(Box::new(move |py| {
            if let Err(raised) = log(py, level, &text, Some(time), None) {
                raised.write_unraisable(py, None);
            }
        }));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Returns the number of a level in Python's `logging`.
fn level_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

/// Logs `text` as a warning, with the exception that a callback raised.
pub(crate) fn warn(py: Python<'_>, text: &str, raised: PyErr) {
    if let Err(raised) = log(py, level_of(Level::WARN), text, None, Some(raised)) {
        raised.write_unraisable(py, None);
    }
}

/// Logs a line with the given time, or with the current time. Does nothing if the logger ignores the
/// level.
fn log(
    py: Python<'_>,
    level: u8,
    text: &str,
    time: Option<SystemTime>,
    raised: Option<PyErr>,
) -> PyResult<()> {
    static GET_LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = GET_LOGGER.import(py, "logging", "getLogger")?.call1((LOGGER_NAME,))?;
    if !logger.call_method1("isEnabledFor", (level,))?.is_truthy()? {
        return Ok(());
    }
    let raised = raised.map(|raised| {
        let traceback = raised.traceback(py).map(Bound::unbind);
        (raised.get_type(py).unbind(), raised.into_value(py), traceback)
    });
    // Name, level, file, line, message, arguments of the message, exception.
    let arguments = (LOGGER_NAME, level, LOGGER_NAME, 0, text, (), raised);
    let record = logger.call_method1("makeRecord", arguments)?;
    if let Some(time) = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()) {
        let fields = PyDict::new(py);
        fields.set_item("created", time.as_secs_f64())?;
        fields.set_item("msecs", f64::from(time.subsec_millis()))?;
        record.getattr("__dict__")?.call_method1("update", (fields,))?;
    }
    logger.call_method1("handle", (record,)).map(drop)
}
