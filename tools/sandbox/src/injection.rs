//! Reads and validates the body of an injection through `/api/v2`.

use crate::clock;
use crate::fields::Fields;
use crate::problem::{Detail, Problem};
use crate::size;
use crate::variable_names;
use serde_json::{Map, Value};
use std::collections::HashSet;
use time::OffsetDateTime;

/// The maximum size of the list of variables, in bytes of compact JSON.
const MAX_BYTES: usize = 262_144;

/// The scope of a variable. A scope of higher precedence shadows the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Global,
    Session,
    User,
}

/// The scopes, lowest precedence first.
pub(crate) const SCOPES: [Scope; 3] = [Scope::Global, Scope::Session, Scope::User];

impl Scope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Session => "session",
            Self::User => "user",
        }
    }

    /// Returns the index in [`SCOPES`].
    pub(crate) fn rank(self) -> usize {
        self as usize
    }
}

/// One variable to inject.
#[derive(Debug)]
pub(crate) struct VariableToInject {
    pub(crate) key: String,
    pub(crate) scope: Scope,
    pub(crate) value: Value,
    /// The expiry, as a time and as the received text.
    pub(crate) expires_at: Option<(OffsetDateTime, String)>,
}

/// Reads a body of `length` bytes. Reports all errors at once. This API family has one code for
/// missing and invalid fields.
pub(crate) fn read(
    body: Map<String, Value>,
    length: usize,
) -> Result<Vec<VariableToInject>, Problem> {
    let mut fields = Fields::of(body);
    let list = fields.required_list("variables").unwrap_or_default();
    // Skips the measurement for a short body. Only numbers with an exponent, such as `1e9`, can become
    // longer in compact JSON; the sandbox accepts such a list.
    if length > MAX_BYTES && size::json_bytes(&list) > MAX_BYTES {
        return Err(Problem::too_large(
            "The variables are larger than the limit of 262,144 bytes.",
        ));
    }
    if fields
        .required_nonempty_string("mergeStrategy")
        .is_some_and(|strategy| strategy != "atomic_put")
    {
        fields.reject("mergeStrategy", "must be atomic_put");
    }
    let (variables, details) = read_list("variables", list);
    fields.add(details);
    let details = fields.into_details();
    if details.is_empty() {
        Ok(variables)
    } else {
        Err(Problem::invalid("The injection is invalid.", details))
    }
}

/// Reads a list of variables and returns the readable ones and all errors. The variables are valid only
/// if there are no errors.
pub(crate) fn read_list(path: &str, list: Vec<Value>) -> (Vec<VariableToInject>, Vec<Detail>) {
    let (mut variables, mut details) = (Vec::with_capacity(list.len()), Vec::new());
    let mut keys_in_scopes = HashSet::new();
    for (index, item) in list.into_iter().enumerate() {
        let path = format!("{path}.{index}");
        let Value::Object(item) = item else {
            details.push(Detail { path, message: "must be an object".into() });
            continue;
        };
        let mut fields = Fields::within(&path, item);
        let variable = read_one(&mut fields);
        details.extend(fields.into_details());
        let Some(variable) = variable else { continue };
        if !keys_in_scopes.insert((variable.key.clone(), variable.scope)) {
            details.push(Detail { path, message: "repeats a key of the same scope".into() });
        }
        variables.push(variable);
    }
    (variables, details)
}

fn read_one(fields: &mut Fields) -> Option<VariableToInject> {
    let key = fields.required_string("key");
    if let Some(message) = key.as_deref().and_then(variable_names::check_injected_name) {
        fields.reject("key", message);
    }
    let value = fields.required_value("value");
    let scope = fields.required_string("scope").and_then(|name| {
        let scope = SCOPES.into_iter().find(|scope| scope.name() == name);
        if scope.is_none() {
            fields.reject("scope", "must be session, user or global");
        }
        scope
    });
    let expires_at =
        if fields.take_null("expiresAt") { None } else { fields.optional_string("expiresAt") };
    let expires_at = expires_at.and_then(|text| {
        let time = clock::parse(&text);
        if time.is_none() {
            fields.reject("expiresAt", "must be an RFC 3339 time");
        }
        time.map(|time| (time, text))
    });
    Some(VariableToInject { key: key?, scope: scope?, value: value?, expires_at })
}
