//! Options that the caller of the package sets. Rust validates their values, because TypeScript does not.

use std::time::Duration;

use cognigy_context::ConfigurationError;
use cognigy_context::client::Rate;
use serde_json::Value;

use super::{Args, duration_from_seconds};

impl Args {
    /// Returns an integer of 0 or more, or `None` when the argument is missing.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the argument is present and is something else.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, ConfigurationError> {
        self.0.get(name).map(|value| parse_count(value, name)).transpose()
    }

    /// Returns a duration, which the caller passes in seconds, or `None` when the argument is missing.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the argument is present and is not a number of 0 or more.
    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, ConfigurationError> {
        self.0.get(name).map(|value| parse_duration(value, name)).transpose()
    }

    /// Returns a rate limit from `{requests, window}`. `None` means that the argument is missing,
    /// `Some(None)` that there is no limit.
    ///
    /// # Errors
    /// [`ConfigurationError`] for anything else.
    pub(crate) fn rate(&self, name: &str) -> Result<Option<Option<Rate>>, ConfigurationError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(rate) => {
                let field = |field: &str| rate.get(field).unwrap_or(&Value::Null);
                let window = parse_duration(field("window"), name)?;
                let requests = parse_count(field("requests"), name)?;
                let requests = usize::try_from(requests).unwrap_or(usize::MAX);
                if requests == 0 || window.is_zero() {
                    return Err(expected(
                        name,
                        "{requests ≥ 1, window > 0 seconds}, or null for no limit",
                    ));
                }
                Ok(Some(Some(Rate { requests, window })))
            }
        }
    }

    /// Takes a list of pairs of strings, which TypeScript creates from an object. Returns an empty list
    /// when the argument is missing.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the argument is present and is something else.
    pub(crate) fn string_pairs(
        &mut self,
        name: &str,
    ) -> Result<Vec<(String, String)>, ConfigurationError> {
        let pairs = self.0.remove(name).unwrap_or_else(|| Value::Array(Vec::new()));
        serde_json::from_value(pairs).map_err(|_| expected(name, "an object with string values"))
    }
}

fn parse_count(value: &Value, name: &str) -> Result<u64, ConfigurationError> {
    value.as_u64().ok_or_else(|| expected(name, "an integer of 0 or more"))
}

fn parse_duration(value: &Value, name: &str) -> Result<Duration, ConfigurationError> {
    let seconds = value.as_f64().and_then(duration_from_seconds);
    seconds.ok_or_else(|| expected(name, "a number of seconds, 0 or more"))
}

fn expected(name: &str, expected: &str) -> ConfigurationError {
    ConfigurationError::new(format!("{name}: expected {expected}"))
}
