//! Matching of an expected value with a found value. An expected object may have fewer members. Its values may be
//! `{"$any": …}` (not null), `{"$none": …}` (null or absent), `{"$at_least": n}` and `{"$json": value}` (JSON text).

use std::collections::BTreeMap;

use serde_json::Value;

/// Returns the first difference between the expected and the found value, if any.
pub(crate) fn mismatch(expected: &Value, found: &Value) -> Option<String> {
    mismatch_at(expected, found, "")
}

fn mismatch_at(expected: &Value, found: &Value, path: &str) -> Option<String> {
    match expected {
        Value::Object(members) => match operator(members) {
            Some(("$any", _)) => found.is_null().then(|| format!("nothing at {path}")),
            Some(("$none", _)) => (!found.is_null()).then(|| format!("something at {path}")),
            Some(("$at_least", least)) => {
                let numbers = found.as_f64().zip(least.as_f64());
                let is_enough = numbers.is_some_and(|(found, least)| found >= least);
                (!is_enough).then(|| format!("{found} at {path}, expected at least {least}"))
            }
            Some(("$json", inner)) => {
                let parsed = found.as_str().and_then(|text| serde_json::from_str(text).ok());
                match parsed {
                    Some(parsed) => mismatch_at(inner, &parsed, path),
                    None => Some(format!("no JSON text at {path}")),
                }
            }
            _ => members.iter().find_map(|(name, value)| {
                let path = format!("{path}/{name}");
                match found.get(name) {
                    Some(found) => mismatch_at(value, found, &path),
                    None if value.get("$none").is_some() => None,
                    None => Some(format!("nothing at {path}")),
                }
            }),
        },
        Value::Array(items) => {
            let Some(found) = found.as_array() else {
                return Some(format!("{found} at {path}, expected a list"));
            };
            if found.len() != items.len() {
                return Some(format!("{} items at {path}, expected {}", found.len(), items.len()));
            }
            items.iter().zip(found).enumerate().find_map(|(index, (expected, found))| {
                mismatch_at(expected, found, &format!("{path}/{index}"))
            })
        }
        Value::Number(number) => {
            let is_equal = found.as_f64() == number.as_f64();
            (!is_equal).then(|| format!("{found} at {path}, expected {number}"))
        }
        scalar => (scalar != found).then(|| format!("{found} at {path}, expected {scalar}")),
    }
}

/// Returns the operator and operand of an object with a single key that begins with `$`.
fn operator(members: &serde_json::Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, value) = members.iter().next()?;
    (members.len() == 1 && name.starts_with('$')).then_some((name, value))
}

/// Expands `{"$repeat": [text, n]}` to a text.
pub(crate) fn expand(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(("$repeat", operands)) = operator(members) {
                let (text, times) = (operands[0].as_str().unwrap(), operands[1].as_u64().unwrap());
                return text.repeat(times as usize).into();
            }
            members.iter().map(|(name, value)| (name.clone(), expand(value))).collect()
        }
        Value::Array(items) => items.iter().map(expand).collect(),
        scalar => scalar.clone(),
    }
}

/// Replaces each text `"$name"` by the value that was saved under the name. Other texts stay unchanged.
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
