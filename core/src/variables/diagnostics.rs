//! Describes where a page of variables does not have the documented form.

use serde_json::Value;

use crate::check::measure_json;
use crate::display_text::plain_path;

/// Returns the first mismatch of a page that could not be read, with its JSON Pointer.
pub(super) fn describe_mismatch(bytes: &[u8]) -> String {
    if let Err(error) = measure_json(bytes) {
        let report = error.into_report();
        let Some(issue) = report.issues.first() else { return "invalid JSON".to_owned() };
        // The keys in the path come from the server.
        return format!("{} at {}", issue.code, path_or_root(&plain_path(&issue.path)));
    }
    let Ok(response) = serde_json::from_slice::<Value>(bytes) else {
        return "unreadable JSON".to_owned();
    };
    let mismatch =
        |path: &str, expected: &str| format!("expected {expected} at {}", path_or_root(path));
    let Value::Object(response) = response else { return mismatch("", "an object") };
    let Some(Value::Array(variables)) = response.get("variables") else {
        return mismatch("/variables", "a list");
    };
    for (index, variable) in variables.iter().enumerate() {
        let at = format!("/variables/{index}");
        let Value::Object(variable) = variable else { return mismatch(&at, "an object") };
        for field in ["name", "scope"] {
            if !variable.get(field).is_some_and(Value::is_string) {
                return mismatch(&format!("{at}/{field}"), "a string");
            }
        }
        if !variable.contains_key("value") {
            return mismatch(&format!("{at}/value"), "a value");
        }
        if !variable.get("type").is_none_or(|stated| stated.is_string() || stated.is_null()) {
            return mismatch(&format!("{at}/type"), "a string or null");
        }
    }
    // `pagination` is the only other field that a reader checks.
    mismatch("/pagination", "an object or null")
}

fn path_or_root(path: &str) -> &str {
    if path.is_empty() { "the top level" } else { path }
}

#[cfg(test)]
mod tests {
    use super::describe_mismatch;

    #[test]
    fn describe_mismatch_names_no_unsafe_key_of_the_server() {
        let mismatch = |page: &str| describe_mismatch(page.as_bytes());
        assert_eq!(mismatch(r#"{"variables":[{"a":1,"a":2}]}"#), "duplicate_key at /variables/0/a");
        let page = r#"{"variables":[{"a\n\u001b[2J":1,"a\n\u001b[2J":2}]}"#;
        assert_eq!(mismatch(page), "duplicate_key at /variables/0/…");
        let page = format!(r#"{{"{}":[1,]}}"#, "k".repeat(100_000));
        assert!(mismatch(&page).len() < 200);
    }
}
