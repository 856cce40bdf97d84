//! Events of the web-messaging webhook, and the variables derived from them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::canonical::canonical_json;
use crate::check::read_json;
use crate::hashing::sha256;
use crate::issue::{Code, Issue};
use crate::number::Decimal;
use crate::path_encoding::check_id;
use crate::report::ValidationError;

/// Timestamps from this value on are milliseconds, and smaller ones seconds. 10¹¹ seconds are the year 5138,
/// 10¹¹ milliseconds are in 1973.
const FIRST_MILLISECOND_TIMESTAMP: i64 = 100_000_000_000;

/// The longest time that a timestamp may be ahead of the clock.
const MAX_TIMESTAMP_LEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// One message of a user, as the webhook receives it:
/// `{sessionId, userId, message, channel, timestamp, custom?}`.
///
/// ```
/// use cognigy_context::WebhookEvent;
///
/// let event = WebhookEvent::from_json(
///     r#"{"sessionId": "s", "userId": "u", "message": "hi", "channel": "web", "timestamp": 7}"#,
/// )?;
/// assert_eq!(event.derived_variables()["last_user_message"], "hi");
/// assert_eq!(event.derived_variables()["custom_data"], "{}");
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct WebhookEvent {
    /// The session id. Not empty.
    pub session_id: String,
    /// The user id. Not empty.
    pub user_id: String,
    /// The user's message.
    pub message: String,
    /// The channel, for example `web`.
    pub channel: String,
    /// The time of the message since 1970, as the sender gave it: in milliseconds from 10¹¹ on, otherwise in
    /// seconds. See [`timestamp_ms`](Self::timestamp_ms).
    pub timestamp: i64,
    /// Further data of the sender; `None` when it is absent or `null`.
    pub custom: Option<Map<String, Value>>,
}

/// Shows no data.
impl std::fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookEvent").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

impl WebhookEvent {
    /// Reads an event from JSON text. Unknown fields are ignored.
    ///
    /// # Errors
    /// [`ValidationError`] with an issue for each missing field, wrong type and invalid id, or when the
    /// text is not JSON.
    pub fn from_json(text: impl AsRef<[u8]>) -> Result<Self, ValidationError> {
        Self::from_value(read_json(text)?)
    }

    /// Reads an event from a value. Unknown fields are ignored.
    ///
    /// # Errors
    /// [`ValidationError`] with an issue for each missing field, wrong type and invalid id.
    pub fn from_value(event: Value) -> Result<Self, ValidationError> {
        let Value::Object(mut fields) = event else {
            let issue = wrong_type("", "expected an object");
            return Err(ValidationError::of(vec![issue]));
        };
        let mut issues = Vec::new();
        let mut take_text = |name: &'static str, is_id: bool| match fields.remove(name) {
            Some(Value::String(text)) => {
                issues.extend(is_id.then(|| check_id(name, &text, None)).flatten());
                text
            }
            Some(Value::Null) | None => {
                issues.push(missing(name));
                String::new()
            }
            Some(_) => {
                issues.push(wrong_type(&format!("/{name}"), "expected a string"));
                String::new()
            }
        };
        let session_id = take_text("sessionId", true);
        let user_id = take_text("userId", true);
        let message = take_text("message", false);
        let channel = take_text("channel", false);
        let timestamp = match fields.remove("timestamp") {
            Some(Value::Null) | None => {
                issues.push(missing("timestamp"));
                0
            }
            Some(timestamp) => as_integer(&timestamp).unwrap_or_else(|| {
                issues.push(wrong_type("/timestamp", "expected a 64-bit integer"));
                0
            }),
        };
        let custom = match fields.remove("custom") {
            Some(Value::Null) | None => None,
            Some(Value::Object(custom)) => Some(custom),
            Some(_) => {
                issues.push(wrong_type("/custom", "expected an object"));
                None
            }
        };
        if issues.is_empty() {
            Ok(Self { session_id, user_id, message, channel, timestamp, custom })
        } else {
            Err(ValidationError::of(issues))
        }
    }

    /// Returns the timestamp in milliseconds since 1970. A timestamp of 10¹¹ or more is in milliseconds already,
    /// a smaller one is in seconds. Seconds before 64-bit milliseconds become the earliest of those.
    ///
    /// ```
    /// use cognigy_context::WebhookEvent;
    ///
    /// let event = WebhookEvent::from_json(
    ///     r#"{"sessionId": "s", "userId": "u", "message": "", "channel": "web", "timestamp": 1735689600}"#,
    /// )?;
    /// assert_eq!(event.timestamp_ms(), 1_735_689_600_000);
    /// # Ok::<(), cognigy_context::ValidationError>(())
    /// ```
    #[must_use]
    pub fn timestamp_ms(&self) -> i64 {
        if self.timestamp >= FIRST_MILLISECOND_TIMESTAMP {
            self.timestamp
        } else {
            self.timestamp.saturating_mul(1_000)
        }
    }

    /// Checks that the timestamp is at most 24 h ahead of `now`, the duration since 1970-01-01T00:00:00Z. An
    /// event with a later timestamp would count as newer than every event of the next days.
    ///
    /// # Errors
    /// [`ValidationError`] with the issue `invalid_timestamp`.
    pub fn check_timestamp(&self, now: Duration) -> Result<(), ValidationError> {
        let latest = now.saturating_add(MAX_TIMESTAMP_LEAD).as_millis();
        // A timestamp before 1970 is negative, and never ahead.
        if u128::try_from(self.timestamp_ms()).is_ok_and(|timestamp| timestamp > latest) {
            return Err(ValidationError::of(vec![
                Issue::error(
                    Code::InvalidTimestamp,
                    "/timestamp".to_owned(),
                    "the timestamp is more than 24 h ahead of the clock",
                )
                .with_hint(
                    "Send seconds or milliseconds since 1970, and check the sender's clock.",
                ),
            ]));
        }
        Ok(())
    }

    /// Returns the variables for the flow: `last_user_message`, `webhook_timestamp`, `channel_type`, and
    /// `custom_data` as JSON text (`{}` when there is none).
    #[must_use]
    pub fn derived_variables(&self) -> Map<String, Value> {
        let custom = self
            .custom
            .as_ref()
            .map_or_else(|| "{}".to_owned(), |custom| Value::Object(custom.clone()).to_string());
        Map::from_iter([
            ("last_user_message".to_owned(), Value::from(self.message.as_str())),
            ("webhook_timestamp".to_owned(), Value::from(self.timestamp)),
            ("channel_type".to_owned(), Value::from(self.channel.as_str())),
            ("custom_data".to_owned(), Value::from(custom)),
        ])
    }
}

/// Returns an id for an event without one: the SHA-256 of its canonical JSON (RFC 8785), in
/// lower-case hexadecimal. Equal events have the same id, also when their JSON differs in spaces, in
/// the order of members or in the form of numbers.
///
/// ```
/// use cognigy_context::event_id;
///
/// assert_eq!(event_id(r#"{"a": 1, "b": 2}"#)?, event_id(r#"{"b":2,"a":1.0}"#)?);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when the text is not JSON, or contains a duplicate key, half of a surrogate
/// pair, or a number out of range.
pub fn event_id(text: impl AsRef<[u8]>) -> Result<String, ValidationError> {
    canonical_json(text).map(|text| sha256(text.as_bytes()))
}

/// Returns a number without a fraction as an integer, also one that is written as a float, such as `3396.0`:
/// JSON Schema and JavaScript do not distinguish the two.
fn as_integer(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else { return None };
    number.as_i64().or_else(|| Decimal::of(&number.to_string())?.as_integer())
}

fn missing(name: &str) -> Issue {
    Issue::error(Code::MissingField, format!("/{name}"), "a required field is missing")
        .with_hint("Add the field.")
}

fn wrong_type(path: &str, message: &'static str) -> Issue {
    Issue::error(Code::WrongType, path.to_owned(), message).with_hint("Send a value of this type.")
}
