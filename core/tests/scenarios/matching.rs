//! What is expected, as a part of what is found.

use std::collections::BTreeMap;

use serde_json::Value;

/// How what is found differs from what is expected; none when it does not.
pub(crate) fn mismatch(expected: &Value, found: &Value) -> Option<String> {
    differs(expected, found, "")
}

fn differs(expected: &Value, found: &Value, at: &str) -> Option<String> {
    match expected {
        Value::Object(members) => match operator(members) {
            Some(("$any", _)) => found.is_null().then(|| format!("nothing at {at}")),
            Some(("$none", _)) => (!found.is_null()).then(|| format!("something at {at}")),
            Some(("$at_least", least)) => (found.as_f64()? < least.as_f64()?)
                .then(|| format!("{found} at {at}, less than {least}")),
            Some(("$json", inner)) => {
                let parsed = found.as_str().and_then(|text| serde_json::from_str(text).ok());
                match parsed {
                    Some(parsed) => differs(inner, &parsed, at),
                    None => Some(format!("no JSON text at {at}")),
                }
            }
            _ => members.iter().find_map(|(name, value)| {
                let at = format!("{at}/{name}");
                match found.get(name) {
                    Some(found) => differs(value, found, &at),
                    None if value.get("$none").is_some() => None,
                    None => Some(format!("nothing at {at}")),
                }
            }),
        },
        Value::Array(items) => {
            let found = found.as_array().map_or(&[] as &[Value], Vec::as_slice);
            if found.len() != items.len() {
                return Some(format!("{} items at {at}, expected {}", found.len(), items.len()));
            }
            items.iter().zip(found).enumerate().find_map(|(place, (expected, found))| {
                differs(expected, found, &format!("{at}/{place}"))
            })
        }
        Value::Number(number) => {
            let equal = found.as_f64() == number.as_f64();
            (!equal).then(|| format!("{found} at {at}, expected {number}"))
        }
        scalar => (scalar != found).then(|| format!("{found} at {at}, expected {scalar}")),
    }
}

fn operator(members: &serde_json::Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, value) = members.iter().next()?;
    (members.len() == 1 && name.starts_with('$')).then_some((name, value))
}

/// `{"$repeat": [text, n]}` written out.
pub(crate) fn expand(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(("$repeat", of)) = operator(members) {
                let (text, times) = (of[0].as_str().unwrap(), of[1].as_u64().unwrap());
                return text.repeat(times as usize).into();
            }
            members.iter().map(|(name, value)| (name.clone(), expand(value))).collect()
        }
        Value::Array(items) => items.iter().map(expand).collect(),
        scalar => scalar.clone(),
    }
}

/// `"$name"` filled in with what was saved under the name.
pub(crate) fn fill(value: &Value, saved: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), fill(value, saved))).collect()
        }
        Value::Array(items) => items.iter().map(|item| fill(item, saved)).collect(),
        Value::String(text) => text
            .strip_prefix('$')
            .and_then(|name| saved.get(name))
            .cloned()
            .unwrap_or_else(|| value.clone()),
        scalar => scalar.clone(),
    }
}
