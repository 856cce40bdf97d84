//! Canonical JSON (RFC 8785), so that the same data has the same hash in every language.

use serde_json::{Number, Value};

use crate::check::read_json;
use crate::number::ecmascript_text;
use crate::report::ValidationError;

/// Returns JSON text in canonical form: members sorted by their UTF-16 names, numbers as ECMAScript writes them, no
/// white space. Integers keep all their digits.
///
/// ```
/// use cognigy_context::canonical_json;
///
/// assert_eq!(canonical_json(r#"{"b": 1.0, "a": "\u00fc"}"#)?, r#"{"a":"ü","b":1}"#);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// As [`measure_json`](crate::measure_json), and for integers beyond 64 bits.
pub fn canonical_json(text: impl AsRef<[u8]>) -> Result<String, ValidationError> {
    let mut canonical = String::new();
    write(&read_json(text)?, &mut canonical);
    Ok(canonical)
}

/// Appends a value in canonical form. Recurses without a limit, because `read_json` has limited the nesting.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(&Value::from(name.as_str()), out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(value, out);
            }
            out.push(']');
        }
        Value::Number(number) => out.push_str(&number_text(number)),
        // serde_json escapes strings as RFC 8785 requires.
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => ecmascript_text(float),
        _ => number.to_string(),
    }
}
