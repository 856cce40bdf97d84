//! The class `WebhookEvent`, and the functions `event_id` and `hash_session_id`.

use cognigy_context::__bindings::Path;
use cognigy_context::{
    Clock, SystemClock, WebhookEvent, event_id as core_event_id, hash_session_id as hash_unkeyed,
    hash_session_id_keyed,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};

use crate::argument_types::wrong_type;
use crate::errors;
use crate::from_python::value_of;
use crate::json_text::JsonText;
use crate::numeric_args::duration;
use crate::text_args::TextArg;
use crate::to_python::to_dict;
use crate::walk::read_text;

/// One message of a user, as the web-messaging webhook receives it.
///
/// Created by :meth:`from_json` and :meth:`from_value`, which check it.
///
/// Example:
///     >>> from cognigy_context import WebhookEvent
///     >>> event = WebhookEvent.from_value({
///     ...     "sessionId": "s", "userId": "u", "message": "hi", "channel": "web", "timestamp": 7,
///     ... })
///     >>> event.derived_variables()["last_user_message"]
///     'hi'
#[pyclass(frozen, eq, name = "WebhookEvent", module = "cognigy_context")]
#[derive(PartialEq)]
pub(crate) struct PyWebhookEvent(WebhookEvent);

#[pymethods]
impl PyWebhookEvent {
    /// Reads an event from JSON text. Unknown fields are ignored.
    ///
    /// Args:
    ///     text: JSON text of an object of ``sessionId``, ``userId``, ``message``, ``channel``,
    ///         ``timestamp`` (a 64-bit integer, also as a float such as ``7.0``) and, optionally,
    ///         ``custom`` (an object): ``str``, or UTF-8 as ``bytes``, ``bytearray`` or ``memoryview``.
    ///
    /// Returns:
    ///     WebhookEvent: The event.
    ///
    /// Raises:
    ///     ValidationError: The text is not JSON, a field is missing or has the wrong type, or an id
    ///         is invalid.
    ///     TypeError: ``text`` is neither text nor bytes.
    #[classmethod]
    fn from_json(cls: &Bound<'_, PyType>, text: JsonText<'_>) -> PyResult<Self> {
        let py = cls.py();
        let read = text.with(py, |bytes| WebhookEvent::from_json(bytes))?;
        read.map(Self).map_err(|error| errors::of_validation(py, error))
    }

    /// Reads an event from a mapping. Unknown fields are ignored.
    ///
    /// Args:
    ///     value: Mapping of the same fields as for :meth:`from_json`, for example ``sessionId``.
    ///
    /// Returns:
    ///     WebhookEvent: The event.
    ///
    /// Raises:
    ///     ValidationError: The value is not a mapping, a field is missing, has the wrong type or no
    ///         JSON form, or an id is invalid.
    #[classmethod]
    fn from_value(cls: &Bound<'_, PyType>, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        WebhookEvent::from_value(value_of(value)?)
            .map(Self)
            .map_err(|error| errors::of_validation(cls.py(), error))
    }

    /// Id of the session.
    #[getter]
    fn session_id(&self) -> &str {
        &self.0.session_id
    }

    /// Id of the user.
    #[getter]
    fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// Message of the user.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// Channel, for example ``"web"``.
    #[getter]
    fn channel(&self) -> &str {
        &self.0.channel
    }

    /// Time of the message since 1970, as the sender gave it: in milliseconds from 10**11 on,
    /// otherwise in seconds.
    #[getter]
    fn timestamp(&self) -> i64 {
        self.0.timestamp
    }

    /// Time of the message in milliseconds since 1970.
    #[getter]
    fn timestamp_ms(&self) -> i64 {
        self.0.timestamp_ms()
    }

    /// Other data of the sender, or ``None``. Each access returns a new dict.
    #[getter]
    fn custom<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.0.custom.as_ref().map(|custom| to_dict(py, custom)).transpose()
    }

    /// Checks that the timestamp is at most 24 h ahead of the clock.
    ///
    /// Args:
    ///     now: The time in seconds since 1970. Default ``None``: the clock of the system.
    ///
    /// Raises:
    ///     ValidationError: The timestamp is further ahead (``invalid_timestamp``).
    ///     ConfigurationError: ``now`` is negative or not finite.
    ///     TypeError: ``now`` is not a number.
    #[pyo3(signature = (now=None))]
    fn check_timestamp(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let now = match now {
            Some(seconds) => duration("now", seconds)?,
            None => SystemClock.now(),
        };
        self.0.check_timestamp(now).map_err(|error| errors::of_validation(py, error))
    }

    /// Returns the variables for the flow.
    ///
    /// Returns:
    ///     dict: ``last_user_message``, ``webhook_timestamp``, ``channel_type``, and
    ///     ``custom_data`` as JSON text (``"{}"`` when there is none).
    fn derived_variables<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.0.derived_variables())
    }

    // A `repr` shows no personal data, because reprs end up in logs.
    fn __repr__(&self) -> String {
        format!("<WebhookEvent timestamp={}>", self.0.timestamp)
    }
}

/// Returns the SHA-256 of a session id, in lower-case hexadecimal.
///
/// Errors and audit records contain this hash, because anyone who knows a session id can join the
/// conversation. Use ``key`` for stores that others can read: without the key, guessed ids cannot be
/// tested.
///
/// Args:
///     session_id: Id of the session.
///     key: Key of an HMAC-SHA-256, of any length: ``bytes``, or a ``str``, which is encoded as
///         UTF-8. Default ``None``: the SHA-256.
///
/// Returns:
///     str: 64 hexadecimal digits.
///
/// Raises:
///     ValidationError: The id or the key contains an unpaired surrogate.
///     TypeError: ``key`` is neither ``bytes`` nor ``str``.
///
/// Example:
///     >>> from cognigy_context import hash_session_id
///     >>> hash_session_id("s-1")[:6], hash_session_id("s-1", key=b"k")[:6]
///     ('6a840b', 'a45adc')
#[pyfunction]
#[pyo3(signature = (session_id, key=None))]
pub(crate) fn hash_session_id(
    session_id: &Bound<'_, PyAny>,
    key: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let py = session_id.py();
    let id = TextArg::read("session_id", session_id)?.into_text(py)?;
    let Some(key) = key else { return Ok(hash_unkeyed(&id)) };
    if let Ok(key) = key.cast::<PyBytes>() {
        return Ok(hash_session_id_keyed(&id, key.as_bytes()));
    }
    let Ok(key) = key.cast::<PyString>() else {
        return Err(wrong_type("key", "bytes or a str", key));
    };
    let key = read_text(key)?;
    if key.has_lone_surrogate {
        return Err(errors::lone_surrogate(py, &Path::ROOT.key("key")));
    }
    Ok(hash_session_id_keyed(&id, key.text.as_bytes()))
}

/// Returns an id for a webhook event that has none: the SHA-256 of its canonical JSON (RFC 8785).
///
/// The id does not depend on white space, the order of members or the spelling of numbers.
///
/// Args:
///     text: JSON text of the event: ``str``, or UTF-8 as ``bytes``, ``bytearray`` or
///         ``memoryview``.
///
/// Returns:
///     str: 64 lower-case hexadecimal digits.
///
/// Raises:
///     ValidationError: The text is not JSON, or contains a duplicate key, an unpaired surrogate, or
///         a number out of range.
///     TypeError: ``text`` is neither text nor bytes.
///
/// Example:
///     >>> from cognigy_context import event_id
///     >>> event_id('{"a": 1, "b": 2}') == event_id('{"b":2,"a":1.0}')
///     True
#[pyfunction]
pub(crate) fn event_id(py: Python<'_>, text: JsonText<'_>) -> PyResult<String> {
    let id = text.with(py, |bytes| core_event_id(bytes))?;
    id.map_err(|error| errors::of_validation(py, error))
}
