//! What TypeScript says of a client in figures and pairs, read with care: it is what the caller gave.

use std::time::Duration;

use cognigy_context::ConfigurationError;
use cognigy_context::client::Rate;
use serde_json::Value;

use crate::text::{Fields, seconds};

impl Fields {
    /// A whole number that may be there.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, ConfigurationError> {
        self.0.get(name).map(|value| count_of(value, name)).transpose()
    }

    /// A time that may be there, in seconds.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Duration>, ConfigurationError> {
        self.0.get(name).map(|value| time_of(value, name)).transpose()
    }

    /// A rate that may be there, `{requests, window}`, or none at all.
    pub(crate) fn rate(&self, name: &str) -> Result<Option<Option<Rate>>, ConfigurationError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(rate) => {
                let part = |part: &str| rate.get(part).unwrap_or(&Value::Null);
                let window = time_of(part("window"), name)?;
                let requests = count_of(part("requests"), name)?;
                let requests = usize::try_from(requests).unwrap_or(usize::MAX);
                if requests == 0 || window.is_zero() {
                    return Err(no(name, "null, or 1 request or more in more than 0 seconds"));
                }
                Ok(Some(Some(Rate { requests, window })))
            }
        }
    }

    /// Texts by name.
    pub(crate) fn texts(
        &mut self,
        name: &str,
    ) -> Result<Vec<(String, String)>, ConfigurationError> {
        let texts = self.0.remove(name).unwrap_or_else(|| Value::Array(Vec::new()));
        serde_json::from_value(texts).map_err(|_| no(name, "texts by name"))
    }
}

fn count_of(value: &Value, name: &str) -> Result<u64, ConfigurationError> {
    value.as_u64().ok_or_else(|| no(name, "a whole number, 0 or more"))
}

fn time_of(value: &Value, name: &str) -> Result<Duration, ConfigurationError> {
    value.as_f64().and_then(seconds).ok_or_else(|| no(name, "a number of seconds"))
}

fn no(name: &str, expected: &str) -> ConfigurationError {
    ConfigurationError::new(format!("{name}: expected {expected}"))
}
