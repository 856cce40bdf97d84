//! Describes where a response does not have the expected shape.

use serde_json::Value;

use crate::check::measure_json;

pub(super) fn describe_mismatch(bytes: &[u8]) -> String {
    if let Err(error) = measure_json(bytes) {
        let report = error.into_report();
        let Some(issue) = report.issues.first() else { return "invalid JSON".to_owned() };
        return format!("{} at {}", issue.code, path_or_root(&issue.path));
    }
    let Ok(answer) = serde_json::from_slice::<Value>(bytes) else {
        return "unreadable JSON".to_owned();
    };
    let wrong = |path: &str, what: &str| format!("expected {what} at {}", path_or_root(path));
    let Value::Object(answer) = answer else { return wrong("", "an object") };
    let Some(Value::Array(variables)) = answer.get("variables") else {
        return wrong("/variables", "a list");
    };
    for (index, variable) in variables.iter().enumerate() {
        let at = format!("/variables/{index}");
        let Value::Object(variable) = variable else { return wrong(&at, "an object") };
        for field in ["name", "scope"] {
            if !variable.get(field).is_some_and(Value::is_string) {
                return wrong(&format!("{at}/{field}"), "a string");
            }
        }
        if !variable.contains_key("value") {
            return wrong(&format!("{at}/value"), "a value");
        }
        if !variable.get("type").is_none_or(|stated| stated.is_string() || stated.is_null()) {
            return wrong(&format!("{at}/type"), "a string or null");
        }
    }
    wrong("/pagination", "an object or null")
}

fn path_or_root(path: &str) -> &str {
    if path.is_empty() { "the top level" } else { path }
}
