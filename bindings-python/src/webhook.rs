//! Events of the web-messaging webhook, and the hash under which a session is stored.

use cognigy_context::__bindings::Path;
use cognigy_context::{
    WebhookEvent, event_id as id_of, hash_session_id as hash, hash_session_id_keyed,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};

use crate::errors;
use crate::from_python::value_of;
use crate::ids::Id;
use crate::json_text::JsonText;
use crate::to_python::to_dict;
use crate::walk::read_text;

/// One message of a user, as the web-messaging webhook gets it. Made by :meth:`from_json` and
/// :meth:`from_value`, which check it.
///
/// Example:
///     >>> from cognigy_context import WebhookEvent
///     >>> event = WebhookEvent.from_value({
///     ...     "sessionId": "s", "userId": "u", "message": "hi", "channel": "web", "timestamp": 7,
///     ... })
///     >>> event.derived_variables()["last_user_message"]
///     'hi'
#[pyclass(frozen, name = "WebhookEvent", module = "cognigy_context")]
pub(crate) struct PyWebhookEvent(WebhookEvent);

#[pymethods]
impl PyWebhookEvent {
    /// Reads an event from JSON text. Fields that are not known are ignored.
    ///
    /// Args:
    ///     text: ``{"sessionId", "userId", "message", "channel", "timestamp", "custom"?}``.
    ///
    /// Raises:
    ///     ValidationError: With every issue.
    #[classmethod]
    fn from_json(cls: &Bound<'_, PyType>, text: JsonText<'_>) -> PyResult<Self> {
        let py = cls.py();
        let read = text.with(py, |bytes| WebhookEvent::from_json(bytes))?;
        read.map(Self).map_err(|error| errors::of_validation(py, error))
    }

    /// Reads an event from a mapping.
    ///
    /// Args:
    ///     value: The fields under their names on the wire, as for :meth:`from_json`.
    ///
    /// Raises:
    ///     ValidationError: With every issue.
    #[classmethod]
    fn from_value(cls: &Bound<'_, PyType>, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        WebhookEvent::from_value(value_of(value)?)
            .map(Self)
            .map_err(|error| errors::of_validation(cls.py(), error))
    }

    /// The session.
    #[getter]
    fn session_id(&self) -> &str {
        &self.0.session_id
    }

    /// The user.
    #[getter]
    fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// What the user wrote.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// The channel, for example ``"web"``.
    #[getter]
    fn channel(&self) -> &str {
        &self.0.channel
    }

    /// When, in the unit of the sender.
    #[getter]
    fn timestamp(&self) -> i64 {
        self.0.timestamp
    }

    /// What else the sender gives.
    #[getter]
    fn custom<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.0.custom.as_ref().map(|custom| to_dict(py, custom)).transpose()
    }

    /// What a flow gets to read of the event: ``last_user_message``, ``webhook_timestamp``,
    /// ``channel_type``, and ``custom_data`` as JSON text (``"{}"`` when there is none).
    fn derived_variables<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.0.derived_variables())
    }

    /// Shows no data.
    fn __repr__(&self) -> String {
        format!("<WebhookEvent timestamp={}>", self.0.timestamp)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }
}

/// The SHA-256 of a session id, in lower-case hexadecimal: the form in which errors name a session.
///
/// Args:
///     session_id: The id. It lets whoever holds it join the conversation.
///     key: With a key (``bytes``, or ``str`` for its UTF-8) it is the HMAC-SHA-256: for stores that
///         others can read, because ids that are guessed can be hashed by anybody.
///
/// Returns:
///     str: 64 hexadecimal digits.
///
/// Raises:
///     ValidationError: The id or the key holds half a surrogate pair.
///
/// Example:
///     >>> from cognigy_context import hash_session_id
///     >>> hash_session_id("s-1")[:6], hash_session_id("s-1", key=b"k")[:6]
///     ('6a840b', 'a45adc')
#[pyfunction]
#[pyo3(signature = (session_id, key=None))]
pub(crate) fn hash_session_id(
    session_id: &Bound<'_, PyString>,
    key: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let py = session_id.py();
    let id = Id::read("sessionId", session_id)?.into_text(py)?;
    let Some(key) = key else { return Ok(hash(&id)) };
    if let Ok(key) = key.cast::<PyBytes>() {
        return Ok(hash_session_id_keyed(&id, key.as_bytes()));
    }
    let key = key.cast::<PyString>().map_err(|_| PyTypeError::new_err("a key is bytes or str"))?;
    let key = read_text(key)?;
    if key.lone_surrogate {
        return Err(errors::lone_surrogate(py, &Path::ROOT.key("key")));
    }
    Ok(hash_session_id_keyed(&id, key.text.as_bytes()))
}

/// The id of a webhook event that came without one: the SHA-256 of its canonical JSON (RFC 8785), in
/// lower-case hexadecimal. The same event has the same id however it was written.
///
/// Args:
///     text: The event as JSON text.
///
/// Returns:
///     str: 64 hexadecimal digits.
///
/// Raises:
///     ValidationError: The text is not JSON, or says something that JSON cannot carry safely.
///
/// Example:
///     >>> from cognigy_context import event_id
///     >>> event_id('{"a": 1, "b": 2}') == event_id('{"b":2,"a":1.0}')
///     True
#[pyfunction]
pub(crate) fn event_id(py: Python<'_>, text: JsonText<'_>) -> PyResult<String> {
    let id = text.with(py, |bytes| id_of(bytes))?;
    id.map_err(|error| errors::of_validation(py, error))
}
