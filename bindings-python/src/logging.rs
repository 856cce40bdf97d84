//! What the core logs (`tracing`), as records of the logger `cognigy_context` of Python's `logging`.

use std::fmt::{self, Write};
use std::sync::Once;
use std::time::SystemTime;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};

use crate::runtime::callback_queue;

/// The name of the logger.
const LOGGER: &str = "cognigy_context";

/// Begins to hand on what is logged, once; and sees to it that nothing is lost at the exit of the
/// process. Not done at import, so that an import changes nothing.
pub(crate) fn begin(py: Python<'_>) -> PyResult<()> {
    static EXIT: PyOnceLock<()> = PyOnceLock::new();
    static SUBSCRIBED: Once = Once::new();
    EXIT.get_or_try_init(py, || {
        // Whose own work at the exit is to come after that of this module, so it is loaded before.
        let logging = py.import("logging")?;
        // Who has not set up any logging is not to have errors on the terminal that are raised too.
        let quiet = logging.call_method0("NullHandler")?;
        logging.call_method1("getLogger", (LOGGER,))?.call_method1("addHandler", (quiet,))?;
        let flush = pyo3::wrap_pyfunction!(_flush_at_exit, py)?;
        py.import("atexit")?.call_method1("register", (flush,)).map(drop)
    })?;
    SUBSCRIBED.call_once(|| {
        // There is no other in this library, so that it cannot be set already.
        let _ = tracing::subscriber::set_global_default(Bridge);
    });
    Ok(())
}

/// Hands out what waits to be told, at the exit of the process.
#[pyfunction]
fn _flush_at_exit(py: Python<'_>) {
    callback_queue::flush_at_exit(py);
}

/// Hears of what the core logs.
struct Bridge;

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let rest = target.strip_prefix("cognigy_context");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        && *metadata.level() <= Level::DEBUG
}

impl Subscriber for Bridge {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_ours(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_ours(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = level_of(*event.metadata().level());
        let time = SystemTime::now();
        let text = line.text();
        callback_queue::enqueue(Box::new(move |py| {
            if let Err(raised) = log(py, level, &text, Some(time), None) {
                raised.write_unraisable(py, None);
            }
        }));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The numbers of Python's `logging`.
fn level_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

/// One event as a line: the message, then the fields.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn text(self) -> String {
        if self.fields.is_empty() {
            self.message
        } else {
            format!("{} ({})", self.message, self.fields)
        }
    }

    fn field(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing into a String does not fail.
        let _ = if field.name() == "message" {
            self.message.write_fmt(value)
        } else {
            let separator = if self.fields.is_empty() { "" } else { ", " };
            write!(self.fields, "{separator}{}={value}", field.name())
        };
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, format_args!("{value}"));
    }
}

/// Warns of what a callback raised.
pub(crate) fn warn(py: Python<'_>, what: &str, raised: PyErr) {
    if let Err(raised) = log(py, level_of(Level::WARN), what, None, Some(raised)) {
        raised.write_unraisable(py, None);
    }
}

/// Logs a line that was written at a time, now where none is given.
fn log(
    py: Python<'_>,
    level: u8,
    text: &str,
    time: Option<SystemTime>,
    raised: Option<PyErr>,
) -> PyResult<()> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = GET.import(py, "logging", "getLogger")?.call1((LOGGER,))?;
    if !logger.call_method1("isEnabledFor", (level,))?.is_truthy()? {
        return Ok(());
    }
    let raised = raised.map(|raised| {
        let traceback = raised.traceback(py).map(Bound::unbind);
        (raised.get_type(py).unbind(), raised.into_value(py), traceback)
    });
    let fields = (LOGGER, level, LOGGER, 0, text, (), raised);
    let record = logger.call_method1("makeRecord", fields)?;
    if let Some(time) = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()) {
        let fields = PyDict::new(py);
        fields.set_item("created", time.as_secs_f64())?;
        fields.set_item("msecs", f64::from(time.subsec_millis()))?;
        record.getattr("__dict__")?.call_method1("update", (fields,))?;
    }
    logger.call_method1("handle", (record,)).map(drop)
}
